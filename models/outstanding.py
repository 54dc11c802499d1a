"""The open obligations that somebody owes, acts for or oversees: what they must know when nothing runs."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.owed import Shown, on_desk
from models.people import Child, Person, Role
from models.reach import Viewer, oversees, viewer_for
from models.record import Concern, Task

# More than anybody could work through on paper; what is due first comes first.
MOST = 500


async def outstanding(session: AsyncSession, person: Person, at: datetime) -> tuple[Viewer, list[Shown], int]:
    """Who they are at `at` (UTC), their open tasks by deadline, and how many more there are than are given.

    Whoever only runs the system has none: they read no child's name.
    """
    viewer = await viewer_for(session, person, at)
    if not viewer.roles - {Role.ADMINISTRATOR}:
        return viewer, [], 0
    own, _ = await on_desk(session, viewer)
    theirs = col(Task.id).in_([one.id for one in own]) | oversees(viewer)
    open_and_theirs = col(Task.closed_at).is_(None) & theirs
    found = select(Task, Concern, Child, Person).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.join(Child, col(Concern.child_id) == col(Child.id)).join(Person, col(Task.owner_id) == col(Person.id))
    found = found.where(open_and_theirs).order_by(col(Task.due_at), col(Task.id)).limit(MOST)
    rows = [Shown(*row) for row in (await session.exec(found)).all()]
    total = (await session.exec(select(func.count()).select_from(Task).where(open_and_theirs))).one()
    return viewer, rows, total - len(rows)
