"""What an administrator watches: what waits, what failed, what ran last. Counts, ids and addresses of staff alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, text
from sqlalchemy import select as sa_select
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.people import Person
from models.record import Concern, Event, Task
from models.telling import UNFINISHED, Delivery, Firing, State

STUCK_AFTER = timedelta(minutes=15)  # models.reconcile finds the same after the policy's grace, which ships as this
FAILED = "failed"
SIZE_AND_VERSION: Mapping[str, str] = {
    "sqlite": "SELECT page_count * page_size, (SELECT version_num FROM alembic_version)"
    " FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database()), (SELECT version_num FROM alembic_version)",
}


def _count(table: Any, *conditions: Any) -> ColumnElement[Any]:
    return sa_select(func.count()).select_from(table).where(*conditions).scalar_subquery()


async def waits(session: AsyncSession, at: datetime) -> dict[str, Any]:
    """What is open and what waits at `at` (UTC), by name; one statement."""
    is_open = col(Task.closed_at).is_(None)
    waiting = col(Delivery.state) == State.WAITING
    return await _named(
        session,
        open_concerns=_count(Concern, col(Concern.closed_at).is_(None)),
        open_tasks=_count(Task, is_open),
        overdue_tasks=_count(Task, is_open, col(Task.due_at) < at),
        tasks_due_a_look=_count(Task, is_open, col(Task.next_at) <= at),
        events_to_follow_up=_count(Event, col(Event.followed_up_at).is_(None)),
        letters_waiting=_count(Delivery, waiting),
        oldest_letter_waits_since=sa_select(func.min(Delivery.created_at)).where(waiting).scalar_subquery(),
    )


async def failed(session: AsyncSession, at: datetime) -> dict[str, Any]:
    """What failed, by name; `letters_stuck` have been due for a while and nobody took them up."""
    refusing = select(Person.email).where(col(Person.refused_at).is_not(None), col(Person.left_on).is_(None))
    stuck = (col(Delivery.state) == State.WAITING, col(Delivery.try_after) < at - STUCK_AFTER)
    counts = await _named(
        session,
        letters_refused=_count(Delivery, col(Delivery.state) == State.REFUSED),
        letters_given_up=_count(Delivery, col(Delivery.state) == State.GIVEN_UP),
        letters_stuck=_count(Delivery, *stuck),
        firings_failed=_count(Firing, UNFINISHED, col(Firing.outcome).like(f"{FAILED}%")),
    )
    return {**counts, "addresses_that_refuse": sorted((await session.exec(refusing)).all())}


async def _named(session: AsyncSession, **columns: ColumnElement[Any]) -> dict[str, Any]:
    asked = sa_select(*(one.label(name) for name, one in columns.items()))
    row = (await (await session.connection()).execute(asked)).mappings().one()
    return dict(row)


async def last_runs(session: AsyncSession, flows: Iterable[str]) -> dict[str, Firing]:
    """The newest firing of each of these flows that ever ran."""
    return await _newest(session, flows)


async def last_good_runs(session: AsyncSession, flows: Iterable[str]) -> dict[str, Firing]:
    """The newest firing of each that ended well."""
    return await _newest(session, flows, col(Firing.ended_at).is_not(None))


async def _newest(session: AsyncSession, flows: Iterable[str], *conditions: Any) -> dict[str, Firing]:
    newest = [
        sa_select(col(Firing.id))
        .where(col(Firing.flow) == flow, *conditions)
        .order_by(col(Firing.started_at).desc())
        .limit(1)
        .correlate(None)
        .scalar_subquery()
        for flow in flows
    ]
    if not newest:
        return {}
    rows = (await session.exec(select(Firing).where(or_(*(col(Firing.id) == one for one in newest))))).all()
    return {row.flow: row for row in rows}


async def unfinished_runs(session: AsyncSession, limit: int) -> list[Firing]:
    """Firings that failed, were cut off, or are still going, newest first."""
    found = select(Firing).where(UNFINISHED).order_by(col(Firing.started_at).desc()).limit(limit)
    return list((await session.exec(found)).all())


async def runs_of(session: AsyncSession, flow: str, limit: int) -> list[Firing]:
    """The newest firings of one flow."""
    found = select(Firing).where(Firing.flow == flow).order_by(col(Firing.started_at).desc()).limit(limit)
    return list((await session.exec(found)).all())


@dataclass(frozen=True)
class Record:
    """The record itself: how large it is (bytes), which database holds it, and which migration it has reached."""

    size: int
    database: str
    version: str


async def the_record(session: AsyncSession) -> Record:
    """Size and version of the record."""
    database = session.get_bind().dialect.name
    asked = text(SIZE_AND_VERSION[database])
    size, version = (await (await session.connection()).execute(asked)).one()
    return Record(int(size), database, str(version))
