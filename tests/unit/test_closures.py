"""A setting's closures: what touches is one, and an open day lies before and after each. Over whole years."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.calendars import Calendar, calendar_for, read_days
from config.time import LONDON, read_instant, say_instant
from models.bridge_ground import Shut, as_it_stands
from models.closures import Closure, asked_at, back_on, closures, cover_due, first_day_due, is_back

RULE = "policy derby-and-derbyshire, closure_cover_lead"
every = hypothesis_settings(deadline=None, max_examples=60)
# Each as a school writes it: what it closes, the whole closure, asked from, due, the first day back.
YEAR = {
    "Easter": (["2026-04-06..2026-04-17"], "2026-04-03..2026-04-19", "20 Mar", "2 Apr", "Mon 20 Apr 2026"),
    "Christmas": (["2026-12-21..2027-01-01"], "2026-12-19..2027-01-03", "7 Dec", "18 Dec", "Mon 4 Jan 2027"),
    "from a Thursday": (["2026-12-24..2026-12-31"], "2026-12-24..2027-01-03", "10 Dec", "23 Dec", "Mon 4 Jan 2027"),
    "summer": (["2026-07-22..2026-09-01"], "2026-07-22..2026-09-01", "8 Jul", "21 Jul", "Wed 2 Sep 2026"),
    "half term": (["2026-02-16..2026-02-20"], "2026-02-14..2026-02-22", "2 Feb", "13 Feb", "Mon 23 Feb 2026"),
    "clocks forward": (["2026-03-23..2026-04-02"], "2026-03-21..2026-04-06", "9 Mar", "20 Mar", "Tue 7 Apr 2026"),
    "clocks back": (["2026-10-19..2026-10-30"], "2026-10-17..2026-11-01", "5 Oct", "16 Oct", "Mon 2 Nov 2026"),
    "after a bank holiday": (["2026-04-07"], "2026-04-03..2026-04-07", "20 Mar", "2 Apr", "Wed 8 Apr 2026"),
    "two that touch": (
        ["2026-05-25..2026-05-29", "2026-06-01..2026-06-02"],
        *("2026-05-23..2026-06-02", "11 May", "22 May", "Wed 3 Jun 2026"),
    ),
    "two that overlap": (
        ["2026-10-19..2026-10-27", "2026-10-23..2026-10-30"],
        *("2026-10-17..2026-11-01", "5 Oct", "16 Oct", "Mon 2 Nov 2026"),
    ),
}


def school(*closed: str, extra_open: tuple[date, ...] = ()) -> Calendar:
    """A school that closes on these days."""
    return calendar_for(closed=[read_days(days, "closed") for days in closed], extra_open=extra_open)


def closure(days: str) -> Closure:
    """A closure from its first and last day."""
    return Closure(*read_days(days, "closed"))


def at(text: str) -> datetime:
    """An instant from London's text."""
    return read_instant(text, "at")


@pytest.mark.parametrize(("closed", "whole", "asked", "due", "back"), YEAR.values(), ids=YEAR)
def test_a_closure_with_what_touches_it(closed: list[str], whole: str, asked: str, due: str, back: str) -> None:
    """Weekends and bank holidays belong to it; cover is asked for ten working days before, due on the last one."""
    calendar = school(*closed)
    (found,) = closures(calendar, 5)
    assert found == closure(whole)
    opened = asked_at(found, 10, calendar)
    assert say_instant(opened)[4:] == f"{asked} 2026 09:00"
    assert f" {due} 2026 17:00: the last working day" in cover_due(found, opened, calendar, RULE).because
    first = back_on(found.last, calendar)
    assert f"{first:%a} {first.day} {first:%b %Y}" == back


@pytest.mark.parametrize(
    "closed",
    [(), ("2026-03-02",), ("2026-02-27", "2026-03-02"), ("2026-05-26",)],
    ids=["never", "one Monday", "a Friday and a Monday", "the day after a bank holiday"],
)
def test_a_few_days_need_no_cover(closed: tuple[str, ...]) -> None:
    """Weekends and bank holidays alone are no closure, nor is a stretch of four days."""
    assert closures(school(*closed), 5) == []


def test_closures_that_an_open_day_parts_are_two() -> None:
    """A Saturday on which the setting opens ends the one before it."""
    calendar = school("2026-05-25..2026-05-29", "2026-06-01..2026-06-05", extra_open=(date(2026, 5, 30),))
    assert closures(calendar, 5) == [closure("2026-05-23..2026-05-29"), closure("2026-05-31..2026-06-07")]


