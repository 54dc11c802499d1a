"""The coordinator's tracker: which assessments and reviews somebody may see, how many there are, and where each stands.

What is counted is counted by the database: a board with a hundred thousand concerns behind it costs three queries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func
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
EARLIEST = (col(Task.due_at), col(Task.id))  # as the index `task_tracked` has them


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
    monday = monday_after(at)
    next_monday = monday_after(monday)
    due, unchanged = col(Task.due_at), col(Concern.unchanged_running)
    ends = {
        Column.OVERDUE: due < at,
        Column.THIS_WEEK: and_(due >= at, due < monday),
        Column.NEXT_WEEK: and_(due >= monday, due < next_monday),
        Column.LATER: due >= next_monday,
    }
    if column in ends:
        return and_(is_review(), ends[column])
    return unchanged == 1 if column == Column.UNCHANGED_ONCE else unchanged >= UNCHANGED_OFTEN


def is_review() -> ColumnElement[bool]:
    """The condition on Task: an assessment or a review."""
    return col(Task.kind).in_(REVIEWS)


def tracked(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on Task and Concern: open, of the tracker's kinds, of the viewer's settings and areas."""
    return and_(col(Task.closed_at).is_(None), col(Task.kind).in_(TRACKED), oversees(viewer))


def chosen(choice: Choice, at: datetime) -> list[ColumnElement[bool]]:
    """The conditions on Task, Concern and Child that a choice adds."""
    conditions = [column_of(choice.column, at) if choice.column else is_review()]
    if choice.day:
        first, after = day_of(choice.day)
        conditions += [col(Task.due_at) >= first, col(Task.due_at) < after]
    if choice.area:
        conditions.append(col(Concern.area) == choice.area)
    if choice.setting_id:
        conditions.append(col(Concern.setting_id) == choice.setting_id)
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
    """How many the viewer may see in each column, by setting, owner and kind: one query.

    Only `days` and `day` of the choice narrow it; the rest is left to `count`, so that a filter can offer everything.
    """
    counted = {column.value: column_of(column, at) for column in Column} | {"all": is_review()}
    if choice.day:
        first, after = day_of(choice.day)
        counted["day"] = and_(is_review(), col(Task.due_at) >= first, col(Task.due_at) < after)
    by = (col(Concern.area), col(Concern.setting_id), col(Task.owner_id), col(Task.kind))
    numbers = (func.count().filter(one).label(f"n_{place}") for place, one in enumerate(counted.values()))
    asked = of_task(*by, *numbers, children=bool(choice.days)).where(tracked(viewer), *unimproved(choice.days, at))
    rows = (await session.exec(asked.group_by(*by))).all()
    return [Group(row[0], row[1], row[2], row[3], dict(zip(counted, row[4:], strict=True))) for row in rows]


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


def of_task(*shown: Any, children: bool = True) -> Query:
    """A selection of these tables or columns, from tasks to their concerns, and where need be to the children."""
    asked = sa_select(*shown).select_from(Task).join(Concern, col(Task.concern_id) == col(Concern.id))
    return asked.join(Child, col(Concern.child_id) == col(Child.id)) if children else asked


def first_of(viewer: Viewer, choice: Choice, column: Column, limit: int, at: datetime) -> Query:
    """The ids of a column's most pressing tasks."""
    ids = of_task(col(Task.id), children=bool(choice.days)).where(tracked(viewer), *chosen(choice.within(column), at))
    return ids.order_by(*EARLIEST).limit(limit)
