"""Time: both clock changes, Easter and Christmas of 2026, school closures, and mornings; every instant counted by hand.

London's clocks go forward on Sunday 29 March and back on Sunday 25 October. Oakfield is closed from 3 to 17 April.
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
from tests.integration.timeline import clock, digest_at, timeline, told

SECOND = timedelta(seconds=1)
EASTER = "Good Friday and Easter Monday skipped"
CHRISTMAS = "Christmas Day and Boxing Day (substitute day) skipped"

# Logged; the decision's deadline; to be acknowledged by; what its explanation says.
DECISIONS = [
    pytest.param("2026-03-27T15:00", "2026-03-30T17:00:00+01:00", "2026-03-30T12:00:00+01:00", "", id="spring"),
    pytest.param("2026-03-29T00:30", "2026-03-30T17:00:00+01:00", "2026-03-30T12:30:00+01:00", "", id="spring night"),
    pytest.param("2026-10-23T15:00", "2026-10-26T17:00:00+00:00", "2026-10-26T12:00:00+00:00", "", id="autumn"),
    pytest.param("2026-10-25T01:30", "2026-10-26T17:00:00+00:00", "2026-10-26T12:30:00+00:00", "", id="autumn night"),
    pytest.param("2026-04-02T16:00", "2026-04-07T17:00:00+01:00", "2026-04-07T17:00:00+01:00", EASTER, id="Easter"),
    pytest.param(
        "2026-12-24T16:00", "2026-12-29T17:00:00+00:00", "2026-12-29T12:30:00+00:00", CHRISTMAS, id="Christmas"
    ),
    pytest.param(
        "2026-12-31T16:00",
        "2027-01-04T17:00:00+00:00",
        "2027-01-04T12:30:00+00:00",
        "New Year's Day skipped",
        id="New Year",
    ),
]


@pytest.mark.parametrize(("at", "due", "acknowledge_by", "because"), DECISIONS)
async def test_a_decision_is_due_by_londons_clocks(
    loaded: Driver, at: str, due: str, acknowledge_by: str, because: str
) -> None:
    """dsl_review ends at 17:00 of the next working day as clocks there show it; the ladder begins at that instant."""
    await loaded.log(people.AMIRA, people.TEACHER, at)
    (task,) = await loaded.tasks(at)
    assert (task["due_at"], task["acknowledge_by"]) == (due, acknowledge_by)
    assert because in task["due_because"]
    await loaded.sweep(datetime.fromisoformat(due) - SECOND)
    assert not await told(loaded, "overdue")
    await loaded.sweep(datetime.fromisoformat(due))
    assert [one.to for one in await told(loaded, "overdue")] == [people.DEPUTY]


@pytest.mark.parametrize(
    ("at", "due"),
    [
        pytest.param("2026-03-29T00:30", "2026-03-29T02:30:00+01:00", id="spring"),
        pytest.param("2026-10-25T01:30", "2026-10-25T01:30:00+00:00", id="autumn"),
        pytest.param("2026-12-25T23:30", "2026-12-26T00:30:00+00:00", id="Christmas night"),
    ],
)
async def test_an_urgent_hour_is_sixty_minutes_whatever_the_clocks_do(loaded: Driver, at: str, due: str) -> None:
    """Hours for urgent things never pause, and are neither longer nor shorter in a night when the clocks change."""
    await loaded.log(people.AMIRA, people.TEACHER, at, immediate_danger=True)
    task = await loaded.task(at, kind="dsl_decision")
    assert task["due_at"] == due
    assert datetime.fromisoformat(due) - instant(at) == timedelta(hours=1)


async def _supported(driver: Driver, start: str) -> str:
    """SUPPORTING, everything on the day `start`; the decision for early help at 10:00."""
    reference = (await driver.log(people.AMIRA, people.TEACHER, f"{start}T09:00")).reference
    await driver.do("early_help", people.DSL, f"{start}T10:00", reason="help", lead=people.LEAD)
    await driver.do("consent", people.LEAD, f"{start}T11:00", given_by="mother", covers="all")
    await driver.do("complete", people.LEAD, f"{start}T12:00", **stories.PLAN)
    return reference


async def _reviewed(driver: Driver, outcome: str, at: str) -> None:
    await driver.do("review", people.LEAD, at, outcome=outcome, **stories.HELD)


# The first review of a plan; the outcomes of the reviews; when the last was held; when its hold ends.
HOLDS = [
    pytest.param("2026-03-16", ["worse"], "2026-03-27T14:00", "2026-03-30T11:00:00+01:00", id="worse, spring"),
    pytest.param("2026-10-12", ["worse"], "2026-10-23T14:00", "2026-10-26T11:00:00+00:00", id="worse, autumn"),
    pytest.param("2026-03-16", ["worse"], "2026-04-02T14:00", "2026-04-07T17:00:00+01:00", id="worse, Easter"),
    pytest.param("2026-11-16", ["worse"], "2026-12-24T14:00", "2026-12-29T11:00:00+00:00", id="worse, Christmas"),
    pytest.param("2026-03-16", ["worse"], "2026-04-20T10:00", "2026-04-20T17:00:00+01:00", id="worse, a school day"),
    pytest.param("2026-03-16", ["worse"], "2026-04-14T10:00", "2026-04-15T17:00:00+01:00", id="worse, school closed"),
    pytest.param(
        "2026-03-16", ["unchanged", "unchanged"], "2026-03-27T14:00", "2026-03-30T17:00:00+01:00", id="same, spring"
    ),
    pytest.param(
        "2026-10-12", ["unchanged", "unchanged"], "2026-10-23T14:00", "2026-10-26T17:00:00+00:00", id="same, autumn"
    ),
    pytest.param(
        "2026-03-16", ["unchanged", "unchanged"], "2026-04-02T14:00", "2026-04-07T17:00:00+01:00", id="same, Easter"
    ),
    pytest.param(
        "2026-11-16", ["unchanged", "unchanged"], "2026-12-24T14:00", "2026-12-29T17:00:00+00:00", id="same, Christmas"
    ),
]


@pytest.mark.parametrize(("start", "outcomes", "at", "until"), HOLDS)
async def test_a_hold_ends_by_the_next_working_day(
    loaded: Driver, start: str, outcomes: list[str], at: str, until: str
) -> None:
    """Four opening hours or one working day, never past 17:00 of the next working day; then the referral is sent."""
    reference = await _supported(loaded, start)
    for outcome in outcomes:
        await _reviewed(loaded, outcome, at)
    assert (await loaded.show(reference, at))["referral"]["hold_until"] == until
    end = datetime.fromisoformat(until)
    await loaded.sweep(end - SECOND)
    assert (await loaded.show(reference, end))["status"] == "REFERRING"
    await loaded.sweep(end)
    seen = await loaded.show(reference, end)
    assert (seen["status"], seen["referral"]["sent_at"]) == ("REFERRED", until)


REVIEWS = [
    pytest.param("2026-02-16", "2026-03-30T17:00:00+01:00", "6 weeks from Mon 16 Feb;", id="spring"),
    pytest.param("2026-09-14", "2026-10-26T17:00:00+00:00", "6 weeks from Mon 14 Sep;", id="autumn"),
    pytest.param(
        "2026-02-23", "2026-04-02T17:00:00+01:00", "brought forward from Mon 6 Apr, Easter Monday", id="Easter"
    ),
    pytest.param(
        "2026-11-13", "2026-12-24T17:00:00+00:00", "brought forward from Fri 25 Dec, Christmas Day", id="Christmas"
    ),
]


@pytest.mark.parametrize(("start", "due", "because"), REVIEWS)
async def test_a_review_is_due_at_five_on_its_own_side_of_the_change(
    loaded: Driver, start: str, due: str, because: str
) -> None:
    """Six weeks on at 17:00 of London's clocks, rolled back where that is no working day, and it says so."""
    await _supported(loaded, start)
    (task,) = await loaded.tasks(f"{start}T12:00")
    assert task["due_at"] == due
    assert because in task["due_because"]


