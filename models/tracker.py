"""The coordinator's tracker: which assessments and reviews somebody may see, how many there are, and where each stands.

What is counted is counted by the database, and by an index alone: a task carries its concern's area and setting. A
concern is joined only where its reviews are asked about, its child only where the clock is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, true
from sqlalchemy import select as sa_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import london, to_london
from models.lifecycle import Kind
from models.people import Child
from models.reach import Viewer, oversees
from models.record import Concern, Task
from models.views import REVIEWS

# SQLAlchemy and SQLModel type a selection of several tables differently.
Query = Any
# Where no change at review after review led to a referral, what is owed is no review any more; the child still counts.
AFTER_REVIEWS = (Kind.CONFIRM_REFERRAL, Kind.AWAIT_DECISION, Kind.RESOLVE_DISAGREEMENT)
TRACKED = (*REVIEWS, *AFTER_REVIEWS)
# How many days without improvement a list can be held to, at least: multiples of four weeks.
SPANS = (28, 56, 84, 168, 364)
UNCHANGED_OFTEN = 2
EARLIEST = (col(Task.due_at), col(Task.id))  # as the indexes have them
# Spelt out in every statement, for a database uses a partial index only where it can read that its condition holds.
OF_TRACKER = col(Task.kind).in_(bindparam("tracked", TRACKED, expanding=True, literal_execute=True))


class Column(StrEnum):
    """A column of the board: four by when something is due, two by what the last reviews found."""

    OVERDUE = "overdue"
    THIS_WEEK = "this-week"
    NEXT_WEEK = "next-week"
    LATER = "later"
    UNCHANGED_ONCE = "unchanged-once"
    UNCHANGED_TWICE = "unchanged-twice"


BY_DUE = (Column.OVERDUE, Column.THIS_WEEK, Column.NEXT_WEEK, Column.LATER)
BY_OUTCOME = (Column.UNCHANGED_ONCE, Column.UNCHANGED_TWICE)


@dataclass(frozen=True)
class Choice:
    """What somebody has chosen to see; nothing chosen is everything within their reach. `day` is London's."""

    area: str = ""
    setting_id: UUID | None = None
    owner_id: UUID | None = None
    kind: Kind | None = None
    days: int = 0
    column: Column | None = None
    day: date | None = None

    def within(self, column: Column | None) -> "Choice":
        """The same in another column, whatever the day."""
        return replace(self, column=column, day=None)


@dataclass(frozen=True)
class Group:
    """How many tasks of one kind one person owes at one setting, by column; "all" and "day" beside them."""

    area: str
    setting_id: UUID
    owner_id: UUID
    kind: Kind
    counts: Mapping[str, int]


def monday_after(at: datetime) -> datetime:
    """The instant (UTC) at which the week of `at` ends: London's next Monday, midnight."""
    today = to_london(at).date()
    return london(today + timedelta(days=7 - today.weekday()), time())


def day_of(day: date) -> tuple[datetime, datetime]:
    """The first instant of a day of London and of the one after."""
    return london(day, time()), london(day + timedelta(days=1), time())


def column_of(column: Column, at: datetime) -> ColumnElement[bool]:
    """The condition on Task and Concern for one column of the board at `at`."""
    if column in BY_DUE:
        return and_(is_review(), _due(at)[column])
    unchanged = col(Concern.unchanged_running)
    return unchanged == 1 if column == Column.UNCHANGED_ONCE else unchanged >= UNCHANGED_OFTEN


def _due(at: datetime) -> dict[Column, ColumnElement[bool]]:
    monday = monday_after(at)
    next_monday = monday_after(monday)
    due = col(Task.due_at)
    return {
        Column.OVERDUE: due < at,
        Column.THIS_WEEK: and_(due >= at, due < monday),
        Column.NEXT_WEEK: and_(due >= monday, due < next_monday),
        Column.LATER: due >= next_monday,
    }


def is_review() -> ColumnElement[bool]:
    """The condition on Task: an assessment or a review."""
    return col(Task.kind).in_(REVIEWS)


