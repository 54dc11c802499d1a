"""Prefect by itself: a flow of empty tasks. To be imported when Prefect's settings are settled."""

from __future__ import annotations

import asyncio

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


@flow(name="bare-at-once", persist_result=False)
async def bare_at_once(count: int) -> float:
    """The same, all at once."""
    with lap() as taken:
        await asyncio.gather(*(empty() for _ in range(count)))
    return taken.seconds
