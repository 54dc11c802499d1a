"""What the holiday bridge looks at: the closures of every setting, and which concerns each of its steps is for."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import Calendar
from config.time import to_london
from models.closures import Closure, asked_at, back_on, closures, is_back
from models.lifecycle import Kind
from models.people import Absence, Person, Setting
from models.policies import policy_book
from models.record import Concern, Task
from models.scene import setting_calendar
from models.standing import ClosureCover

# How many settings one statement names; the others are found when these are done.
AT_ONCE = 50
CONCERN = col(ClosureCover.concern_id)
OPEN = col(Concern.closed_at).is_(None)
ASKED = (col(Task.kind) == Kind.NAME_COVER) & col(Task.closed_at).is_(None)


@dataclass(frozen=True)
class Shut:
    """A setting's calendar, its closures that need cover, and how many working days before one cover is asked for."""

    calendar: Calendar
    closures: list[Closure]
    lead: int

    def on(self, day: date) -> Closure | None:
        """The closure that this day is in."""
        return next((one for one in self.closures if day in one), None)

    def near(self, at: datetime) -> Closure | None:
        """The next closure, once it is time to ask for cover."""
        ahead = next((one for one in self.closures if one.begins_at > at), None)
        return ahead if ahead and asked_at(ahead, self.lead, self.calendar) <= at else None


@dataclass(frozen=True)
class Ground:
    """Every setting by id, at an instant (UTC) on a day of London."""

    at: datetime
    day: date
    settings: dict[UUID, Shut]

    @cached_property
    def shut_today(self) -> dict[UUID, Closure]:
        """The settings that are closed today."""
        found = {setting: shut.on(self.day) for setting, shut in self.settings.items()}
        return {setting: closure for setting, closure in found.items() if closure}

    @cached_property
    def shut_soon(self) -> dict[UUID, Closure]:
        """The settings that are asked for cover now."""
        found = {setting: shut.near(self.at) for setting, shut in self.settings.items()}
        return {setting: closure for setting, closure in found.items() if closure}


Finder = Callable[[AsyncSession, Ground, Collection[UUID], int], Awaitable[list[UUID]]]


async def ground_at(session: AsyncSession, at: datetime, of: Collection[UUID] | None = None) -> Ground:
    """The closures of every setting, or of those of the concerns `of`, under the policies in force."""
    book, day = await policy_book(session), to_london(at).date()
    wanted = select(Setting)
    if of is not None:
        wanted = wanted.where(col(Setting.id).in_(select(Concern.setting_id).where(col(Concern.id).in_(of))))
    settings = (await session.exec(wanted)).all()
    policies = {area: book.for_area(area, day) for area in {one.area for one in settings}}
    found: dict[UUID, Shut] = {}
    joined: dict[object, list[Closure]] = {}
    for one in settings:
        policy = policies[one.area]
        calendar = setting_calendar(one, policy)
        # The settings of an area mostly close on the same days.
        days = (calendar.closed, calendar.extra_open, policy.extra_holidays)
        if (known := (days, int(policy.figure("closure_at_least")))) not in joined:
            joined[known] = closures(calendar, known[1])
        shut = joined[known]
        found[one.id] = Shut(calendar, shut, int(policy.figure("closure_cover_lead")))
    return Ground(at, day, found)


def as_it_stands(row: Closure, shut: Sequence[Closure], day: date) -> Closure | None:
    """The days of a cover as the setting's closures now have them; None when it is not needed any more.

    One that has begun keeps its first day. It ends yesterday where the setting opened early.
    """
    same = next((one for one in shut if one.first == row.first), None)
    if same or row.last < day:
        return same or row
    if row.first > day:
        return None
    now = next((one for one in shut if day in one), None)
    if now:
        return Closure(row.first, now.last)
    return Closure(row.first, date.fromordinal(day.toordinal() - 1)) if row.first < day else None


async def find_moved(session: AsyncSession, ground: Ground, skip: Collection[UUID], limit: int) -> list[UUID]:
    """Concerns whose task or cover is for days on which the setting is not closed as it was."""
    asked = select(Task.setting_id, Task.lapse_at).where(ASKED).distinct()
    stale_tasks = [
        (col(Task.setting_id) == setting) & (col(Task.lapse_at) == lapse_at)
        for setting, lapse_at in (await session.exec(asked)).all()
        if lapse_at not in {one.begins_at for one in ground.settings[setting].closures}
    ]
    named = (
        select(col(Concern.setting_id), col(ClosureCover.first), col(ClosureCover.last))
        .join(Concern)
        .where(OPEN, _standing())
    )
    stale_rows = [
        (col(Concern.setting_id) == setting) & (col(ClosureCover.first) == first) & (col(ClosureCover.last) == last)
        for setting, first, last in (await session.exec(named.distinct())).all()
        if as_it_stands(Closure(first, last), ground.settings[setting].closures, ground.day) != Closure(first, last)
    ]
    ids: list[UUID] = []
    if stale_tasks:
        tasks = select(Task.concern_id).where(ASKED, or_(*stale_tasks[:AT_ONCE]))
        ids += await _some(session, tasks, col(Task.concern_id), skip, limit)
    if stale_rows:
        rows = select(ClosureCover.concern_id).join(Concern).where(OPEN, _standing(), or_(*stale_rows[:AT_ONCE]))
        ids += await _some(session, rows, CONCERN, skip, limit)
    return list(dict.fromkeys(ids))[:limit]


