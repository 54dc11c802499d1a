"""The ladder: when something is said about a task, and what, through outages, leap weeks and clock changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.calendars import calendar_for
from config.policy import TASK_KINDS
from config.time import LONDON, read_instant, say_instant
from models.deadlines import working_days
from models.ladder import Clocks, Moment, Said, What, moments, say
from tests.unit.office import BOOK, DAY

ENGLAND = calendar_for()
LADDERS = BOOK.for_area("derby", DAY).ladders
LAPSING = ("confirm_referral", "await_acknowledgement", "await_decision", "resolve_disagreement")
CLIMBING = tuple(kind for kind in TASK_KINDS if kind not in LAPSING)
every = hypothesis_settings(deadline=None, max_examples=40)

instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 10), timezones=st.just(UTC))  # noqa: DTZ001
lengths = st.timedeltas(timedelta(hours=1), timedelta(weeks=12))


def at(text: str) -> datetime:
    """An instant from London's text."""
    return read_instant(text, "at")


@st.composite
def tasks(draw: st.DrawFn, kinds: tuple[str, ...] = TASK_KINDS) -> tuple[str, Clocks]:
    """A kind of task with its clocks: opened, due, perhaps lapsing and to be acknowledged."""
    kind = draw(st.sampled_from(kinds))
    opened = draw(instants)
    due = opened + draw(lengths)
    lapse = due + draw(st.sampled_from([timedelta(0), timedelta(days=2)])) if kind in LAPSING else None
    acknowledge = opened + (due - opened) * draw(st.sampled_from([0.25, 1.0]))
    return kind, Clocks(opened, due, lapse, draw(st.sampled_from([None, acknowledge])))


def told(kind: str, clocks: Clocks, until: datetime, now: datetime) -> Said:
    """What is said about a task at `now` of what was not said by `until`."""
    return say(LADDERS[kind], clocks, ENGLAND, until, now)


def line(kind: str, opened: str, due: str, count: int, **more: str) -> list[tuple[str, str, int]]:
    """The first moments of a task: London time, what, rung."""
    clocks = Clocks(at(opened), at(due), **{name: at(value) for name, value in more.items()})
    found = islice(moments(LADDERS[kind], clocks, ENGLAND), count)
    return [(say_instant(one.at), one.what.name, one.rung) for one in found]


def test_a_decision_that_nobody_takes_climbs_the_ladder_for_ever() -> None:
    """Unacknowledged, then a rung at once, one and two working days on; after the last, every five working days."""
    assert line("dsl_review", "2026-03-02T09:00", "2026-03-03T17:00", 6, acknowledge_by="2026-03-02T13:00") == [
        ("Mon 2 Mar 2026 13:00", "UNACKNOWLEDGED", 0),
        ("Tue 3 Mar 2026 17:00", "RUNG", 1),
        ("Wed 4 Mar 2026 17:00", "RUNG", 2),
        ("Thu 5 Mar 2026 17:00", "RUNG", 3),
        ("Thu 12 Mar 2026 17:00", "RUNG", 4),
        ("Thu 19 Mar 2026 17:00", "RUNG", 5),
    ]


def test_a_review_over_easter_is_reminded_of_and_climbs_on_working_days() -> None:
    """Ten and three working days before, and rungs that pass over Good Friday and Easter Monday."""
    assert line("hold_review", "2026-03-02T10:00", "2026-04-02T17:00", 6) == [
        ("Thu 19 Mar 2026 09:00", "REMIND", 0),
        ("Mon 30 Mar 2026 09:00", "REMIND", 0),
        ("Thu 2 Apr 2026 17:00", "RUNG", 1),
        ("Tue 7 Apr 2026 17:00", "RUNG", 2),
        ("Mon 13 Apr 2026 17:00", "RUNG", 3),
        ("Mon 20 Apr 2026 17:00", "RUNG", 4),
    ]


def test_christmas_and_new_year_are_passed_over() -> None:
    """Christmas Day, Boxing Day's substitute and New Year's Day are no working days for anybody's rung."""
    assert line("case_review", "2026-11-02T10:00", "2026-12-24T17:00", 5) == [
        ("Mon 21 Dec 2026 09:00", "REMIND", 0),
        ("Thu 24 Dec 2026 17:00", "RUNG", 1),
        ("Tue 29 Dec 2026 17:00", "RUNG", 2),
        ("Tue 5 Jan 2027 17:00", "RUNG", 3),
        ("Tue 12 Jan 2027 17:00", "RUNG", 4),
    ]


