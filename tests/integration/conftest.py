"""The record on both databases: each test has an empty one (`engine`) or one with the tests' roster (`loaded`).

Tables are made once a session, by migration. SQLite then copies a file; PostgreSQL empties its tables and fills them
from copies of its own. PATHWAY_TEST_POSTGRES_URL names a database of a server to use instead of our own server: the
tests make databases of their own there.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from config.environment import settle_prefect
from config.settings import settings
from flows.server import PrefectServer
from flows.starting import drain
from models.database import make_engine
from models.schema import METADATA, migrate
from tests import people
from tests.driver import Driver
from tests.postgres import apart, keep, new_database, own_server, restore

# Taken out of the environment at once: the settings refuse names they do not know.
GIVEN = os.environ.pop("PATHWAY_TEST_POSTGRES_URL", None)
Rows = dict[str, list[dict[str, Any]]]
# A statement is compiled once a session and database, not once a test: that is a third of the time.
COMPILED: dict[Any, Any] = {}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A PATHWAY_HOME of the test's own, and no other setting."""
    for name in [name for name in os.environ if name.startswith("PATHWAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATHWAY_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Two files to copy: one with empty tables, one with the roster."""
    folder = tmp_path_factory.mktemp("record")
    files = {False: folder / "empty.db", True: folder / "loaded.db"}
    apart(lambda: migrate(_sqlite(files[False])))
    shutil.copy(files[False], files[True])
    apart(lambda: _load(_sqlite(files[True])))
    return files


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A server's URL: the one given, or one of our own."""
    if GIVEN:
        yield GIVEN
        return
    with own_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres(postgres_server: str) -> str:
    """The URL of a migrated database of this process's own, which keeps the rows of the tests' roster."""
    url = new_database(postgres_server, f"record_{os.getpid()}")
    driven = url.replace("postgresql://", "postgresql+asyncpg://")
    apart(lambda: migrate(driven))
    apart(lambda: _load(driven))
    keep(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database: with the roster for tests that ask for `loaded`, else empty."""
    full = "loaded" in request.fixturenames
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_files")[full], tmp_path / "pathway.db")
        return _sqlite(tmp_path / "pathway.db")
    url: str = request.getfixturevalue("postgres")
    restore(url, full)
    return url.replace("postgresql://", "postgresql+asyncpg://")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The record's engine on SQLite, then on PostgreSQL."""
    engine = make_engine(database_url)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", hasten_sqlite)
    yield engine.execution_options(compiled_cache=COMPILED)
    await engine.dispose()


@pytest.fixture
def driver(engine: AsyncEngine) -> Driver:
    """A driver of an empty record."""
    return Driver(engine)


@pytest.fixture
def loaded(engine: AsyncEngine) -> Driver:
    """A driver of a record that holds the tests' roster."""
    return Driver(engine, untouched=True)


def _sqlite(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def _load(url: str) -> None:
    engine = make_engine(url)
    await Driver(engine).load()
    await engine.dispose()


def hasten_sqlite(connection: Any, _record: object) -> None:
    """A file that lives for one test need not survive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")


async def picture(url: str) -> Rows:
    """Every row of a database."""
    engine = make_engine(url)
    async with engine.connect() as connection:
        found = {table.name: await connection.execute(table.select()) for table in METADATA.sorted_tables}
        rows = {name: [dict(row) for row in result.mappings()] for name, result in found.items()}
    await engine.dispose()
    return rows


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """One Prefect server a session, with a PREFECT_HOME of its own that Prefect's client here uses too."""
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.delenv("PREFECT_API_URL", raising=False)
        patch.setenv("PREFECT_HOME", str(home / "prefect"))
        patch.setenv("PATHWAY_HOME", str(home))
        patch.setenv("PATHWAY_SMTP_PASSWORD", people.CHILD_WORDS)
        patch.setenv("PATHWAY_SMTP_USERNAME", "pathway")
        settings.cache_clear()
        settle_prefect()
        from prefect.context import refresh_global_settings_context

        refresh_global_settings_context()  # whoever imported Prefect first
        loop = asyncio.new_event_loop()
        server = pool.submit(loop.run_until_complete, PrefectServer().__aenter__()).result()
        settings.cache_clear()
        for name in ("PATHWAY_HOME", "PATHWAY_SMTP_PASSWORD", "PATHWAY_SMTP_USERNAME"):
            patch.delenv(name)
        yield server
        pool.submit(loop.run_until_complete, drain()).result()
        pool.submit(loop.run_until_complete, server.__aexit__(None, None, None)).result()
        loop.close()


@pytest.fixture(scope="module")
def sockets_collected() -> Iterator[None]:
    """Prefect's client leaves sockets to the collector: they are to be found in the module that made them."""
    yield
    gc.collect()


@pytest.fixture
def at_prefect(
    prefect_server: PrefectServer, sockets_collected: None, monkeypatch: pytest.MonkeyPatch
) -> PrefectServer:
    """The session's server, as the one that PREFECT_API_URL names."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server.url)
    return prefect_server
