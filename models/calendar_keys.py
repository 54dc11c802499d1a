"""Keys of calendar feeds: made, ended, and from a key to its person and what is due within their reach.

A calendar program cannot sign in, so that the address is the key. It opens references and dates, nothing of a child.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.secret import digest, new_token
from models.access import CalendarKey
from models.people import Person
from models.reach import Viewer, viewer_for
from models.record import Concern, Task
from models.tracker import EARLIEST, Choice, fitting, of_task

MOST = 1_000  # events of one feed: the most pressing
STALE = timedelta(hours=1)  # how stale `used_at` may be


async def make_key(session: AsyncSession, person: Person, wall: datetime) -> str:
    """A new key; returns the last part of its address, which is kept nowhere."""
    token = new_token()
    session.add(CalendarKey(person_id=person.id, token=digest(token), made_at=wall))
    return token


async def keys_of(session: AsyncSession, person: Person) -> Sequence[CalendarKey]:
    """Somebody's keys that still open something, newest first."""
    found = select(CalendarKey).where(CalendarKey.person_id == person.id, col(CalendarKey.ended_at).is_(None))
    return (await session.exec(found.order_by(col(CalendarKey.made_at).desc()))).all()


async def end_key(session: AsyncSession, person: Person, key_id: UUID, wall: datetime) -> None:
    """End one of somebody's own keys; again, or another's, changes nothing."""
    own = (col(CalendarKey.id) == key_id, col(CalendarKey.person_id) == person.id, col(CalendarKey.ended_at).is_(None))
    await session.exec(update(CalendarKey).where(*own).values(ended_at=wall))


async def holder(session: AsyncSession, token: str, at: datetime) -> tuple[CalendarKey, Viewer] | None:
    """The key and whose it is, with their reach at `at`; None when it opens nothing (any more)."""
    found = select(CalendarKey, Person).join(Person, col(CalendarKey.person_id) == col(Person.id))
    found = found.where(CalendarKey.token == digest(token), col(CalendarKey.ended_at).is_(None))
    row = (await session.exec(found)).first()
    if row is None:
        return None
    key, person = row
    viewer = await viewer_for(session, person, at)
    return None if person.left_on is not None and person.left_on <= viewer.day else (key, viewer)


async def used(session: AsyncSession, key: CalendarKey, wall: datetime) -> None:
    """Somebody's calendar has asked."""
    await session.exec(update(CalendarKey).where(col(CalendarKey.id) == key.id).values(used_at=wall))


async def due_for(session: AsyncSession, viewer: Viewer, at: datetime) -> list[tuple[Task, Concern]]:
    """What is due within the viewer's reach, earliest first."""
    ids = fitting(viewer, Choice(), at, col(Task.id)).order_by(*EARLIEST).limit(MOST).subquery()
    asked = of_task(Task, Concern, children=False).join(ids, ids.c.id == col(Task.id))
    rows = await session.exec(asked.order_by(*EARLIEST))
    return [(task, concern) for task, concern in rows.all()]
