"""Follow up early help: screening of grades and levels; the lead, the DSL and owners of actions are told.

Runs after its events: when early help was decided, consented to, refused, assessed, or stepped down to.
Safe to run twice: an event's consequences are committed together with its `followed_up_at`, so a second run finds
nothing to do and a killed one has done nothing.
"""

from datetime import datetime

from prefect import flow

from flows.containment import contained
from flows.stages import follow_up_batch


@flow(name="early-help", persist_result=False)
@contained("early-help")
async def early_help(at: datetime | None = None, event_ids: list[str] | None = None) -> dict[str, int]:
    """Follow up a batch of event ids at the instant `at` (UTC), by hand all that wait, now; returns counts."""
    return await follow_up_batch("early-help", event_ids, at)
