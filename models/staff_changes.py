"""Changes that an administrator makes to people: details, addresses, roles, leave, leavers. Each is a deed.

The last administrator in post stays one: with none left nobody could open the office again.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import to_london
from models import staffing
from models.access import Door
from models.deeds import note_deed
from models.errors import NotFound, NotPermitted
from models.fields import Email, Line, fill
from models.people import Absence, Person, Role, RoleHeld, Setting
from models.record import Task
from models.roster_form import AwayForm, Part, RoleForm, Zone


class DetailsForm(Part):
    """Who somebody is and how they are reached."""

    email: Email
    name: Line
    phone: Line | None = None
    zone: Zone = "Europe/London"


class AddressForm(Part):
    """Somebody's right e-mail address."""

    email: Email


async def person_numbered(session: AsyncSession, person_id: UUID) -> Person:
    """The person of that id; raises NotFound."""
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFound(f"person: {person_id} is nobody in the record")
    return person


async def add_person(session: AsyncSession, fields: dict[str, Any], by: Person | None, at: datetime) -> Person:
    """Somebody new; raises BadInput when the address is somebody's already."""
    form = fill(DetailsForm, fields)
    person = Person(email=form.email, name=form.name, phone=form.phone, zone=form.zone)
    await _must_be_free(session, form.email, None)
    session.add(person)
    await _flush(session)
    note_deed(session, Door.PERSON_ADDED, by, at, person.id, to=form.email)
    return person


async def change_details(
    session: AsyncSession, person: Person, fields: dict[str, Any], by: Person | None, at: datetime
) -> bool:
    """Change name, telephone, zone and address; returns whether the address became another."""
    form = fill(DetailsForm, fields)
    person.name, person.phone, person.zone = form.name, form.phone, form.zone
    session.add(person)
    if form.email == person.email:
        await session.flush()
        return False
    await correct_address(session, person, form.email, by, at)
    return True


async def correct_address(session: AsyncSession, person: Person, email: str, by: Person | None, at: datetime) -> None:
    """Somebody's right e-mail address. Whoever says it is right says that it takes letters."""
    await _must_be_free(session, email, person.id)
    note_deed(session, Door.ADDRESS_CORRECTED, by, at, person.id, before=person.email, to=email)
    person.email, person.refused_at = email, None
    session.add(person)
    await _flush(session)


async def _must_be_free(session: AsyncSession, email: str, own: UUID | None) -> None:
    other = (await session.exec(select(Person.id).where(Person.email == email))).first()
    if other is not None and other != own:
        raise BadInput("email", "is another person's address already")


async def _flush(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError:  # somebody else took it between our look and our writing
        raise BadInput("email", "is another person's address already") from None


async def give_role(session: AsyncSession, person: Person, form: RoleForm, by: Person | None, at: datetime) -> bool:
    """Give somebody a role, from their next look at a page on; False when they hold it already."""
    setting = await _setting(session, form.setting)
    same = select(RoleHeld.id).where(RoleHeld.person_id == person.id, RoleHeld.role == form.role)
    setting_id = setting.id if setting else None
    # IS NOT DISTINCT FROM, since no unique key holds empty columns to be one.
    same = same.where(col(RoleHeld.setting_id).is_not_distinct_from(setting_id))
    if (await session.exec(same.where(col(RoleHeld.area).is_not_distinct_from(form.area)))).first() is not None:
        return False
    session.add(RoleHeld(person_id=person.id, role=form.role, setting_id=setting_id, area=form.area))
    note_deed(
        session, Door.ROLES_CHANGED, by, at, person.id, given=form.role.value, setting=form.setting, area=form.area
    )
    await session.flush()
    return True


async def _setting(session: AsyncSession, key: str | None) -> Setting | None:
    if key is None:
        return None
    found = (await session.exec(select(Setting).where(Setting.key == key))).first()
    if found is None:
        raise BadInput("setting", "is not a setting in the record")
    return found


async def take_role(session: AsyncSession, person: Person, held_id: UUID, by: Person, at: datetime) -> None:
    """Take a role away; what they owe stays theirs until it is handed over. Raises NotFound, NotPermitted."""
    held = await session.get(RoleHeld, held_id)
    if held is None or held.person_id != person.id:
        raise NotFound("role: they do not hold it")
    if held.role == Role.ADMINISTRATOR:
        await must_not_be_last(session, person, to_london(at).date())
    key = (await session.get_one(Setting, held.setting_id)).key if held.setting_id else None
    note_deed(session, Door.ROLES_CHANGED, by, at, person.id, taken=held.role.value, setting=key, area=held.area)
    await session.delete(held)
    await session.flush()


async def must_not_be_last(session: AsyncSession, person: Person, day: date) -> None:
    """Raise NotPermitted when nobody but this person would administer the pathway after `day`."""
    others = await administrators(session, day, lock=True)
    if person.id in others and not others - {person.id}:
        raise NotPermitted("administrator: they are the last one; make somebody else administrator first")


async def administrators(session: AsyncSession, day: date, *, lock: bool = False) -> set[UUID]:
    """Who administers the pathway and is still in post after `day`; `lock` holds off others who would change that."""
    held = select(RoleHeld).where(RoleHeld.role == Role.ADMINISTRATOR)
    ids = {one.person_id for one in (await session.exec(held.with_for_update() if lock else held)).all()}
    in_post = or_(col(Person.left_on).is_(None), col(Person.left_on) > day)
    return set((await session.exec(select(Person.id).where(col(Person.id).in_(ids), in_post))).all())


async def record_leave(session: AsyncSession, person: Person, fields: dict[str, Any], by: Person, at: datetime) -> None:
    """Leave, both days included, and who acts meanwhile."""
    form = fill(AwayForm, fields)
    await staffing.leave(session, person.email, form.first, form.last, form.cover, at)
    first, last = form.first.isoformat(), form.last.isoformat()
    note_deed(session, Door.LEAVE_RECORDED, by, at, person.id, first=first, last=last, cover=form.cover)


async def withdraw_leave(session: AsyncSession, person: Person, absence_id: UUID, by: Person, at: datetime) -> None:
    """Take back leave that has not begun."""
    absence = await session.get(Absence, absence_id)
    await staffing.withdraw_leave(session, absence_id, person.email, at)
    first = absence.first.isoformat() if absence else ""
    note_deed(session, Door.LEAVE_RECORDED, by, at, person.id, first=first, withdrawn=True)


async def record_left(
    session: AsyncSession, person: Person, on: date, to: str | None, by: Person, at: datetime
) -> list[Task]:
    """Somebody leaves; what they owe goes to `to`. Raises BadInput while they owe tasks and nobody is named."""
    await must_not_be_last(session, person, on)
    moved = await staffing.left(session, person.email, on, to, "the owner has left", at)
    note_deed(session, Door.LEFT, by, at, person.id, on=on.isoformat(), to=to, tasks=len(moved))
    return moved


async def back_again(session: AsyncSession, person: Person, by: Person, at: datetime) -> None:
    """Somebody was taken for a leaver, or has come back; what was moved stays where it is."""
    person.left_on = None
    session.add(person)
    note_deed(session, Door.LEFT, by, at, person.id, back=True)
