"""Tell people: send every letter that is due.

Runs after events and every minute in which a letter is due. Safe to run twice: each delivery is claimed just before its
send and has one Message-ID; a sender that was killed is known to be dead, and its letters go again.
"""

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from config.time import now
from flows.artifacts import table
from flows.containment import contained
from flows.posting import post_waiting


@task(name="post", cache_policy=NO_CACHE, persist_result=False)
@contained("post")
async def post_now(at: datetime) -> dict[str, int]:
    """Send what waits."""
    return await post_waiting(at)


@flow(name="tell-people", persist_result=False)
@contained("tell-people")
async def tell_people(at: datetime | None = None) -> dict[str, int]:
    """Send what is due at the instant `at` (UTC; now when run by hand); returns counts."""
    counts = await post_now(at or now())
    await table("tell-people-counts", [counts], "What was told")
    return counts
