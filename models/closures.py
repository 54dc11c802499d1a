"""A setting's closures: stretches of days on which nobody is there. Pure: standard library only.

A closure is a closed period of the setting with whatever touches it: weekends, bank holidays, the next closed period.
So its first day follows an open day and an open day follows its last. Instants are UTC, days are London's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from models.deadlines import CLOSE_OF_DAY, DayCalendar, Due, working_days, working_days_before

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
# A setting that is open again is asked about its children after the day has begun, clear of midnight's own tasks.
FIRST_MINUTE = time(0, 1)


class SettingCalendar(DayCalendar, Protocol):
    """A setting's days, with its closed periods; `config.calendars.Calendar` is one."""

    @property
    def closed(self) -> Sequence[tuple[date, date]]: ...  # noqa: D102  # (first, last), both included


@dataclass(frozen=True, order=True)
class Closure:
    """The first and the last day on which nobody is there, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def length(self) -> int:
        """How many calendar days it lasts."""
        return (self.last - self.first).days + 1

    @property
    def begins_at(self) -> datetime:
        """The instant at which its first day begins."""
        return _at(self.first, time())


def closures(calendar: SettingCalendar, at_least: int) -> list[Closure]:
    """The closures of at least so many calendar days, in order, each once however many periods it is made of."""
    joined = {_joined(first, last, calendar) for first, last in calendar.closed}
    return sorted(one for one in joined if one.length >= at_least)


def _joined(first: date, last: date, calendar: SettingCalendar) -> Closure:
    while not calendar.is_open(first - ONE_DAY):
        first -= ONE_DAY
    while not calendar.is_open(last + ONE_DAY):
        last += ONE_DAY
    return Closure(first, last)


def asked_at(closure: Closure, lead: int, calendar: DayCalendar) -> datetime:
    """When cover is asked for: 09:00 of the day so many working days before its first."""
    return working_days_before(closure.begins_at, lead, calendar)


def cover_due(closure: Closure, at: datetime, calendar: DayCalendar, rule: str) -> Due:
    """17:00 of the last working day before it; where that is over, the moment it begins."""
    day = closure.first - ONE_DAY
    while not calendar.is_working(day):
        day -= ONE_DAY
    due = _at(day, CLOSE_OF_DAY)
    if due > at:
        return Due(due, f"{_say(due)}: the last working day before the setting closes; {rule}")
    return Due(closure.begins_at, f"{_say(closure.begins_at)}: when the setting closes; {rule}")


def first_day_due(day: date, at: datetime, calendar: DayCalendar, rule: str) -> Due:
    """17:00 of the first day back; found too late for that, of the first working day that is not over."""
    due = _at(day, CLOSE_OF_DAY)
    if due > at:
        return Due(due, f"{_say(due)}: the first day on which the setting is open again; {rule}")
    return working_days(at, 0, calendar, rule)


def back_on(last: date, calendar: DayCalendar) -> date:
    """The first day after `last` on which the setting is open."""
    day = last + ONE_DAY
    while not calendar.is_open(day):
        day += ONE_DAY
    return day


def is_back(day: date, at: datetime) -> bool:
    """Whether that first open day has begun at `at`."""
    return at >= _at(day, FIRST_MINUTE)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


def _say(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%a %-d %b %Y %H:%M}"
