"""One small form that mends something: shown, read, done by `models.staffing`; what is wrong comes back as typed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput, PathwayError
from models.database import engine, writing
from models.fields import Email, Text
from models.reach import Viewer
from models.retrying import once_more
from web.answers import Typed, Wrong, everything_wrong, read, typed_in, wrong_by
from web.drafts import forget, keep_typed, typed_before
from web.move_page import in_page_words
from web.questions import Question
from web.rendering import page

Fields = Mapping[str, Any]
WHY = Question("reason", "Why?", hint="Anybody who reads the history later must be able to follow you.", rows=3)


class Reassigned(BaseModel):
    """Who takes a task, and why."""

    model_config = ConfigDict(extra="forbid")
    to: Email
    reason: Text


class Withdrawn(BaseModel):
    """Why an observation is withdrawn, and who must agree."""

    model_config = ConfigDict(extra="forbid")
    reason: Text
    second: Email


class Reopened(BaseModel):
    """Why a concern is opened again."""

    model_config = ConfigDict(extra="forbid")
    reason: Text


@dataclass(frozen=True)
class Mend:
    """One form: its address (also its draft's name), its fields and questions, what it does, and where it leads."""

    path: str
    template: str
    form: type[BaseModel]
    questions: Sequence[Question]
    work: Callable[[AsyncSession, Fields], Awaitable[Any]]
    leads_to: str
    words: Mapping[str, Any] = field(default_factory=dict)


async def show(request: Request, viewer: Viewer, mend: Mend) -> Response:
    """The form, with what was typed before."""
    return _page(request, viewer, mend, await typed_before(viewer, mend.path))


async def hand_in(request: Request, viewer: Viewer, mend: Mend) -> Response:
    """Do it; raises what casework refuses for good, and then what was typed is kept as a draft."""
    typed = await typed_in(request)
    fields = read(typed, mend.questions)
    if wrong := everything_wrong(mend.form, fields):
        return _page(request, viewer, mend, typed, wrong)

    async def once() -> None:
        async with writing(engine()) as session:
            await mend.work(session, fields)

    try:
        await once_more(once)
    except BadInput as error:
        return _page(request, viewer, mend, typed, wrong_by(error))
    except PathwayError:
        await keep_typed(viewer, mend.path, typed)
        raise
    await forget(viewer, mend.path)
    return RedirectResponse(mend.leads_to, 303)


def _page(request: Request, viewer: Viewer, mend: Mend, typed: Typed, wrong: Wrong | None = None) -> Response:
    return page(
        request,
        mend.template,
        viewer,
        status=422 if wrong else 200,
        form=mend.path,
        questions=mend.questions,
        typed=typed,
        wrong={field: in_page_words(text) for field, text in (wrong or {}).items()},
        **mend.words,
    )