async def test_a_case_review_counts_school_weeks_only(loaded: Driver) -> None:
    """Six weeks of school from 2 March, two of them closed over Easter: 27 April, and it says so."""
    await stories.watched(loaded)
    (task,) = await loaded.tasks("2026-03-02T10:00")
    assert task["due_at"] == "2026-04-27T17:00:00+01:00"
    assert "6 school weeks from Mon 2 Mar; 2 weeks of the setting's closed days not counted" in task["due_because"]


async def test_a_case_review_waits_no_longer_than_eight_weeks(loaded: Driver) -> None:
    """A school closed all summer does not put a child off until the autumn."""
    roster = people.roster()
    next(one for one in roster["settings"] if one["key"] == people.OAKFIELD)["closed"] = ["2026-07-22..2026-09-02"]
    await loaded.load(roster)
    await loaded.log(people.AMIRA, people.TEACHER, "2026-07-06T09:00")
    await loaded.do("monitor", people.DSL, "2026-07-06T10:00", reason="watch")
    (task,) = await loaded.tasks("2026-07-06T10:00")
    assert task["due_at"] == "2026-08-28T17:00:00+01:00"
    assert "8 weeks from Mon 6 Jul; the most that 6 school weeks may take" in task["due_because"]
    assert "brought forward from Mon 31 Aug, Summer bank holiday" in task["due_because"]


