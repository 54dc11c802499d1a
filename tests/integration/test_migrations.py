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

from models.record import SINGLE
from models.schema import METADATA, alembic_config, is_there, migrate


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
