"""One concern's next months if nobody acts, foreseen by living through them in memory. The record is only read."""

import asyncio
from calendar import monthrange
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from config.errors import BadInput
from config.time import LONDON, to_london
from flows.foresight.ending import ends_of
from flows.foresight.foreseen import Foresight
from flows.foresight.happening import Lived, owed, read_lives, steps_of, still_open
from flows.foresight.living import live
from models.case import concern_called
from models.database import reading
from models.errors import NotOffered
from models.excerpt import Excerpt, excerpt
from models.lifecycle import Status
from models.scratch import scratch_record

MONTHS = 12
MOST_MONTHS = 60
# One after another, and not in the thread that answers requests: a year takes a processor for a second or two.
_ALONE = ThreadPoolExecutor(1, "foresight")


async def foresee(engine: AsyncEngine, reference: str, at: datetime, months: int = MONTHS) -> Foresight:
    """What happens to a concern from `at` (UTC) over so many months if nobody acts; never an empty list of steps.

    Raises NotFound, NotOffered for a closed concern, BadInput for months outside 1 to 60.
    """
    until = months_after(at, months)
    async with reading(engine) as session:
        concern = await concern_called(session, reference)
        if concern.status == Status.CLOSED:
            raise NotOffered(f"{concern.reference}: is closed; nothing is owed, so nothing happens by itself")
        taken = await excerpt(session, [concern], at)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_ALONE, lambda: asyncio.run(_foresee(taken, concern.id, at, until)))


def months_after(at: datetime, months: int) -> datetime:
    """The same clock time in London so many months on; the month's last day where it has no such day."""
    if isinstance(months, bool) or not 1 <= months <= MOST_MONTHS:
        raise BadInput("months", f"must be a whole number from 1 to {MOST_MONTHS}, not {months}")
    local = to_london(at)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    wall = local.replace(year=year, month=month + 1, day=day, tzinfo=None, fold=0)
    return wall.replace(tzinfo=LONDON).astimezone(UTC)


async def _foresee(taken: Excerpt, concern_id: UUID, at: datetime, until: datetime) -> Foresight:
    async with scratch_record() as scratch:
        await taken.unpack(scratch)
        now = await _look(scratch, taken, concern_id, at)
        following = await live(scratch, at, until)
        then = await _look(scratch, taken, concern_id, at)
        beyond = not steps_of(then)
        while following is not None and not steps_of(then):  # an empty list would look as if nothing were owed
            following = await live(scratch, following, following)
            then = await _look(scratch, taken, concern_id, at)
    concern = now.scene.concern
    return Foresight(
        concern.reference,
        concern.status,
        at,
        until,
        tuple(owed(now, one) for one in still_open(now)),
        tuple(steps_of(then)),
        tuple(ends_of(then)),
        now.scene.policy,
        beyond,
    )


async def _look(scratch: AsyncEngine, taken: Excerpt, concern_id: UUID, at: datetime) -> Lived:
    async with reading(scratch) as session:
        return (await read_lives(session, [concern_id], at, taken))[concern_id]