# Referred at 10:00; the chases; silence becomes a disagreement; the ends of its stages.
ROUND_TRIPS = [
    pytest.param(
        "2026-03-26",
        ["Mon 30 Mar 09:00", "Tue 31 Mar 09:00"],
        ["Tue 31 Mar 17:00", "Thu 2 Apr 17:00", "Mon 13 Apr 17:00", "Wed 15 Apr 17:00"],
        id="spring",
    ),
    pytest.param(
        "2026-10-22",
        ["Mon 26 Oct 09:00", "Tue 27 Oct 09:00"],
        ["Tue 27 Oct 17:00", "Thu 29 Oct 17:00", "Thu 5 Nov 17:00", "Mon 9 Nov 17:00"],
        id="autumn",
    ),
    pytest.param(
        "2026-12-23",
        ["Tue 29 Dec 09:00", "Wed 30 Dec 09:00"],
        ["Wed 30 Dec 17:00", "Mon 4 Jan 17:00", "Mon 11 Jan 17:00", "Wed 13 Jan 17:00"],
        id="Christmas",
    ),
    pytest.param(
        "2026-04-08",
        ["Fri 10 Apr 09:00", "Mon 13 Apr 09:00"],
        ["Mon 13 Apr 17:00", "Wed 15 Apr 17:00", "Wed 22 Apr 17:00", "Fri 24 Apr 17:00"],
        id="school closed",
    ),
]


@pytest.mark.parametrize(("day", "chases", "stages"), ROUND_TRIPS)
async def test_chases_and_stages_keep_to_working_days_and_londons_clocks(
    loaded: Driver, day: str, chases: list[str], stages: list[str]
) -> None:
    """The front door is chased at 09:00, every stage ends at 17:00; social care's clocks run when school is closed."""
    await stories.referred(loaded, f"{day}T10:00")
    until = instant(f"{day}T10:00") + timedelta(days=23)
    lines = await timeline(loaded, f"{day}T10:00", until, letters=("chase", "disagreement"))
    assert [when for when, letter, _ in lines if letter == "chase"] == chases
    assert [when for when, letter, _ in lines if letter == "disagreement"][:4] == stages


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
