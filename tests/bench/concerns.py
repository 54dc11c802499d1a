"""Concerns taken through log-concern's follow-up in batches, beside Prefect's own bare task runs in the same process.

Ours is counted whole: the firing's rows, the flow run at a real local server, its task runs, screening, letters
addressed. Of Prefect's only the task runs count, without the flow run around them.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import col, func, select

from config.environment import settle_prefect
from config.settings import settings
from flows import running
from flows.following import follow_up_all, waiting_events
from flows.server import PrefectServer
from flows.starting import drain, recorded_at
from models.database import engine, make_engine, reading
from models.record import Stage
from models.schema import migrate
from models.telling import Firing
from tests.bench.copying import families, write_copies
from tests.bench.figures import RUNS, figure, lap, tell
from tests.bench.partnership import child, roster, staff
from tests.bench.stories import AT, follow_up_everything
from tests.driver import Driver

BATCH, BATCHES = 200, 5
BARE = 200  # task runs; their rate is the same for any number, and the server digests them for long
HOUSEHOLDS = 200
# One household in so many has been seen often enough for the rule `pattern` to ask the DSL for a decision.
SEEN_BEFORE = 20
QUIET = 4  # looks half a second apart that find nothing new


async def run() -> dict[str, Any]:
    """Seven interleaved runs of a thousand concerns and some hundred bare tasks."""
    tell("concerns: making the record")
    await _record(settings().home)
    settle_prefect()
    async with PrefectServer(shared=True) as server:
        tell(f"concerns: Prefect's server answers at {server.url}")
        ours, beside = await _measure(server.url)
    await _was_at_prefect((RUNS + 1) * BATCHES)
    await engine().dispose()
    what = f"concerns through log-concern in batches of {BATCH}, beside Prefect's bare task runs"
    met = figure(what, "a second", ours, beside, "at least 1.0", True)
    return met | {"met": met["ratio"] >= 1}


async def _measure(url: str) -> tuple[list[float], list[float]]:
    async with reading(engine()) as session:
        waiting = [str(one) for one in await waiting_events(session, Stage.LOG_CONCERN, 100_000)]
    per_run = BATCH * BATCHES
    ours: list[float] = []
    beside: list[float] = []
    for number in range(RUNS + 1):
        mine = await _concerns(waiting[number * per_run :][:per_run])
        await _rest(url)
        rates = mine, await _bare(url, BARE)
        await _rest(url)
        tell(
            "concerns: {:.0f} concerns, {:.0f} bare tasks a second".format(*rates) + ("" if number else " (to warm up)")
        )
        if number:
            ours.append(rates[0])
            beside.append(rates[1])
    return ours, beside


async def _concerns(waiting: list[str]) -> float:
    """Concerns a second."""
    with lap() as taken:
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            size = f"{len(batch)} events"
            await running.run(
                "log-concern", follow_up_all, "flows.log_concern:log_concern", at=AT, size=size, event_ids=batch
            )
    return len(waiting) / taken.seconds


async def _bare(url: str, count: int) -> float:
    """Task runs a second."""
    from tests.bench.bare import bare

    with recorded_at(url):
        return count / await bare(count)


async def _rest(url: str) -> None:
    """Wait until the server has written down what the run before sent it, so that neither pays for the other."""
    await drain()
    counts = [-1]
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        while len(counts) < QUIET or len(set(counts[-QUIET:])) > 1:
            await asyncio.sleep(0.5)
            answer = await client.post("/task_runs/count", json={})
            counts.append(answer.json() if answer.is_success else -len(counts))


async def _was_at_prefect(runs: int) -> None:
    async with reading(engine()) as session:
        recorded = select(func.count()).select_from(Firing).where(col(Firing.prefect_run_id).is_not(None))
        found = (await session.exec(recorded)).one()
    if found != runs:
        raise RuntimeError(f"{runs} batches were to run at Prefect, {found} did")


async def _record(home: Path) -> None:
    """A record in which every concern has just been logged."""
    base, per_run = home / "base.db", BATCH * BATCHES
    await migrate(f"sqlite+aiosqlite:///{base}")
    driver = Driver(make_engine(f"sqlite+aiosqlite:///{base}"))
    await driver.load(roster(HOUSEHOLDS, children=2), AT - timedelta(days=60))
    for household in range(0, HOUSEHOLDS, SEEN_BEFORE):
        for days in (50, 30):
            await driver.log(child(household, 1), staff(household, "practitioner"), AT - timedelta(days=days))
    await follow_up_everything(driver)
    for household in range(HOUSEHOLDS):
        await driver.log(child(household), staff(household, "practitioner"), AT)
    await driver.engine.dispose()
    wanted = islice(cycle(families(base)), (RUNS + 1) * per_run)
    await asyncio.to_thread(write_copies, base, home / "pathway.db", wanted)
