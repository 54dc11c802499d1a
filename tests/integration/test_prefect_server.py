"""Prefect's server: where it answers, what it is told, and that it never outlives whoever started it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.environment import DEFAULTS, prefect_environment, prefect_home
from config.settings import settings
from flows.dispatch import POOL, make_pool
from flows.server import (
    PrefectServer,
    PrefectServerError,
    address_file,
    answers,
    client,
    fresh_log,
    known_address,
    prefect_address,
)
from flows.workers import AtPrefect, at_prefect, run_address
from tests import people
from tests.repository.reading import ROOT


def leave(url: str, pid: int) -> None:
    """What `up` leaves."""
    address_file().write_text(json.dumps({"url": url, "pid": pid}), "utf-8")


def environment_of(pid: int) -> dict[str, str]:
    """What a running program was started with."""
    read = Path(f"/proc/{pid}/environ").read_text("utf-8").split("\0")
    return dict(entry.split("=", 1) for entry in read if "=" in entry)


def process(server: PrefectServer) -> int:
    """The id of the server's process."""
    assert server._process is not None
    return server._process.pid


@pytest.fixture(autouse=True)
def told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No PREFECT_API_URL, whatever this machine has."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


async def test_the_watch_knows_the_workers(prefect_server: PrefectServer) -> None:
    """None before one was ever started; then each by name, while it is heard."""
    leave(prefect_server.url, process(prefect_server))
    assert await at_prefect() == AtPrefect(prefect_server.pages, ())
    await make_pool(prefect_server.url)
    async with client(prefect_server.url) as worker:
        await worker.post(f"{prefect_server.url}/work_pools/{POOL}/workers/heartbeat", json={"name": "first"})
    known = await at_prefect()
    assert [(one.name, one.online) for one in known.workers or ()] == [("first", True)]
    assert run_address(known.pages, "a-run") == f"{prefect_server.pages}/runs/flow-run/a-run"
    async with client(prefect_server.url) as worker:  # the next test of this server finds it without one
        await worker.delete(f"{prefect_server.url}/work_pools/{POOL}")


async def test_the_address_that_up_left_is_found(prefect_server: PrefectServer) -> None:
    """A command of the same PATHWAY_HOME uses the server of `up`."""
    leave(prefect_server.url, process(prefect_server))
    assert await prefect_address() == prefect_server.url


async def test_the_environment_has_the_first_word(
    prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PREFECT_API_URL, with or without a slash at its end."""
    leave("http://127.0.0.1:9/api", os.getpid())
    monkeypatch.setenv("PREFECT_API_URL", prefect_server.url + "/")
    assert await prefect_address() == prefect_server.url


async def test_without_a_server_there_is_no_address() -> None:
    """Nothing set, nothing left."""
    assert known_address() is None
    assert await prefect_address() is None


@pytest.mark.parametrize("left", ["", "{", "[]", "{}", '{"url": 1}', '{"pid": "x", "url": "y"}'])
async def test_a_broken_address_is_none(left: str) -> None:
    """A file that was cut off is no reason to fail."""
    address_file().write_text(left, "utf-8")
    assert await prefect_address() is None


async def test_a_server_that_hangs_counts_as_none() -> None:
    """It takes connections and never answers: known within about a second."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/api"
        began = time.monotonic()
        assert not await answers(url)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/api", "no address", "http://[/api", "ftp://127.0.0.1/api"])
async def test_nonsense_does_not_answer(url: str) -> None:
    """A slip in PREFECT_API_URL leaves what is due to the plain functions."""
    assert not await answers(url)


def test_the_server_is_told_no_secrets(prefect_server: PrefectServer) -> None:
    """None of our settings: not the mail server's password, not the record's address."""
    told = environment_of(process(prefect_server))
    assert not [name for name in told if name.startswith("PATHWAY_")]
    assert people.CHILD_WORDS not in told.values()


def test_the_server_tells_nobody(prefect_server: PrefectServer) -> None:
    """No telemetry, no promotion, files in its own folder, old runs forgotten."""
    told = environment_of(process(prefect_server))
    assert {name: told.get(name) for name in DEFAULTS} == DEFAULTS
    assert (Path(told["PREFECT_HOME"]) / "prefect.db").exists()


def test_what_an_administrator_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours are defaults."""
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    told = prefect_environment("http://127.0.0.1:4200/api")
    assert told["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert told["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"
    assert told["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"


def test_programs_find_home_from_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker runs flows in folders of its own: PATHWAY_HOME is absolute for it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATHWAY_HOME", "here")
    settings.cache_clear()
    assert prefect_environment()["PATHWAY_HOME"] == str(tmp_path / "here")


def test_prefect_lives_in_our_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Unless PREFECT_HOME says otherwise."""
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    assert prefect_home() == home / "prefect"
    monkeypatch.setenv("PREFECT_HOME", "/srv/prefect")
    assert prefect_home() == Path("/srv/prefect")


def test_a_taken_port_is_passed_over() -> None:
    """Somebody else's Prefect on 4200 is left alone."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        assert PrefectServer(taken).port != taken


async def test_a_server_that_cannot_start_is_a_clear_error(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """The error names the log of what it said; nothing is left behind."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    server = PrefectServer(shared=True)
    with pytest.raises(PrefectServerError, match=r"ended with code \d+; what it said is in .*prefect-server\.log"):
        await server.__aenter__()
    assert not address_file().exists()
    assert (home / "logs" / "prefect-server.log").exists()


def test_the_log_of_the_run_before_is_kept(home: Path) -> None:
    """A server that is started again does not take away what the last one said."""
    log = home / "logs" / "prefect-server.log"
    for said in (b"first", b"second"):
        with fresh_log(log) as output:
            output.write(said)
    assert (log.read_bytes(), log.with_suffix(".log.1").read_bytes()) == (b"second", b"first")


PARENT = """
import asyncio
from flows.server import PrefectServer

async def main():
    server = PrefectServer()
    process = await server._start()
    print(process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_a_server_ends_with_whoever_started_it(home: Path) -> None:
    """`up` or `tick` killed outright leaves no server running."""
    environment = {**os.environ, "PREFECT_HOME": str(home / "prefect")}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, env=environment, cwd=ROOT, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    await becomes(lambda: is_gone(child) or "pydantic_core" in Path(f"/proc/{child}/maps").read_text("utf-8"))
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await becomes(lambda: is_gone(child))


async def becomes(condition: Callable[[], bool]) -> None:
    """Wait until it is so; another process cannot be awaited."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # another process sets no event
            await asyncio.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Whether a process has ended, its body taken away or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
