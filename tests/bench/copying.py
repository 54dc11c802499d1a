"""Making a large record of a small one: every household's rows again and again, as other households.

Copies keep their staff, settings, dates and texts; ids and whatever must be unique become the copy's own. The hashes
of their history are not worked out anew, since no benchmark reads them.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, Any]
# Parents before children, and the columns that make a copy another one.
ITS_OWN = {
    "household": ("id", "key"),
    "child": ("id", "key", "household_id"),
    "concern": ("id", "child_id", "reference"),
    "observation": ("id", "concern_id", "child_id", "household_id", "fingerprint"),
    "task": ("id", "concern_id"),
    "event": ("id", "concern_id", "task_id", "observation_id", "opened", "closed"),
    "delivery": ("id", "concern_id", "task_id", "subject", "message_id"),
}
CHUNK = 5_000
LETTERS = 2  # of each household's: what an ordinary concern has had


@dataclass
class Family:
    """All that the record holds about one household, by table, as the driver gives and takes it."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in ITS_OWN})

    def copy(self, number: int) -> Iterator[tuple[str, Row]]:
        """The same once more, as copy `number`."""
        for table, rows in self.rows.items():
            for row in rows:
                yield table, row | {name: _own(row[name], number) for name in ITS_OWN[table]}


def _own(value: str | None, number: int) -> str | None:
    if not value or value == "[]":
        return value
    if value.startswith("["):
        return json.dumps([_own(one, number) for one in json.loads(value)])
    if value.startswith("NC-"):
        return f"{value}{number:04d}"
    # Ids differ in so many other digits that their first four can say which copy it is.
    return f"{number:04x}{value[4:]}" if value[0] != "<" else f"<{number:04x}{value[5:]}"


def families(file: Path) -> list[Family]:
    """The households of a record, each with all its rows; its letters count as sent."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.row_factory = sqlite3.Row
        connection.execute("UPDATE delivery SET state = 'sent', sent_at = created_at, tries = 1")
        held = {table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")] for table in ITS_OWN}  # noqa: S608
    found = {row["id"]: Family() for row in held["household"]}
    lives = {row["id"]: row["household_id"] for row in held["child"]}
    about = {row["id"]: lives[row["child_id"]] for row in held["concern"]}
    for table, rows in held.items():
        for row in rows:
            home = (
                row["id"]
                if table == "household"
                else row.get("household_id") or about[row.get("concern_id", row["id"])]
            )
            found[home].rows[table].append(row)
    for family in found.values():
        del family.rows["delivery"][LETTERS:]
    return list(found.values())


def write_copies(source: Path, target: Path, wanted: Iterable[Family]) -> None:
    """Make `target` the record of `source` with these families instead of its own, each a copy with its own number."""
    shutil.copy(source, target)
    with closing(sqlite3.connect(target)) as connection, connection:
        # What can be made again at any time need not survive a power cut while it is made.
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF", "cache_size=-500000"):
            connection.execute(f"PRAGMA {pragma}")
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > ''").fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for table in reversed(ITS_OWN):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608
        _write(connection, wanted)
        for _, made in indexes:
            connection.execute(made)
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _write(connection: sqlite3.Connection, wanted: Iterable[Family]) -> None:
    ready: dict[str, list[Row]] = {table: [] for table in ITS_OWN}
    times: dict[int, int] = {}
    for family in wanted:
        number = times[id(family)] = times.get(id(family), 0) + 1
        for table, row in family.copy(number):
            ready[table].append(row)
        if len(ready["concern"]) >= CHUNK:
            _insert(connection, ready)
    _insert(connection, ready)


def _insert(connection: sqlite3.Connection, ready: dict[str, list[Row]]) -> None:
    for table, rows in ready.items():
        if rows:
            names = ", ".join(f":{name}" for name in rows[0])
            connection.executemany(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({names})", rows)  # noqa: S608
            rows.clear()
