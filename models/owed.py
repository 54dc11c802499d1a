"""What somebody owes or acts for today: their own open tasks, and those of people who are not there and fall to them.

Candidates are found in SQL; who acts for an absent owner is resolved by models.staff, as everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, null, or_, true, union, union_all
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.covers import covered_by, covered_until
from models.people import Absence, Child, Person, Role
from models.permission import SAFEGUARDING
from models.reach import Viewer
from models.record import Concern, Task
from models.staff import Place, Staff, load_staff

Ids = Select[Any]
_TASK = (col(Task.id), col(Task.owner_id), col(Task.role), col(Task.due_at))


@dataclass(frozen=True)
class Owed:
    """One open task on somebody's desk, as little of it as finding, sorting and counting need.

    `owner_id` owes it; `acting` acts for it today, where that is somebody else; `until` a day, where that is because
    the owner's setting is closed.
    """

    id: UUID
    owner_id: UUID
    role: str
    due_at: datetime
    setting_id: UUID | None = None
    area: str | None = None
    acting: Person | None = None
    until: date | None = None

    @property
    def place(self) -> Place | None:
        """Whose people act on it, where it has been asked for."""
        return Place(self.setting_id, self.area) if self.setting_id and self.area else None


@dataclass(frozen=True)
class Shown:
    """A task as a desk shows it, with what surrounds it."""

    task: Task
    concern: Concern
    child: Child
    owner: Person


async def on_desk(session: AsyncSession, viewer: Viewer, places: Iterable[Place] = ()) -> tuple[list[Owed], Staff]:
    """Every open task that is the viewer's own or falls to them today, earliest deadline first.

    Besides the staff that was asked: of `places` and of wherever somebody's task may fall to the viewer.
    """
    covered = await _covered(session, viewer)
    # In this order: the first of a union says of which types its columns are, and one's own have no place.
    asked: Any = union_all(_of_the_absent(viewer, covered), _own(viewer))
    rows = [Owed(*row) for row in (await session.exec(asked)).all()]
    closed = await _of_the_closed(session, viewer) if viewer.looks_after else []
    rows = [one for one in rows if one.id not in {each.id for each in closed}] + closed
    others = {one.place for one in rows if one.place}
    owners = {one.owner_id for one in rows} | {viewer.person.id}
    staff = await load_staff(session, {*places, *others}, owners)
    if not staff.is_there(viewer.person, viewer.day):
        # Somebody looks at their own desk while they are away: it says who acts for them.
        rows = await _placed(session, viewer, rows)
        staff = await load_staff(session, {*places, *(one.place for one in rows if one.place)}, owners)
    found = (_resolved(one, staff, viewer) for one in rows)
    return sorted((one for one in found if one), key=lambda one: (one.due_at, str(one.id))), staff


def _resolved(one: Owed, staff: Staff, viewer: Viewer) -> Owed | None:
    if one.until or staff.is_there(staff.people[one.owner_id], viewer.day) or one.place is None:
        return one  # nobody else's task is a candidate while its owner is there
    acting = staff.acting(one.owner_id, one.role, one.place, viewer.day)
    if viewer.person.id not in (one.owner_id, acting.id):
        return None
    return replace(one, acting=acting)


async def _of_the_closed(session: AsyncSession, viewer: Viewer) -> list[Owed]:
    """Tasks of people whose setting is closed, of the concerns that the viewer looks after meanwhile."""
    asked: Any = _with_places().add_columns(col(Concern.id)).where(covered_by(viewer.person.id, viewer.day))
    asked = asked if viewer.only is None else asked.where(col(Concern.setting_id).in_(viewer.only))
    last = await covered_until(session, viewer.person.id, viewer.day)
    rows = (await session.exec(asked)).all()
    return [replace(Owed(*row[:6]), acting=viewer.person, until=last[row[6]]) for row in rows]


def _own(viewer: Viewer) -> Any:
    """Without their concerns, which hundreds of tasks of somebody at work need not be asked for."""
    own = sa_select(*_TASK, null(), null()).where(col(Task.owner_id) == viewer.person.id, col(Task.closed_at).is_(None))
    if viewer.only is None:
        return own
    return own.join(Concern, col(Task.concern_id) == col(Concern.id)).where(col(Concern.setting_id).in_(viewer.only))


async def _placed(session: AsyncSession, viewer: Viewer, rows: Sequence[Owed]) -> list[Owed]:
    asked: Any = _with_places().where(col(Task.owner_id) == viewer.person.id)
    places = {row[0]: (row[4], row[5]) for row in (await session.exec(asked)).all()}
    return [
        replace(one, setting_id=places[one.id][0], area=places[one.id][1]) if one.id in places else one for one in rows
    ]


def _with_places() -> Any:
    asked = sa_select(*_TASK, col(Concern.setting_id), col(Concern.area))
    return asked.join(Concern, col(Task.concern_id) == col(Concern.id)).where(col(Task.closed_at).is_(None))


def _of_the_absent(viewer: Viewer, covered: frozenset[UUID]) -> Any:
    others = col(Task.owner_id) != viewer.person.id
    found = _with_places().where(others, col(Task.owner_id).in_(not_there(viewer.day)), _falls_to(viewer, covered))
    return found if viewer.only is None else found.where(col(Concern.setting_id).in_(viewer.only))


def _falls_to(viewer: Viewer, covered: frozenset[UUID]) -> ColumnElement[bool]:
    """Where an absent owner's task could fall to the viewer: where they act in a role of the climb, or as cover."""
    if viewer.is_administrator:
        return true()
    return or_(
        col(Task.owner_id).in_(covered),
        col(Concern.setting_id).in_(viewer.settings(*SAFEGUARDING)),
        col(Concern.area).in_(viewer.areas(Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT)),
    )


def not_there(day: date) -> Ids:
    """Whoever is away on that day of London, has left, or cannot be reached."""
    away = select(Absence.person_id).where(col(Absence.first) <= day, col(Absence.last) >= day)
    gone = select(Person.id).where(or_(col(Person.left_on) <= day, col(Person.refused_at).is_not(None)))
    return sa_select(union(away, gone).subquery().c[0])


async def _covered(session: AsyncSession, viewer: Viewer) -> frozenset[UUID]:
    """Whom the viewer covers today, and whom those would cover."""
    found = set(viewer.covers)
    new = found
    while new:
        today = select(Absence.person_id).where(
            col(Absence.cover_id).in_(new), col(Absence.first) <= viewer.day, col(Absence.last) >= viewer.day
        )
        new = set((await session.exec(today)).all()) - found
        found |= new
    return frozenset(found)


async def shown(session: AsyncSession, ids: Sequence[UUID]) -> list[Shown]:
    """These tasks with their concerns, children and owners, earliest deadline first."""
    found = select(Task, Concern, Child, Person).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.join(Child, col(Concern.child_id) == col(Child.id)).join(Person, col(Task.owner_id) == col(Person.id))
    rows = (await session.exec(found.where(col(Task.id).in_(ids)).order_by(col(Task.due_at), col(Task.id)))).all()
    return [Shown(*row) for row in rows]


async def owned(session: AsyncSession, person_id: UUID) -> list[Shown]:
    """Every open task that somebody owes by name: what they would hand over; at most 500."""
    ids = select(Task.id).where(col(Task.owner_id) == person_id, col(Task.closed_at).is_(None))
    return await shown(session, (await session.exec(ids.order_by(col(Task.due_at)).limit(500))).all())
