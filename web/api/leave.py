"""One's own leave."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from models.database import engine, reading
from models.people import Absence, Person
from models.roster_form import AwayForm
from models.staff_changes import record_leave, withdraw_leave
from web.api import shapes
from web.api.bodies import Recording, filled
from web.api.callers import Reader
from web.api.changing import Changed, change
from web.api.forms import Nothing
from web.api.schema import sends

router = APIRouter(tags=["Leave"])


@router.get("/people/me/leave", response_model=shapes.Leaves)
async def my_leave(caller: Reader) -> dict[str, Any]:
    """Your leave that has not ended, earliest first."""
    found = select(Absence, Person.email).outerjoin(Person, col(Absence.cover_id) == col(Person.id))
    found = found.where(Absence.person_id == caller.viewer.person.id, col(Absence.last) >= caller.viewer.day)
    async with reading(engine()) as session:
        rows = (await session.exec(found.order_by(col(Absence.first), col(Absence.id)).limit(100))).all()
    return {"items": [_leave(one, cover) for one, cover in rows]}


@router.post("/people/me/leave", response_model=shapes.Leave, openapi_extra=sends(AwayForm))
async def take_leave(posted: Recording) -> Response:
    """Record your leave, both days included, and who acts meanwhile. The same days again change who covers."""

    async def work(session: AsyncSession) -> Changed:
        form, me = filled(AwayForm, posted.fields), posted.caller.viewer.person
        await record_leave(session, me, dict(posted.fields), me, posted.caller.at)
        await session.flush()
        return Changed(await _taken(session, me, form))

    return await change(posted, work)


async def _taken(session: AsyncSession, me: Person, form: AwayForm) -> shapes.Leave:
    same = (Absence.person_id == me.id, Absence.first == form.first, Absence.last == form.last)
    absence = (await session.exec(select(Absence).where(*same))).one()
    return _leave(absence, form.cover)


def _leave(one: Absence, cover: str | None) -> shapes.Leave:
    said = {"id": str(one.id), "from": one.first.isoformat(), "to": one.last.isoformat(), "cover": cover}
    return shapes.Leave.model_validate(said)


@router.post("/people/me/leave/{leave}/withdraw", response_model=shapes.Withdrawn, openapi_extra=sends(Nothing))
async def no_leave(leave: UUID, posted: Recording) -> Response:
    """Take back leave of yours that has not begun."""

    async def work(session: AsyncSession) -> Changed:
        filled(Nothing, posted.fields)
        me = posted.caller.viewer.person
        await withdraw_leave(session, me, leave, me, posted.caller.at)
        return Changed(shapes.Withdrawn(id=str(leave)))

    return await change(posted, work)
