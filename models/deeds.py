"""The audit beside concerns' own histories: what was done at the door and in the administrator's office.

Lines are added and never changed. `about` holds ids, references and our own words, nothing that anybody wrote.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Deed, Door
from models.people import Person


def note_deed(
    session: AsyncSession,
    what: Door,
    by: Person | None,
    at: datetime,
    person_id: UUID | None = None,
    id: UUID | None = None,  # noqa: A002  # the column's name
    **about: Any,
) -> Deed:
    """Write down who did what to whom, with the change it is about; `by` None is the program itself."""
    deed = Deed(id=id or uuid4(), at=at, by_id=by.id if by else None, person_id=person_id, what=what, about=about)
    session.add(deed)
    return deed


@dataclass(frozen=True)
class Asked:
    """What a search of the audit asks for: whoever did it or had it done to them, words, days, a concern, a place."""

    person_id: UUID | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    concern_id: UUID | None = None
    reference: str = ""
    before: tuple[datetime, UUID] | None = None


async def deeds(session: AsyncSession, asked: Asked, limit: int) -> list[Deed]:
    """The newest deeds that were asked for; those about a concern name its reference."""
    found = select(Deed)
    if asked.person_id:
        found = found.where(or_(Deed.by_id == asked.person_id, Deed.person_id == asked.person_id))
    if asked.kind:
        found = found.where(Deed.what == asked.kind)
    if asked.reference:
        found = found.where(col(Deed.about)["reference"].as_string() == asked.reference)
    found = within(found, col(Deed.at), col(Deed.id), asked)
    return list((await session.exec(found.limit(limit))).all())


def within(found: Any, at: Any, number: Any, asked: Asked) -> Any:
    """A search held to the days asked for and to what comes after the page before, newest first."""
    if asked.since:
        found = found.where(at >= asked.since)
    if asked.until:
        found = found.where(at < asked.until)
    if asked.before:
        when, last = asked.before
        found = found.where(or_(at < when, and_(at == when, number < last)))
    return found.order_by(at.desc(), number.desc())
