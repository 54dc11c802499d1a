"""Reconcile: is every open concern, task, event, referral and letter covered?

Runs hourly. The run is red, and administrators are written to once a day, when something is not covered. The first run
of a London day states the day before, and every day that was missed: what was due, and what became of it. Safe to run
twice: it writes nothing but that letter, whose unique key is the administrator and the day, and those statements, of
which each day has one.
"""

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from config.time import now
from flows.artifacts import table
from flows.checking import must_be_covered, reconcile_now
from flows.containment import contained


@task(name="look", cache_policy=NO_CACHE, persist_result=False)
@contained("look")
async def look(at: datetime) -> dict[str, int]:
    """Look at everything, write to administrators when something is not covered, and state the days that are over."""
    return await reconcile_now(at)


@flow(name="reconcile", persist_result=False)
@contained("reconcile")
async def reconcile(at: datetime | None = None) -> dict[str, int]:
    """The reconciler's counts at `at` (UTC; now when run by hand); raises SafeError when something is not covered."""
    counts = await look(at or now())
    await table("reconcile-counts", [counts], "What the reconciler found")
    return must_be_covered(counts)