def tracked(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on Task: open, of the tracker's kinds, of the viewer's settings and areas."""
    return and_(col(Task.closed_at).is_(None), OF_TRACKER, oversees(viewer))


def chosen(choice: Choice, at: datetime) -> list[ColumnElement[bool]]:
    """The conditions on Task, Concern and Child that a choice adds."""
    conditions = [column_of(choice.column, at) if choice.column else is_review()]
    if choice.day:
        first, after = day_of(choice.day)
        conditions += [col(Task.due_at) >= first, col(Task.due_at) < after]
    if choice.area:
        conditions.append(col(Task.area) == choice.area)
    if choice.setting_id:
        conditions.append(col(Task.setting_id) == choice.setting_id)
    if choice.owner_id:
        conditions.append(col(Task.owner_id) == choice.owner_id)
    if choice.kind:
        conditions.append(col(Task.kind) == choice.kind)
    return [*conditions, *unimproved(choice.days, at)]


def unimproved(days: int, at: datetime) -> list[ColumnElement[bool]]:
    """The condition on Child: at least so many days (London) without improvement; none for 0."""
    if not days:
        return []
    _, after = day_of(to_london(at).date() - timedelta(days=days))
    return [col(Child.clock_from) < after]


async def tally(session: AsyncSession, viewer: Viewer, choice: Choice, at: datetime) -> list[Group]:
    """How many the viewer may see in each column, by setting, owner and kind: two queries.

    Only `days` and `day` of the choice narrow it; the rest is left to `count`, so that a filter can offer everything.
    """
    reviews = {column.value: when for column, when in _due(at).items()} | {"all": true()}
    if choice.day:
        first, after = day_of(choice.day)
        reviews["day"] = and_(col(Task.due_at) >= first, col(Task.due_at) < after)
    unchanged = {column.value: column_of(column, at) for column in BY_OUTCOME}
    found: dict[tuple[Any, ...], dict[str, int]] = {}
    for counted, conditions in ((reviews, (is_review(),)), (unchanged, was_unchanged())):
        asked = _numbers(viewer, choice, at, counted).where(*conditions)
        for row in (await session.exec(asked)).all():
            found.setdefault(tuple(row[:4]), {}).update(zip(counted, row[4:], strict=True))
    none = dict.fromkeys([*reviews, *unchanged], 0)
    return [Group(by[0], by[1], by[2], by[3], none | counts) for by, counts in found.items()]


def _numbers(viewer: Viewer, choice: Choice, at: datetime, counted: Mapping[str, ColumnElement[bool]]) -> Query:
    by = (col(Task.area), col(Task.setting_id), col(Task.owner_id), col(Task.kind))
    numbers = (func.count().filter(one).label(f"n_{place}") for place, one in enumerate(counted.values()))
    asked = of_task(*by, *numbers, concerns=not set(counted).isdisjoint(BY_OUTCOME), children=bool(choice.days))
    return asked.where(tracked(viewer), *unimproved(choice.days, at)).group_by(*by)


def count(groups: Iterable[Group], choice: Choice, what: str) -> int:
    """How many of these fit the choice, in a column (or "all", "day")."""
    return sum(one.counts[what] for one in groups if _fits(one, choice))


def _fits(group: Group, choice: Choice) -> bool:
    asked = (
        (choice.area, group.area),
        (choice.setting_id, group.setting_id),
        (choice.owner_id, group.owner_id),
        (choice.kind, group.kind),
    )
    return all(not wanted or wanted == has for wanted, has in asked)


def of_task(*shown: Any, concerns: bool = True, children: bool = True) -> Query:
    """A selection of these tables or columns, from tasks, and where need be from their concerns and the children."""
    asked = sa_select(*shown).select_from(Task)
    if concerns or children:
        asked = asked.join(Concern, col(Task.concern_id) == col(Concern.id))
    return asked.join(Child, col(Concern.child_id) == col(Child.id)) if children else asked


def fitting(viewer: Viewer, choice: Choice, at: datetime, *shown: Any) -> Query:
    """A selection from what fits the choice; it asks concerns and children only what the choice asks of them."""
    concerns = choice.column in BY_OUTCOME
    asked = of_task(*shown, concerns=concerns, children=bool(choice.days))
    asked = asked.where(*was_unchanged()) if concerns else asked
    return asked.where(tracked(viewer), *chosen(choice, at))


def was_unchanged() -> tuple[ColumnElement[bool], ...]:
    """The conditions on Concern for the few whose last review found no change, as their index has them."""
    return col(Concern.closed_at).is_(None), col(Concern.unchanged_running) > literal_column("0")
