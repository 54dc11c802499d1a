"""Deadlines: due dates through Easter, both clock changes and Christmas of 2026, and what each says of itself."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.calendars import Calendar, calendar_for
from config.time import london, read_instant, say_instant, to_london
from models.deadlines import (
    Due,
    clock_hours,
    earlier,
    half_way,
    hold_worse,
    morning_after,
    no_earlier_than,
    opening_hours,
    school_weeks,
    weeks,
    working_days,
    working_days_after,
    working_days_before,
)

RULE = "policy derby-and-derbyshire, dsl_decision_due"
HOLIDAYS = [
    (date(2026, 2, 16), date(2026, 2, 20)),
    (date(2026, 4, 3), date(2026, 4, 17)),
    (date(2026, 5, 25), date(2026, 5, 29)),
    (date(2026, 7, 23), date(2026, 9, 1)),
    (date(2026, 10, 26), date(2026, 10, 30)),
    (date(2026, 12, 21), date(2027, 1, 4)),
]
ENGLAND = calendar_for()
SCHOOL = calendar_for(closed=HOLIDAYS)
NURSERY = calendar_for("07:30-18:00", closed=HOLIDAYS[3:4], extra_open=[date(2026, 6, 20)])
AWAY = calendar_for(closed=[(date(2025, 1, 1), date(2028, 12, 31))])

starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 15), timezones=st.just(UTC))  # noqa: DTZ001
counts = st.integers(0, 60)
hours = st.integers(1, 40)
calendars = st.sampled_from([ENGLAND, SCHOOL, NURSERY, AWAY])
every = settings(deadline=None, max_examples=150)


def at(text: str) -> datetime:
    """An instant from a London time."""
    return read_instant(text, "at")


def said(due: Due) -> str:
    """What a due date says of itself, without the rule it ends with."""
    assert due.because.endswith(f"; {RULE}")
    assert due.because.startswith(f"{say_instant(due.at)}: ")
    return due.because.removesuffix(f"; {RULE}")


# Working days


def test_one_working_day_over_easter() -> None:
    """The explanation that the design gives, to the letter."""
    assert working_days(at("2026-04-02T10:00"), 1, ENGLAND, RULE).because == (
        "Tue 7 Apr 2026 17:00: 1 working day from Thu 2 Apr; Good Friday and Easter Monday skipped; "
        "policy derby-and-derbyshire, dsl_decision_due"
    )


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-03-02T08:50", 1, "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar"),
        ("2026-03-02T23:59", 1, "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar"),
        ("2026-03-06T16:00", 2, "Tue 10 Mar 2026 17:00: 2 working days from Fri 6 Mar"),
        ("2026-03-07T10:00", 1, "Mon 9 Mar 2026 17:00: 1 working day from Sat 7 Mar"),
        ("2026-03-02T16:59", 0, "Mon 2 Mar 2026 17:00: the same working day, Mon 2 Mar"),
        ("2026-03-02T17:00", 0, "Tue 3 Mar 2026 17:00: the next working day after Mon 2 Mar"),
        ("2026-04-03T10:00", 0, "Tue 7 Apr 2026 17:00: the next working day after Fri 3 Apr; Easter Monday skipped"),
        ("2026-03-27T10:00", 1, "Mon 30 Mar 2026 17:00: 1 working day from Fri 27 Mar"),
        ("2026-10-23T10:00", 1, "Mon 26 Oct 2026 17:00: 1 working day from Fri 23 Oct"),
        (
            "2026-12-24T10:00",
            1,
            (
                "Tue 29 Dec 2026 17:00: 1 working day from Thu 24 Dec; "
                "Christmas Day and Boxing Day (substitute day) skipped"
            ),
        ),
        (
            "2026-12-23T10:00",
            10,
            (
                "Mon 11 Jan 2027 17:00: 10 working days from Wed 23 Dec 2026; "
                "Christmas Day, Boxing Day (substitute day) and New Year's Day skipped"
            ),
        ),
    ],
)
def test_working_days(start: str, n: int, expected: str) -> None:
    """A working day ends at 17:00; bank holidays are named, weekends are not."""
    assert said(working_days(at(start), n, SCHOOL, RULE)) == expected


def test_late_evening_in_utc_is_the_next_day_in_london() -> None:
    """The day is London's: 23:30 UTC in June is half past midnight."""
    due = working_days(datetime(2026, 6, 1, 23, 30, tzinfo=UTC), 1, ENGLAND, RULE)
    assert said(due) == "Wed 3 Jun 2026 17:00: 1 working day from Tue 2 Jun"


