"""Flows of the tests' own, as the program's are made: one that works, one that meets a child's name in an error."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.artifacts import table
from flows.containment import SafeError, contained

NAME = "Amira Haddad"
WORDS = "I sleep in my coat because the heating is off"


@task(name="count-chunk", cache_policy=NO_CACHE, persist_result=False)
@contained("count-chunk")
async def count_chunk(event_ids: list[str]) -> int:
    """How many they are."""
    return len(event_ids)


@flow(name="count-events", persist_result=False)
@contained("count-events")
async def count_events(at: datetime, event_ids: list[str]) -> dict[str, int]:
    """A task run for each pair of events, and a table."""
    pairs = [event_ids[start : start + 2] for start in range(0, len(event_ids), 2)]
    counts = {"events": sum([await count_chunk(pair) for pair in pairs])}
    await table("count-events", [{**counts, "concern": "NC-2026-00042", "note": NAME}], "What was counted")
    return counts


@task(name="tell-child", cache_policy=NO_CACHE, persist_result=False)
@contained("tell-child")
async def tell_child(concern: str) -> None:
    """An error whose text and cause hold what must not leave."""
    child = {"name": NAME, "words": WORDS}
    try:
        raise KeyError(child["name"])
    except KeyError as error:
        raise ValueError(f"{child['name']}: {child['words']}") from error


@flow(name="leak", persist_result=False)
@contained("leak")
async def leak(at: datetime, concern: str) -> dict[str, int]:
    """A task that fails, and after it an error of the flow's own."""
    with suppress(SafeError):
        await tell_child(concern)
    return {"words": int(f"{NAME}: {WORDS}")}
