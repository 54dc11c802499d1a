"""Prefect by itself: a flow of empty tasks. To be imported when Prefect's settings are settled."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from tests.bench.figures import lap


@task(name="empty", cache_policy=NO_CACHE, persist_result=False)
async def empty() -> None:
    """Nothing."""


@flow(name="bare", persist_result=False)
async def bare(count: int) -> float:
    """Run `count` empty tasks one after the other; seconds of the tasks alone, without the flow run around them."""
    with lap() as taken:
        for _ in range(count):
            await empty()
    return taken.seconds