def test_naive_starts_are_refused() -> None:
    """A start without a zone would put a deadline on the wrong day."""
    with pytest.raises(ValueError, match="aware"):
        working_days(datetime(2026, 6, 1), 1, ENGLAND, RULE)  # noqa: DTZ001


@every
@given(starts, counts, calendars)
def test_working_days_end_at_five_on_a_working_day(start: datetime, n: int, cal: Calendar) -> None:
    """Always at 17:00 London of a working day after the start, with as many working days passed as were asked."""
    due = working_days(start, n, cal, RULE)
    local, first = to_london(due.at), to_london(start).date()
    assert due.at > start
    assert cal.is_working(local.date())
    assert local.time() == time(17)
    passed = sum(cal.is_working(first + timedelta(days=one)) for one in range(1, (local.date() - first).days + 1))
    assert passed == n or (n == 0 and passed <= 1)


@every
@given(starts, counts, calendars)
def test_more_working_days_or_a_later_start_is_never_earlier(start: datetime, n: int, cal: Calendar) -> None:
    """Deadlines keep the order of what they were counted from."""
    due = working_days(start, n, cal, RULE).at
    assert working_days(start, n + 1, cal, RULE).at >= due
    assert working_days(start + timedelta(days=1), n, cal, RULE).at >= due


# Weeks


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-03-02T09:00", 6, "Mon 13 Apr 2026 17:00: 6 weeks from Mon 2 Mar"),
        (
            "2026-04-13T09:00",
            6,
            "Fri 22 May 2026 17:00: 6 weeks from Mon 13 Apr; brought forward from Mon 25 May, Spring bank holiday",
        ),
        ("2026-03-07T09:00", 1, "Fri 13 Mar 2026 17:00: 1 week from Sat 7 Mar; brought forward from Sat 14 Mar"),
        (
            "2026-11-16T09:00",
            6,
            (
                "Thu 24 Dec 2026 17:00: 6 weeks from Mon 16 Nov; "
                "brought forward from Mon 28 Dec, Boxing Day (substitute day)"
            ),
        ),
        (
            "2026-11-20T09:00",
            6,
            "Thu 31 Dec 2026 17:00: 6 weeks from Fri 20 Nov; brought forward from Fri 1 Jan 2027, New Year's Day",
        ),
    ],
)
def test_weeks(start: str, n: int, expected: str) -> None:
    """The same weekday, brought forward to a working day, never put off."""
    assert said(weeks(at(start), n, SCHOOL, RULE)) == expected


def test_weeks_never_end_before_they_began() -> None:
    """When a long closure leaves no working day in the week, the first working day after the start counts."""
    shut = calendar_for(extra_holidays=[date(2026, 3, day) for day in range(2, 14)])
    due = weeks(at("2026-03-02T09:00"), 1, shut, RULE)
    assert said(due).startswith("Mon 16 Mar 2026 17:00: the next working day after Mon 2 Mar")


@every
@given(starts, st.integers(1, 60), calendars)
def test_weeks_fall_on_a_working_day_in_time(start: datetime, n: int, cal: Calendar) -> None:
    """17:00 of a working day, after the start, at most n weeks and less than a week sooner."""
    due = weeks(start, n, cal, RULE)
    local, aimed = to_london(due.at), to_london(start).date() + timedelta(weeks=n)
    assert due.at > start
    assert cal.is_working(local.date())
    assert local.time() == time(17)
    assert timedelta(0) <= aimed - local.date() < timedelta(weeks=1)
    assert weeks(start, n + 1, cal, RULE).at >= due.at
    assert weeks(start + timedelta(days=1), n, cal, RULE).at >= due.at


