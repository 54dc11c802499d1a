"""Every table of the record, and bringing a database up to date."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

import models.people
import models.record
import models.telling  # noqa: F401  # importing the modules registers their tables
from config.settings import settings

METADATA = SQLModel.metadata
MIGRATIONS = Path(__file__).parent / "migrations"


def database_url() -> str:
    """The URL of the settings' database; its folder is made when it is a file of ours."""
    if settings().database_url is None:
        settings().home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings().database()


def alembic_config(url: str | None = None) -> Config:
    """Alembic's configuration for our migrations, on `url` or on the settings' database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


async def migrate(url: str | None = None) -> None:
    """Create the database or bring it up to date; doing it again changes nothing."""
    await asyncio.to_thread(command.upgrade, alembic_config(url), "head")


async def is_there(engine: AsyncEngine) -> bool:
    """Whether the database has been initialised."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: inspect(sync).has_table("concern"))
