"""Calendars: England's bank holidays, weekends, and the days and hours a setting is open."""

from datetime import date, time, timedelta

import pytest

from config.calendars import calendar_for, england_holidays, read_days, read_hours
from config.errors import BadInput

EASTER = (date(2026, 4, 3), date(2026, 4, 17))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 1, 1), "New Year's Day"),
        (date(2026, 4, 3), "Good Friday"),
        (date(2026, 4, 4), "Saturday"),
        (date(2026, 4, 5), "Sunday"),
        (date(2026, 4, 6), "Easter Monday"),
        (date(2026, 5, 4), "Early May bank holiday"),
        (date(2026, 5, 25), "Spring bank holiday"),
        (date(2026, 8, 31), "Summer bank holiday"),
        (date(2026, 12, 25), "Christmas Day"),
        (date(2026, 12, 26), "Saturday"),
        (date(2026, 12, 28), "Boxing Day (substitute day)"),
        (date(2022, 1, 3), "New Year's Day (substitute day)"),
        (date(2022, 9, 19), "State Funeral of Queen Elizabeth II"),
        (date(2026, 4, 2), None),
        (date(2026, 4, 7), None),
        (date(2026, 12, 24), None),
        (date(2026, 3, 17), None),  # Northern Ireland's
        (date(2026, 11, 30), None),  # Scotland's
    ],
)
def test_days_in_england(day: date, why: str | None) -> None:
    """Weekends and England's bank holidays are no working days, by the names of the official list."""
    calendar = calendar_for()
    assert calendar.why_not_working(day) == why
    assert calendar.is_working(day) == calendar.is_open(day) == (why is None)


def test_2026_has_its_eight_holidays_and_a_substitute() -> None:
    """The year is complete: eight bank holidays, Boxing Day's being a Saturday with a substitute on the Monday."""
    assert len(england_holidays(2026, 2026)) == 9
    assert {day.year for day in england_holidays(2025, 2027)} == {2025, 2026, 2027}


def test_one_off_holidays() -> None:
    """A day proclaimed after this release is added by a setting or a policy."""
    proclaimed = date(2026, 5, 8)
    assert england_holidays(2026, 2026, [proclaimed])[proclaimed] == "extra bank holiday"
    calendar = calendar_for(extra_holidays=[proclaimed, date(2026, 4, 3)])
    assert calendar.why_not_working(proclaimed) == "extra bank holiday"
    assert calendar.why_not_working(date(2026, 4, 3)) == "Good Friday"
    assert calendar_for().is_working(proclaimed)


def test_setting_is_closed_in_its_holidays_but_deadlines_are_not() -> None:
    """School holidays close the school; they are working days all the same."""
    calendar = calendar_for(closed=[EASTER])
    assert not calendar.is_open(date(2026, 4, 8))
    assert calendar.is_working(date(2026, 4, 8))
    assert [calendar.is_open(EASTER[0] - timedelta(days=1)), calendar.is_open(date(2026, 4, 20))] == [True, True]


def test_extra_days() -> None:
    """A setting may be open on a Saturday; a closed period has the last word."""
    fair, inside = date(2026, 6, 20), date(2026, 4, 11)
    calendar = calendar_for(closed=[EASTER], extra_open=[fair, inside])
    assert calendar.is_open(fair)
    assert not calendar.is_working(fair)
    assert not calendar.is_open(inside)


def test_hours() -> None:
    """Opening hours are the setting's, half past eight to half past three unless it says."""
    assert (calendar_for().opens, calendar_for().closes) == (time(8, 30), time(15, 30))
    nursery = calendar_for("7:30 - 18:00")
    assert (nursery.opens, nursery.closes) == (time(7, 30), time(18, 0))


@pytest.mark.parametrize("value", ["", "08:30", "8-15", "08:30-25:00", "08:60-15:30", "08:30-15:30-16:00", None, 830])
def test_hours_that_cannot_be_read(value: object) -> None:
    """A refusal names the field and shows what would be right."""
    with pytest.raises(BadInput, match=r"^open: write opening hours such as '08:30-15:30'"):
        read_hours(value, "open")


@pytest.mark.parametrize("value", ["15:30-08:30", "08:30-08:30"])
def test_setting_must_close_after_it_opens(value: str) -> None:
    """Hours that never run would stop a clock for good."""
    with pytest.raises(BadInput, match="must close after it opens"):
        calendar_for(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-03..2026-04-17", EASTER),
        (" 2026-04-03 .. 2026-04-17 ", EASTER),
        ("2026-04-03", (EASTER[0], EASTER[0])),
        (date(2026, 4, 3), (EASTER[0], EASTER[0])),
    ],
)
def test_closed_days(text: object, expected: tuple[date, date]) -> None:
    """A period of days, or a single one, as a roster writes it."""
    assert read_days(text, "closed") == expected


@pytest.mark.parametrize(
    "value", ["", "Easter", "2026-04-03..", "..2026-04-17", "2026-04-03...2026-04-17", "2026-04-03-2026-04-17", 7]
)
def test_closed_days_that_cannot_be_read(value: object) -> None:
    """A refusal names the field and shows what would be right."""
    with pytest.raises(BadInput, match=r"^closed: write a day or days such as 2026-04-03\.\.2026-04-17"):
        read_days(value, "closed")


def test_closed_days_the_wrong_way_round() -> None:
    """A period that ends before it begins would close nothing, silently."""
    with pytest.raises(BadInput, match="closed: the last day is before the first"):
        read_days("2026-04-17..2026-04-03", "closed")