# School weeks


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-06-01T09:00", "Mon 13 Jul 2026 17:00: 6 school weeks from Mon 1 Jun"),
        (
            "2026-03-10T09:00",
            "Tue 5 May 2026 17:00: 6 school weeks from Tue 10 Mar; 2 weeks of the setting's closed days not counted",
        ),
        (
            "2026-07-15T09:00",
            "Wed 9 Sep 2026 17:00: 8 weeks from Wed 15 Jul; the most that 6 school weeks may take",
        ),
    ],
)
def test_school_weeks(start: str, expected: str) -> None:
    """Weeks in which the setting never opens do not count, up to a bound; the explanation says which decided."""
    assert said(school_weeks(at(start), 6, SCHOOL, RULE, 8)) == expected


def test_week_with_one_open_day_counts() -> None:
    """The week of Thursday 2 April, and of Friday 4 September, are school weeks."""
    due = school_weeks(at("2026-03-25T09:00"), 1, SCHOOL, RULE, 8)
    assert said(due) == "Wed 1 Apr 2026 17:00: 1 school week from Wed 25 Mar"


@every
@given(starts, st.integers(1, 30), st.integers(1, 40), calendars)
def test_school_weeks_are_bounded(start: datetime, n: int, most: int, cal: Calendar) -> None:
    """Between n calendar weeks and the most allowed, on a working day, never sooner for more weeks."""
    due = school_weeks(start, n, cal, RULE, most)
    assert weeks(start, min(n, most), cal, RULE).at <= due.at <= weeks(start, most, cal, RULE).at
    assert cal.is_working(to_london(due.at).date())
    assert school_weeks(start, n + 1, cal, RULE, most).at >= due.at
    assert school_weeks(start, n, cal, RULE, most + 1).at >= due.at


@given(starts, st.integers(1, 30))
def test_setting_that_never_closes_has_calendar_weeks(start: datetime, n: int) -> None:
    """Without closed days a school week is a week."""
    assert school_weeks(start, n, ENGLAND, RULE, 60).at == weeks(start, n, ENGLAND, RULE).at


# Opening hours


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-02T08:50", "Mon 2 Mar 2026 12:50: 4 opening hours from Mon 2 Mar 08:50"),
        ("2026-03-02T06:00", "Mon 2 Mar 2026 12:30: 4 opening hours from Mon 2 Mar 06:00"),
        ("2026-03-02T14:00", "Tue 3 Mar 2026 11:00: 4 opening hours from Mon 2 Mar 14:00"),
        ("2026-03-02T11:30", "Mon 2 Mar 2026 15:30: 4 opening hours from Mon 2 Mar 11:30"),
        ("2026-03-06T15:00", "Mon 9 Mar 2026 12:00: 4 opening hours from Fri 6 Mar 15:00"),
        ("2026-03-28T10:00", "Mon 30 Mar 2026 12:30: 4 opening hours from Sat 28 Mar 10:00"),
        (
            "2026-04-02T14:00",
            (
                "Tue 7 Apr 2026 17:00: 4 opening hours from Thu 2 Apr 14:00, but no later than the next working day; "
                "Good Friday and Easter Monday skipped"
            ),
        ),
        (
            "2026-08-04T10:00",
            "Wed 5 Aug 2026 17:00: 4 opening hours from Tue 4 Aug 10:00, but no later than the next working day",
        ),
    ],
)
def test_opening_hours(start: str, expected: str) -> None:
    """Hours run only while the setting is open, never past 17:00 of the next working day."""
    assert said(opening_hours(at(start), 4, SCHOOL, RULE)) == expected


def test_closed_days_are_said_without_a_name() -> None:
    """An in-service day moves the hours on, and is the setting's closed day, whatever the setting is called."""
    training = calendar_for(closed=[(date(2026, 3, 3), date(2026, 3, 3))], extra_open=[date(2026, 3, 7)])
    due = opening_hours(at("2026-03-03T09:00"), 2, training, RULE)
    assert said(due) == (
        "Wed 4 Mar 2026 10:30: 2 opening hours from Tue 3 Mar 09:00; the setting's closed days skipped"
    )


