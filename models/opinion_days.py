"""The second opinion's own counting of days: nothing here is shared with models.deadlines or models.ladder.

A calendar is asked one plain fact, whether a day is a working day; everything else is counted here. Instants are UTC,
days and clock times are London's. Source: design.md, "Time".
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/London")
END = time(17)
START = time(9)
DAY = timedelta(days=1)


def london_day(at: datetime) -> date:
    """The date in London."""
    return at.astimezone(ZONE).date()


def instant_of(day: date, clock: time) -> datetime:
    """A clock time of London on a day, in UTC."""
    return datetime.combine(day, clock, tzinfo=ZONE).astimezone(UTC)


class Days:
    """Counting with one answer to the question which days are working days."""

    def __init__(self, is_working: Callable[[date], bool]) -> None:
        self.is_working = is_working

    def forward(self, day: date, number: int) -> date:
        """The day after which `number` working days have passed."""
        while number > 0:
            day += DAY
            number -= self.is_working(day)
        return day

    def back(self, day: date, number: int) -> date:
        """The day before which `number` working days lie."""
        while number > 0:
            day -= DAY
            number -= self.is_working(day)
        return day

    def end_after(self, start: datetime, number: int) -> datetime:
        """17:00 when so many working days are over; for none, of this day or of the next on which 17:00 still comes."""
        if number:
            return instant_of(self.forward(london_day(start), number), END)
        today = london_day(start)
        if self.is_working(today) and instant_of(today, END) > start:
            return instant_of(today, END)
        return instant_of(self.forward(today, 1), END)

    def weeks_after(self, start: datetime, number: int) -> datetime:
        """17:00 so many weeks on, or of the last working day before; where that has gone by, the next that comes."""
        day = london_day(start) + number * 7 * DAY
        end = instant_of(day if self.is_working(day) else self.back(day, 1), END)
        return end if end > start else self.end_after(start, 0)

    def same_clock(self, start: datetime, number: int) -> datetime:
        """The same time by London's clocks so many working days later."""
        if not number:
            return start
        return instant_of(self.forward(london_day(start), number), start.astimezone(ZONE).time())

    def morning_before(self, due: datetime, number: int) -> datetime:
        """09:00 so many working days before the deadline's day."""
        return instant_of(self.back(london_day(due), number), START)

    def morning_after(self, due: datetime, number: int) -> datetime:
        """09:00 so many working days after the deadline's day."""
        return instant_of(self.forward(london_day(due), max(number, 1)), START)

    def when_read(self, at: datetime) -> datetime:
        """That instant, or 09:00 of the next working day where it falls on a day off."""
        return at if self.is_working(london_day(at)) else self.morning_after(at, 1)
