"""Reminding by hand: a coordinator has whoever owes something reminded, once a task, person and local day.

The letter is the ladder's own `reminder`; its slot is the day, so that a second press of the button tells nobody twice.
A reminder that the ladder sent the same day counts as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import london, to_london
from models.people import Person
from models.record import Task
from models.telling import Delivery
from notifications.addressing import Addressed, address
from notifications.hearing import WHY

REMINDER = "reminder"


@dataclass(frozen=True)
class Wanted:
    """A reminder that is asked for: of an open task, to whoever acts for its owner today."""

    task: Task
    acting: Person


async def remind(session: AsyncSession, wanted: Sequence[Wanted], at: datetime) -> set[UUID]:
    """Address reminders, due at once; returns the tasks whose person was reminded of them today already."""
    before = await _reminded(session, wanted, at)
    for one in wanted:
        key = (one.task.id, one.acting.id)
        if key not in before and not await address(session, [_letter(one, at)], at):
            before.add(key)  # somebody else's press was quicker
    return {one.task.id for one in wanted if (one.task.id, one.acting.id) in before}


async def _reminded(session: AsyncSession, wanted: Sequence[Wanted], at: datetime) -> set[tuple[UUID | None, UUID]]:
    midnight = london(to_london(at).date(), time())
    asked = select(Delivery.task_id, Delivery.person_id).where(
        Delivery.letter == REMINDER,
        col(Delivery.created_at) >= midnight,
        col(Delivery.task_id).in_({one.task.id for one in wanted}),
    )
    return set((await session.exec(asked)).all())


def _letter(one: Wanted, at: datetime) -> Addressed:
    task, person = one.task, one.acting
    why = WHY["owner"] if person.id == task.owner_id else WHY["cover"]
    slot = f"asked-{to_london(at):%Y-%m-%d}"
    return Addressed(REMINDER, person.id, str(task.id), slot, why, task.concern_id, task.id, task.urgent)
