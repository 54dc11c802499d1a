"""Who acts for whom today, for a page of tasks: the owner where they are at work, else cover or the next role up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london
from models.people import Absence, Person
from models.record import Concern, Task
from models.staff import Place, load_staff

Owed = tuple[Task, Concern]


async def acting_for(session: AsyncSession, rows: Sequence[Owed], at: datetime) -> dict[UUID, tuple[Person, Person]]:
    """By task: who owes it and who acts on it today. Staff are loaded only where somebody is not there."""
    owners = {task.owner_id for task, _ in rows}
    people = {one.id: one for one in (await session.exec(select(Person).where(col(Person.id).in_(owners)))).all()}
    absent = await _absent(session, people, at)
    stood_for = [(task, concern) for task, concern in rows if task.owner_id in absent]
    acting = await _resolved(session, stood_for, at)
    return {task.id: (people[task.owner_id], acting.get(task.id, people[task.owner_id])) for task, _ in rows}


async def _absent(session: AsyncSession, people: dict[UUID, Person], at: datetime) -> set[UUID]:
    day = to_london(at).date()
    away = select(Absence.person_id).where(col(Absence.first) <= day, col(Absence.last) >= day)
    found = set((await session.exec(away.where(col(Absence.person_id).in_(people)))).all())
    return found | {
        one.id for one in people.values() if one.refused_at or (one.left_on is not None and one.left_on <= day)
    }


async def _resolved(session: AsyncSession, rows: Sequence[Owed], at: datetime) -> dict[UUID, Person]:
    if not rows:
        return {}
    places = {Place(concern.setting_id, concern.area) for _, concern in rows}
    staff, day = await load_staff(session, places, {task.owner_id for task, _ in rows}), to_london(at).date()
    return {
        task.id: staff.acting(task.owner_id, task.role, Place(concern.setting_id, concern.area), day)
        for task, concern in rows
    }
