"""What is on a person's desk: the tasks they act for, and those of others that they were told are overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london
from models.covers import covered_today
from models.people import Absence, Person
from models.record import Concern, Task
from models.snoozing import is_snoozed
from models.staff import Place, load_staff
from models.standing import ClosureCover
from models.telling import Delivery

Owed = tuple[Task, Concern]


@dataclass
class Desk:
    """One person's tasks: `own` to act for, `heard` of others; each with its concern."""

    own: list[Owed] = field(default_factory=list)
    heard: list[Owed] = field(default_factory=list)


async def desks(session: AsyncSession, as_of: Mapping[UUID, datetime], at: datetime) -> dict[UUID, Desk]:
    """The desks of the people in `as_of`, without what was opened after their instant; earliest deadline first.

    Nor is there what they asked not to be reminded of yet, unless it is overdue.

    Who acts for whom is resolved now (`at`), for the people who owe the tasks and are away, have left or cannot be
    reached; everybody else acts for themselves.
    """
    found = {person: Desk() for person in as_of}
    for row, acting in await _acted_for(session, set(as_of), at):
        if acting in found and row[0].opened_at <= as_of[acting] and not is_snoozed(row[0], as_of[acting]):
            found[acting].own.append(row)
    own = {(task.id, person) for person, desk in found.items() for task, _ in desk.own}
    for row, person in await _heard_of(session, set(as_of)):
        if row[0].opened_at <= as_of[person] and (row[0].id, person) not in own:
            found[person].heard.append(row)
    return found


async def _acted_for(session: AsyncSession, people: set[UUID], at: datetime) -> list[tuple[Owed, UUID]]:
    absent = await _absent(session, at)
    owed = select(Task, Concern).join(Concern, col(Task.concern_id) == col(Concern.id))
    owed = owed.where(col(Task.closed_at).is_(None), col(Task.owner_id).in_(people | absent))
    rows = list((await session.exec(owed.order_by(col(Task.due_at), col(Task.id)))).all())
    acted = list(zip(rows, await _acting(session, rows, absent, at), strict=True))
    return _merged(acted, await _covered(session, people, at))


def _merged(acted: list[tuple[Owed, UUID]], covered: list[tuple[Owed, UUID]]) -> list[tuple[Owed, UUID]]:
    """Each task once a person, earliest deadline first."""
    once = {(row[0].id, person): (row, person) for row, person in (*acted, *covered)}
    return sorted(once.values(), key=lambda one: (one[0][0].due_at, str(one[0][0].id)))


async def _covered(session: AsyncSession, people: set[UUID], at: datetime) -> list[tuple[Owed, UUID]]:
    """What these people act on beside an owner whose setting is closed today."""
    found = covered_today(to_london(at).date()).where(col(ClosureCover.person_id).in_(people))
    return [((task, concern), person) for task, concern, person in (await session.exec(found)).all()]


async def _absent(session: AsyncSession, at: datetime) -> set[UUID]:
    day = to_london(at).date()
    away = select(Absence.person_id).where(col(Absence.first) <= day, col(Absence.last) >= day)
    gone = select(Person.id).where(or_(col(Person.left_on) <= day, col(Person.refused_at).is_not(None)))
    return set((await session.exec(away)).all()) | set((await session.exec(gone)).all())


async def _acting(session: AsyncSession, rows: Sequence[Owed], absent: set[UUID], at: datetime) -> list[UUID]:
    day = to_london(at).date()
    stood_for = [(task, concern) for task, concern in rows if task.owner_id in absent]
    places = {Place(concern.setting_id, concern.area) for _, concern in stood_for}
    staff = await load_staff(session, places, {task.owner_id for task, _ in stood_for}) if stood_for else None
    return [
        staff.acting(task.owner_id, task.role, Place(concern.setting_id, concern.area), day).id
        if staff and task.owner_id in absent
        else task.owner_id
        for task, concern in rows
    ]


async def _heard_of(session: AsyncSession, people: set[UUID]) -> list[tuple[Owed, UUID]]:
    told = select(Task, Concern, Delivery.person_id).join(Concern, col(Task.concern_id) == col(Concern.id))
    told = told.join(Delivery, col(Delivery.task_id) == col(Task.id))
    told = told.where(
        col(Delivery.letter) == "overdue", col(Delivery.person_id).in_(people), col(Task.closed_at).is_(None)
    )
    rows = (await session.exec(told.order_by(col(Task.due_at), col(Task.id)))).all()
    # Each rung may have told the same person again.
    once = {(task.id, person): ((task, concern), person) for task, concern, person in rows}
    return list(once.values())
