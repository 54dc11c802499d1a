"""Letting time pass in a scratch record with nobody acting: from one instant at which something is due to the next.

What is due is done by the functions that do it in the real record, so what is foreseen is what will happen.
"""

from collections.abc import Callable
from datetime import date, datetime, time

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from config.time import london, to_london
from flows.following import follow_up, waiting_events
from flows.sweeping import sweep
from models.database import reading
from models.people import Person
from models.record import Task

MIDNIGHT = time(0)


async def live(
    engine: AsyncEngine, start: datetime, until: datetime, progress: Callable[[datetime], None] = lambda _: None
) -> datetime | None:
    """Do everything that is due from `start` to `until` (UTC) as if nobody acted.

    Returns the next instant after `until` at which something is due; None when nothing is open any more.
    """
    leaving = await _leaving(engine, to_london(start).date())
    at: datetime | None = start
    await _settle(engine, start)
    while at is not None and at <= until:
        await sweep(engine, at)
        await _settle(engine, at)
        progress(at)
        at = await _next(engine, at, leaving)
    return at


async def _settle(engine: AsyncEngine, at: datetime) -> None:
    """Follow up until nothing waits: a rule that fires is an event of its own."""
    while True:
        async with reading(engine) as session:
            ids = await waiting_events(session)
        if not ids:
            return
        await follow_up(engine, ids, at, documents=False)


async def _leaving(engine: AsyncEngine, after: date) -> list[datetime]:
    """When somebody's tasks pass to others because they leave: the first instant of their first day gone."""
    async with reading(engine) as session:
        people = (await session.exec(select(Person).where(col(Person.left_on) > after))).all()
    return sorted({london(one.left_on, MIDNIGHT) for one in people if one.left_on})


async def _next(engine: AsyncEngine, at: datetime, leaving: list[datetime]) -> datetime | None:
    soonest = select(Task.next_at).where(col(Task.closed_at).is_(None), col(Task.next_at) > at)
    async with reading(engine) as session:
        due = (await session.exec(soonest.order_by(col(Task.next_at)).limit(1))).first()
    return min([due, *(one for one in leaving if one > at)]) if due else None
