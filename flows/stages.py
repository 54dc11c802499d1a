"""What the five stage flows share: a task run for each chunk of a batch of events."""

from collections.abc import Sequence
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from config.time import now
from flows.artifacts import table
from flows.containment import contained
from flows.following import chunks, follow_up, waiting_events
from models.database import engine, reading
from models.record import Stage


@task(name="follow-up", cache_policy=NO_CACHE, persist_result=False)
@contained("follow-up")
async def follow_up_chunk(event_ids: list[str], at: datetime) -> dict[str, int]:
    """One chunk, one transaction."""
    (ids,) = chunks(event_ids)
    return await follow_up(engine(), ids, at)


async def follow_up_batch(flow: str, event_ids: Sequence[str] | None, at: datetime | None) -> dict[str, int]:
    """Follow up a batch at Prefect, and leave a table of what was done; without a batch, whatever waits now."""
    at = at or now()
    counts = {"events": 0, "letters": 0}
    for ids in chunks(await _waiting(flow) if event_ids is None else event_ids):
        done = await follow_up_chunk([str(one) for one in ids], at)
        counts = {name: counts[name] + done[name] for name in counts}
    await table(f"{flow}-counts", [counts], f"What {flow} did")
    return counts


async def _waiting(flow: str) -> list[str]:
    async with reading(engine()) as session:
        return [str(one) for one in await waiting_events(session, Stage(flow))]
