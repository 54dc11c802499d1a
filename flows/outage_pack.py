"""The outage pack: each evening, to whoever asked for it, what is open and whom to telephone, encrypted for its reader.

Runs on working days at the default policy's `outage_pack_at` (17:30 London), catching up when late: only the newest
missed evening is sent. Safe to run twice: a letter's unique key is the person and the day. The flow knows days and
counts alone; the pack is made when its letter goes (notifications.packing) and is kept nowhere.
"""

from datetime import date, datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from config.time import now
from flows.artifacts import table
from flows.containment import contained
from flows.evenings import Evening, address_packs, newest_evening
from models.database import engine, reading


@task(name="address-packs", cache_policy=NO_CACHE, persist_result=False)
@contained("address-packs")
async def address_evening(at: datetime, day: date, as_of: datetime) -> dict[str, int]:
    """Address one evening's packs."""
    return await address_packs(engine(), Evening(day, as_of), at)


@flow(name="outage-pack", persist_result=False)
@contained("outage-pack")
async def outage_pack(
    at: datetime | None = None, day: date | None = None, as_of: datetime | None = None
) -> dict[str, int]:
    """Address the packs of one working day, by hand the newest evening's; returns counts."""
    at = at or now()
    if day is None or as_of is None:
        async with reading(engine()) as session:
            evening = await newest_evening(session, at)
        day, as_of = evening.day, evening.as_of
    counts = await address_evening(at, day, as_of)
    await table("outage-pack-counts", [counts], "Who had an outage pack")
    return counts