async def find_gone(session: AsyncSession, ground: Ground, skip: Collection[UUID], limit: int) -> list[UUID]:
    """Concerns whose cover is not there: today in a closure that runs, on any day of one to come."""
    begun = col(ClosureCover.first) <= ground.day
    leaves = or_(begun & (col(Person.left_on) <= ground.day), ~begun & (col(Person.left_on) <= col(ClosureCover.last)))
    gone = or_(col(Person.refused_at).is_not(None), leaves)
    today = (col(Absence.first) <= ground.day) & (col(Absence.last) >= ground.day)
    then = (col(Absence.first) <= col(ClosureCover.last)) & (col(Absence.last) >= col(ClosureCover.first))
    away = exists().where(col(Absence.person_id) == col(ClosureCover.person_id), or_(begun & today, ~begun & then))
    found = select(ClosureCover.concern_id).join(Concern).join(Person, col(ClosureCover.person_id) == col(Person.id))
    found = found.where(OPEN, _standing(), col(ClosureCover.last) >= ground.day, or_(gone, away))
    return await _some(session, found, CONCERN, skip, limit)


async def find_begun(session: AsyncSession, ground: Ground, skip: Collection[UUID], limit: int) -> list[UUID]:
    """Open concerns that nobody looks after, of settings that are closed today."""
    if not ground.shut_today:
        return []
    covered = exists().where(
        col(ClosureCover.concern_id) == col(Concern.id),
        col(ClosureCover.first) <= ground.day,
        col(ClosureCover.last) >= ground.day,
    )
    found = select(Concern.id).where(OPEN, col(Concern.setting_id).in_(list(ground.shut_today)), ~covered)
    return await _some(session, found, col(Concern.id), skip, limit)


async def find_near(session: AsyncSession, ground: Ground, skip: Collection[UUID], limit: int) -> list[UUID]:
    """Open concerns of settings that close soon, for which nobody is named and nobody has been asked."""
    if not ground.shut_soon:
        return []
    # Read once: asked concern by concern, SQLite would look through every such task for each.
    asked = select(Task.concern_id).where(ASKED)
    found = select(Concern.id).where(OPEN, col(Concern.id).not_in(asked), _near_unnamed(ground))
    return await _some(session, found, col(Concern.id), skip, limit)


def _near_unnamed(ground: Ground) -> ColumnElement[bool]:
    """One condition a first day, of which there are few: most settings of an area close on the same."""
    by_first: dict[date, list[UUID]] = {}
    for setting, closure in ground.shut_soon.items():
        by_first.setdefault(closure.first, []).append(setting)
    return or_(
        false(),
        *(
            and_(
                col(Concern.setting_id).in_(settings),
                ~exists().where(col(ClosureCover.concern_id) == col(Concern.id), col(ClosureCover.first) == first),
            )
            for first, settings in by_first.items()
        ),
    )


async def find_back(session: AsyncSession, ground: Ground, skip: Collection[UUID], limit: int) -> list[UUID]:
    """Concerns that somebody looked after, of settings that are open again."""
    ended = select(col(Concern.setting_id), col(ClosureCover.last)).join(Concern)
    ended = ended.where(_standing(), col(ClosureCover.last) < ground.day).distinct()
    back = [
        (col(Concern.setting_id) == setting) & (col(ClosureCover.last) == last)
        for setting, last in (await session.exec(ended)).all()
        if is_back(back_on(last, ground.settings[setting].calendar), ground.at)
    ]
    if not back:
        return []
    found = select(ClosureCover.concern_id).join(Concern).where(_standing(), or_(*back[:AT_ONCE]))
    return await _some(session, found, CONCERN, skip, limit)


def _standing() -> ColumnElement[bool]:
    return col(ClosureCover.returned_at).is_(None)


async def _some(session: AsyncSession, found: Any, concern: Any, skip: Collection[UUID], limit: int) -> list[UUID]:
    wanted = found.where(concern.not_in(list(skip))) if skip else found
    return list((await session.exec(wanted.order_by(concern).limit(limit).distinct())).all())
