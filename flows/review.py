"""Follow up reviews: screening of grades; whoever owes something next is told.

Runs after its events: when a review was held or postponed, or an action done or not done.
Safe to run twice: an event's consequences are committed together with its `followed_up_at`, so a second run finds
nothing to do and a killed one has done nothing.
"""

from datetime import datetime

from prefect import flow

from flows.containment import contained
from flows.stages import follow_up_batch


@flow(name="review", persist_result=False)
@contained("review")
async def review(at: datetime | None = None, event_ids: list[str] | None = None) -> dict[str, int]:
    """Follow up a batch of event ids at the instant `at` (UTC), by hand all that wait, now; returns counts."""
    return await follow_up_batch("review", event_ids, at)
