"""Engines, sessions and migrations, alike on SQLite (WAL, one writer) and PostgreSQL.

A session from `writing` takes SQLite's write lock at its start (BEGIN IMMEDIATE): two writers queue instead of failing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from config.settings import settings

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 60_000
# A connection keeps its prepared statements: the last used comes first, and few are made anew and thrown away.
POOL = {"pool_size": 20, "max_overflow": 10, "pool_use_lifo": True, "pool_pre_ping": True}
# A page's statement has as many forms as lists it has been given lengths of; each form is prepared once a connection.
STATEMENTS = {"prepared_statement_cache_size": 1_000}


def make_engine(url: str) -> AsyncEngine:
    """An engine for an async SQLAlchemy URL, with the pragmas and locks the record relies on.

    Its errors do not say what was to be written: that is a child's.
    """
    if not url.startswith("sqlite"):
        return create_async_engine(url, connect_args=STATEMENTS, hide_parameters=True, **POOL)
    engine = create_async_engine(url, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@cache
def engine() -> AsyncEngine:
    """The engine of this process, from the settings; made at first use."""
    return make_engine(settings().database())


@asynccontextmanager
async def writing(on: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session whose changes are committed together at its end, or not at all."""
    async with AsyncSession(on, expire_on_commit=False) as session, session.begin():
        yield session


@asynccontextmanager
async def reading(on: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session for looking only; on SQLite it never waits for a writer."""
    async with AsyncSession(on.execution_options(reads_only=True), expire_on_commit=False) as session:
        yield session


def insert_or(session: AsyncSession) -> Any:
    """The dialect's own `insert`, for ON CONFLICT, which both databases have and speak alike."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert if on_sqlite else postgresql.insert