def test_a_closure_found_late_is_due_when_it_begins() -> None:
    """Asked on the last evening, after 17:00, there is until midnight in London; the clocks go back that weekend."""
    calendar = school("2026-10-26..2026-10-30")
    (found,) = closures(calendar, 5)
    due = cover_due(found, at("2026-10-23T18:00"), calendar, RULE)
    assert due.because == f"Sat 24 Oct 2026 00:00: when the setting closes; {RULE}"
    assert due.at == found.begins_at == at("2026-10-24T00:00")


def test_a_first_day_that_is_found_late_is_due_on_the_next_working_day_that_is_not_over() -> None:
    """Nobody is late for what they were not asked."""
    calendar, day = school("2026-04-06..2026-04-17"), date(2026, 4, 20)
    assert first_day_due(day, at("2026-04-20T00:01"), calendar, RULE).at == at("2026-04-20T17:00")
    assert first_day_due(day, at("2026-04-21T09:00"), calendar, RULE).at == at("2026-04-21T17:00")
    assert first_day_due(day, at("2026-04-24T17:30"), calendar, RULE).at == at("2026-04-27T17:00")


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 20)])
def test_the_first_day_back_begins_a_minute_after_midnight(day: date) -> None:
    """In London, on the days on which its clocks change too."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=LONDON)
    assert not is_back(day, midnight)
    assert is_back(day, midnight + timedelta(minutes=1))


NOW = closure("2026-04-03..2026-04-17")
TODAY = date(2026, 4, 8)


@pytest.mark.parametrize(
    ("shut", "day", "now"),
    [
        (["2026-04-03..2026-04-17"], TODAY, "2026-04-03..2026-04-17"),
        (["2026-04-03..2026-04-20"], TODAY, "2026-04-03..2026-04-20"),
        (["2026-04-01..2026-04-20"], TODAY, "2026-04-03..2026-04-20"),
        ([], TODAY, "2026-04-03..2026-04-07"),
        ([], date(2026, 4, 3), None),
        (["2026-04-01..2026-04-17"], date(2026, 3, 25), None),
        ([], date(2026, 3, 25), None),
        ([], date(2026, 4, 18), "2026-04-03..2026-04-17"),
    ],
    ids=["the same", "longer", "begun earlier", "opened early", "opened on its day", "moved", "taken back", "over"],
)
def test_cover_follows_the_closure_it_is_for(shut: list[str], day: date, now: str | None) -> None:
    """What has begun keeps its first day and ends with the closure; what has not begun and was moved is asked anew."""
    assert as_it_stands(NOW, [closure(one) for one in shut], day) == (closure(now) if now else None)


days = st.dates(date(2026, 1, 5), date(2027, 12, 20))
periods = st.lists(st.tuples(days, st.integers(0, 45)), max_size=6)
moments = st.datetimes(datetime(2026, 1, 5), datetime(2027, 12, 20), timezones=st.just(LONDON))  # noqa: DTZ001


def drawn(closed: list[tuple[date, int]], open_days: list[date]) -> Calendar:
    """A setting with such closed periods and extra opening days."""
    ranges = [(first, first + timedelta(days=length)) for first, length in closed]
    return calendar_for(closed=ranges, extra_open=open_days)


@every
@given(periods, st.lists(days, max_size=5), st.integers(2, 14))
def test_closures_are_what_lies_between_open_days(
    closed: list[tuple[date, int]], extra: list[date], at_least: int
) -> None:
    """Nobody is there on any of its days, somebody on the day before and the day after; none overlaps another."""
    calendar = drawn(closed, extra)
    found = closures(calendar, at_least)
    for one in found:
        assert one.length >= at_least
        assert not any(calendar.is_open(one.first + timedelta(days=number)) for number in range(one.length))
        assert calendar.is_open(one.first - timedelta(days=1))
        assert back_on(one.last, calendar) == one.last + timedelta(days=1)
    assert all(one.last < other.first for one, other in pairwise(found))
    shut = {one.first + timedelta(days=number) for one in closures(calendar, 1) for number in range(one.length)}
    assert all(first + timedelta(days=number) in shut for first, length in closed for number in range(length + 1))


@every
@given(periods, st.lists(days, max_size=5), st.integers(1, 20), moments)
def test_cover_is_asked_for_in_time_and_due_before_it_begins(
    closed: list[tuple[date, int]], extra: list[date], lead: int, now: datetime
) -> None:
    """Whenever it is found: asked before it begins, due after that and never later than its beginning."""
    calendar = drawn(closed, extra)
    shut = Shut(calendar, closures(calendar, 5), lead)
    near = shut.near(now)
    if near is not None:
        assert asked_at(near, lead, calendar) <= now < near.begins_at
        assert now < cover_due(near, now, calendar, RULE).at <= near.begins_at
        assert shut.on(near.first) == near
    today = shut.on(now.date())
    assert today is None or not calendar.is_open(now.date())
