"""`pathway up`: everything on one machine, from its start to the end of its last process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import people
from tests.acceptance.browser.serving import free_port
from tests.acceptance.conftest import Shelf
from tests.acceptance.post import Post
from tests.acceptance.program import PATIENCE, Pathway, Result, eventually, side_by_side

SECONDS = 60.0  # between the command's end and the letter, on a machine that may be busy; two when it is not


@dataclass
class Up:
    """What was seen while it ran, and how it ended."""

    told_after: float
    pages: list[int]
    said: str
    status: dict[str, Any]
    second: Result
    code: int
    left: list[int]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def up(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """`up` with a Prefect server of its own; one observation logged; asked how it is; a second `up`; SIGTERM."""
    with Post() as post:
        port = str(free_port())
        pathway = Pathway(shelf.take("loaded", tmp_path_factory.mktemp("up")), post, {"PATHWAY_WEB_PORT": port})
        process = pathway.start("up", now=None)
        try:
            eventually((pathway.home / "runner.json").exists, "the runner listens")
            seen = f"{datetime.now(UTC):%Y-%m-%dT%H:%M}Z"
            pathway.log(people.AMIRA, people.TEACHER, seen, now=None)
            logged = time.monotonic()
            eventually(lambda: post.to(people.DSL), "the DSL has mail", SECONDS)
            told_after = time.monotonic() - logged
            pages = [eventually(lambda: _pages(pathway), "pages answer")]
            os.kill(pages[0], signal.SIGKILL)
            pages += [eventually(lambda: _pages(pathway, pages[0]), "pages answer again")]
            status, second = side_by_side(
                lambda: pathway.ok("status", "--json", now=None), lambda: pathway.run("up", now=None)
            )
            family = _family(process.pid)
            code, left, said = _end(process, family)
        finally:
            process.kill()
            process.communicate()
        after = pathway.ok("status", "--json", now=None).json
        yield Up(told_after, pages, said, status.json, second, code, left, after)


def _pages(pathway: Pathway, but: int = 0) -> int:
    """The process that serves pages now, another than `but`; 0 without one."""
    try:
        left = json.loads((pathway.home / "web.json").read_text("utf-8"))
        answer = httpx.get(f"{left['url']}/health", trust_env=False, timeout=5)
    except (OSError, ValueError, httpx.HTTPError):
        return 0
    return int(left["pid"]) if answer.text == "ok" and left["pid"] != but else 0


def _end(process: subprocess.Popen[str], family: list[int]) -> tuple[int, list[int], str]:
    """Ask it to end; its exit code, which of its processes are still there, and what it said."""
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, [pid for pid in family if _lives(pid)], said


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents = {int(stat.parent.name): _parent(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    except FileNotFoundError:  # it has ended meanwhile
        return 0


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_up_tells_the_dsl_at_once(up: Up) -> None:
    """What is logged while it runs is told within seconds, with no tick and no wait for the clock."""
    assert up.told_after < SECONDS


def test_up_says_what_runs_and_what_waits(up: Up) -> None:
    """`status` says that it runs, where Prefect is, and what it did; and afterwards that it does not run."""
    assert up.status["up"] is True
    assert up.status["prefect"].startswith("http://127.0.0.1:")
    assert up.status["waits"]["open_concerns"] == 1
    assert {"log-concern", "tell-people"} <= {one["flow"] for one in up.status["flows"]}
    assert (up.after["up"], up.after["prefect"]) == (False, None)


def test_up_serves_the_pages(up: Up) -> None:
    """In a process of their own, which is started again when it dies; and it says where they are."""
    assert all(up.pages)
    assert up.pages[0] != up.pages[1]
    assert "Pages: http://127.0.0.1:" in up.said
    assert "/mailbox" not in up.said  # these letters go to a mail server


def test_up_is_refused_a_second_time(up: Up) -> None:
    """A second `up` over the same record says which process runs there, and changes nothing."""
    assert up.second.code == 2
    assert up.second.err.startswith("pathway: up: already running in ")


def test_up_ends_with_all_its_processes(up: Up) -> None:
    """SIGTERM ends it well, and Prefect's server and the pages with it."""
    assert (up.code, up.left) == (0, [])
