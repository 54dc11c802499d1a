"""Logging an observation, reading one, and asking to have one withdrawn."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from config.errors import BadInput
from models.casework import Logged, log_observation
from models.concern_answer import observation_view
from models.database import engine, reading
from models.errors import NotFound
from models.fields import Email, Line
from models.forms import ObservationForm, Reason
from models.in_reach import child_to_log
from models.people import Person
from models.reach import Sight, Viewer, sight_of
from models.record import Concern, Observation
from models.staffing import withdraw
from web.api import concern_shapes, shapes
from web.api.bodies import Recording, filled
from web.api.callers import Reader
from web.api.changing import Changed, change
from web.api.schema import sends
from web.viewing import looked

router = APIRouter(tags=["Observations"])


class ApiObservation(ObservationForm):
    """An observation; `child` is the child's id, as /children gives it, or its key in the roster."""

    child: Line = Field(description="The child's id or key")
    observer: Email | None = Field(default=None, description="The colleague whose paper note it is, if not yours")


class Withdraw(Reason):
    """Why an observation does not count, and who is to agree to that."""

    second: Email


@router.post("/observations", status_code=201, response_model=shapes.Logged, openapi_extra=sends(ApiObservation))
async def log(posted: Recording) -> Response:
    """Log an observation: it opens a concern, or joins the child's open one. If a child is in danger now, call 999."""
    form = filled(ApiObservation, posted.fields)

    async def work(session: AsyncSession) -> Changed:
        child = await child_to_log(session, posted.caller.viewer, form.child)
        if child is None:
            raise BadInput("child", "is not a child that you may log about")
        fields = {**form.model_dump(exclude_unset=True, exclude={"observer"}), "child": child.key}
        email = posted.caller.viewer.person.email
        logged = await log_observation(session, fields, email, posted.caller.at, form.observer)
        await _must_be_theirs(session, logged, form.observer or email)
        answer = shapes.Logged(
            reference=logged.reference,
            observation=str(logged.observation_id),
            joined=logged.joined,
            repeated=logged.repeated,
        )
        return Changed(answer, 200 if logged.repeated else 201, logged.urgent, "api:observations", [(child.id, None)])

    return await change(posted, work)


async def _must_be_theirs(session: AsyncSession, logged: Logged, email: str) -> None:
    """A sender's own id that somebody else has used tells nobody what it was used for."""
    if logged.repeated:
        same = await session.get_one(Observation, logged.observation_id)
        if (await session.get_one(Person, same.observer_id)).email != email:
            raise BadInput("key", "stands for another observation already")


@router.get("/observations/{observation}", response_model=concern_shapes.Observation)
async def read(observation: UUID, caller: Reader) -> dict[str, Any]:
    """One observation in full: your own, or one of a concern that you see whole."""
    async with reading(engine()) as session:
        found, concern = await _seen(session, caller.viewer, observation)
    await looked(caller.viewer, "api:observation", [(found.child_id, concern.id)], caller.at)
    return observation_view(found)


@router.post(
    "/observations/{observation}/withdraw",
    status_code=200,
    response_model=shapes.Asked,
    openapi_extra=sends(Withdraw),
)
async def take_back(observation: UUID, posted: Recording) -> Response:
    """Ask a second person to withdraw an observation made on the wrong child, or twice. It counts until they agree."""

    async def work(session: AsyncSession) -> Changed:
        await _seen(session, posted.caller.viewer, observation)
        form = filled(Withdraw, posted.fields)
        email = posted.caller.viewer.person.email
        reference = await withdraw(session, observation, form.reason, form.second, email, posted.caller.at)
        return Changed(shapes.Asked(reference=reference))

    return await change(posted, work)


async def _seen(session: AsyncSession, viewer: Viewer, observation_id: UUID) -> tuple[Observation, Concern]:
    """An observation and its concern, when the viewer made it or sees the concern whole; raises NotFound."""
    found = await session.get(Observation, observation_id)
    if found is None:
        raise NotFound(f"observation: {observation_id} is not an observation")
    concern = await session.get_one(Concern, found.concern_id)
    sight = await sight_of(session, viewer, concern)
    if sight == Sight.WHOLE or (sight >= Sight.OWN and found.observer_id == viewer.person.id):
        return found, concern
    raise NotFound(f"observation: {observation_id} is not an observation")
