"""A scratch record for one area: a file of its own in a folder that is deleted, never the real record.

Nothing waits here, and one thing happens at a time, so that SQLite is called straight away: no thread in between.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, StaticPool, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import await_

from models.schema import METADATA

# What a scratch record may lose when the power fails is nothing anybody wants back.
PRAGMAS = ("journal_mode=MEMORY", "synchronous=OFF", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-32000")


async def _nothing() -> None:
    """What is awaited where SQLAlchemy insists on it."""


class _Cursor(sqlite3.Cursor):
    def execute(self, *given: Any) -> Any:
        await_(_nothing())
        return super().execute(*given)

    async def _async_soft_close(self) -> None:
        """There is nothing to wait for: rows are read when they are asked for."""


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


class _Straight:
    """The standard library's driver in the place of the asynchronous one, which is a thread's round trip a call."""

    has_stop = False

    def connect(self, *given: Any, **named: Any) -> sqlite3.Connection:
        return sqlite3.connect(*given, factory=_Connection, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)


@asynccontextmanager
async def scratch_record() -> AsyncIterator[AsyncEngine]:
    """An empty record with every table, gone when the block ends."""
    with TemporaryDirectory(prefix="pathway-simulated-") as folder:
        engine = _engine(Path(folder) / "scratch.db")
        async with engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        try:
            yield engine
        finally:
            await engine.dispose()


def _engine(file: Path) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}", module=_Straight(), poolclass=StaticPool)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
