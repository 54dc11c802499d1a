"""The sweep of deadlines as a plain function: reminders, rungs, chases, lapses, and tasks whose owner has gone.

Each chunk is one transaction: claim, events, letters addressed. Killed half way, the chunk has not happened.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import PathwayError
from config.time import to_london
from models.database import reading, writing
from models.lifecycle import MoveNotAllowed
from models.staffing import orphaned, rescue
from models.sweep import CHUNK, anything_due, claim, due_first, lapse
from notifications.catching_up import marked
from notifications.hearing import hear_moment
from notifications.outbox import address

logger = logging.getLogger("pathway.deadlines")
# What one broken row can raise; the sweep goes on with the others and says so.
BROKEN = (PathwayError, SQLAlchemyError, MoveNotAllowed, LookupError, ValueError, RuntimeError)


async def deadlines_due(session: AsyncSession, at: datetime) -> bool:
    """Whether the sweep has anything to do: two indexed queries."""
    return await anything_due(session, at) or bool(await orphaned(session, to_london(at).date()))


async def sweep(engine: AsyncEngine, at: datetime, progress: Callable[[int], None] = lambda _: None) -> dict[str, int]:
    """Do everything about deadlines that is due at `at` (UTC); returns counts."""
    counts = {"rescued": 0, "said": 0, "lapsed": 0, "letters": 0, "failed": 0}
    await _rescue(engine, at, counts)
    tried: set[UUID] = set()
    limit = CHUNK
    while True:
        try:
            hits, lapses, letters = await _chunk(engine, at, tried, limit)
        except BROKEN as error:
            if limit == 1:
                async with reading(engine) as session:
                    tried |= {one for one in [await due_first(session, at, tried)] if one}
                counts["failed"] += 1
                logger.error("a due task could not be swept: %s", type(error).__name__)
            limit = 1  # one at a time, so that one broken row holds up no other
            continue
        counts["said"] += hits
        counts["letters"] += letters
        for task_id in lapses:
            tried.add(task_id)
            await _lapse(engine, task_id, at, counts)
        progress(hits + len(lapses))
        if not hits and not lapses:
            return counts


async def _chunk(engine: AsyncEngine, at: datetime, tried: set[UUID], limit: int) -> tuple[int, list[UUID], int]:
    async with writing(engine) as session:
        claimed = await claim(session, at, tried, limit)
        letters = [one for hit in claimed.hits for one in marked(hear_moment(hit, at), hit.moment.at, at)]
        return claimed.looked_at, claimed.lapses, await address(session, letters, at)


async def _lapse(engine: AsyncEngine, task_id: UUID, at: datetime, counts: dict[str, int]) -> None:
    try:
        async with writing(engine) as session:
            counts["lapsed"] += await lapse(session, task_id, at)
    except BROKEN as error:
        counts["failed"] += 1
        logger.error("task %s could not lapse: %s", task_id, type(error).__name__)


async def _rescue(engine: AsyncEngine, at: datetime, counts: dict[str, int]) -> None:
    """Give the tasks of leavers and unreachable people to whoever acts for them."""
    async with reading(engine) as session:
        ids = await orphaned(session, to_london(at).date())
    for task_id in ids:
        try:
            async with writing(engine) as session:
                counts["rescued"] += await rescue(session, task_id, at)
        except BROKEN as error:
            counts["failed"] += 1
            logger.error("task %s could not be handed over: %s", task_id, type(error).__name__)
