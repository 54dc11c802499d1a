"""A page of a long list, cut in SQL: so many rows after the last one of the page before, wherever that now stands.

A page's end is a row's id alone, so that an address names nobody.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput

MOST = 100
USUAL = 50


@dataclass(frozen=True)
class Cut:
    """At most `limit` rows, those after the row of that id."""

    limit: int = USUAL
    after: UUID | None = None


async def page_of(
    session: AsyncSession, found: Any, table: Any, by: str, cut: Cut, *, newest_first: bool = False
) -> tuple[list[Any], UUID | None]:
    """The rows of `found` that `cut` asks for, ordered by a column of `table`, and the end of a page that has a next.

    A row that is several things begins with the one of `table`. Raises BadInput for an end that is no row's.
    """
    column, key = col(getattr(table, by)), col(table.id)
    if cut.after is not None:
        last = await session.get(inspect(table).mapper.class_, cut.after)
        if last is None:
            raise BadInput("after", "is not the end of a page of this list")
        value = getattr(last, by)
        further = (column < value) if newest_first else (column > value)
        found = found.where(further | ((column == value) & (key > last.id)))
    order = column.desc() if newest_first else column.asc()
    rows = list((await session.exec(found.order_by(order, key).limit(cut.limit + 1))).all())
    shown = rows[: cut.limit]
    return shown, _id(shown[-1]) if len(rows) > cut.limit else None


def _id(row: Any) -> UUID:
    found: UUID = row.id if hasattr(row, "id") else row[0].id
    return found
