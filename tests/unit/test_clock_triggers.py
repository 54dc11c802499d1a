"""The clock: working days and London's local time, through clock changes and bank holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from config.calendars import calendar_for
from flows.clock import ALIVE, DIGEST_AT, PURGE_AT, DailyAt, make_clock, slot, ticks
from flows.due import BRIDGE, DEADLINES, DIGEST, EVENTS, LETTERS, PACK, PURGE, RECONCILE

WORKING = DailyAt(DIGEST_AT, calendar_for())
NIGHTLY = DailyAt(PURGE_AT)


def utc(text: str) -> datetime:
    """An instant (UTC)."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fired(trigger: DailyAt, start: str, count: int) -> list[str]:
    """The first instants (UTC) at which it fires, one after the other."""
    found: list[datetime] = []
    now = utc(start)
    for _ in range(count):
        found.append(trigger.get_next_fire_time(found[-1] if found else None, now))
        now = found[-1] + timedelta(seconds=1)
    return [f"{at:%a %Y-%m-%d %H:%M}" for at in found]


def test_a_morning_is_local() -> None:
    """08:00 in London is 08:00 UTC until the clocks go forward on 29 March 2026, and 07:00 UTC after."""
    assert fired(WORKING, "2026-03-27T00:00", 2) == ["Fri 2026-03-27 08:00", "Mon 2026-03-30 07:00"]


def test_a_morning_is_local_in_autumn() -> None:
    """The same when the clocks go back on 25 October 2026."""
    assert fired(WORKING, "2026-10-23T00:00", 2) == ["Fri 2026-10-23 07:00", "Mon 2026-10-26 08:00"]


def test_easter_is_passed_over() -> None:
    """From Maundy Thursday to the Tuesday after Easter 2026."""
    assert fired(WORKING, "2026-04-02T00:00", 2) == ["Thu 2026-04-02 07:00", "Tue 2026-04-07 07:00"]


def test_christmas_is_passed_over() -> None:
    """Christmas Eve 2026 is a working day; Boxing Day is a Saturday, so that Monday 28 is off; then New Year's Day."""
    expected = ["Thu 2026-12-24", "Tue 2026-12-29", "Wed 2026-12-30", "Thu 2026-12-31", "Mon 2027-01-04"]
    assert fired(WORKING, "2026-12-24T00:00", 5) == [f"{day} 08:00" for day in expected]


def test_an_extra_bank_holiday_is_passed_over() -> None:
    """A day proclaimed once, from the settings."""
    trigger = DailyAt(DIGEST_AT, calendar_for(extra_holidays=[date(2026, 6, 15)]))
    assert fired(trigger, "2026-06-13T00:00", 1) == ["Tue 2026-06-16 07:00"]


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("2026-03-02T07:59:59", "Mon 2026-03-02 08:00"),
        ("2026-03-02T08:00:00", "Mon 2026-03-02 08:00"),
        ("2026-03-02T08:00:01", "Tue 2026-03-03 08:00"),
    ],
)
def test_a_clock_that_starts_fires_next(start: str, first: str) -> None:
    """Started at 08:00 it fires at once; a second later it waits for the next morning (the catching up is ours)."""
    assert fired(WORKING, start, 1) == [first]


@pytest.mark.parametrize("start", ["2026-03-28T00:00", "2026-10-24T00:00"])
def test_every_night_has_one_purge(start: str) -> None:
    """Through both clock changes: one a day, none skipped, none twice."""
    days = [text[4:14] for text in fired(NIGHTLY, start, 4)]
    first = date.fromisoformat(start[:10])
    assert days == [(first + timedelta(days=n)).isoformat() for n in range(4)]


def test_nothing_is_put_where_the_clock_changes() -> None:
    """No daily time lies between 00:59 and 02:01, which a change of the clock skips or repeats."""
    daily = [trigger.clock for trigger, _ in ticks() if isinstance(trigger, DailyAt)]
    assert daily
    assert not [clock for clock in daily if time(0, 59) <= clock <= time(2, 1)]


def test_everything_is_asked_for() -> None:
    """Each flow has a tick: what is due every minute, the digest and a sign of life every quarter, the rest apart."""
    names = [set(one) for _, one in ticks()]
    assert {BRIDGE, EVENTS, DEADLINES, DIGEST, LETTERS} in names
    assert set().union(*names) == {BRIDGE, EVENTS, DEADLINES, LETTERS, DIGEST, PACK, RECONCILE, PURGE, ALIVE}


def test_ticks_are_on_the_minute() -> None:
    """A minute's tick fires at second 0, so that two clocks ask at one moment."""
    minute = next(trigger for trigger, names in ticks() if EVENTS in names)
    assert minute.get_next_fire_time(None, utc("2026-03-02T08:00:30")) == utc("2026-03-02T08:01")


@pytest.mark.parametrize(
    ("name", "expected"),
    [(ALIVE, "2026-06-01T22:45Z"), (RECONCILE, "2026-06-01T22:00Z"), (PURGE, "2026-06-01")],
)
def test_two_clocks_share_a_slot(name: str, expected: str) -> None:
    """The quarter, the hour, London's day: whichever of two clocks comes first fires it, seconds apart or minutes."""
    assert slot(name, utc("2026-06-01T22:45:00")) == slot(name, utc("2026-06-01T22:59:59")) == expected


def test_londons_day_begins_at_londons_midnight() -> None:
    """In summer that is 23:00 UTC."""
    assert slot(PURGE, utc("2026-06-01T23:00")) == "2026-06-02"


async def test_ticks_that_were_missed_become_one() -> None:
    """Late ticks are never dropped, doubled or run beside one another: APScheduler's own defaults would drop them."""
    scheduler = make_clock(lambda _: None)
    scheduler.start(paused=True)
    jobs = scheduler.get_jobs()
    assert len(jobs) == len(ticks())
    assert {(job.coalesce, job.max_instances, job.misfire_grace_time) for job in jobs} == {(True, 1, None)}
    scheduler.shutdown(wait=False)


async def test_a_tick_rings_for_its_names() -> None:
    """What the scheduler calls is a plain coroutine function, which is awaited."""
    rung: list[frozenset[str]] = []
    scheduler = make_clock(lambda names: rung.append(frozenset(names)))
    scheduler.start(paused=True)
    for job in scheduler.get_jobs():
        await job.func(*job.args)
    assert sorted(map(sorted, rung)) == sorted(sorted(names) for _, names in ticks())
    scheduler.shutdown(wait=False)
