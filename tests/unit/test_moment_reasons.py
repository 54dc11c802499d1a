"""Why a moment of a ladder is when it is: counted in working days, over Easter, Christmas and both clock changes."""

from __future__ import annotations

from datetime import date, time

import pytest

from config.calendars import calendar_for
from config.policy import Ladder, Reminder, Rung
from config.time import london
from models.ladder import Clocks, What
from models.moment_reasons import moments_until, reminder_reason, rung_reason

CALENDAR = calendar_for()
LADDER = Ladder(
    (Reminder("before", ("owner",), 3), Reminder("half_way", ("owner",)), Reminder("unacknowledged", ("deputy_dsl",))),
    (Rung(0, ("deputy_dsl",)), Rung(1, ("head",)), Rung(5, ("dsl",))),
    5,
    "D",
    "test",
)


def clocks(opened: date, due: date) -> Clocks:
    """A task opened at nine and due at five."""
    return Clocks(london(opened, time(9)), london(due, time(17)), acknowledge_by=london(opened, time(13)))


@pytest.mark.parametrize(
    ("due", "rung", "said"),
    [
        (date(2026, 4, 2), 1, "its deadline has passed"),
        (date(2026, 4, 2), 2, "1 working day from Thu 2 Apr; Good Friday and Easter Monday skipped (its deadline)"),
        (date(2026, 12, 24), 2, "1 working day from Thu 24 Dec; Christmas Day and Boxing Day (substitute day) skipped"),
        (date(2026, 3, 27), 3, "5 working days from Fri 27 Mar; Good Friday and Easter Monday skipped"),
        (date(2026, 10, 23), 4, "told again: 5 working days from Fri 30 Oct"),
        (date(2026, 10, 23), 5, "told again: 5 working days from Fri 6 Nov"),
    ],
)
def test_a_rung_says_what_it_is_counted_from_and_what_was_skipped(due: date, rung: int, said: str) -> None:
    """From the deadline, or from the rung that it repeats."""
    assert rung_reason(rung, LADDER, clocks(date(2026, 3, 2), due), CALENDAR).startswith(said)


def test_a_reminder_says_how_long_before_the_deadline_it_comes() -> None:
    """Each of the three sorts, over the bank holidays of Easter."""
    task = clocks(date(2026, 3, 30), date(2026, 4, 9))
    found = moments_until(LADDER, task, CALENDAR, task.due_at)
    said = {moment.what: reminder_reason(moment, task, CALENDAR) for moment in found if moment.what != What.RUNG}
    assert said[What.REMIND] == "3 working days before its deadline"
    assert said[What.HALF_WAY].startswith("half way")
    assert said[What.UNACKNOWLEDGED] == "nobody has said that they have seen it"
