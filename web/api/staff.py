"""The administrator's people: who they are, their roles, their leave, and leaving."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.database import engine, reading
from models.fields import Day, Email
from models.listing import page_of
from models.people import Person, RoleHeld, Setting
from models.roster_form import AwayForm, RoleForm
from models.staff_changes import (
    DetailsForm,
    add_person,
    back_again,
    change_details,
    give_role,
    person_numbered,
    record_leave,
    record_left,
    take_role,
    withdraw_leave,
)
from web.api import offices
from web.api.bodies import Managing, Posted, filled
from web.api.callers import Manager
from web.api.changing import Changed, change
from web.api.forms import Nothing
from web.api.paging import Cutting, listed
from web.api.schema import sends
from web.api.tasks import opened

router = APIRouter(tags=["Administering: people"])
Step = Callable[[AsyncSession, Person], Coroutine[Any, Any, Any]]


class LeftForm(BaseModel):
    """The first day they are gone; `to` takes their open tasks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Day
    to: Email | None = None


@router.get("/people", response_model=offices.People)
async def people(request: Request, response: Response, caller: Manager, cut: Cutting) -> dict[str, Any]:
    """Everybody in the record, by e-mail address."""
    async with reading(engine()) as session:
        rows, after = await page_of(session, select(Person), Person, "email", cut)
        items = await _described(session, rows)
    return listed(request, response, items, after)


@router.get("/people/{person}", response_model=offices.Person)
async def one_person(person: UUID, caller: Manager) -> dict[str, Any]:
    """Somebody, with their roles."""
    async with reading(engine()) as session:
        return (await _described(session, [await person_numbered(session, person)]))[0]


async def _described(session: AsyncSession, rows: Sequence[Person]) -> list[dict[str, Any]]:
    held = select(RoleHeld, Setting.key).outerjoin(Setting, col(RoleHeld.setting_id) == col(Setting.id))
    held = held.where(col(RoleHeld.person_id).in_([one.id for one in rows]))
    roles: dict[UUID, list[dict[str, Any]]] = {}
    for one, key in (await session.exec(held.order_by(col(RoleHeld.role), col(Setting.key), col(RoleHeld.area)))).all():
        held_here = {"id": str(one.id), "role": one.role.value, "setting": key, "area": one.area}
        roles.setdefault(one.person_id, []).append(held_here)
    return [_person(one, roles) for one in rows]


def _person(one: Person, roles: Mapping[UUID, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "email": one.email,
        "name": one.name,
        "zone": one.zone,
        "phone": one.phone,
        "left": one.left_on.isoformat() if one.left_on else None,
        "refuses_letters": one.refused_at is not None,
        "roles": roles.get(one.id, []),
    }


@router.post("/people", status_code=201, response_model=offices.Person, openapi_extra=sends(DetailsForm))
async def new_person(posted: Managing) -> Response:
    """Add somebody. Their roles are given apart."""
    by, at = posted.caller.viewer.person, posted.caller.at

    async def work(session: AsyncSession) -> Changed:
        filled(DetailsForm, posted.fields)
        person = await add_person(session, dict(posted.fields), by, at)
        return Changed(offices.Person.model_validate((await _described(session, [person]))[0]), 201)

    return await change(posted, work)


@router.post("/people/{person}", response_model=offices.Person, openapi_extra=sends(DetailsForm))
async def mend_person(person: UUID, posted: Managing) -> Response:
    """Change somebody's details: all of them as they now are."""

    async def step(session: AsyncSession, who: Person) -> None:
        filled(DetailsForm, posted.fields)
        await change_details(session, who, dict(posted.fields), posted.caller.viewer.person, posted.caller.at)

    return await _step(posted, person, step)


@router.post("/people/{person}/roles", response_model=offices.Person, openapi_extra=sends(RoleForm))
async def new_role(person: UUID, posted: Managing) -> Response:
    """Give somebody a role, of a setting or of an area; administrator is of neither."""

    async def step(session: AsyncSession, who: Person) -> None:
        form = filled(RoleForm, posted.fields)
        await give_role(session, who, form, posted.caller.viewer.person, posted.caller.at)

    return await _step(posted, person, step)


@router.post("/people/{person}/roles/{role}/end", response_model=offices.Person, openapi_extra=sends(Nothing))
async def end_role(person: UUID, role: UUID, posted: Managing) -> Response:
    """Take a role away. What they owe stays theirs until it is handed over."""

    async def step(session: AsyncSession, who: Person) -> None:
        filled(Nothing, posted.fields)
        await take_role(session, who, role, posted.caller.viewer.person, posted.caller.at)

    return await _step(posted, person, step)


@router.post("/people/{person}/leave", response_model=offices.Person, openapi_extra=sends(AwayForm))
async def leave_of(person: UUID, posted: Managing) -> Response:
    """Record somebody's leave, both days included, and who acts meanwhile."""

    async def step(session: AsyncSession, who: Person) -> None:
        filled(AwayForm, posted.fields)
        await record_leave(session, who, dict(posted.fields), posted.caller.viewer.person, posted.caller.at)

    return await _step(posted, person, step)


@router.post("/people/{person}/leave/{leave}/withdraw", response_model=offices.Person, openapi_extra=sends(Nothing))
async def no_leave(person: UUID, leave: UUID, posted: Managing) -> Response:
    """Take back somebody's leave that has not begun."""

    async def step(session: AsyncSession, who: Person) -> None:
        filled(Nothing, posted.fields)
        await withdraw_leave(session, who, leave, posted.caller.viewer.person, posted.caller.at)

    return await _step(posted, person, step)


@router.post("/people/{person}/back", response_model=offices.Person, openapi_extra=sends(Nothing))
async def is_back(person: UUID, posted: Managing) -> Response:
    """Somebody was taken for a leaver, or has come back."""

    async def step(session: AsyncSession, who: Person) -> None:
        filled(Nothing, posted.fields)
        await back_again(session, who, posted.caller.viewer.person, posted.caller.at)

    return await _step(posted, person, step)


async def _step(posted: Posted, person_id: UUID, step: Step) -> Response:
    """Do something to somebody, and answer with them as they are then."""

    async def work(session: AsyncSession) -> Changed:
        who = await person_numbered(session, person_id)
        await step(session, who)
        await session.flush()
        return Changed(offices.Person.model_validate((await _described(session, [who]))[0]))

    return await change(posted, work)


@router.post("/people/{person}/left", response_model=offices.Left, openapi_extra=sends(LeftForm))
async def has_left(person: UUID, posted: Managing) -> Response:
    """Record that somebody leaves. Their open tasks go to `to`; refused while they have any and nobody is named."""

    async def work(session: AsyncSession) -> Changed:
        who = await person_numbered(session, person)
        form = filled(LeftForm, posted.fields)
        moved = await record_left(session, who, form.on, form.to, posted.caller.viewer.person, posted.caller.at)
        return Changed(offices.Left(moved=[opened(one) for one in moved]))

    return await change(posted, work)
