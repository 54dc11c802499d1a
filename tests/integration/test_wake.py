"""Waking the runner: from another process within a second, and never in anybody's way."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.wake import Waker, runner_address, runner_file, wake
from tests.repository.reading import ROOT


async def test_another_process_wakes_the_runner(home: Path) -> None:
    """What a command sends arrives at a runner that waits."""
    async with Waker() as waker:
        waiting = asyncio.create_task(waker.wait(30))
        environment = {**os.environ, "PATHWAY_HOME": str(home)}
        code = "from flows.wake import wake; wake()"
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], env=environment, cwd=ROOT, check=True)
        assert await asyncio.wait_for(waiting, 1)


async def test_a_wake_while_nobody_waits_is_kept() -> None:
    """The runner was at work: it looks again afterwards, once for several wakes."""
    async with Waker() as waker:
        wake()
        wake()
        await asyncio.sleep(0.05)
        assert await waker.wait(0)
        assert not await waker.wait(0)


async def test_waiting_ends_without_a_wake() -> None:
    """The runner looks from time to time whatever happens."""
    async with Waker() as waker:
        assert not await waker.wait(0.01)


async def test_a_waker_without_an_ear_is_woken_from_within() -> None:
    """The clock of many machines needs no port."""
    waker = Waker()
    waker.wake()
    assert await waker.wait(0)


async def test_the_address_is_there_while_it_listens() -> None:
    """For the owner alone, and gone afterwards."""
    async with Waker():
        address = runner_address()
        assert address
        assert stat.S_IMODE(runner_file().stat().st_mode) == 0o600
    assert runner_address() is None
    assert not runner_file().exists()


def dead_process() -> int:
    """The id of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


@pytest.mark.parametrize("left", ["", "{", "[]", "{}", '{"port": "x", "pid": 1}', '{"port": 99999999, "pid": 1}'])
def test_a_broken_address_wakes_nobody(left: str) -> None:
    """Nobody who records something hears of it."""
    runner_file().write_text(left, "utf-8")
    wake()


def test_a_runner_that_was_killed_is_none() -> None:
    """It could not take its address away."""
    runner_file().write_text(json.dumps({"port": 9, "pid": dead_process()}), "utf-8")
    assert runner_address() is None
    wake()


def test_waking_takes_no_time() -> None:
    """With and without a runner it is a few milliseconds."""
    began = time.monotonic()
    for _ in range(20):
        wake()
    assert time.monotonic() - began < 1
