"""Due dates that explain themselves. Pure: standard library only.

Instants are UTC, the rules run in Europe/London. "1 working day" ends at 17:00 of the next working day, "6 weeks"
at 17:00 of that date, rolled back to a working day. Hours for urgent things never pause. Every function takes
`rule`, the policy and figure that its explanation ends with. No explanation names a setting.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
CLOSE_OF_DAY = time(17)
MORNING = time(9)
ONE_DAY = timedelta(days=1)
SATURDAY = 5


class DayCalendar(Protocol):
    """Which days count; `config.calendars.Calendar` is one."""

    @property
    def opens(self) -> time: ...  # noqa: D102  # London, on every opening day
    @property
    def closes(self) -> time: ...  # noqa: D102  # same

    def why_not_working(self, day: date) -> str | None: ...  # noqa: D102  # the holiday's name; None for a working day
    def is_working(self, day: date) -> bool: ...  # noqa: D102  # Monday to Friday less bank holidays
    def is_open(self, day: date) -> bool: ...  # noqa: D102  # the setting's own days


@dataclass(frozen=True)
class Due:
    """A deadline (UTC) and why it is then, in words for the person who owes it."""

    at: datetime
    because: str


def working_days(start: datetime, n: int, cal: DayCalendar, rule: str) -> Due:
    """17:00 of the n-th working day after the start's London date.

    For n = 0 it is 17:00 of that day itself, or of the next working day when that day is none or is over.
    """
    first = _day(start)
    day = _that_day(start, cal) if n == 0 else next(islice(_working_after(first, cal), n - 1, None))
    if n:
        why = f"{_count(n, 'working day')} from {_say_start(first, day)}"
    elif day == first:
        why = f"the same working day, {_say_start(first, day)}"
    else:
        why = f"the next working day after {_say_start(first, day)}"
    return _due(_at(day, CLOSE_OF_DAY), why, _skipped(first, day, cal), rule)


def weeks(start: datetime, n: int, cal: DayCalendar, rule: str) -> Due:
    """17:00 of the date n weeks on, rolled back to a working day (never to before the start)."""
    first = _day(start)
    return _on_or_before(start, first + timedelta(weeks=n), f"{_count(n, 'week')} from", cal, rule)


def school_weeks(start: datetime, n: int, cal: DayCalendar, rule: str, at_most_weeks: int) -> Due:
    """17:00 of the same weekday, n weeks that have an open day on, rolled back to a working day.

    Weeks run from Monday to Sunday. Never more than `at_most_weeks` calendar weeks; the explanation says which
    bound decided.
    """
    first = _day(start)
    monday = first - timedelta(days=first.weekday())
    counted = on = 0
    while counted < n and on < at_most_weeks:
        on += 1
        counted += _has_open_day(monday + timedelta(weeks=on), cal)
    why = f"{_count(n, 'school week')} from"
    passed = on - counted
    note = f"{_count(passed, 'week')} of the setting's closed days not counted" if passed else ""
    if counted < n:
        why, note = f"{_count(on, 'week')} from", f"the most that {_count(n, 'school week')} may take"
    return _on_or_before(start, first + timedelta(weeks=on), why, cal, rule, note=note)


def opening_hours(start: datetime, hours: float, cal: DayCalendar, rule: str) -> Due:
    """So many hours counted only while the setting is open, never past 17:00 of the next working day."""
    last = working_days(start, 1, cal, rule)
    end = _opening_end(start, hours, cal, last.at)
    why = f"{_count(hours, 'opening hour')} from {_say_clock(start, last.at)}"
    if end is None:
        skipped = _skipped(_day(start), _day(last.at), cal)
        return _due(last.at, f"{why}, but no later than the next working day", skipped, rule)
    return _due(end, why, _skipped(_day(start), _day(end), cal, opening=True), rule)


def clock_hours(start: datetime, hours: float, rule: str) -> Due:
    """So many hours on, nights, weekends and holidays included: what is urgent never pauses."""
    end = start.astimezone(UTC) + timedelta(hours=hours)
    return _due(end, f"{_count(hours, 'hour')} from {_say_clock(start, end)}, never paused", "", rule)


def hold_worse(start: datetime, hours: float, cal: DayCalendar, rule: str) -> Due:
    """17:00 of that working day and at least so many opening hours; at most 17:00 of the next working day."""
    same, last = working_days(start, 0, cal, rule), working_days(start, 1, cal, rule)
    end = _opening_end(start, hours, cal, last.at)
    if end is not None and end <= same.at:
        return same
    hours_say = f"{_count(hours, 'opening hour')} from {_say_clock(start, last.at)}"
    if end is not None:
        skipped = _skipped(_day(start), _day(end), cal, opening=True)
        return _due(end, f"{hours_say}, the same working day being too short", skipped, rule)
    skipped = _skipped(_day(start), _day(last.at), cal)
    return _due(last.at, f"{hours_say}, but no later than the next working day", skipped, rule)


def half_way(start: datetime, due: datetime) -> datetime:
    """The instant half way between two."""
    return start.astimezone(UTC) + (due.astimezone(UTC) - start.astimezone(UTC)) / 2


def working_days_before(due_at: datetime, n: int, cal: DayCalendar) -> datetime:
    """09:00 London of the n-th working day before the deadline's date; n = 0 is the date itself."""
    day = _day(due_at)
    for _ in range(n):
        day -= ONE_DAY
        while not cal.is_working(day):
            day -= ONE_DAY
    return _at(day, MORNING)


