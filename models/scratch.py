"""Scratch records: what-ifs are lived through there, never in the real record.

One thing happens at a time in one, so SQLite is called straight away: no thread in between, no lock to wait for. It
belongs to the event loop that made it, and is gone when its block ends.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from sqlalchemy import Connection, StaticPool, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import await_

from models.schema import METADATA

# The casework asks several hundred different ones, again and again.
STATEMENTS = 1_000
IN_MEMORY = "sqlite+aiosqlite://"
# Keys are not checked: what was copied is a part of the whole.
OF_COPIES = ("foreign_keys=OFF",)


async def _nothing() -> None:
    """What is awaited where SQLAlchemy insists on it."""


class _Cursor(sqlite3.Cursor):
    def execute(self, *given: Any) -> Any:
        await_(_nothing())
        return super().execute(*given)

    async def _async_soft_close(self) -> None:
        """Rows are read when they are asked for: there is nothing to wait for."""


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class _Direct:
    """The standard library's driver in the place of the asynchronous one, which is a thread's round trip a call."""

    has_stop = False

    def connect(self, *given: Any, **named: Any) -> sqlite3.Connection:
        return sqlite3.connect(*given, factory=_Connection, cached_statements=STATEMENTS, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)


@asynccontextmanager
async def scratch_record(url: str = IN_MEMORY, pragmas: Sequence[str] = OF_COPIES) -> AsyncIterator[AsyncEngine]:
    """An empty record with every table: in memory, or in the file of `url`, which is the caller's to delete."""
    engine = create_async_engine(url, module=_Direct(), poolclass=StaticPool)
    event.listen(engine.sync_engine, "connect", partial(_prepare, pragmas))
    event.listen(engine.sync_engine, "begin", _begin)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        yield engine
    finally:
        await engine.dispose()


def _prepare(pragmas: Sequence[str], connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