@pytest.mark.parametrize(
    ("due", "next_day"),
    [("2026-03-27T17:00", "2026-03-30T17:00"), ("2026-10-23T17:00", "2026-10-26T17:00")],
)
def test_a_rung_keeps_its_time_of_day_through_a_clock_change(due: str, next_day: str) -> None:
    """17:00 in London on Friday is 17:00 in London on Monday."""
    found = [one.at for one in islice(moments(LADDERS["dsl_decision"], Clocks(at(due), at(due)), ENGLAND), 2)]
    assert found == [at(due), at(next_day)]
    assert found[1] - found[0] != timedelta(days=3)


def test_a_held_referral_is_reminded_of_half_way_and_lapses() -> None:
    """Nothing comes after the lapse."""
    assert line("confirm_referral", "2026-03-02T09:00", "2026-03-02T17:00", 5, lapse_at="2026-03-02T17:00") == [
        ("Mon 2 Mar 2026 13:00", "HALF_WAY", 0),
        ("Mon 2 Mar 2026 17:00", "LAPSE", 0),
    ]


def test_the_front_door_is_chased_each_working_morning_until_it_is_a_disagreement() -> None:
    """From the working day after the deadline, at nine, until the third working day from sending."""
    opened, due, lapse = "2026-04-01T10:00", "2026-04-02T17:00", "2026-04-08T17:00"
    assert line("await_decision", opened, due, 9, lapse_at=lapse) == [
        ("Tue 7 Apr 2026 09:00", "CHASE", 0),
        ("Wed 8 Apr 2026 09:00", "CHASE", 0),
        ("Wed 8 Apr 2026 17:00", "LAPSE", 0),
    ]


def test_a_reminder_that_lies_before_the_opening_is_not_said() -> None:
    """A task that opens three days before its deadline is not reminded of ten days before."""
    assert line("hold_review", "2026-03-12T10:00", "2026-03-16T17:00", 1) == [("Mon 16 Mar 2026 17:00", "RUNG", 1)]


def test_an_outage_of_weeks_is_answered_with_one_thing() -> None:
    """Back after a month: the latest rung alone is said, and with it everybody a rung newly reached."""
    opened, due = at("2026-03-02T09:00"), at("2026-03-03T17:00")
    said = told("dsl_review", Clocks(opened, due, None, at("2026-03-02T13:00")), opened, at("2026-03-13T09:00"))
    assert said.latest is not None
    assert (said.latest.what, said.latest.rung) == (What.RUNG, 4)
    assert [moment.rung for moment in said.rungs] == [1, 2, 3, 4]
    assert say_instant(said.next_at) == "Thu 19 Mar 2026 17:00"


def test_a_lapse_that_is_due_has_the_last_word_and_stays_due() -> None:
    """Whatever else was missed, the referral goes; until it has gone the task comes back."""
    opened, lapse = at("2026-03-02T09:00"), at("2026-03-02T17:00")
    said = told("confirm_referral", Clocks(opened, lapse, lapse), opened, at("2026-03-09T09:00"))
    assert (said.latest, said.rungs, said.next_at) == (Moment(lapse, What.LAPSE), (), lapse)


@every
@given(tasks())
def test_moments_come_in_order_and_after_the_opening(task: tuple[str, Clocks]) -> None:
    """Sorted by time; a lapse is the last; rungs count up one by one."""
    kind, clocks = task
    found = list(islice(moments(LADDERS[kind], clocks, ENGLAND), 12))
    assert all(one.at <= other.at for one, other in pairwise(found))
    assert all(one.at >= clocks.opened_at for one in found)
    rungs = [one.rung for one in found if one.what == What.RUNG]
    assert rungs == list(range(1, len(rungs) + 1))
    assert [one.what for one in found].count(What.LAPSE) == (kind in LAPSING)
    if kind in LAPSING:
        assert found[-1] == Moment(clocks.lapse_at or clocks.due_at, What.LAPSE)


@every
@given(tasks(CLIMBING), st.timedeltas(timedelta(0), timedelta(weeks=12)))
def test_a_task_that_does_not_lapse_is_never_silent_for_good(task: tuple[str, Clocks], later: timedelta) -> None:
    """However late it is, there is a next moment, and it lies after now."""
    kind, clocks = task
    now = clocks.opened_at + later
    assert told(kind, clocks, clocks.opened_at, now).next_at > now


@every
@given(tasks(), st.lists(st.timedeltas(timedelta(0), timedelta(weeks=8)), min_size=1, max_size=8))
def test_however_often_it_is_swept_each_rung_is_told_once(task: tuple[str, Clocks], gaps: list[timedelta]) -> None:
    """Sweeps at any instants tell each rung that has been reached exactly once, and nothing twice."""
    kind, clocks = task
    until, rungs, said = clocks.opened_at, list[int](), list[Moment]()
    for now in sorted(clocks.opened_at + gap for gap in gaps):
        one = told(kind, clocks, until, now)
        if one.latest and one.latest.what == What.LAPSE:
            return
        rungs += [moment.rung for moment in one.rungs]
        said += [one.latest] if one.latest else []
        until = now
    reached = takewhile(lambda one: one.at <= until, moments(LADDERS[kind], clocks, ENGLAND))
    assert rungs == [one.rung for one in reached if one.what == What.RUNG and one.at > clocks.opened_at]
    assert len(said) == len(set(said))