def test_late_opening_is_capped_at_five() -> None:
    """A nursery open until six still answers by 17:00 of the next working day."""
    due = opening_hours(at("2026-03-02T17:30"), 11, NURSERY, RULE)
    assert said(due).startswith("Tue 3 Mar 2026 17:00: 11 opening hours from Mon 2 Mar 17:30, but no later than")


@every
@given(starts, hours, calendars)
def test_opening_hours_are_bounded(start: datetime, n: int, cal: Calendar) -> None:
    """After the start, never past 17:00 of the next working day, and never sooner for more hours or a later start."""
    due = opening_hours(start, n, cal, RULE).at
    assert start < due <= working_days(start, 1, cal, RULE).at
    assert due >= min(start + timedelta(hours=n), working_days(start, 1, cal, RULE).at)
    assert opening_hours(start, n + 1, cal, RULE).at >= due
    assert opening_hours(start + timedelta(days=1), n, cal, RULE).at >= due


@every
@given(starts, st.integers(1, 4))
def test_opening_hours_end_while_open(start: datetime, n: int) -> None:
    """A due time inside the bound is within opening hours of an open day."""
    due = opening_hours(start, n, SCHOOL, RULE).at
    if due < working_days(start, 1, SCHOOL, RULE).at:
        local = to_london(due)
        assert SCHOOL.is_open(local.date())
        assert SCHOOL.opens <= local.time() <= SCHOOL.closes


# Clock hours


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-02T15:00", "Tue 3 Mar 2026 15:00: 24 hours from Mon 2 Mar 15:00, never paused"),
        ("2026-03-28T12:00", "Sun 29 Mar 2026 13:00: 24 hours from Sat 28 Mar 12:00, never paused"),
        ("2026-10-24T12:00", "Sun 25 Oct 2026 11:00: 24 hours from Sat 24 Oct 12:00, never paused"),
        ("2026-12-31T23:30", "Fri 1 Jan 2027 23:30: 24 hours from Thu 31 Dec 2026 23:30, never paused"),
    ],
)
def test_clock_hours(start: str, expected: str) -> None:
    """Hours for urgent things are real hours, through nights, holidays and clock changes."""
    assert said(clock_hours(at(start), 24, RULE)) == expected


@given(starts, hours)
def test_clock_hours_are_elapsed_hours(start: datetime, n: int) -> None:
    """Exactly so many hours pass, whatever London's clocks do."""
    assert clock_hours(start, n, RULE).at - start == timedelta(hours=n)
    assert clock_hours(to_london(start), n, RULE).at == clock_hours(start, n, RULE).at


# The hold


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-02T10:00", "Mon 2 Mar 2026 17:00: the same working day, Mon 2 Mar"),
        ("2026-03-02T11:30", "Mon 2 Mar 2026 17:00: the same working day, Mon 2 Mar"),
        (
            "2026-03-02T14:00",
            "Tue 3 Mar 2026 11:00: 4 opening hours from Mon 2 Mar 14:00, the same working day being too short",
        ),
        ("2026-03-02T18:00", "Tue 3 Mar 2026 17:00: the next working day after Mon 2 Mar"),
        ("2026-03-07T10:00", "Mon 9 Mar 2026 17:00: the next working day after Sat 7 Mar"),
        (
            "2026-04-02T14:00",
            (
                "Tue 7 Apr 2026 17:00: 4 opening hours from Thu 2 Apr 14:00, but no later than the next working day; "
                "Good Friday and Easter Monday skipped"
            ),
        ),
    ],
)
def test_hold_worse(start: str, expected: str) -> None:
    """17:00 of that working day and at least four opening hours, never past 17:00 of the next working day."""
    assert said(hold_worse(at(start), 4, SCHOOL, RULE)) == expected


