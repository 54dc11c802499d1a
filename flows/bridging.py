"""The holiday bridge as a plain function: every step, a chunk of concerns at a time, each chunk one transaction.

The letters follow from the events, as everywhere. Killed half way, the chunk has not happened.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from flows.sweeping import BROKEN
from models.bridge import CHUNK, STEPS, Step, take_step
from models.bridge_ground import ground_at
from models.database import engine, reading, writing

logger = logging.getLogger("pathway.bridge")


async def bridge(on: AsyncEngine, at: datetime, progress: Callable[[int], None] = lambda _: None) -> dict[str, int]:
    """Do everything about closures that is due at `at` (UTC); returns counts."""
    counts = {step.name: 0 for step in STEPS} | {"failed": 0}
    for step in STEPS:
        await _all_of(on, step, at, counts, progress)
    return counts


async def _all_of(
    on: AsyncEngine, step: Step, at: datetime, counts: dict[str, int], progress: Callable[[int], None]
) -> None:
    """One step until nothing is left for it; one broken concern holds up no other."""
    left: set[UUID] = set()
    limit = CHUNK
    while True:
        try:
            async with writing(on) as session:
                same, changed = await take_step(session, step, at, left, limit)
        except BROKEN as error:
            if limit == 1:
                counts["failed"] += 1
                left |= await _first(on, step, at, left)
                logger.error("a concern could not be bridged: %s", type(error).__name__)
            limit = 1
            continue
        counts[step.name] += changed
        progress(changed)
        if not same and not changed:
            return
        left |= set(same)


async def _first(on: AsyncEngine, step: Step, at: datetime, left: set[UUID]) -> set[UUID]:
    """The concern that a chunk of one would take."""
    async with reading(on) as session:
        return set(await step.find(session, await ground_at(session, at), left, 1))


async def bridge_now(at: datetime) -> dict[str, int]:
    """The same on the record of this process."""
    return await bridge(engine(), at)