def working_days_after(due_at: datetime, n: int, cal: DayCalendar) -> datetime:
    """The same London clock time n working days later; the deadline itself for n = 0."""
    if n == 0:
        return due_at
    return _at(_nth_working(due_at, n, cal), due_at.astimezone(LONDON).time())


def morning_after(due_at: datetime, n: int, cal: DayCalendar) -> datetime:
    """09:00 London, n working days after the deadline's date."""
    return _at(_nth_working(due_at, n, cal), MORNING)


def earlier(a: Due, b: Due) -> Due:
    """The earlier of two, with its explanation."""
    return b if b.at < a.at else a


def no_earlier_than(due: Due, floor: Due) -> Due:
    """`due`, or `floor` when that is later, with the explanation of the one that decides."""
    return floor if floor.at > due.at else due


def _day(at: datetime) -> date:
    if at.tzinfo is None:
        raise ValueError("an instant must be aware, not naive")
    return at.astimezone(LONDON).date()


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


def _working_after(day: date, cal: DayCalendar) -> Iterator[date]:
    while True:
        day += ONE_DAY
        if cal.is_working(day):
            yield day


def _nth_working(at: datetime, n: int, cal: DayCalendar) -> date:
    return next(islice(_working_after(_day(at), cal), max(n, 1) - 1, None))


def _that_day(start: datetime, cal: DayCalendar) -> date:
    day = _day(start)
    if cal.is_working(day) and start < _at(day, CLOSE_OF_DAY):
        return day
    return next(_working_after(day, cal))


def _on_or_before(start: datetime, aimed: date, why: str, cal: DayCalendar, rule: str, *, note: str = "") -> Due:
    """17:00 of the aimed day, or of the last working day before it that is still to come."""
    first, day = _day(start), aimed
    while not cal.is_working(day):
        day -= ONE_DAY
    if _at(day, CLOSE_OF_DAY) <= start:  # a long closure would put the deadline before the start
        return working_days(start, 0, cal, rule)
    moved = ""
    if day != aimed:
        moved = f"brought forward from {_say_start(aimed, day)}"
        reason = cal.why_not_working(aimed)
        moved += f", {reason}" if aimed.weekday() < SATURDAY else ""
    notes = "; ".join(filter(None, (note, moved)))
    return _due(_at(day, CLOSE_OF_DAY), f"{why} {_say_start(first, day)}", notes, rule)


def _has_open_day(monday: date, cal: DayCalendar) -> bool:
    return any(cal.is_open(monday + timedelta(days=offset)) for offset in range(7))


def _opening_end(start: datetime, hours: float, cal: DayCalendar, last: datetime) -> datetime | None:
    """When so many opening hours have passed since the start; None when that is after `last`."""
    left, day, start = timedelta(hours=hours), _day(start), start.astimezone(UTC)
    while _at(day, cal.opens) < last:
        opens, closes = max(_at(day, cal.opens), start), _at(day, cal.closes)
        if cal.is_open(day) and opens < closes:
            if opens + left <= closes:
                return opens + left if opens + left <= last else None
            left -= closes - opens
        day += ONE_DAY
    return None


def _skipped(first: date, last: date, cal: DayCalendar, *, opening: bool = False) -> str:
    """Bank holidays between two days by name, and closed days where opening days count; never weekends."""
    between = [first + timedelta(days=offset) for offset in range(1, (last - first).days)]
    weekdays = [day for day in between if day.weekday() < SATURDAY]
    names = list(dict.fromkeys(filter(None, map(cal.why_not_working, weekdays))))
    if opening and any(cal.is_working(day) and not cal.is_open(day) for day in [first, *weekdays]):
        names.append("the setting's closed days")
    if not names:
        return ""
    return f"{' and '.join(filter(None, (', '.join(names[:-1]), names[-1])))} skipped"


def _due(at: datetime, why: str, note: str, rule: str) -> Due:
    return Due(at, f"{_say(at)}: {'; '.join(filter(None, (why, note, rule)))}")


def _say(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def _say_start(day: date, beside: date) -> str:
    """`Thu 2 Apr`, with the year when the deadline lies in another."""
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != beside.year else "")


def _say_clock(at: datetime, beside: datetime) -> str:
    return f"{_say_start(_day(at), _day(beside))} {at.astimezone(LONDON):%H:%M}"


def _count(n: float, what: str) -> str:
    return f"{n:g} {what}" if n == 1 else f"{n:g} {what}s"
