"""Keeping a program going beside others: started again when it dies, waited for at the start, ended at the end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

Keep = Callable[[asyncio.Event], Awaitable[None]]


@asynccontextmanager
async def kept(stop: asyncio.Event, keep: Keep) -> AsyncIterator[None]:
    """`keep(settled)` goes on until this is left; it is entered when `settled` is set, or `stop`."""
    settled = asyncio.Event()
    keeping = asyncio.ensure_future(keep(settled))
    await first(settled.wait(), stop.wait())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


async def first(*waits: Coroutine[Any, Any, Any]) -> None:
    """Until the first of these ends; the others are given up."""
    tasks = {asyncio.create_task(one) for one in waits}
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
