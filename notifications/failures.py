"""Letters that failed: administrators hear of the address, and what was asked goes to who acts instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london
from models.errors import NobodyThere
from models.people import Person, Role, RoleHeld
from models.record import Concern, Task
from models.staff import CLIMB, Place, Staff, load_staff
from models.telling import Delivery
from notifications.addressing import Addressed, address
from notifications.letters import LETTERS

INSTEAD = ":instead"
WHY_ADMINISTRATOR = "you administer the pathway"
WHY_INSTEAD = "letters to the person it was meant for do not arrive, and you act instead"


class Trouble(StrEnum):
    """Why a letter did not arrive."""

    REFUSED = "refused"
    GIVEN_UP = "given_up"
    GONE = "gone"
    SERVER = "server"


@dataclass(frozen=True)
class Failure:
    """A letter that failed; `bad_address` when its address was refused as such."""

    delivery: Delivery
    trouble: Trouble
    bad_address: bool = False


async def tell_of_failures(session: AsyncSession, failed: Sequence[Failure], at: datetime) -> int:
    """Address letters about letters that failed; returns how many are new. A failure somebody hears of says when."""
    bad = {one.delivery.person_id for one in failed if one.bad_address}
    if bad:
        refusing = update(Person).where(col(Person.id).in_(bad), col(Person.refused_at).is_(None))
        await session.exec(refusing.values(refused_at=at).execution_options(synchronize_session=False))
    new = 0
    for one in failed:
        delivery = one.delivery
        # That somebody left is no news to administrators: their address need not be mended.
        if one.trouble != Trouble.GONE:
            new += await tell_administrators(session, [delivery.id], delivery.person_id, one.trouble, at)
        if one.trouble != Trouble.GIVEN_UP and (instead := await _instead(session, delivery, at)):
            new += await address(session, instead, at)
            await _told(session, [delivery.id], at)
    return new


async def tell_administrators(
    session: AsyncSession, failed: Sequence[UUID], person_id: UUID | None, trouble: Trouble, at: datetime
) -> int:
    """One letter a local day to each administrator about one address, or (None) about the mail server itself."""
    day = to_london(at).date()
    found = select(Person).join(RoleHeld, col(RoleHeld.person_id) == col(Person.id)).distinct()
    found = found.where(RoleHeld.role == Role.ADMINISTRATOR, col(Person.refused_at).is_(None))
    found = found.where(or_(col(Person.left_on).is_(None), col(Person.left_on) > day))
    subject = str(person_id or "mail server")
    fields = {"person": str(person_id or ""), "trouble": trouble.value}
    letters = [
        Addressed("letter-refused", one.id, subject, day.isoformat(), WHY_ADMINISTRATOR, fields=fields)
        for one in (await session.exec(found)).all()
        if one.id != person_id
    ]
    if letters:
        await _told(session, failed, at)
    return await address(session, letters, at)


async def _told(session: AsyncSession, failed: Sequence[UUID], at: datetime) -> None:
    told = update(Delivery).where(col(Delivery.id).in_(failed)).values(told_at=at)
    await session.exec(told.execution_options(synchronize_session=False))


async def _instead(session: AsyncSession, delivery: Delivery, at: datetime) -> list[Addressed]:
    """The same letter to who acts instead; where it was the front door's, the DSL is asked to telephone them."""
    task = await session.get(Task, delivery.task_id) if delivery.task_id else None
    concern_id = task.concern_id if task else delivery.concern_id
    concern = await session.get(Concern, concern_id) if concern_id else None
    if concern is None:
        return []
    place, day = Place(concern.setting_id, concern.area), to_london(at).date()
    staff = await load_staff(session, [place], [delivery.person_id])
    reader, letter = staff.people[delivery.person_id], LETTERS[delivery.letter]
    telephone = letter.to_front_door and Role.FRONT_DOOR in staff.roles_of(reader, place)
    if not telephone and not (letter.about_task and task):
        return []
    try:
        if telephone:
            other = staff.owner(Role.DSL, place, day)
        else:
            other = staff.acting(reader.id, _role(staff, reader, place, task), place, day)
    except NobodyThere:
        return []
    copy = _copy(delivery, other.id, telephone=telephone)
    return await _once(session, delivery, copy) if staff.is_there(other, day) else []


def _role(staff: Staff, reader: Person, place: Place, task: Task | None) -> str:
    """The role in which they were told: the task's when they owe it, else their own nearest to the child."""
    held = staff.roles_of(reader, place)
    nearest = next((role for role in CLIMB if role in held), Role.DSL)
    return task.role if task and task.owner_id == reader.id else nearest


def _copy(delivery: Delivery, person_id: UUID, *, telephone: bool) -> Addressed:
    fields = {**delivery.fields, "unreached": True} if telephone else delivery.fields
    return Addressed(
        letter="chase-copy" if telephone else delivery.letter,
        person_id=person_id,
        subject=delivery.subject,
        slot=delivery.slot.removesuffix(INSTEAD) + INSTEAD,
        why_you=WHY_INSTEAD,
        concern_id=delivery.concern_id,
        task_id=delivery.task_id,
        urgent=delivery.urgent,
        fields=fields,
    )


async def _once(session: AsyncSession, delivery: Delivery, copy: Addressed) -> list[Addressed]:
    """The copy, unless its reader has that letter already: a ladder may have told both."""
    same = select(Delivery.id).where(
        Delivery.subject == copy.subject,
        Delivery.letter == copy.letter,
        Delivery.person_id == copy.person_id,
        Delivery.slot == delivery.slot.removesuffix(INSTEAD),
    )
    return [] if (await session.exec(same)).first() else [copy]
