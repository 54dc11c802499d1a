"""The program from outside: its commands as processes of their own, in a PATHWAY_HOME of the scenario's own.

    pathway.log(people.AMIRA, people.TEACHER, "2026-03-02T10:00")
    pathway.tick("2026-03-02T10:00")
    pathway.do("dsl_review", "monitor", people.DSL, "2026-03-02T11:00", reason="…")

Instants are London's, as text. What is run to its end is copied from a process that has the program loaded (warm.py);
what is started, to be left running, told to end or killed, is started as a person would.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest

from tests.acceptance.post import HOST, Post
from tests.acceptance.warm import Warm

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0  # seconds: the machine may be busy with other things
SIDE_BY_SIDE = 2
# Where nothing answers: a Prefect server that is down.
PREFECT_IS_DOWN = "http://127.0.0.1:9/api"
START = "2026-03-02T10:00"
REFERENCE = "NC-2026-00001"
T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """How a command ended: its exit code, and what it said."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


def environment(told: Mapping[str, str]) -> dict[str, str]:
    """The environment of a program that is started: nothing of ours but what it is told."""
    ours = ("PATHWAY_", "PREFECT_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**inherited, "PYTHONPATH": str(ROOT), **told}


def side_by_side(*calls: Callable[[], T]) -> list[T]:
    """Run calls in threads, as many at once as there are cores; their results in the order given."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return list(pool.map(lambda call: call(), calls))


def eventually(found: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """Ask again and again until the answer is true; returns it. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.02)
    return answer


@dataclass
class Pathway:
    """The program in one PATHWAY_HOME, with one mail server; `told` is what its environment says besides."""

    home: Path
    post: Post
    warm: ClassVar[Warm | None] = None
    told: dict[str, str] = field(default_factory=dict)
    said: list[Result] = field(default_factory=list)

    def start(self, *words: str, now: str | None = START) -> subprocess.Popen[str]:
        """Start a command and leave it running; `now` None is the wall clock."""
        return subprocess.Popen(
            [sys.executable, "-m", "pathway", *words],
            cwd=ROOT,
            env=self.environment(now),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *words: str, now: str | None = START, stdin: str | None = None, seconds: float | None = PATIENCE
    ) -> Result:
        """Run a command to its end, with `stdin` for its standard input; `seconds` None is however long it takes."""
        assert self.warm is not None, "the session's fixtures start what commands are copied from"
        result = Result(words, *self.warm.run(words, self.environment(now), stdin, seconds))
        self.said.append(result)
        return result

    def environment(self, now: str | None) -> dict[str, str]:
        """What the environment of a command is."""
        mail = {"PATHWAY_SMTP_HOST": HOST, "PATHWAY_SMTP_PORT": str(self.post.port), "PATHWAY_SMTP_TLS": "none"}
        told = {"PATHWAY_HOME": str(self.home), **mail, **({"PATHWAY_NOW": now} if now else {}), **self.told}
        return environment({name: value for name, value in told.items() if value})

    def ok(self, *words: str, now: str | None = START, stdin: str | None = None) -> Result:
        """Run a command that must succeed."""
        result = self.run(*words, now=now, stdin=stdin)
        if result.code != 0:
            pytest.fail(f"pathway {' '.join(words)} ended with {result.code}: {result.err}{result.out}")
        return result

    def log(self, child: str, who: str, seen: str, /, *, now: str | None = "", **fields: Any) -> str:
        """Log an observation, seen when it is logged; what is not given is filled in. Returns the reference."""
        form = {
            "child": child,
            "seen_at": seen,
            "place": "classroom",
            "what": "Came without a coat and asked twice whether there was anything to eat.",
            "child_words": "I am cold.",
            "types": ["physical"],
        } | fields
        said = self.ok(
            "log", "--file", "-", "--as", who, "--json", now=seen if now == "" else now, stdin=json.dumps(form)
        )
        return str(said.json["reference"])

    def do(self, kind: str, move: str, who: str, now: str, /, *, concern: str = REFERENCE, **fields: Any) -> Result:
        """Make a move on the one open task of that kind."""
        return self.do_task(self.task(kind, concern), move, who, now, **fields)

    def do_task(self, task: str, move: str, who: str, now: str, /, **fields: Any) -> Result:
        """Make a move on a task."""
        return self.ok("do", task, move, "--file", "-", "--as", who, "--json", now=now, stdin=json.dumps(fields))

    def tick(self, now: str) -> Result:
        """Do everything that is due."""
        return self.ok("tick", now=now)

    def tasks(self, now: str) -> list[dict[str, Any]]:
        """The open tasks."""
        return list(self.ok("tasks", "--json", now=now).json)

    def show(self, now: str, reference: str = REFERENCE) -> dict[str, Any]:
        """One concern whole."""
        return dict(self.ok("show", reference, "--json", now=now).json)

    def check(self, now: str) -> Result:
        """The reconciler; it may find something."""
        return self.run("check", "--json", now=now)

    def task(self, kind: str, concern: str = REFERENCE) -> str:
        """The id of the open task of that kind, looked up in the record: a command would cost as much as the move."""
        found = self.rows(
            "SELECT task.id FROM task JOIN concern ON concern.id = task.concern_id"
            " WHERE kind = ? AND reference = ? AND task.closed_at IS NULL",
            kind,
            concern,
        )
        assert len(found) == 1, f"{len(found)} open tasks of kind {kind}"
        return str(found[0][0])

    @property
    def record(self) -> Path:
        """The record's file."""
        return self.home / "pathway.db"

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look at the record's file."""
        with closing(sqlite3.connect(f"file:{self.record}?mode=ro", uri=True, timeout=PATIENCE)) as record:
            return record.execute(statement, values).fetchall()

    def plant(self, statement: str, *values: Any) -> int:
        """Change the record behind the program's back; returns how many rows that was."""
        with closing(sqlite3.connect(self.record, timeout=PATIENCE)) as record, record:
            return record.execute(statement, values).rowcount

    @contextmanager
    def held_still(self) -> Iterator[sqlite3.Connection]:
        """Hold the record's write lock: for as long as this lasts nobody writes."""
        with closing(sqlite3.connect(self.record, timeout=PATIENCE, isolation_level=None)) as record:
            record.execute("BEGIN IMMEDIATE")
            yield record
            record.execute("ROLLBACK")

    def dump(self) -> list[str]:
        """Every row of every table, to compare before and after."""
        with closing(sqlite3.connect(f"file:{self.record}?mode=ro", uri=True, timeout=PATIENCE)) as record:
            return list(record.iterdump())
