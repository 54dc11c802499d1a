"""Many concerns in one record, logged and moved in process: as many commands would take ten minutes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from models.casework import log_observation
from models.database import make_engine
from tests import people
from tests.driver import Driver, instant, observation
from tests.postgres import apart

CHILD = {"name": "Sam Manyworth", "born": "2017-01-01", "setting": people.OAKFIELD}


def log_many(record: Path, many: int, at: str) -> None:
    """Log a concern about each of so many children, no two of one household."""
    _in_process(record, lambda driver: _log(driver, many, at))


def refer_many(record: Path, many: int, at: str) -> None:
    """The same, and the DSL refers each at the same instant."""
    _in_process(record, lambda driver: _refer(driver, many, at))


def _in_process(record: Path, step: Callable[[Driver], Awaitable[None]]) -> None:
    async def work() -> None:
        engine = make_engine(f"sqlite+aiosqlite:///{record}")
        await step(Driver(engine))
        await engine.dispose()

    apart(work)


async def _log(driver: Driver, many: int, at: str) -> None:
    keys = [f"sam-{number:03d}" for number in range(many)]
    households = [{"key": f"h-{key}"} for key in keys]
    children = [{"key": key, "household": f"h-{key}"} | CHILD for key in keys]
    await driver.load(people.roster() | {"households": households, "children": children})
    async with driver.writing() as session:
        for key in keys:
            await log_observation(session, observation(key, at), people.TEACHER, instant(at))


async def _refer(driver: Driver, many: int, at: str) -> None:
    await _log(driver, many, at)
    for task in await driver.tasks(at):
        await driver.do_task(
            task["id"], "refer", people.DSL, at, reason="No food in the house.", parents_informed="yes"
        )
