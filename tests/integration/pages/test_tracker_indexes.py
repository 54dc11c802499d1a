"""What the tracker counts is counted, and its first rows found, in an index alone: it has to bear 100,000 concerns."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.people import Person
from models.reach import Viewer, viewer_for
from models.record import Task
from models.tracker import BY_DUE, EARLIEST, Choice, fitting
from tests import people
from tests.driver import Driver, instant

OTHERS = [str(one.name) for one in Task.__table__.indexes if not str(one.name).startswith("task_of_")]  # type: ignore[attr-defined]  # SQLModel sets it
AT = instant("2026-03-02T10:00")


async def _viewer(session: AsyncSession, email: str) -> Viewer:
    return await viewer_for(session, (await session.exec(select(Person).where(Person.email == email))).one(), AT)


async def _plan(session: AsyncSession, asked: Any) -> str:
    """How the database means to answer; tables of a few rows must not lead it to read them whole."""

    def explained(connection: Connection) -> str:
        said = str(asked.compile(connection, compile_kwargs={"literal_binds": True})).replace("%%", "%")
        on_sqlite = connection.dialect.name == "sqlite"
        for name in () if on_sqlite else OTHERS:  # for a few rows any index is as good
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")
        for setting in () if on_sqlite else ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            connection.exec_driver_sql(f"SET LOCAL {setting} = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if on_sqlite else ''}{said}").all()
        return "\n".join(str(row[-1]) for row in rows)

    return await (await session.connection()).run_sync(explained)


@pytest.mark.parametrize(
    ("email", "index"), [(people.COORDINATOR, "task_of_area"), (people.DSL, "task_of_setting")], ids=["area", "setting"]
)
async def test_counts_and_first_rows_are_read_from_an_index(loaded: Driver, email: str, index: str) -> None:
    """For a coordinator's area as for a DSL's setting; neither tasks nor concerns are read themselves."""
    async with AsyncSession(loaded.engine) as session:  # what it drops, it has back at its end
        viewer = await _viewer(session, email)
        by = (col(Task.area), col(Task.setting_id), col(Task.owner_id), col(Task.kind))
        counted = fitting(viewer, Choice(), AT, *by, func.count()).group_by(*by)
        firsts = [fitting(viewer, Choice(column=one), AT, col(Task.id)).order_by(*EARLIEST).limit(20) for one in BY_DUE]
        for asked in (counted, *firsts):
            plan = await _plan(session, asked)
            # PostgreSQL takes either for tables of four rows.
            alone = (f"USING COVERING INDEX {index}", "Index Only Scan using task_of_")
            assert any(said in plan for said in alone), plan
            assert "concern" not in plan.replace("concern_id", ""), plan
