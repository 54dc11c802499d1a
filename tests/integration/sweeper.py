"""Sweeps in processes of their own: `python -m tests.integration.sweeper URL AT 8`, or `… URL AT addressing`.

So many processes sweep at the same moment, and each writes its counts as a line of JSON. Told to stop at a point
instead, one process says "here" in the middle of its transaction and never goes on: whoever started it kills it there.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import models.sweep
from config.time import read_instant
from flows import sweeping
from models.database import make_engine

Step = Callable[..., Awaitable[Any]]
# Where a sweep can be stopped: after the letters of a chunk, and after a lapse; both before the commit.
POINTS = {"addressing": (sweeping, "address"), "lapsing": (models.sweep, "_lapse")}


def say(line: str) -> None:
    """One line to whoever started us."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def sweep(url: str, at: str) -> None:
    """Sweep once, and say what was done."""
    engine = make_engine(url)
    counts = await sweeping.sweep(engine, read_instant(at, "at"))
    await engine.dispose()
    say(json.dumps(counts))


def stop_at(point: str) -> None:
    """From now on a sweep does this step, and then no more."""
    where, name = POINTS[point]
    step: Step = vars(where)[name]

    async def stopping(*given: Any) -> None:
        await step(*given)
        say("here")
        await asyncio.Event().wait()

    setattr(where, name, stopping)


def sweep_together(url: str, at: str, count: int) -> None:
    """So many processes, which begin only when all of them are there. Forked: what is imported is imported once."""
    forked = multiprocessing.get_context("fork")
    together = forked.Barrier(count)

    def one() -> None:
        together.wait()
        asyncio.run(sweep(url, at))

    processes = [forked.Process(target=one) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def main(url: str, at: str, how: str) -> None:
    """Many sweeps at once, or one that stops."""
    if how in POINTS:
        stop_at(how)
        asyncio.run(sweep(url, at))
    else:
        sweep_together(url, at, int(how))


if __name__ == "__main__":
    main(*sys.argv[1:])
