"""Faults in what counts as a day, an hour and a deadline."""

from __future__ import annotations

from tests.mutations.fault import Fault, fault

DEADLINES, CALENDARS = "models/deadlines.py", "config/calendars.py"
TESTED = "tests/unit/test_deadlines.py"

CALENDAR_FAULTS: tuple[Fault, ...] = (
    fault(
        "A bank holiday is forgotten: Good Friday counts as a working day",
        CALENDARS,
        "named = {day: _gov_uk(name) for day, name in sorted(known.items())}",
        'named = {day: _gov_uk(name) for day, name in sorted(known.items()) if name != "Good Friday"}',
        "tests/unit/test_calendars.py",
        TESTED,
    ),
    fault(
        "Working days are counted one too many: a decision due tomorrow is due the day after",
        DEADLINES,
        "islice(_working_after(first, cal), n - 1, None)",
        "islice(_working_after(first, cal), n, None)",
        TESTED,
    ),
    fault(
        "The hour of a clock change is lost: 17:00 means 17:00 UTC the whole year",
        DEADLINES,
        "return datetime.combine(day, clock, LONDON).astimezone(UTC)",
        "return datetime.combine(day, clock, UTC)",
        TESTED,
    ),
    fault(
        "A deadline six weeks on that falls on a bank holiday stays there",
        DEADLINES,
        "    first, day = _day(start), aimed\n    while not cal.is_working(day):",
        "    first, day = _day(start), aimed\n    while day.weekday() >= SATURDAY:",
        TESTED,
    ),
    fault(
        "School holidays count as school weeks, with no limit of calendar weeks in sight",
        DEADLINES,
        "counted += _has_open_day(monday + timedelta(weeks=on), cal)",
        "counted += 1",
        TESTED,
    ),
    fault(
        "Urgent hours pause over night: the hour to act on immediate danger ends the next morning",
        DEADLINES,
        "end = start.astimezone(UTC) + timedelta(hours=hours)",
        "end = start.astimezone(UTC) + timedelta(hours=hours + 15)",
        TESTED,
    ),
)