@every
@given(tasks(), st.timedeltas(timedelta(0), timedelta(weeks=8)))
def test_a_second_sweep_at_the_same_instant_says_nothing(task: tuple[str, Clocks], later: timedelta) -> None:
    """Two clocks are harmless."""
    kind, clocks = task
    now = clocks.opened_at + later
    first = told(kind, clocks, clocks.opened_at, now)
    assume(not (first.latest and first.latest.what == What.LAPSE))
    second = told(kind, clocks, now, now)
    assert (second.latest, second.rungs, second.next_at) == (None, (), first.next_at)


@every
@given(tasks(CLIMBING), st.timedeltas(timedelta(0), timedelta(weeks=8)))
def test_what_is_said_is_the_latest_of_the_weightiest_kind(task: tuple[str, Clocks], later: timedelta) -> None:
    """A reminder never hides a rung, and of several rungs the highest speaks."""
    kind, clocks = task
    now = clocks.opened_at + later
    reached = takewhile(lambda one: one.at <= now, moments(LADDERS[kind], clocks, ENGLAND))
    due = [one for one in reached if one.at > clocks.opened_at]
    latest = told(kind, clocks, clocks.opened_at, now).latest
    assert latest == max(due, key=lambda one: (one.what, one.at), default=None)


@every
@given(instants, st.integers(0, 30))
def test_a_deadline_of_working_days_is_never_a_rung_on_a_holiday(start: datetime, days: int) -> None:
    """Rungs that follow a working-day deadline fall on working days at 17:00 London."""
    due = working_days(start, days, ENGLAND, "r").at
    for moment in islice(moments(LADDERS["file_referral"], Clocks(start, due), ENGLAND), 5):
        local = moment.at.astimezone(LONDON)
        assert (local.hour, local.minute) == (17, 0)
        assert ENGLAND.is_working(local.date())


@given(task=tasks(), share=st.floats(-0.2, 1.3))
@every
def test_a_snooze_moves_reminders_and_nothing_else(task: tuple[str, Clocks], share: float) -> None:
    """Rungs, lapses, chases and what tells of a silence are the same moments with and without a snooze."""
    kind, clocks = task
    until = clocks.opened_at + (clocks.due_at - clocks.opened_at) * share
    snoozed = replace(clocks, snoozed_until=until)
    horizon = clocks.due_at + timedelta(weeks=20)
    stays = (What.RUNG, What.LAPSE, What.CHASE, What.UNACKNOWLEDGED)

    def of(these: Clocks, *what: What) -> list[Moment]:
        every_moment = takewhile(lambda one: one.at <= horizon, moments(LADDERS[kind], these, ENGLAND))
        return [moment for moment in every_moment if moment.what in what]

    assert of(snoozed, *stays) == of(clocks, *stays)
    reminders = of(snoozed, What.REMIND, What.HALF_WAY)
    if until >= clocks.due_at:
        assert reminders == of(clocks, What.REMIND, What.HALF_WAY)
    else:
        before_lapse = clocks.lapse_at is None or until < clocks.lapse_at
        assert not before_lapse or [moment.at for moment in reminders if moment.at <= until] == [until]
        assert [one for one in reminders if one.at > until] == [
            one for one in of(clocks, What.REMIND, What.HALF_WAY) if one.at > until
        ]


def test_a_snoozed_reminder_is_said_once_when_the_snooze_ends() -> None:
    """Ten and three working days before: put off until after both, they are one, to everybody they were for."""
    clocks = Clocks(at("2026-03-02T10:00"), at("2026-04-13T17:00"))
    snoozed = replace(clocks, snoozed_until=at("2026-04-10T08:00"))
    first = next(iter(moments(LADDERS["hold_review"], snoozed, ENGLAND)))
    assert (first.at, first.what, first.to[0]) == (at("2026-04-10T08:00"), What.REMIND, "owner")


def test_a_snooze_does_not_silence_that_nobody_has_acknowledged() -> None:
    """The deputy hears at the time of it, whatever the DSL has put off."""
    clocks = Clocks(at("2026-03-02T09:00"), at("2026-03-03T17:00"), acknowledge_by=at("2026-03-02T13:00"))
    snoozed = replace(clocks, snoozed_until=at("2026-03-03T08:00"))
    silence = [one for one in islice(moments(LADDERS["dsl_review"], snoozed, ENGLAND), 4) if one.to == ("deputy_dsl",)]
    assert (silence[0].at, silence[0].what) == (at("2026-03-02T13:00"), What.UNACKNOWLEDGED)
