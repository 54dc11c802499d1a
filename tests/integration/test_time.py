"""Time: both clock changes, Easter and Christmas of 2026, and school closures; every instant counted by hand.

London's clocks go forward on Sunday 29 March and back on Sunday 25 October. Oakfield is closed from 3 to 17 April.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.timeline import timeline, told

# Instants are stored and compared by both; once that is shown, the counting itself needs one.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
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


@ON_SQLITE
@pytest.mark.parametrize(("start", "due", "because"), REVIEWS)
async def test_a_review_is_due_at_five_on_its_own_side_of_the_change(
    loaded: Driver, start: str, due: str, because: str
) -> None:
    """Six weeks on at 17:00 of London's clocks, rolled back where that is no working day, and it says so."""
    await _supported(loaded, start)
    (task,) = await loaded.tasks(f"{start}T12:00")
    assert task["due_at"] == due
    assert because in task["due_because"]


@ON_SQLITE
async def test_a_case_review_counts_school_weeks_only(loaded: Driver) -> None:
    """Six weeks of school from 2 March, two of them closed over Easter: 27 April, and it says so."""
    await stories.watched(loaded)
    (task,) = await loaded.tasks("2026-03-02T10:00")
    assert task["due_at"] == "2026-04-27T17:00:00+01:00"
    assert "6 school weeks from Mon 2 Mar; 2 weeks of the setting's closed days not counted" in task["due_because"]


@ON_SQLITE
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


@ON_SQLITE
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
