"""Follow up what was logged: screening for patterns and refused consent; the DSL and the observer are told.

Runs after its events: when an observation was logged, joined or withdrawn, or a concern reopened.
Safe to run twice: an event's consequences are committed together with its `followed_up_at`, so a second run finds
nothing to do and a killed one has done nothing.
"""

from datetime import datetime

from prefect import flow

from flows.containment import contained
from flows.stages import follow_up_batch


@flow(name="log-concern", persist_result=False)
@contained("log-concern")
async def log_concern(at: datetime | None = None, event_ids: list[str] | None = None) -> dict[str, int]:
    """Follow up a batch of event ids at the instant `at` (UTC), by hand all that wait, now; returns counts."""
    return await follow_up_batch("log-concern", event_ids, at)
