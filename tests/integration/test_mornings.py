"""Mornings: one digest a person and local day at 08:00, through clock changes and holidays; a missed one is made up.

London's clocks go forward on Sunday 29 March 2026 and back on Sunday 25 October.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update

from flows import digesting
from models import staffing
from models.people import Person
from models.record import Task
from notifications.addressing import Addressed, address
from notifications.folding import fold
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.timeline import clock, digest_at, told

SECOND = timedelta(seconds=1)


async def _zone(driver: Driver, email: str, zone: str) -> None:
    async def move(session: Any) -> None:
        await session.exec(update(Person).where(col(Person.email) == email).values(zone=zone))

    await driver.act(move)


def _every_hour(first: str, last: str) -> Iterator[datetime]:
    at = instant(first)
    while at <= instant(last):
        yield at
        at += timedelta(hours=1)


async def _digests(driver: Driver, first: str, last: str, to: str = people.DSL) -> list[str]:
    """When this person's digests were addressed, with a clock that asks every hour."""
    for at in _every_hour(first, last):
        await digest_at(driver, at)
    return [clock(one.at) for one in await told(driver, "morning-digest") if one.to == to]


MORNINGS = [
    pytest.param("2026-03-26", "2026-03-31", ["Fri 27 Mar 08:00", "Mon 30 Mar 08:00", "Tue 31 Mar 08:00"], id="spring"),
    pytest.param("2026-10-22", "2026-10-27", ["Fri 23 Oct 08:00", "Mon 26 Oct 08:00", "Tue 27 Oct 08:00"], id="autumn"),
    pytest.param("2026-04-01", "2026-04-08", ["Thu 2 Apr 08:00", "Tue 7 Apr 08:00", "Wed 8 Apr 08:00"], id="Easter"),
    pytest.param(
        "2026-12-23", "2026-12-30", ["Thu 24 Dec 08:00", "Tue 29 Dec 08:00", "Wed 30 Dec 08:00"], id="Christmas"
    ),
]


@pytest.mark.parametrize(("first", "last", "expected"), MORNINGS)
async def test_one_digest_each_working_day_at_eight(loaded: Driver, first: str, last: str, expected: list[str]) -> None:
    """At 08:00 local on both sides of a change of clocks, once a day, and none on weekends and bank holidays."""
    await loaded.log(people.AMIRA, people.TEACHER, f"{first}T09:00")
    assert await _digests(loaded, f"{first}T10:00", f"{last}T20:00") == expected
    assert [one.to for one in await told(loaded, "morning-digest")] == [people.DSL] * len(expected)


async def test_not_a_second_before_eight(loaded: Driver) -> None:
    """At 07:59:59 in London nothing goes, at 08:00 it does; on the first morning of summer time too."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-27T09:00")
    assert await digest_at(loaded, instant("2026-03-30T08:00") - SECOND) == 0
    assert await digest_at(loaded, "2026-03-30T08:00") == 1


ELSEWHERE = [
    pytest.param(
        "America/New_York",
        "2026-03-05",
        ["2026-03-06T13:00:00+00:00", "2026-03-09T12:00:00+00:00"],
        id="New York, spring",
    ),
    pytest.param(
        "America/New_York",
        "2026-10-29",
        ["2026-10-30T12:00:00+00:00", "2026-11-02T13:00:00+00:00"],
        id="New York, autumn",
    ),
    pytest.param(
        "Asia/Kolkata", "2026-03-26", ["2026-03-27T02:30:00+00:00", "2026-03-30T02:30:00+00:00"], id="Kolkata"
    ),
]


@pytest.mark.parametrize(("zone", "first", "expected"), ELSEWHERE)
async def test_whoever_is_elsewhere_reads_theirs_at_their_own_eight(
    loaded: Driver, zone: str, first: str, expected: list[str]
) -> None:
    """08:00 is the reader's, through the clock changes of their own zone; Londoners' mornings are not touched."""
    await _zone(loaded, people.DSL, zone)
    await loaded.log(people.AMIRA, people.TEACHER, f"{first}T14:00")
    at, found = instant(f"{first}T14:00"), list[str]()
    while len(found) < 2:
        found += [at.isoformat()] * await digest_at(loaded, at)
        at += timedelta(minutes=30)
    assert found == expected
    assert {one.to for one in await told(loaded, "morning-digest")} == {people.DSL}


async def test_two_zones_have_a_morning_each(loaded: Driver) -> None:
    """The head in New York and the deputy in London have one digest each, for one local day."""
    await _zone(loaded, people.HEAD, "America/New_York")
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await loaded.sweep("2026-03-05T18:00")
    await digest_at(loaded, "2026-03-05T18:00")
    for at in _every_hour("2026-03-06T06:00", "2026-03-06T20:00"):
        await digest_at(loaded, at)
    since = await told(loaded, "morning-digest", since="2026-03-06T06:00")
    heard = {one.to: (clock(one.at), one.slot) for one in since}
    assert heard[people.DEPUTY] == ("Fri 6 Mar 08:00", "2026-03-06")
    assert heard[people.HEAD] == ("Fri 6 Mar 13:00", "2026-03-06")
    assert len(heard) == len(since) == 5


async def test_a_digest_missed_at_eight_goes_once_at_eleven(loaded: Driver) -> None:
    """The 08:00 run was missed: the machine starts at 11:00 and sends it once; asked again it sends nothing."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    assert [await digest_at(loaded, f"2026-03-03T11:{minute}") for minute in ("00", "00", "15", "30")] == [1, 0, 0, 0]
    assert [(clock(one.at), one.slot) for one in await told(loaded)] == [("Tue 3 Mar 11:00", "2026-03-03")]


