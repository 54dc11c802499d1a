"""`pathway tick`: everything due at this instant, repeated until nothing is."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from config.settings import settings
from config.time import now, say_instant
from flows.due import Ran, run_due
from flows.starting import temporary_server
from pathway.letterbox import letterbox
from pathway.printing import as_json, progress, say
from pathway.session import record_is_there

MOST_PASSES = 50


async def tick(json: bool) -> int:
    """Print what was done; exit code 1 when a step failed."""
    await record_is_there()
    at = now()
    async with one_tick_at_a_time(), letterbox(), temporary_server():
        ran = await tick_until_done(at)
    if json:
        as_json([{"flow": one.flow, "counts": one.counts, "failed": one.failed} for one in ran])
    else:
        _print(ran, at)
    return 1 if any(one.failed for one in ran) else 0


async def tick_until_done(at: datetime) -> list[Ran]:
    """Pass after pass until one does nothing."""
    done: list[Ran] = []
    with progress("doing what is due") as step:
        for _ in range(MOST_PASSES):
            ran = await run_due(at)
            done += ran
            step(len(ran))
            if not any(one.did_something for one in ran):
                break
    return done


def _print(ran: list[Ran], at: datetime) -> None:
    if not ran:
        say(f"Nothing is due at {say_instant(at)}.")
    for one in ran:
        counts = ", ".join(
            f"{name} {count}" for name, count in (one.counts or {}).items() if count and name != "seconds"
        )
        said = f"FAILED: {one.failed} (the log has it under that id)" if one.failed else counts or "nothing to do"
        say(f"{one.flow}: {said}")


@asynccontextmanager
async def one_tick_at_a_time() -> AsyncIterator[None]:
    """Hold the lock in PATHWAY_HOME; a second tick waits here."""
    settings().home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings().home / "tick.lock").open("w") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
