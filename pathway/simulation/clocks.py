"""What clocks do, whenever something is due: follow up, sweep, the morning digest, the outbox, the reconciler.

The same plain functions that the flows wrap, at simulated instants; clocks look every half hour (the real one every
minute): what is due at odd minutes is then done together.
"""

import os
import resource
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlmodel import col, select

from config.time import london, to_london
from flows import bridging, digesting
from flows.checking import check, tell_administrators
from flows.firings import ALONE, Ending, close_firing, open_firing
from flows.following import CHUNK, follow_up, waiting_events
from flows.sweeping import sweep
from models.bridge import anything_to_bridge
from models.database import reading
from models.record import Task
from pathway.simulation.life import Life
from pathway.simulation.posting import post

LOOK = timedelta(minutes=30)
DAY = timedelta(days=1)
EVENING = time(18)
BRIDGED_AT = (time(9),)
PASSES = 20
WEEKS_BETWEEN_CHECKS = 26
MIB = 1024 * 1024
_NEXT = select(Task.next_at).where(col(Task.closed_at).is_(None)).order_by(col(Task.next_at)).limit(1)
STATM = Path("/proc/self/statm")


async def next_due(life: Life) -> datetime | None:
    """When the record next asks to be looked at, as a clock that looks every half hour would notice."""
    async with reading(life.engine) as session:
        at = (await session.exec(_NEXT)).first()
    if at is None:
        return None
    past = timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    return at + LOOK - past if past else at


async def look(life: Life, at: datetime, *, swept: bool = False) -> None:
    """Do everything that is due at `at`, until nothing is; `swept`: a deadline is due too.

    Raises RuntimeError when it never ends.
    """
    swept, life.gone = swept or life.gone, False
    for _ in range(PASSES):
        if swept:
            await _sweep(life, at)
        swept = False
        if not await _follow(life, at):
            break
    else:
        raise RuntimeError(f"simulate: at {at.isoformat()} something is followed up again and again")
    await post(life, at)


async def _follow(life: Life, at: datetime) -> bool:
    async with reading(life.engine) as session:
        ids = await waiting_events(session)
    for start in range(0, len(ids), CHUNK):
        await follow_up(life.engine, ids[start : start + CHUNK], at, documents=False)
    return bool(ids)


async def _sweep(life: Life, at: datetime) -> None:
    counts = await sweep(life.engine, at)
    if counts["failed"]:
        life.findings.append(f"{at:%Y-%m-%d %H:%M}: {counts['failed']} due tasks could not be swept")


def dawns(life: Life) -> list[datetime]:
    """When closures are looked at: every day, once people have begun."""
    days = [life.year.begin + DAY * number for number in range(7 * life.year.weeks)]
    return [london(day, clock) for day in days for clock in BRIDGED_AT]


async def bridge(life: Life, at: datetime) -> None:
    """Cover over closures: asked for, given, and each child looked at on the first day back."""
    async with reading(life.engine) as session:
        if not await anything_to_bridge(session, at):
            return
    counts = await bridging.bridge(life.engine, at)
    if counts["failed"]:
        life.findings.append(f"{at:%Y-%m-%d %H:%M}: {counts['failed']} concerns could not be bridged")


def mornings(life: Life) -> list[datetime]:
    """Every morning of the year on which a digest goes out."""
    days = [life.year.begin + DAY * number for number in range(7 * life.year.weeks)]
    return [london(day, digesting.HOUR) for day in days if life.diary.is_working(day)]


async def morning(life: Life, at: datetime) -> None:
    """The digests of a morning, fired as the clock would."""
    async with reading(life.engine) as session:
        due = await digesting.mornings_due(session, at)
    for one in due:
        if await open_firing(life.engine, digesting.FLOW, one.slot, at):
            counts = await digesting.digest(life.engine, one, at)
            await close_firing(life.engine, digesting.FLOW, one.slot, Ending(ALONE, counts), at)


def checks(life: Life) -> list[datetime]:
    """When the reconciler looks: a Friday evening each half year, and the end of the year."""
    fridays = [4 + 7 * week for week in range(life.year.weeks) if (week + 1) % WEEKS_BETWEEN_CHECKS == 0]
    days: set[date] = {life.year.begin + DAY * number for number in (*fridays, 7 * life.year.weeks - 3)}
    return [london(day, EVENING) for day in sorted(days)]


async def reconcile(life: Life, at: datetime) -> None:
    """The reconciler looks at everything; what it finds stands in the report."""
    await bridge(life, at)
    await look(life, at, swept=True)
    statement = await check(life.engine, at)
    await tell_administrators(life.engine, statement, at)
    life.checks += 1
    life.findings += [f"{to_london(at):%Y-%m-%d}: {one.reference}: {one.what}" for one in statement.findings]


def note_memory(life: Life) -> None:
    """Note how much memory this process holds."""
    life.mib.append(memory())


def memory() -> float:
    """How much memory this process holds now (MiB); the most it ever held, where the system says no more."""
    try:
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
