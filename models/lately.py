"""What somebody decided lately, and what followed from it."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events import Happened
from models.people import Child
from models.record import Concern, Event, Task

NOT_DECISIONS = (Happened.LOGGED, Happened.JOINED, Happened.SNOOZED)


@dataclass(frozen=True)
class Decided:
    """One decision: its event, the concern and child it was about, and the tasks it opened."""

    event: Event
    concern: Concern
    child: Child
    followed: list[Task] = field(default_factory=list)


async def decided_lately(session: AsyncSession, person_id: UUID, limit: int = 10) -> list[Decided]:
    """The last decisions of a person, newest first."""
    found = select(Event, Concern, Child).join(Concern, col(Event.concern_id) == col(Concern.id))
    found = found.join(Child, col(Concern.child_id) == col(Child.id))
    found = found.where(Event.by_id == person_id, col(Event.kind).not_in(NOT_DECISIONS))
    rows = (
        await session.exec(found.order_by(col(Event.recorded_at).desc(), col(Event.number).desc()).limit(limit))
    ).all()
    tasks = await _opened(session, [event for event, _, _ in rows])
    return [
        Decided(event, concern, child, [tasks[one] for one in event.opened if one in tasks])
        for event, concern, child in rows
    ]


async def _opened(session: AsyncSession, events: list[Event]) -> dict[str, Task]:
    ids = [UUID(one) for event in events for one in event.opened]
    rows = (await session.exec(select(Task).where(col(Task.id).in_(ids)))).all()
    return {str(row.id): row for row in rows}
