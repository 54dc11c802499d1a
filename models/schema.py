"""Every table of the record, and bringing a database up to date."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

import models.access
import models.people
import models.record
import models.standing
import models.telling  # noqa: F401  # importing the modules registers their tables
from config.settings import settings

if TYPE_CHECKING:
    from alembic.config import Config

METADATA = SQLModel.metadata
MIGRATIONS = Path(__file__).parent / "migrations"


def database_url() -> str:
    """The URL of the settings' database; its folder is made when it is a file of ours."""
    if settings().database_url is None:
        settings().home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings().database()


def alembic_config(url: str | None = None) -> Config:
    """Alembic's configuration for our migrations, on `url` or on the settings' database."""
    from alembic.config import Config  # a tenth of every command's start, needed by those that migrate

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


async def migrate(url: str | None = None) -> None:
    """Create the database or bring it up to date; doing it again changes nothing."""
    from alembic import command

    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")


async def is_there(engine: AsyncEngine) -> bool:
    """Whether the database has been initialised."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: inspect(sync).has_table("concern"))


def newest_revision() -> str:
    """The revision that this program's record has when it is up to date: the highest number of our migrations."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
