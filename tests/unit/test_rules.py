"""Persist or worsen: each rule at its boundary with the evidence it gives, and the child's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.time import read_instant
from models.moves.early_help import level_rule
from models.rules import (
    Fired,
    Outcome,
    Rule,
    Running,
    clock_after,
    clock_days,
    declined_rule,
    grade_rule,
    pattern_rule,
    review_rule,
)

AT = datetime(2026, 5, 25, 9, tzinfo=UTC)
IMPROVED, UNCHANGED, WORSE = Outcome.IMPROVED, Outcome.UNCHANGED, Outcome.WORSE
outcomes = st.lists(st.sampled_from(Outcome), max_size=12)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def after(*found: Outcome) -> Running:
    """The counts after these reviews."""
    running = Running()
    for outcome in found:
        running = running.after(outcome)
    return running


@pytest.mark.parametrize(
    ("found", "fired"),
    [
        ([UNCHANGED], None),
        ([UNCHANGED, UNCHANGED], Fired(Rule.PERSISTING, "2 reviews running found no change")),
        ([UNCHANGED, UNCHANGED, UNCHANGED], Fired(Rule.PERSISTING, "3 reviews running found no change")),
        ([UNCHANGED, IMPROVED, UNCHANGED], None),
        ([UNCHANGED, WORSE, UNCHANGED], None),
        ([WORSE], Fired(Rule.WORSE, "the review's outcome was worse")),
        ([IMPROVED, IMPROVED, WORSE], Fired(Rule.WORSE, "the review's outcome was worse")),
        ([IMPROVED], None),
    ],
)
def test_what_a_review_sets_off(found: list[Outcome], fired: Fired | None) -> None:
    """Worse at once; unchanged when it is the second running; improvement breaks the run."""
    assert review_rule(found[-1], after(*found), 2) == fired


@given(outcomes)
def test_runs_are_counted_from_the_last_other_outcome(found: list[Outcome]) -> None:
    """However many reviews went before, only the unbroken run at the end counts."""
    running = after(*found)
    for outcome, count in ((UNCHANGED, running.unchanged), (IMPROVED, running.improved)):
        tail = next((n for n, one in enumerate(reversed(found)) if one != outcome), len(found))
        assert count == tail


@given(outcomes)
def test_a_policys_count_decides_when_persisting_fires(found: list[Outcome]) -> None:
    """A partnership that asks for three is not told at two."""
    running = after(*found)
    fired = [count for count in (1, 2, 3) if review_rule(UNCHANGED, running, count)]
    assert fired == [count for count in (1, 2, 3) if running.unchanged >= count]


@pytest.mark.parametrize(
    ("scores", "evidence"),
    [
        ({}, None),
        ({"housing": 3, "hygiene": 3}, None),
        ({"housing": 4}, "grades: housing 4"),
        ({"nutrition": 1, "housing": 5, "carer": 1, "hygiene": 4}, "grades: housing 5, hygiene 4"),
    ],
)
def test_one_poor_grade_is_enough(scores: dict[str, int], evidence: str | None) -> None:
    """Never a mean: one poor area among good ones is named."""
    assert grade_rule(scores, 4) == (Fired(Rule.GRADE, evidence) if evidence else None)


def seen(*days: str) -> list[tuple[datetime, str]]:
    """What was seen at these London times, each of a concern of its own."""
    return [(read_instant(day, "at"), f"NC-2026-{number:05d}") for number, day in enumerate(days, start=1)]


def test_the_third_observation_within_the_window_is_a_pattern() -> None:
    """The evidence lists each by its day in London and its concern, in order of time."""
    days = seen("2026-05-20T00:30", "2026-03-16T09:00", "2026-05-25T08:00")
    said = "16 Mar 2026 NC-2026-00002; 20 May 2026 NC-2026-00001; 25 May 2026 NC-2026-00003"
    assert pattern_rule(days, AT, 3, 12) == Fired(Rule.PATTERN, f"3 observations in 12 weeks, siblings counted: {said}")


@pytest.mark.parametrize(
    ("days", "fires"),
    [
        (("2026-05-24T09:00", "2026-05-25T09:00"), False),
        (("2026-03-02T09:00", "2026-05-24T09:00", "2026-05-25T09:00"), True),
        (("2026-03-02T08:59", "2026-05-24T09:00", "2026-05-25T09:00"), False),
        (("2026-05-24T09:00", "2026-05-25T09:00", "2026-05-25T10:01"), False),
    ],
)
def test_a_pattern_needs_three_in_twelve_weeks_up_to_now(days: tuple[str, ...], fires: bool) -> None:
    """On the window's edge counts; a minute before it, or what is seen later, does not."""
    assert bool(pattern_rule(seen(*days), read_instant("2026-05-25T10:00", "at"), 3, 12)) is fires


@given(st.lists(instants, max_size=8), instants)
def test_a_pattern_is_a_matter_of_how_many_are_recent(when: list[datetime], at: datetime) -> None:
    """Whatever order they are given in."""
    recent = [one for one in when if at - timedelta(weeks=12) <= one <= at]
    assert bool(pattern_rule([(one, "NC-2026-00001") for one in when], at, 3, 12)) is (len(recent) >= 3)


def test_a_refusal_and_a_level_four_are_evidence() -> None:
    """Declined only after a refusal; level only at 4."""
    assert declined_rule(False) is None
    assert declined_rule(True) == Fired(Rule.DECLINED, "consent was refused, and there is a new observation")
    assert [bool(level_rule(level)) for level in (1, 2, 3, 4)] == [False, False, False, True]
    assert level_rule(4) == Fired(Rule.LEVEL, "the assessment found level 4")


@pytest.mark.parametrize(
    ("start", "now", "days"),
    [
        ("2026-03-02T23:59", "2026-03-03T00:01", 1),
        ("2026-03-28T12:00", "2026-03-29T12:00", 1),  # an hour short of a day
        ("2026-10-24T23:30", "2026-10-26T00:30", 2),  # an hour more than one
        ("2026-03-02T09:00", "2026-03-02T23:59", 0),
    ],
)
def test_the_childs_clock_counts_days_of_london(start: str, now: str, days: int) -> None:
    """Midnights passed, through both clock changes."""
    assert clock_days(read_instant(start, "at"), read_instant(now, "at")) == days


def test_a_clock_that_stands_counts_nothing() -> None:
    """No first concern, or sustained improvement since."""
    assert clock_days(None, AT) == 0


@given(outcomes.filter(bool))
def test_the_clock_stops_only_while_improvement_is_sustained(found: list[Outcome]) -> None:
    """Two improved reviews running stop it; the first other review starts it then; nothing else moves it."""
    clock: datetime | None = AT
    running = Running()
    for days, outcome in enumerate(found):
        at, before = AT + timedelta(days=days), clock
        running = running.after(outcome)
        clock = clock_after(clock, running, 2, at)
        assert clock == (None if running.improved >= 2 else before or at)
