"""Days counted one at a time with a list of England's bank holidays, as a person with a paper calendar would.

Nothing of the program's own counting is used here: that is what it is compared with.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
# As printed by the government for 2026 and 2027.
PRINTED = (
    "2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28"
    " 2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28"
)
BANK_HOLIDAYS = frozenset(map(date.fromisoformat, PRINTED.split()))


def works(day: date) -> bool:
    """Monday to Friday, and no bank holiday."""
    return day.weekday() < 5 and day not in BANK_HOLIDAYS


def day_of(at: datetime, zone: ZoneInfo = LONDON) -> date:
    """The date on the wall."""
    return at.astimezone(zone).date()


def clock(day: date, hour: int, minute: int = 0, zone: ZoneInfo = LONDON) -> datetime:
    """An instant (UTC) from a date and a time on the wall."""
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


def days_on(day: date, count: int) -> date:
    """So many working days after a date."""
    while count > 0:
        day += DAY
        count -= works(day)
    return day


def days_back(day: date, count: int) -> date:
    """So many working days before a date."""
    while count > 0:
        day -= DAY
        count -= works(day)
    return day


def same_time(at: datetime, count: int) -> datetime:
    """The same time on the wall, so many working days later."""
    if count == 0:
        return at
    on_the_wall = at.astimezone(LONDON)
    return datetime.combine(days_on(on_the_wall.date(), count), on_the_wall.time(), LONDON).astimezone(UTC)


def close_of(start: datetime, count: int) -> datetime:
    """17:00 so many working days after a start; for none, the same day's unless it is over or no working day."""
    day = day_of(start)
    if count == 0:
        return clock(day, 17) if works(day) and start < clock(day, 17) else clock(days_on(day, 1), 17)
    return clock(days_on(day, count), 17)
