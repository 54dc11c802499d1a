"""A concern's history: events are only ever added, and each carries the hash of the one before.

Whoever edits, removes or swaps a line breaks the chain from there on; `broken_links` shows where.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from models.record import Concern, Event


def seal(concern: Concern, event: Event) -> None:
    """Number the event, link it to the one before, and move the concern's head of the chain and its last change."""
    concern.events += 1
    event.number = concern.events
    event.previous_hash = concern.chain_head
    event.hash = digest(event)
    concern.chain_head = event.hash
    concern.changed_at = event.recorded_at


def digest(event: Event) -> str:
    """SHA-256 over everything an event says (all but when it was followed up) and the hash before."""
    said: dict[str, Any] = {
        "concern": str(event.concern_id),
        "number": event.number,
        "kind": event.kind,
        "happened_at": _instant(event.happened_at),
        "recorded_at": _instant(event.recorded_at),
        "by": str(event.by_id),
        "because": event.because,
        "fields": event.fields,
        "task": str(event.task_id),
        "observation": str(event.observation_id),
        "opened": event.opened,
        "closed": event.closed,
        "stage": str(event.stage),
        "previous": event.previous_hash,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def broken_links(concern: Concern, events: Sequence[Event]) -> list[str]:
    """What is wrong with a concern's chain, a line each; empty when it is whole. `events` in order of number."""
    wrong: list[str] = []
    before = ""
    for place, event in enumerate(events, start=1):
        if event.number != place:
            wrong.append(f"{concern.reference}: event {place} is missing")
            break
        if event.previous_hash != before or event.hash != digest(event):
            wrong.append(f"{concern.reference}: event {event.number} was changed after it was recorded")
        before = event.hash
    if not wrong and (len(events) != concern.events or before != concern.chain_head):
        wrong.append(f"{concern.reference}: the last of its {concern.events} events are missing")
    return wrong
