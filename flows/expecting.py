"""When each flow is next looked at, reckoned from the clock's own triggers without running a clock."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flows.clock import ALIVE, DailyAt, ticks
from flows.due import BRIDGE, DEADLINES, DIGEST, LETTERS, PACK, PURGE, RECONCILE

# What a flow's run is certain of: check-deadlines runs each quarter although nothing is due, to show that it is alive.
_BY = {DEADLINES: ALIVE, LETTERS: LETTERS, BRIDGE: BRIDGE, RECONCILE: RECONCILE, PURGE: PURGE}


def next_looks(at: datetime) -> Mapping[str, datetime]:
    """By flow, the first instant (UTC) after `at` at which the clock looks for its work; stage flows have none.

    For the digest and the packs it is their own hour; the quarters between only catch up on one that was missed.
    """
    found = {flow: min(_fires(name, at)) for flow, name in _BY.items()}
    return {**found, **{flow: min(_fires(flow, at, daily=True)) for flow in (DIGEST, PACK)}}


def _fires(name: str, at: datetime, *, daily: bool = False) -> list[datetime]:
    return [
        trigger.get_next_fire_time(None, at).astimezone(UTC)
        for trigger, names in ticks()
        if name in names and (not daily or isinstance(trigger, DailyAt))
    ]
