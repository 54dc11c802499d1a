"""A month of the tracker: what falls due on each day, and on which days nobody is there to do it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import Calendar
from config.time import london, to_london
from models.people import Child, Role, Setting
from models.permission import SAFEGUARDING
from models.policies import policy_book
from models.reach import Viewer
from models.record import Concern, Task
from models.scene import setting_calendar
from models.tracker import EARLIEST, Choice, Query, fitting, of_task

SHOWN = 3  # of a day's; the rest are counted


@dataclass
class Day:
    """One day: how many fall due, the first of them, which holiday it is, which of the viewer's settings are closed."""

    day: date
    count: int = 0
    due: list[tuple[Task, Concern, Child]] = field(default_factory=list)
    holiday: str = ""
    closed: list[Setting] = field(default_factory=list)


async def month(
    session: AsyncSession, viewer: Viewer, choice: Choice, first: date, at: datetime
) -> tuple[list[Day], int]:
    """The days of the month that begins on `first`, and how many settings the viewer's closures are counted among."""
    days = {one: Day(one) for one in days_of_month(first)}
    starts, ends = london(min(days), time()), london(max(days) + timedelta(days=1), time())
    due = (col(Task.due_at) >= starts, col(Task.due_at) < ends)
    counts: dict[datetime, int] = {}
    for task, concern, child, number in (await session.exec(_first(viewer, choice, at, due))).all():
        counts[task.due_at] = number
        found = days[to_london(task.due_at).date()].due
        if len(found) < SHOWN:
            found.append((task, concern, child))
    for due_at, number in counts.items():
        days[to_london(due_at).date()].count += number
    settings = await _settings(session, viewer, choice)
    await _mark(session, days.values(), settings)
    return list(days.values()), len(settings)


def days_of_month(first: date) -> list[date]:
    """Every day of the month that begins on `first`."""
    found = [first]
    while (after := found[-1] + timedelta(days=1)).month == first.month:
        found.append(after)
    return found


def _first(viewer: Viewer, choice: Choice, at: datetime, due: Iterable[ColumnElement[bool]]) -> Query:
    """The first tasks of each deadline, and how many have it: most of a day's are one instant, in any zone."""
    place = func.row_number().over(partition_by=col(Task.due_at), order_by=col(Task.id)).label(name="place")
    number = func.count().over(partition_by=col(Task.due_at)).label(name="number")
    ranked = fitting(viewer, choice.within(None), at, col(Task.id), place, number).where(*due).subquery()
    asked = of_task(Task, Concern, Child, ranked.c.number).join(ranked, ranked.c.id == col(Task.id))
    return asked.where(ranked.c.place <= SHOWN).order_by(*EARLIEST)


async def _settings(session: AsyncSession, viewer: Viewer, choice: Choice) -> list[Setting]:
    """The settings of the viewer's own reach, or the one chosen."""
    areas = viewer.areas(Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT)
    held = col(Setting.area).in_(areas) | col(Setting.id).in_(viewer.settings(*SAFEGUARDING))
    asked = select(Setting).where(held)
    if choice.area:
        asked = asked.where(Setting.area == choice.area)
    if choice.setting_id:
        asked = asked.where(Setting.id == choice.setting_id)
    return list((await session.exec(asked.order_by(col(Setting.name)))).all())


async def _mark(session: AsyncSession, days: Iterable[Day], settings: Sequence[Setting]) -> None:
    """Say which days are holidays, and on which working days which settings are closed."""
    book, marked = await policy_book(session), list(days)
    calendars = {one.id: setting_calendar(one, book.for_area(one.area, marked[0].day)) for one in settings}
    for day in marked:
        why = {_holiday(calendars[one.id], day.day) for one in settings}
        day.holiday = ", ".join(sorted(one for one in why if one))
        if not day.holiday and day.day.weekday() < 5:
            day.closed = [one for one in settings if not calendars[one.id].is_open(day.day)]


def _holiday(calendar: Calendar, day: date) -> str:
    return calendar.holidays.get(day, "")
