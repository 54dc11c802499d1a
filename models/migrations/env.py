"""Alembic's environment: migrates the database that the configuration or the settings name."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from models.columns import Word
from models.database import make_engine
from models.schema import METADATA, database_url


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A Word is a text in the database: migrations must not depend on words of today."""
    return f"sa.String(length={item.impl.length})" if kind == "type" and isinstance(item, Word) else False


def _migrate(connection: Connection) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=on_sqlite, render_item=_render)
    with context.begin_transaction():
        context.run_migrations()


async def _run() -> None:
    given = context.config.attributes.get("url")
    engine = make_engine(given or database_url())
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


assert SQLModel.metadata is METADATA  # noqa: S101  # every table is imported by models.schema
asyncio.run(_run())
