"""When a school of England is closed: holidays by plain rules, near enough for a year that is invented."""

from collections.abc import Iterator
from datetime import date, timedelta

from config.calendars import england_holidays

Closed = tuple[date, date]
DAY = timedelta(days=1)


def closures(first: date, last: date) -> list[Closed]:
    """The closed periods of a school that touch the days from `first` to `last`, in order."""
    years = range(first.year - 1, last.year + 2)
    return [one for year in years for one in _of_year(year) if one[1] >= first and one[0] <= last]


def _of_year(year: int) -> Iterator[Closed]:
    good_friday = next(day for day, name in england_holidays(year, year).items() if name == "Good Friday")
    yield _week(date(year, 2, 16))
    yield _monday(good_friday), _monday(good_friday) + 11 * DAY
    yield _week(date(year, 5, 31))
    yield date(year, 7, 22), date(year, 8, 31)
    yield _week(date(year, 10, 29))
    yield date(year, 12, 20), date(year + 1, 1, 2)


def _week(day: date) -> Closed:
    return _monday(day), _monday(day) + 4 * DAY


def _monday(day: date) -> date:
    return day - day.weekday() * DAY
