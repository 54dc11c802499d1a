"""Alembic's environment: migrates the database that the configuration or the settings name."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, event
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


def _let_tables_be_made_anew(connection: Any, _record: object) -> None:
    """SQLite alters a table by making it anew; dropping the old one must not ask for the rows that refer to it."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def _refers_to_what_is_there(connection: Connection) -> None:
    wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if wrong:
        raise RuntimeError(f"{len(wrong)} rows would refer to nothing; the first is of the table {wrong[0][0]}")


async def _run() -> None:
    given = context.config.attributes.get("url")
    engine = make_engine(given or database_url())
    on_sqlite = engine.dialect.name == "sqlite"
    if on_sqlite:
        event.listen(engine.sync_engine, "connect", _let_tables_be_made_anew)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        if on_sqlite:
            await connection.run_sync(_refers_to_what_is_there)
        await connection.commit()
    await engine.dispose()


assert SQLModel.metadata is METADATA  # noqa: S101  # every table is imported by models.schema
asyncio.run(_run())