async def test_after_three_days_only_the_newest_morning_is_told(loaded: Driver) -> None:
    """Nothing ran from Tuesday to Thursday; on Friday at 11:00 there is one digest, Friday's."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await digest_at(loaded, "2026-03-03T08:00")
    await digest_at(loaded, "2026-03-06T11:00")
    assert [one.slot for one in await told(loaded, "morning-digest")] == ["2026-03-03", "2026-03-06"]


async def test_a_missed_friday_is_made_up_for_on_the_weekend(loaded: Driver) -> None:
    """Back on Saturday, the newest working morning is Friday's; Monday has its own."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    assert await _digests(loaded, "2026-03-07T10:00", "2026-03-09T10:00") == ["Sat 7 Mar 10:00", "Mon 9 Mar 08:00"]


async def test_nothing_to_say_no_mail(loaded: Driver) -> None:
    """No open task, or none that is due soon: no digest, and no firing that an administrator would wade through."""
    assert await _digests(loaded, "2026-03-02T07:00", "2026-03-02T12:00") == []
    await stories.watched(loaded)
    assert await _digests(loaded, "2026-03-02T12:00", "2026-03-05T12:00") == []
    assert not await told(loaded, "morning-digest")


async def test_what_is_done_is_said_no_more(loaded: Driver) -> None:
    """Once the DSL has decided, the next morning has nothing of it; nor has the deputy who heard that it was late."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await loaded.sweep("2026-03-03T17:00")
    await loaded.do("monitor", people.DSL, "2026-03-03T18:00", reason="watch")
    assert await digest_at(loaded, "2026-03-04T08:00") == 0


async def test_what_opened_after_eight_waits_for_the_next_morning(loaded: Driver) -> None:
    """Logged at 09:00: a digest that runs late at 11:00 says nothing of it; the next morning's does."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    assert await digest_at(loaded, "2026-03-02T11:00") == 0
    assert await digest_at(loaded, "2026-03-03T08:00") == 1


async def test_whoever_heard_that_it_is_overdue_hears_every_morning(loaded: Driver) -> None:
    """Whom a rung told keeps it on their desk until it is done; the owner too. Nobody has two."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await loaded.sweep("2026-03-03T17:00")
    for day in ("2026-03-04", "2026-03-05"):
        assert await digest_at(loaded, f"{day}T08:00") == 2
    assert [one.to for one in await told(loaded, "morning-digest")] == [people.DSL, people.DEPUTY] * 2


async def test_a_digest_is_for_who_acts_today(loaded: Driver) -> None:
    """The DSL's cover has the DSL's digest during leave; somebody who has left has none."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await loaded.act(
        staffing.leave, people.DSL, date(2026, 3, 3), date(2026, 3, 3), people.ASSISTANT, instant("2026-03-02T10:00")
    )
    await digest_at(loaded, "2026-03-03T08:00")
    await loaded.sweep("2026-03-03T17:00")
    await loaded.act(staffing.left, people.DEPUTY, date(2026, 3, 4), None, "moved on", instant("2026-03-03T18:00"))
    await digest_at(loaded, "2026-03-04T08:00")
    assert [one.to for one in await told(loaded, "morning-digest")] == [people.ASSISTANT, people.DSL]


async def test_a_digest_begun_twice_is_addressed_once(loaded: Driver) -> None:
    """Cut off before its firing ended, a digest is begun again: whoever was addressed is not addressed again."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    morning = digesting.Morning(date(2026, 3, 3), "Europe/London")
    counts = [await digesting.digest(loaded.engine, morning, instant("2026-03-03T08:00")) for _ in range(2)]
    assert [count["letters"] for count in counts] == [1, 0]


async def test_what_was_held_back_is_in_the_next_digest(loaded: Driver) -> None:
    """A reminder that came after the day's round-up is kept for the morning, though nothing is due for days yet."""
    await stories.watched(loaded)
    nine, noon = "2026-04-22T09:00", "2026-04-22T12:00"
    rows = await loaded.rows(select(Task, Person.id).join(Person, col(Task.owner_id) == col(Person.id)).where(_OPEN))
    ((task, dsl),) = rows
    await loaded.act(_round_up, dsl, instant(nine))
    await loaded.sweep(noon)
    await loaded.act(fold, instant(noon))
    assert [(one.letter, one.state) for one in await told(loaded, since=noon)] == [("reminder", "withdrawn")]
    assert clock(task.due_at) == "Mon 27 Apr 17:00"
    assert await digest_at(loaded, "2026-04-23T08:00") == 1
    assert await digest_at(loaded, "2026-04-24T08:00") == 0


_OPEN = col(Task.closed_at).is_(None)


async def _round_up(session: Any, person: Any, at: datetime) -> None:
    """This person has had a round-up that day."""
    day = at.date().isoformat()
    await address(session, [Addressed("round-up", person, str(person), day, "several", fields={"tasks": []})], at)
