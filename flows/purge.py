"""Purge: forget old firings, and count closed concerns past their retention, for people to review.

Runs nightly. Safe to run twice: what is gone is gone, and nothing about a child is ever deleted by a clock. Prefect's
own old runs are cleared by its server (docs/running.md).
"""

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from config.time import now
from flows.artifacts import table
from flows.checking import purge as purge_record
from flows.containment import contained
from models.database import engine


@task(name="forget", cache_policy=NO_CACHE, persist_result=False)
@contained("forget")
async def forget(at: datetime) -> dict[str, int]:
    """Delete what is old, count what is to be reviewed."""
    return await purge_record(engine(), at)


@flow(name="purge", persist_result=False)
@contained("purge")
async def purge(at: datetime | None = None) -> dict[str, int]:
    """Purge as of the instant `at` (UTC; now when run by hand); returns counts."""
    counts = await forget(at or now())
    await table("purge-counts", [counts], "What was forgotten, and what is past its retention")
    return counts
