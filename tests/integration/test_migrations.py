"""Migrations: they make exactly the tables the code knows, up and down, on both databases."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from models.people import Child
from models.record import SINGLE, Concern, Task
from models.schema import METADATA, alembic_config, is_there, migrate
from tests import people
from tests.driver import Driver


@pytest.fixture
async def _whole_again(engine: AsyncEngine, database_url: str) -> AsyncIterator[None]:
    """Whatever the test took down stands again for the next one."""
    yield
    await engine.dispose()
    await migrate(database_url)


async def test_autogenerate_finds_no_difference(engine: AsyncEngine) -> None:
    """The tables in the database are the tables in the code, with their types, keys and indexes."""

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.usefixtures("_whole_again")
async def test_every_revision_goes_down_and_up_again(engine: AsyncEngine, database_url: str) -> None:
    """Down to nothing and up to the head; each step runs."""
    await engine.dispose()
    await asyncio.to_thread(command.downgrade, alembic_config(database_url), "base")
    async with engine.connect() as connection:
        left = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
    assert left == {"alembic_version"}
    assert not await is_there(engine)
    await engine.dispose()
    await migrate(database_url)
    assert await is_there(engine)


async def test_migrating_again_changes_nothing(engine: AsyncEngine, database_url: str) -> None:
    """`init` may be run at any time."""
    await engine.dispose()
    await migrate(database_url)
    assert await is_there(engine)


@pytest.mark.usefixtures("_whole_again")
async def test_several_questions_may_be_open_from_the_second_revision_on(
    engine: AsyncEngine, database_url: str
) -> None:
    """The index that allows one task of a kind says so as the code does, after an upgrade as after a first start."""
    wanted = sorted(str(SINGLE).partition("NOT IN")[2].strip(" ()").replace("'", "").split(", "))
    for revision, kinds in (("0001", ["action", "countersign"]), ("head", wanted)):
        step = command.downgrade if revision == "0001" else command.upgrade
        await engine.dispose()
        await asyncio.to_thread(step, alembic_config(database_url), revision)
        assert await _many(engine) == kinds


@pytest.mark.usefixtures("_whole_again")
async def test_a_record_that_is_in_use_goes_through_the_third_revision(
    engine: AsyncEngine, database_url: str, loaded: Driver
) -> None:
    """Its rows stay, back and forth, and what the revision adds to them is worked out from what they hold."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    asked = (select(Concern), select(Task), select(Child).order_by(col(Child.key)))
    before = [[row.model_dump() for row in await loaded.rows(one)] for one in asked]
    for revision, step in (("0002", command.downgrade), ("head", command.upgrade)):
        await engine.dispose()
        await asyncio.to_thread(step, alembic_config(database_url), revision)
    assert [[row.model_dump() for row in await loaded.rows(one)] for one in asked] == before
    assert before[0][0]["reference"] == logged.reference
    assert before[1][0]["area"] == before[0][0]["area"] == people.DERBY
    assert before[0][0]["changed_at"] == before[0][0]["opened_at"]


async def _many(engine: AsyncEngine) -> list[str]:
    """The kinds of task of which many may be open, read from the database's own words."""
    where = (
        "SELECT sql FROM sqlite_master WHERE name = 'task_single'"
        if engine.dialect.name == "sqlite"
        else "SELECT indexdef FROM pg_indexes WHERE indexname = 'task_single'"
    )
    async with engine.connect() as connection:
        definition = (await connection.exec_driver_sql(where)).scalar_one()
    return sorted(re.findall(r"'(\w+)'", definition))


def test_there_is_one_head() -> None:
    """Two heads would leave `init` not knowing which way to go."""
    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1
