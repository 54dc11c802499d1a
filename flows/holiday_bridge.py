"""Holiday bridge: cover before a setting closes and while it is closed, and a first look when it opens again.

Runs whenever there is something to do about a closure, looked for every minute. Safe to run twice: a concern is looked
at again under its lock, and it has one open question of a kind and one cover a closure.
"""

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from config.time import now
from flows.artifacts import table
from flows.bridging import bridge_now
from flows.containment import contained


@task(name="bridge", cache_policy=NO_CACHE, persist_result=False)
@contained("bridge")
async def bridge_closures(at: datetime) -> dict[str, int]:
    """Everything about closures that is due."""
    return await bridge_now(at)


@flow(name="holiday-bridge", persist_result=False)
@contained("holiday-bridge")
async def holiday_bridge(at: datetime | None = None) -> dict[str, int]:
    """Bridge closures at the instant `at` (UTC; now when run by hand); returns counts."""
    counts = await bridge_closures(at or now())
    await table("holiday-bridge-counts", [counts], "What was done about closures")
    return counts
