"""Pages under load: twenty people with some five seconds of thought between pages, 100,000 concerns in PostgreSQL.

The server is `pathway web` as it is run; its time is taken from outside, over loopback, so it counts everything. Beside
each page stand its own SQL statements, executed bare, one after the other.
"""

from __future__ import annotations

import asyncio
import csv
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import asyncpg
import httpx
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

import models.database
from config.settings import environment, settings
from config.time import wall
from models.database import make_engine, reading, writing
from models.people import Person
from models.schema import METADATA, migrate
from models.sessions import begin_session
from tests.bench.copying import families, write_copies
from tests.bench.figures import tell
from tests.bench.partnership import AREAS, SETTINGS, name_of
from tests.bench.stories import AT, tell_stories
from tests.driver import Driver
from tests.postgres import execute, new_database, own_server

CONCERNS = 100_000
HOUSEHOLDS = 120
USERS = 20
# Five seconds on average: people who think for exactly as long fall into step, and queue together ever after.
THINKS, SHORTEST, LONGEST = 5.0, 2.5, 7.5
SECONDS = 120.0
AT_MOST_MS = 150.0
HOST = "127.0.0.1"
BARE_RUNS = 7


async def run() -> dict[str, Any]:
    """Two minutes of twenty people; the p95 of each page, beside its bare SQL."""
    home = settings().home
    tell(f"pages: making {CONCERNS:,} concerns")
    with own_server() as server:
        # What is measured may not spare itself the disk.
        execute(server, "ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
        url = new_database(server, "pages")
        await _fill(home, url)
        engine = make_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
        people = await _people(engine)
        with _web(url) as base:
            taken = await _load(base, people)
        bare = await _bare(engine, url, people)
        await engine.dispose()
    return _figure(taken, bare)


def _figure(taken: dict[str, list[float]], bare: dict[str, list[float]]) -> dict[str, Any]:
    p95 = {page: _percentile(times, 95) for page, times in taken.items()}
    worst = max(p95, key=lambda page: p95[page])
    for page, times in taken.items():
        beside = median(bare[page])
        tell(
            f"pages: {page}: p95 {p95[page]:.0f} ms, median {median(times):.0f} ms of {len(times)}; "
            f"its SQL bare {beside:.0f} ms; ratio {p95[page] / beside:.1f}"
        )
    said = ", ".join(f"{page} {p95[page]:.0f} ({median(bare[page]):.0f} bare)" for page in p95)
    return {
        "what": f"p95 of a page, {CONCERNS:,} concerns, {USERS} people: {said}",
        "unit": "ms (worst page)",
        "ours": p95[worst],
        "beside": median(bare[worst]),
        "ratio": p95[worst] / median(bare[worst]),
        "target": f"at most {AT_MOST_MS:.0f} ms",
        "met": p95[worst] <= AT_MOST_MS,
        "runs": {"ours": taken, "beside": bare},
    }


def _percentile(times: list[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


async def _fill(home: Path, url: str) -> None:
    """The stories of a small partnership, copied until there are enough, and carried over to PostgreSQL."""
    await migrate(f"sqlite+aiosqlite:///{home / 'base.db'}")
    driver = Driver(make_engine(f"sqlite+aiosqlite:///{home / 'base.db'}"))
    await tell_stories(driver, HOUSEHOLDS)
    await driver.engine.dispose()
    write_copies(home / "base.db", home / "many.db", islice(cycle(families(home / "base.db")), CONCERNS))
    await migrate(url.replace("postgresql://", "postgresql+asyncpg://"))
    connection = await asyncpg.connect(url)
    await connection.execute("SET timezone = 'UTC'")
    for table in METADATA.sorted_tables:
        await _carry(connection, home / "many.db", table.name)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _carry(connection: asyncpg.Connection, file: Path, table: str) -> None:
    """Every row of a table, as text: both databases write ids, instants and JSON in ways that PostgreSQL reads."""
    with closing(sqlite3.connect(file)) as source, tempfile.NamedTemporaryFile("w+", newline="") as kept:
        rows = source.execute(f'SELECT * FROM "{table}"')  # noqa: S608
        names = [column[0] for column in rows.description]
        writer = csv.writer(kept)
        writer.writerows([["\\N" if cell is None else cell for cell in row] for row in rows])
        kept.flush()
        await connection.copy_to_table(table, source=kept.name, columns=names, format="csv", null="\\N")


async def _people(engine: AsyncEngine) -> list[tuple[str, str, list[str]]]:
    """Twenty people: their address, a cookie's token, and the pages they go round."""
    coordinators = [f"early-help-coordinator-{number}@{area}.example" for area in AREAS for number in (0, 1)]
    leads = [f"dsl-1@{name_of(place)}.example" for place in range(0, SETTINGS, SETTINGS // 12)]
    wanted = [*coordinators, *leads][:USERS]
    found: list[tuple[str, str, list[str]]] = []
    for email in wanted:
        async with writing(engine) as session:
            person = (await session.exec(select(Person).where(Person.email == email))).one()
            token = await begin_session(session, person, "password", "bench", wall())
        found.append((email, token, await _round(engine, email, email in coordinators)))
    return found


async def _round(engine: AsyncEngine, email: str, coordinates: bool) -> list[str]:
    """The pages of a round: the morning's page, then concerns of their own reach."""
    where, of = (
        ("c.area", email.partition("@")[2].removesuffix(".example")) if coordinates else ("s.key", _place(email))
    )
    asked = f"SELECT reference FROM concern c JOIN setting s ON s.id = c.setting_id WHERE {where} = :of LIMIT 400"  # noqa: S608
    async with reading(engine) as session:
        connection = await session.connection()
        rows = (await connection.exec_driver_sql(asked.replace(":of", "$1"), (of,))).scalars().all()
    chosen = Random(email).sample(list(rows), min(40, len(rows)))
    first = "/tracker" if coordinates else "/desk"
    return [page for reference in chosen for page in (first, f"/concerns/{reference}")]


def _place(email: str) -> str:
    return email.partition("@")[2].removesuffix(".example")


@contextmanager
def _web(url: str) -> Iterator[str]:
    """`pathway web` on that record, at the stories' instant; its address."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    base = f"http://{HOST}:{port}"
    told = {
        "PATHWAY_DATABASE_URL": url,
        "PATHWAY_WEB_PORT": str(port),
        "PATHWAY_BASE_URL": base,
        "PATHWAY_NOW": AT.isoformat(),
    }
    with subprocess.Popen([sys.executable, "-m", "pathway", "web"], env={**environment(), **told}) as program:
        try:
            _await_health(base)
            yield base
        finally:
            program.terminate()
            program.wait(20)


def _await_health(base: str) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{base}/health").is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the pages did not start")


async def _load(base: str, people: list[tuple[str, str, list[str]]]) -> dict[str, list[float]]:
    """What each page took, in milliseconds; each person begins somewhere in their first five seconds of thought."""
    taken: dict[str, list[float]] = {"desk": [], "tracker": [], "concern": []}
    until = time.monotonic() + SECONDS
    await asyncio.gather(*(_person(base, one, until, number, taken) for number, one in enumerate(people)))
    return taken


async def _person(
    base: str, one: tuple[str, str, list[str]], until: float, number: int, taken: dict[str, list[float]]
) -> None:
    email, token, pages = one
    chance = Random(email)
    async with httpx.AsyncClient(base_url=base, cookies={"pathway": token}, timeout=30) as client:
        await asyncio.sleep(THINKS * number / USERS)
        for place, page in enumerate(cycle(pages)):
            if time.monotonic() >= until:
                return
            began = time.perf_counter()
            answer = await client.get(page)
            milliseconds = 1000 * (time.perf_counter() - began)
            if answer.status_code != httpx.codes.OK:
                raise RuntimeError(f"{page} answered {answer.status_code}")
            if place > 1:  # the first two load what the program needs once
                taken[_sort(page)].append(milliseconds)
            await asyncio.sleep(chance.uniform(SHORTEST, LONGEST))


def _sort(page: str) -> str:
    return "concern" if page.startswith("/concerns/") else page.strip("/")


async def _bare(engine: AsyncEngine, url: str, people: list[tuple[str, str, list[str]]]) -> dict[str, list[float]]:
    """The statements of one view of each page, as the page executed them, executed again by the driver alone."""
    statements = {page: await _statements(engine, *asked) for page, asked in _one_of_each(people).items()}
    connection = await asyncpg.connect(url)
    found: dict[str, list[float]] = {page: [] for page in statements}
    for _ in range(BARE_RUNS):
        for page, asked in statements.items():
            began = time.perf_counter()
            for statement, parameters in asked:
                await connection.fetch(statement, *parameters)
            found[page].append(1000 * (time.perf_counter() - began))
    await connection.close()
    return found


def _one_of_each(people: list[tuple[str, str, list[str]]]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for _, token, pages in people:
        for page in pages[:2]:
            found[_sort(page)] = token, page
    return found


async def _statements(engine: AsyncEngine, token: str, page: str) -> list[tuple[str, Any]]:
    """What one view reads from the record."""
    from web.app import make_app  # with the engine in place

    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            seen.append((statement, parameters))

    models.database.engine.cache_clear()
    made = models.database.make_engine
    models.database.make_engine = lambda url: engine  # in the place of its own
    environment()["PATHWAY_NOW"] = AT.isoformat()
    settings.cache_clear()
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    transport = httpx.ASGITransport(make_app())
    async with httpx.AsyncClient(
        transport=transport, base_url=settings().base_url, cookies={"pathway": token}
    ) as client:
        answer = await client.get(page)
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    models.database.make_engine = made
    models.database.engine.cache_clear()
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"{page} answered {answer.status_code}")
    return seen
