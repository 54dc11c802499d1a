"""Letting time pass in a scratch record with nobody acting: from one instant at which something is due to the next.

What is due is done by the functions that do it in the real record, so what is foreseen is what will happen.
"""

from collections.abc import Callable
from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from config.time import london
from flows.bridging import bridge
from flows.following import follow_up, waiting_events
from flows.sweeping import sweep
from models.bridge_ground import ground_at
from models.closures import FIRST_MINUTE, asked_at, back_on
from models.database import reading
from models.people import Absence, Person
from models.record import Task

MIDNIGHT = time(0)


async def live(
    engine: AsyncEngine, start: datetime, until: datetime, progress: Callable[[datetime], None] = lambda _: None
) -> datetime | None:
    """Do everything that is due from `start` to `until` (UTC) as if nobody acted.

    Returns the next instant after `until` at which something is due; None when nothing is open any more.
    """
    days = await _days_ahead(engine, start)
    at: datetime | None = start
    while at is not None and at <= until:
        if at == start or at in days:
            await bridge(engine, at)
        await _settle(engine, at)
        await sweep(engine, at)
        await _settle(engine, at)
        progress(at)
        at = await _next(engine, at, days)
    return at


async def _settle(engine: AsyncEngine, at: datetime) -> None:
    """Follow up until nothing waits: a rule that fires is an event of its own."""
    while True:
        async with reading(engine) as session:
            ids = await waiting_events(session)
        if not ids:
            return
        await follow_up(engine, ids, at, documents=False)


async def _days_ahead(engine: AsyncEngine, at: datetime) -> list[datetime]:
    """What no task's clock knows of: people leave and go on leave, settings close and open again."""
    async with reading(engine) as session:
        gone = [one.left_on for one in (await session.exec(select(Person))).all()]
        away = [one.first for one in (await session.exec(select(Absence))).all()]
        ground = await ground_at(session, at)
    coming = {london(day, MIDNIGHT) for day in (*gone, *away) if day}
    for setting in ground.settings.values():
        for closure in setting.closures:
            back = back_on(closure.last, setting.calendar)
            coming |= {asked_at(closure, setting.lead, setting.calendar), closure.begins_at, london(back, FIRST_MINUTE)}
    return sorted(one for one in coming if one > at)


async def _next(engine: AsyncEngine, at: datetime, days: list[datetime]) -> datetime | None:
    soonest = select(Task.next_at).where(col(Task.closed_at).is_(None), col(Task.next_at) > at)
    async with reading(engine) as session:
        due = (await session.exec(soonest.order_by(col(Task.next_at)).limit(1))).first()
    return min([due, *(one for one in days if one > at)]) if due else None
