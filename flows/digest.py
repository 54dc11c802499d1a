"""The morning digest: one letter a person and local day of what is theirs, overdue first.

Runs on working days at 08:00 in each zone people are in, catching up when late: only the newest missed day is sent.
Safe to run twice: a digest's unique key is the person and the day.
"""

from datetime import date, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from config.time import now
from flows.artifacts import table
from flows.containment import contained
from flows.digesting import Morning, newest_morning
from flows.digesting import digest as address_digests
from models.database import engine


@task(name="address-digests", cache_policy=NO_CACHE, persist_result=False)
@contained("address-digests")
async def digest_now(at: datetime, day: date, zone: str) -> dict[str, int]:
    """Address one morning's digests."""
    return await address_digests(engine(), Morning(day, zone), at)


@flow(name="morning-digest", persist_result=False)
@contained("morning-digest")
async def morning_digest(
    at: datetime | None = None, day: date | None = None, zone: str = "Europe/London"
) -> dict[str, int]:
    """Address the digests of one local working day, by hand the newest morning's; returns counts."""
    at = at or now()
    counts = await digest_now(at, day or newest_morning(at, zone).day, zone)
    await table("morning-digest-counts", [counts], "Who had a digest")
    return counts
