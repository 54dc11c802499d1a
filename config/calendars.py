"""Which days count: England's bank holidays, and the days and hours a setting is open.

A working day is Monday to Friday less England's bank holidays. Opening days are a setting's own: working days
and its extra ones, less its closed periods. Social care's clocks use working days: they run through school
holidays.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache, lru_cache
from types import MappingProxyType

import holidays

from config.errors import BadInput
from config.instants import read_day

WEEKEND = {5: "Saturday", 6: "Sunday"}
# Years in which a clock can run. One-off holidays not proclaimed yet are added by `extra_holidays`.
FIRST_YEAR, LAST_YEAR = 2010, 2070
EXTRA = "extra bank holiday"
# The package's names where GOV.UK's differ, so that an explanation reads like the official list.
GOV_UK = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
}


@dataclass(frozen=True)
class Calendar:
    """The days and hours of one setting, Europe/London; `closed` are (first, last) days, both included."""

    holidays: Mapping[date, str]
    closed: tuple[tuple[date, date], ...] = ()
    extra_open: frozenset[date] = frozenset()
    opens: time = time(8, 30)
    closes: time = time(15, 30)

    def why_not_working(self, day: date) -> str | None:
        """`Saturday`, `Good Friday`, …; None for a working day."""
        return WEEKEND.get(day.weekday()) or self.holidays.get(day)

    def is_working(self, day: date) -> bool:
        """Whether deadlines can fall on this day."""
        return self.why_not_working(day) is None

    def is_open(self, day: date) -> bool:
        """Whether the setting is open on this day; a closed period has the last word."""
        if any(first <= day <= last for first, last in self.closed):
            return False
        return day in self.extra_open or self.is_working(day)


def england_holidays(first_year: int, last_year: int, extra: Iterable[date] = ()) -> dict[date, str]:
    """England's bank holidays by day, substitutes included, both years included; `extra` are one-off days."""
    known = holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1))
    named = {day: _gov_uk(name) for day, name in sorted(known.items())}
    return {**dict.fromkeys(extra, EXTRA), **named}


def _gov_uk(name: str) -> str:
    plain, observed, _ = name.partition(" (observed)")
    return GOV_UK.get(plain, plain) + (" (substitute day)" if observed else "")


@cache
def _england() -> Mapping[date, str]:
    return MappingProxyType(england_holidays(FIRST_YEAR, LAST_YEAR))


def calendar_for(
    opens: str = "08:30-15:30",
    closed: Iterable[tuple[date, date]] = (),
    extra_open: Iterable[date] = (),
    extra_holidays: Iterable[date] = (),
) -> Calendar:
    """A setting's calendar: opening hours as text, closed periods, extra opening days, one-off bank holidays.

    Raises BadInput when the hours cannot be read.
    """
    return _calendar(opens, tuple(closed), frozenset(extra_open), tuple(extra_holidays))


@lru_cache(maxsize=1_000)
def _calendar(
    opens: str, closed: tuple[tuple[date, date], ...], extra_open: frozenset[date], extra_holidays: tuple[date, ...]
) -> Calendar:
    first, last = read_hours(opens, "open")
    extra = dict.fromkeys(extra_holidays, EXTRA)
    known = MappingProxyType({**extra, **_england()}) if extra else _england()
    return Calendar(known, closed, extra_open, first, last)


def read_hours(value: object, field: str) -> tuple[time, time]:
    """Opening and closing time (London) from `08:30-15:30`; raises BadInput naming `field`."""
    opens, _, closes = value.partition("-") if isinstance(value, str) else ("", "", "")
    try:
        first, last = _read_clock(opens), _read_clock(closes)
    except ValueError:
        raise BadInput(field, f"write opening hours such as '08:30-15:30', not {value!r}") from None
    if first >= last:
        raise BadInput(field, f"the setting must close after it opens, not {value!r}")
    return first, last


def _read_clock(text: str) -> time:
    if not re.fullmatch(r"[0-2]?\d:[0-5]\d", text.strip()):
        raise ValueError(text)
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute))


def read_days(value: object, field: str) -> tuple[date, date]:
    """The first and last day of `2026-04-03..2026-04-17`, or of a single day; raises BadInput."""
    first_text, dots, last_text = value.partition("..") if isinstance(value, str) else (value, "", "")
    try:
        first = read_day(first_text, field)
        last = read_day(last_text, field) if dots else first
    except BadInput:
        raise BadInput(field, f"write a day or days such as 2026-04-03..2026-04-17, not {value!r}") from None
    if last < first:
        raise BadInput(field, f"the last day is before the first: {value}")
    return first, last
