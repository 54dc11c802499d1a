"""Check deadlines: reminders, rungs, chases and lapses that are due, and tasks whose owner has gone.

Runs every minute in which something is due (and every 15 minutes to show that the clock is alive). Safe to run twice:
the statement that finds a task claims it, and what is said is committed with the claim.
"""

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from config.time import now
from flows.artifacts import table
from flows.containment import contained
from flows.sweeping import sweep
from models.database import engine


@task(name="sweep", cache_policy=NO_CACHE, persist_result=False)
@contained("sweep")
async def sweep_now(at: datetime) -> dict[str, int]:
    """Everything about deadlines that is due."""
    return await sweep(engine(), at)


@flow(name="check-deadlines", persist_result=False)
@contained("check-deadlines")
async def check_deadlines(at: datetime | None = None) -> dict[str, int]:
    """Sweep at the instant `at` (UTC; now when run by hand); returns counts."""
    counts = await sweep_now(at or now())
    await table("check-deadlines-counts", [counts], "What the sweep did")
    return counts
