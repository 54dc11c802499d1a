"""The whole deadline sweep (claim, events, letters addressed): as many due among many open tasks as among few.

The sweep is ours both times; what is measured is that its cost grows with what is due, and not with what is open.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from config.settings import settings
from flows.sweeping import sweep
from models.database import make_engine
from models.schema import migrate
from tests.bench.copying import Family, families, write_copies
from tests.bench.figures import RUNS, figure, lap, tell
from tests.bench.stories import AT, tell_stories
from tests.driver import Driver

DUE, FEW, MANY = 1_000, 10_000, 200_000
HOUSEHOLDS = 120
AT_MOST = 1.3

NOW = AT.strftime("%Y-%m-%d %H:%M:%S.%f")
# What a sweep changes, to be undone after each.
BEFORE = "SELECT next_at, said_until, rung, id, concern_id FROM task WHERE closed_at IS NULL AND next_at <= ?"
AGAIN = "UPDATE task SET next_at = ?, said_until = ?, rung = ? WHERE id = ?"
HEAD = (
    "UPDATE concern SET events = e.number, chain_head = e.hash"
    " FROM (SELECT number, hash FROM event WHERE concern_id = ? ORDER BY number DESC LIMIT 1) AS e WHERE concern.id = ?"
)


async def run() -> dict[str, Any]:
    """Seven interleaved sweeps of the same record, from few and from many open tasks."""
    home = settings().home
    tell("deadlines: making the records")
    await _base(home / "base.db")
    found = families(home / "base.db")
    records = {size: _Record(home, size, found) for size in (FEW, MANY)}
    seconds: dict[int, list[float]] = {FEW: [], MANY: []}
    for number in range(RUNS + 1):
        for size, record in records.items():
            taken = await record.sweep()
            tell(f"deadlines: {DUE:,} due among {size:,}: {taken:.3f} s" + ("" if number else " (to warm up)"))
            seconds[size] += [taken] if number else []
    ratio = median(seconds[MANY]) / median(seconds[FEW])
    what = f"sweep of {DUE:,} due tasks among {MANY:,} open, beside {FEW:,}"
    return figure(what, "seconds", seconds[MANY], seconds[FEW], f"at most {AT_MOST}", ratio <= AT_MOST)


async def _base(file: Path) -> None:
    await migrate(f"sqlite+aiosqlite:///{file}")
    driver = Driver(make_engine(f"sqlite+aiosqlite:///{file}"))
    await tell_stories(driver, HOUSEHOLDS)
    await driver.engine.dispose()


class _Record:
    """A record of one size, swept again and again from the same state through one engine."""

    def __init__(self, home: Path, size: int, found: list[Family]) -> None:
        self.file = home / f"{size}.db"
        self.engine = make_engine(f"sqlite+aiosqlite:///{self.file}")
        write_copies(home / "base.db", self.file, _mixed(found, size))
        with closing(sqlite3.connect(self.file)) as connection:
            self.tasks = connection.execute(BEFORE, [NOW]).fetchall()

    async def sweep(self) -> float:
        """One sweep of everything that is due; seconds."""
        with lap() as taken:
            counts = await sweep(self.engine, AT)
        if counts["said"] != DUE or counts["failed"]:
            raise RuntimeError(f"{DUE} tasks were due, and the sweep says {counts}")
        await self.engine.dispose()
        self._undo()
        return taken.seconds

    def _undo(self) -> None:
        with closing(sqlite3.connect(self.file)) as connection:
            for *said, task, concern in self.tasks:
                connection.execute(AGAIN, [*said, task])
                connection.execute("DELETE FROM delivery WHERE task_id = ? AND created_at = ?", [task, NOW])
                connection.execute("DELETE FROM event WHERE concern_id = ? AND recorded_at = ?", [concern, NOW])
                connection.execute(HEAD, [concern, concern])
            connection.commit()
            # So that no run pays for writing back what another left behind.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _mixed(found: list[Family], size: int) -> Iterator[Family]:
    """`size` families, of which DUE have something due, spread evenly; the same at each run."""
    due, later = (cycle([one for one in found if _is_due(one) is wanted]) for wanted in (True, False))
    chosen = set(Random(2026).sample(range(size), DUE))
    for number in range(size):
        yield next(due if number in chosen else later)


def _is_due(family: Family) -> bool:
    return any(task["closed_at"] is None and task["next_at"] <= NOW for task in family.rows["task"])
