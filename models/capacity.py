"""Capacity: what each person owes in the next six weeks, their leave meanwhile, and what falls due with nobody there.

No figure here says how much somebody can do: nobody has measured that. What is shown beside each is the mean.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import london, to_london
from models.people import Absence, Person
from models.reach import Viewer
from models.record import Task
from models.tracker import Choice, fitting

WEEKS = 6
WEEK = timedelta(days=7)


@dataclass
class Load:
    """What one person owes: overdue, and by week; `away` their leave in these weeks, with who covers.

    `unattended` counts what falls due on a day on which they are away with no cover, or after they have left.
    """

    person: Person
    overdue: int = 0
    weeks: list[int] = field(default_factory=lambda: [0] * WEEKS)
    away: list[tuple[Absence, Person | None]] = field(default_factory=list)
    unattended: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.overdue + sum(self.weeks)

    def is_away(self, monday: date) -> bool:
        """Whether they are away, or gone, on any working day of the week that begins so."""
        friday = monday + timedelta(days=4)
        gone = self.person.left_on is not None and self.person.left_on <= friday
        return gone or any(one.first <= friday and one.last >= monday for one, _ in self.away)


@dataclass(frozen=True)
class Capacity:
    """Six weeks from this one on, each by its Monday, and everybody who owes anything in them, most first."""

    mondays: tuple[date, ...]
    loads: tuple[Load, ...]

    @property
    def weeks(self) -> list[int]:
        """How much falls due in each week, all people together."""
        return [sum(one.weeks[week] for one in self.loads) for week in range(WEEKS)]

    @property
    def total(self) -> int:
        """Everything that is owed."""
        return sum(one.total for one in self.loads)

    @property
    def mean(self) -> float:
        """The mean of what a person here owes: for comparison, and nothing more."""
        return self.total / len(self.loads) if self.loads else 0.0


async def capacity(session: AsyncSession, viewer: Viewer, choice: Choice, at: datetime) -> Capacity:
    """What the people within the viewer's reach owe at `at`, and are there for: four queries."""
    today = to_london(at).date()
    monday = today - timedelta(days=today.weekday())
    end = london(monday + WEEKS * WEEK, time())
    asked = fitting(viewer, choice.within(None), at, col(Task.owner_id), col(Task.due_at), func.count())
    asked = asked.where(col(Task.due_at) < end)
    owed = (await session.exec(asked.group_by(col(Task.owner_id), col(Task.due_at)))).all()
    loads = await _loads(session, {one[0] for one in owed}, monday)
    for owner_id, due_at, number in owed:
        _add(loads[owner_id], due_at, number, monday, at)
    ordered = sorted(loads.values(), key=lambda one: (-one.total, one.person.name))
    return Capacity(tuple(monday + week * WEEK for week in range(WEEKS)), tuple(ordered))


def _add(load: Load, due_at: datetime, number: int, monday: date, at: datetime) -> None:
    day = to_london(due_at).date()
    if due_at < at:
        load.overdue += number
    else:
        load.weeks[(day - monday).days // 7] += number
    if _nobody(load, max(day, to_london(at).date())):
        load.unattended += number


def _nobody(load: Load, day: date) -> bool:
    gone = load.person.left_on is not None and load.person.left_on <= day
    return gone or any(one.first <= day <= one.last and cover is None for one, cover in load.away)


async def _loads(session: AsyncSession, owners: Collection[UUID], monday: date) -> dict[UUID, Load]:
    people = await _people(session, owners)
    leave = select(Absence).where(
        col(Absence.person_id).in_(owners), col(Absence.last) >= monday, col(Absence.first) < monday + WEEKS * WEEK
    )
    absences = (await session.exec(leave.order_by(col(Absence.first)))).all()
    covers = await _people(session, {one.cover_id for one in absences if one.cover_id})
    loads = {one: Load(person) for one, person in people.items()}
    for absence in absences:
        loads[absence.person_id].away.append((absence, _there(covers, absence)))
    return loads


def _there(covers: Mapping[UUID, Person], absence: Absence) -> Person | None:
    """Who covers a leave; nobody when the cover leaves before it is over or cannot be reached."""
    cover = covers.get(absence.cover_id) if absence.cover_id else None
    gone = cover is not None and (cover.refused_at or (cover.left_on is not None and cover.left_on <= absence.last))
    return None if gone else cover


async def _people(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Person]:
    return {one.id: one for one in (await session.exec(select(Person).where(col(Person.id).in_(set(ids))))).all()}