@every
@given(starts, hours, calendars)
def test_hold_never_outlasts_the_next_working_day(start: datetime, n: int, cal: Calendar) -> None:
    """Whatever the setting's hours, the referral is sent by 17:00 of the next working day."""
    due, last = hold_worse(start, n, cal, RULE).at, working_days(start, 1, cal, RULE).at
    assert working_days(start, 0, cal, RULE).at <= due <= last
    assert due >= opening_hours(start, n, cal, RULE).at
    assert hold_worse(start + timedelta(days=1), n, cal, RULE).at >= due


# Moments around a deadline


@pytest.mark.parametrize(
    ("due", "n", "expected"),
    [
        ("2026-04-16T17:00", 3, "2026-04-13T09:00"),
        ("2026-04-09T17:00", 3, "2026-04-02T09:00"),
        ("2026-04-09T17:00", 10, "2026-03-24T09:00"),
        ("2026-12-29T17:00", 1, "2026-12-24T09:00"),
    ],
)
def test_working_days_before(due: str, n: int, expected: str) -> None:
    """Reminders come at nine in the morning of a working day, London's nine on both sides of a clock change."""
    assert working_days_before(at(due), n, ENGLAND) == at(expected)


def test_working_days_after() -> None:
    """A rung keeps the deadline's clock time, also over a clock change and Easter; at once means at the deadline."""
    due = at("2026-03-27T12:50")
    assert working_days_after(due, 0, ENGLAND) == due
    assert working_days_after(due, 1, ENGLAND) == at("2026-03-30T12:50")
    assert working_days_after(due, 5, ENGLAND) == at("2026-04-07T12:50")


def test_morning_after() -> None:
    """Chases come at nine in the morning."""
    assert morning_after(at("2026-04-02T17:00"), 1, ENGLAND) == at("2026-04-07T09:00")
    assert morning_after(at("2026-10-23T17:00"), 2, ENGLAND) == at("2026-10-27T09:00")


@every
@given(starts, st.integers(1, 30), calendars)
def test_moments_are_on_working_days_on_their_side(due: datetime, n: int, cal: Calendar) -> None:
    """Before is before and after is after, on working days, further away for more days."""
    before, after = working_days_before(due, n, cal), working_days_after(due, n, cal)
    morning = morning_after(due, n, cal)
    assert before < due < after
    assert due < morning
    assert all(cal.is_working(to_london(one).date()) for one in (before, after, morning))
    assert to_london(after).date() == to_london(morning).date()
    assert working_days_before(due, n + 1, cal) < before
    assert working_days_after(due, n + 1, cal) > after


@given(starts, starts)
def test_half_way(one: datetime, other: datetime) -> None:
    """As far from the start as from the deadline, also when they are London's times across a clock change."""
    start, due = sorted((one, other))
    middle = half_way(start, due)
    assert abs((middle - start) - (due - middle)) <= timedelta(microseconds=1)
    assert half_way(to_london(start), to_london(due)) == middle


def test_which_of_two_decides() -> None:
    """Of two deadlines the one that decides brings its explanation."""
    soon, late = Due(at("2026-03-02T12:50"), "soon"), Due(at("2026-03-03T17:00"), "late")
    assert earlier(soon, late) is earlier(late, soon) is soon
    assert no_earlier_than(soon, late) is no_earlier_than(late, soon) is late


@every
@given(starts, st.integers(1, 20), calendars)
def test_explanations_are_one_line_that_begins_with_the_time(start: datetime, n: int, cal: Calendar) -> None:
    """Every explanation begins with the time as letters say it and ends with the rule."""
    for due in (
        working_days(start, n, cal, RULE),
        weeks(start, n, cal, RULE),
        school_weeks(start, n, cal, RULE, 8),
        opening_hours(start, n, cal, RULE),
        clock_hours(start, n, RULE),
        hold_worse(start, n, cal, RULE),
    ):
        assert said(due).isprintable()
        assert "; ;" not in due.because
        assert london(to_london(due.at).date(), to_london(due.at).time()) == due.at or due.at.hour == 1
