"""A scratch record in memory: what-ifs are lived through there, never in the real record and never in a file.

One thing happens at a time in it, so SQLite is called straight away: no thread in between, no lock to wait for. It
belongs to the event loop that made it, and is gone when its block ends.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, StaticPool, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from models.schema import METADATA


class _Cursor(sqlite3.Cursor):
    async def _async_soft_close(self) -> None:
        """Rows are read when they are asked for: there is nothing to wait for."""


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class _Direct:
    """The standard library's driver in the place of the asynchronous one."""

    has_stop = False

    def connect(self, *given: Any, **named: Any) -> sqlite3.Connection:
        return sqlite3.connect(*given, factory=_Connection, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)


@asynccontextmanager
async def scratch_record() -> AsyncIterator[AsyncEngine]:
    """An empty record with every table, in memory."""
    engine = create_async_engine("sqlite+aiosqlite://", module=_Direct(), poolclass=StaticPool)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        yield engine
    finally:
        await engine.dispose()


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions of its own. Keys are not checked: what was copied is a part of the whole.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=OFF").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
