"""The access log: every view of a child, by whom, when and on which page. Rows are added and never changed."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Look
from models.people import Person
from models.reach import Viewer

Seen = tuple[UUID, UUID | None]  # a child, and the concern it was seen in


async def note_looks(session: AsyncSession, viewer: Viewer, page: str, seen: Iterable[Seen], at: datetime) -> None:
    """Write down that `viewer` saw these children on `page`; a child twice on one page is one look."""
    rows = [
        {"id": uuid4(), "at": at, "person_id": viewer.person.id, "child_id": child, "concern_id": concern, "page": page}
        for child, concern in dict.fromkeys(seen)
    ]
    if rows:
        # As many sets of parameters, not one statement as long as they are: it is compiled once, not at each page.
        await session.exec(insert(Look), params=rows)


async def looks_at(session: AsyncSession, concern_id: UUID, limit: int = 200) -> list[tuple[Look, Person]]:
    """Who looked at a concern, newest first."""
    found = select(Look, Person).join(Person, col(Look.person_id) == col(Person.id))
    found = found.where(Look.concern_id == concern_id).order_by(col(Look.at).desc()).limit(limit)
    return list((await session.exec(found)).all())
