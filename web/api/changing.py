"""One change through the API: one transaction, with its access log, its deed and, where a key was given, its answer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, Response

from config.errors import BadInput
from config.time import wall
from models.answers_kept import claim, keep
from models.database import engine, writing
from models.looks import Seen, note_looks
from models.retrying import once_more
from web.api.bodies import Posted, unechoed
from web.api.problems import Invalid
from web.telling import recorded

REPLAYED = {"Idempotent-Replayed": "true"}


@dataclass(frozen=True)
class Changed:
    """What a change led to: the answer, and what is to be told of it. `seen` are the children it showed."""

    answer: BaseModel
    status: int = 200
    urgent: bool = False
    page: str = "api"
    seen: Sequence[Seen] = field(default_factory=tuple)


Work = Callable[[AsyncSession], Awaitable[Changed]]


async def change(posted: Posted, work: Work) -> Response:
    """Do it once and answer; the same key again gets the same answer. What is refused changes nothing."""
    try:
        answered, urgent = await once_more(lambda: _once(posted, work))
    except BadInput as error:
        raise Invalid([(error.field, unechoed(error, posted.fields))]) from None
    if urgent is not None:
        recorded(urgent, posted.caller.at)
    return answered


async def _once(posted: Posted, work: Work) -> tuple[Response, bool | None]:
    """The answer, and whether it is urgent; None when nothing was done, since it had been done before."""
    viewer = posted.caller.viewer
    async with writing(engine()) as session:
        if posted.once:
            kept = await claim(session, viewer.person.id, posted.once, posted.fingerprint, wall())
            if kept is not None:
                return JSONResponse(kept.body, kept.status, REPLAYED), None
        done = await work(session)
        body: dict[str, Any] = done.answer.model_dump(mode="json", by_alias=True)
        await note_looks(session, viewer, done.page, done.seen, posted.caller.at)
        if posted.once:
            await keep(session, viewer.person.id, posted.once, done.status, body)
    return JSONResponse(body, done.status), done.urgent
