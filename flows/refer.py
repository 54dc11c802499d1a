"""Follow up referrals: the document a front door reads is written; front door and referrer are told.

Runs after its events: when a referral was raised, sent, stopped, acknowledged, decided or disputed.
Safe to run twice: an event's consequences are committed together with its `followed_up_at`, so a second run finds
nothing to do and a killed one has done nothing.
"""

from datetime import datetime

from prefect import flow

from flows.containment import contained
from flows.stages import follow_up_batch


@flow(name="refer", persist_result=False)
@contained("refer")
async def refer(at: datetime | None = None, event_ids: list[str] | None = None) -> dict[str, int]:
    """Follow up a batch of event ids at the instant `at` (UTC), by hand all that wait, now; returns counts."""
    return await follow_up_batch("refer", event_ids, at)
