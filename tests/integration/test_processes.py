"""The programs that run for ever: one runner, one `up` in a home, a clean stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import pytest

from config.errors import PathwayError
from flows import clock
from flows.due import DEADLINES, EVENTS, EVERYTHING, LETTERS
from flows.server import PrefectServerError
from flows.wake import Waker
from pathway import processes
from pathway.processes import Runner, only_one, until_stopped


@pytest.fixture(autouse=True)
def logging_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """These programs set up logging for good; a test must not."""
    monkeypatch.setattr(processes, "set_up_logs", lambda: None)


class Looks:
    """Stands in for the clock's `fire`: keeps what was looked for, and can fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, runner: Runner, stop: asyncio.Event) -> None:
        self.kept: list[set[str]] = []
        self.rings: list[frozenset[str]] = []
        self.fails = False
        self.runner, self.stop = runner, stop
        monkeypatch.setattr(clock, "fire", self.fire)

    async def fire(self, names: Collection[str], at: datetime) -> None:
        """A look, during which the next ring comes; after the last one it is time to stop."""
        self.kept.append(set(names))
        if self.rings:
            self.runner.ring(self.rings.pop(0))
        else:
            self.stop.set()
        if self.fails:
            raise LookupError("no such table")


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    """A runner's looks."""
    return Looks(monkeypatch, Runner(Waker(), quiet_seconds=0.01), asyncio.Event())


async def test_the_first_look_is_for_everything(looks: Looks) -> None:
    """Whatever became due while nothing ran."""
    await looks.runner.run(looks.stop)
    assert looks.kept == [set(EVERYTHING)]


async def test_a_ring_during_a_look_is_not_lost(looks: Looks) -> None:
    """The clock rings while the runner is at work: it looks again for just that."""
    looks.rings = [frozenset({DEADLINES}), frozenset({LETTERS, EVENTS})]
    await looks.runner.run(looks.stop)
    assert looks.kept[1:] == [{DEADLINES}, {LETTERS, EVENTS}]


async def test_a_look_that_fails_ends_nothing(looks: Looks) -> None:
    """The database was locked, say: the next look comes."""
    looks.fails = True
    looks.rings = [frozenset({DEADLINES})]
    await looks.runner.run(looks.stop)
    assert len(looks.kept) == 2


async def test_a_wake_looks_for_what_was_recorded(looks: Looks) -> None:
    """Woken without a ring, it follows up events and sends letters."""
    looks.rings = [frozenset()]
    await looks.runner.run(looks.stop)
    assert looks.kept[1:] == [{EVENTS, LETTERS}]


def test_a_second_up_is_refused(home: Path) -> None:
    """One PATHWAY_HOME, one `up`: the error says where and which process."""
    with (
        only_one(),
        pytest.raises(PathwayError, match=f"already running in .* \\(process {os.getpid()}\\)"),
        only_one(),
    ):
        pass
    with only_one():
        pass


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_it_cleanly(sign: signal.Signals) -> None:
    """What is served is told, and finishes by itself."""
    ended: list[bool] = []

    async def serve(stop: asyncio.Event) -> None:
        os.kill(os.getpid(), sign)
        await stop.wait()
        ended.append(True)

    await asyncio.wait_for(until_stopped(serve), 10)
    assert ended == [True]


async def test_an_error_of_what_is_served_is_told() -> None:
    """It is the command's own."""

    async def serve(stop: asyncio.Event) -> None:
        raise PathwayError("the record is of a newer version")

    with pytest.raises(PathwayError, match="newer version"):
        await until_stopped(serve)


class Server:
    """Stands in for Prefect's server: cannot start at first, then ends by itself, then lives."""

    starts = 0
    pages = "http://127.0.0.1:4200"

    def __init__(self, *_: object, **__: object) -> None:
        Server.starts += 1

    async def __aenter__(self) -> Server:
        if Server.starts == 1:
            raise PrefectServerError("Prefect's server ended with code 1")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to stop."""

    async def ended(self) -> None:
        """At once the first time."""
        if Server.starts > 2:
            await asyncio.Event().wait()


async def test_prefects_server_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """`up` goes on without it, and keeps trying."""
    monkeypatch.setattr(processes, "PrefectServer", Server)
    monkeypatch.setattr(processes, "RESTART_SECONDS", 0.0)
    settled = asyncio.Event()
    keeping = asyncio.create_task(processes._keep_prefect(settled))
    await asyncio.wait_for(settled.wait(), 5)
    await asyncio.sleep(0.05)
    keeping.cancel()
    await asyncio.wait({keeping})
    assert Server.starts == 3


async def test_a_worker_needs_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one the command says what to set."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with pytest.raises(PathwayError, match="set PREFECT_API_URL"):
        await processes.worker()
