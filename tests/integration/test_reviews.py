"""Reviews: what each outcome leads to, postponements counted, the child's clock, patterns across siblings."""

from __future__ import annotations

import pytest
from sqlmodel import select

from config.errors import BadInput
from models.errors import NotOffered
from models.record import Concern
from models.staffing import reopen
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.refusals import refused

AT, SECOND_AT = journeys.REVIEWED_AT, journeys.SECOND_REVIEW_AT
NEXT = "Fri 22 May 2026 17:00: 6 weeks from Mon 13 Apr; brought forward from Mon 25 May, Spring bank holiday"
LONGEST = "policy derby-and-derbyshire, taf_review_interval_max"
TOO_FAR = f"to: must be after today and no later than Fri 12 Jun 2026 ({LONGEST})"
PUT_OFF = {"to": "2026-04-24", "reason": "The health visitor is ill."}


@pytest.mark.parametrize("outcome", ["improved", "unchanged"])
async def test_a_held_review_sets_the_next_one(loaded: Driver, outcome: str) -> None:
    """Six weeks on, rolled back to a working day; evidence, engagement and the child's words stand in the history."""
    reference = await journeys.supporting(loaded)
    await journeys.review(loaded, outcome, parents_informed="yes")
    assert await loaded.owed(AT) == {"hold_review": (people.LEAD, NEXT)}
    event = (await loaded.show(reference, AT))["events"][-1]
    assert (event["kind"], event["by"], event["because"]) == ("reviewed", people.LEAD, journeys.REVIEW["evidence"])
    said = {"outcome": outcome, "parents_informed": "yes", **journeys.REVIEW}
    assert said.items() <= event["fields"].items()


async def test_the_first_unchanged_review_says_so_in_the_next_task(loaded: Driver) -> None:
    """One review without change is a warning that whoever holds the next one reads; an improved one lifts it."""
    await journeys.supporting(loaded)
    await journeys.review(loaded, "unchanged")
    warned = (await loaded.task(AT))["about"]
    assert warned == "the last review found no change: consider a referral; the next unchanged one raises it"
    await journeys.review(loaded, "improved", SECOND_AT)
    assert (await loaded.task(SECOND_AT))["about"] is None


async def test_two_unchanged_reviews_running_raise_a_referral(loaded: Driver) -> None:
    """Rule persisting: raised by itself in the same breath, held a working day, with its evidence."""
    reference = await journeys.persisting(loaded)
    seen = await loaded.show(reference, SECOND_AT)
    assert (seen["status"], seen["referral"]["rule"]) == ("REFERRING", "persisting")
    assert seen["referral"]["hold_until"] == "2026-05-22T17:00:00+01:00"
    kind, by, because = (await loaded.history(reference))[-1]
    assert (kind, by) == ("referral_raised", "pathway")
    assert because.startswith(
        "rule persisting: 2 reviews running found no change; Fri 22 May 2026 17:00: 1 working day"
    )


async def test_an_improved_review_between_breaks_the_run(loaded: Driver) -> None:
    """Unchanged, improved, unchanged is not two running."""
    reference = await journeys.supporting(loaded)
    for outcome, at in (("unchanged", AT), ("improved", "2026-04-27T11:00"), ("unchanged", SECOND_AT)):
        await journeys.review(loaded, outcome, at)
    assert (await loaded.show(reference, SECOND_AT))["status"] == "SUPPORTING"


async def test_worse_raises_a_referral_whatever_came_before(loaded: Driver) -> None:
    """Rule worse: one review is enough, after improvement too."""
    reference = await journeys.supporting(loaded)
    await journeys.review(loaded, "improved")
    await journeys.review(loaded, "worse", SECOND_AT)
    seen = await loaded.show(reference, SECOND_AT)
    assert (seen["status"], seen["referral"]["rule"]) == ("REFERRING", "worse")
    assert [task["kind"] for task in seen["open_tasks"]] == ["confirm_referral"]


async def test_a_review_can_set_actions_and_grades(loaded: Driver) -> None:
    """Actions become tasks beside the next review, and a poor grade asks for a decision."""
    await journeys.supporting(loaded)
    action = {"what": "Repair the boiler", "owner": people.LEAD, "due": "2026-04-20"}
    await journeys.review(loaded, "unchanged", actions=[action], scores={"housing": 5})
    await loaded.follow(AT)
    owed = await loaded.owed(AT)
    assert set(owed) == {"hold_review", "action", "dsl_decision"}
    assert owed["action"] == (people.LEAD, "Mon 20 Apr 2026 17:00: the day agreed for this action")


async def test_a_wrong_review_is_refused_whole(loaded: Driver) -> None:
    """The review is still owed, and no outcome is counted."""
    await journeys.supporting(loaded)
    async with refused(loaded, BadInput, "outcome: input should be 'improved', 'unchanged' or 'worse'"):
        await journeys.review(loaded, "better")


# Postponing


async def test_the_first_postponement_is_the_leads_own(loaded: Driver) -> None:
    """Put off once with a reason: owed again on the day given, and counted."""
    reference = await journeys.supporting(loaded)
    await loaded.do("postpone", people.LEAD, AT, **PUT_OFF)
    assert await loaded.owed(AT) == {"hold_review": (people.LEAD, "Fri 24 Apr 2026 17:00: postponed (number 1)")}
    assert (await loaded.history(reference))[-1] == ("postponed", people.LEAD, PUT_OFF["reason"])
    assert (await loaded.show(reference, AT))["postponed"] == 1


async def test_the_second_postponement_needs_a_second_person(loaded: Driver) -> None:
    """Without one it is refused; with one the review stays due until they agree."""
    reference = await journeys.supporting(loaded)
    await loaded.do("postpone", people.LEAD, AT, **PUT_OFF)
    again = {"to": "2026-05-08", "reason": "Still ill."}
    said = "second: postpone needs a second person: another DSL, deputy or head of the setting"
    async with refused(loaded, BadInput, said):
        await loaded.do("postpone", people.LEAD, "2026-04-24T10:00", **again)
    await loaded.do("postpone", people.LEAD, "2026-04-24T10:00", **again, second=people.DEPUTY)
    assert (await loaded.owed("2026-04-24T10:00"))["hold_review"][1].startswith("Fri 24 Apr 2026")
    await loaded.do("agree", people.DEPUTY, "2026-04-24T12:00")
    assert (await loaded.owed("2026-04-24T12:00"))["hold_review"][1] == "Fri 8 May 2026 17:00: postponed (number 2)"
    assert (await loaded.show(reference, AT))["postponed"] == 2


async def test_a_review_is_never_put_off_past_twelve_weeks(loaded: Driver) -> None:
    """However often: the longest interval runs from when the review was first set, not from the last delay."""
    await journeys.supporting(loaded)
    await loaded.do("postpone", people.LEAD, AT, **(PUT_OFF | {"to": "2026-06-12"}))
    late = {"to": "2026-06-13", "reason": "Holidays.", "second": people.DEPUTY}
    async with refused(loaded, BadInput, TOO_FAR):
        await loaded.do("postpone", people.LEAD, "2026-06-12T10:00", **late)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        (
            "2026-04-13",
            TOO_FAR,
        ),
        (
            "2026-06-15",
            TOO_FAR,
        ),
        ("24.4.", "to: write a day such as 2026-03-02, not '24.4.'"),
    ],
)
async def test_a_review_is_put_off_to_a_day_that_makes_sense(loaded: Driver, to: str, said: str) -> None:
    """Not to today, not beyond the longest interval, not to what is no day."""
    await journeys.supporting(loaded)
    async with refused(loaded, BadInput, said):
        await loaded.do("postpone", people.LEAD, AT, **(PUT_OFF | {"to": to}))


async def test_putting_off_is_never_bringing_forward(loaded: Driver) -> None:
    """A day before the deadline is no postponement."""
    await journeys.supporting(loaded)
    async with refused(loaded, BadInput, "to: is not later than the review's deadline, Mon 13 Apr 2026 17:00"):
        await loaded.do("postpone", people.LEAD, "2026-04-01T11:00", **(PUT_OFF | {"to": "2026-04-10"}))


async def test_a_postponement_agreed_too_late_is_refused(loaded: Driver) -> None:
    """When the day proposed has passed before the second person answers, the review is simply overdue."""
    await journeys.supporting(loaded)
    await loaded.do("postpone", people.LEAD, AT, **PUT_OFF)
    second = {"to": "2026-04-27", "reason": "Still ill.", "second": people.DEPUTY}
    await loaded.do("postpone", people.LEAD, "2026-04-24T10:00", **second)
    async with refused(loaded, BadInput, TOO_FAR):
        await loaded.do("agree", people.DEPUTY, "2026-04-28T09:00")


async def test_a_review_that_is_held_overtakes_its_postponement(loaded: Driver) -> None:
    """What the second person was asked ends with the review it was about."""
    await journeys.supporting(loaded)
    await loaded.do("postpone", people.LEAD, AT, **PUT_OFF)
    await loaded.do("postpone", people.LEAD, AT, to="2026-05-08", reason="Ill.", second=people.DEPUTY)
    await journeys.review(loaded, "improved", "2026-04-20T10:00")
    assert set(await loaded.owed("2026-04-20T10:00")) == {"hold_review"}


# Closing and the child's clock


async def test_support_closes_only_after_two_improved_reviews(loaded: Driver) -> None:
    """One improved review does not offer closing, two running do."""
    await journeys.supporting(loaded)
    await journeys.review(loaded, "improved")
    task = await loaded.task(AT)
    with pytest.raises(NotOffered):
        await loaded.do_task(task["id"], "close", people.DSL, AT, **journeys.CLOSING)
    await journeys.review(loaded, "improved", SECOND_AT)
    assert (await loaded.task(SECOND_AT))["moves"] == ["review", "postpone", "refer", "close"]


async def test_the_childs_clock_stops_at_sustained_improvement_and_starts_again(loaded: Driver) -> None:
    """Days run from the first concern; two improved reviews stop them, the next that finds no change starts them."""
    reference = await journeys.supporting(loaded)
    assert (await loaded.show(reference, AT))["child_clock_days"] == 42
    await journeys.review(loaded, "improved")
    assert (await loaded.show(reference, AT))["child_clock_days"] == 42
    await journeys.review(loaded, "improved", SECOND_AT)
    assert (await loaded.show(reference, SECOND_AT))["child_clock_days"] == 0
    await journeys.review(loaded, "unchanged", "2026-07-02T11:00")
    assert (await loaded.show(reference, "2026-07-12T11:00"))["child_clock_days"] == 10


async def test_the_childs_clock_runs_on_through_closing_and_reopening(loaded: Driver) -> None:
    """Closing without improvement is not improvement; the new beginning counts from the old."""
    reference = await journeys.closed(loaded)
    assert (await loaded.show(reference, "2026-03-16T09:00"))["child_clock_days"] == 14
    await loaded.act(reopen, reference, "Seen again.", people.DSL, instant("2026-03-16T09:00"))
    assert (await loaded.show(reference, "2026-03-30T09:00"))["child_clock_days"] == 28


@pytest.mark.parametrize("status", ["statutory", "disputed", "referred"])
async def test_the_childs_clock_runs_on_through_every_move(loaded: Driver, status: str) -> None:
    """Wherever the concern goes, the days since the first worry are the same."""
    reference = await getattr(journeys, status)(loaded)
    assert (await loaded.show(reference, "2026-03-12T09:00"))["child_clock_days"] == 10


# Patterns


async def _three(driver: Driver) -> str:
    await driver.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await driver.log(people.YUSUF, people.ASHDOWN_TUTOR, "2026-03-16T09:00")
    await driver.follow("2026-03-16T09:01")
    return (await driver.log(people.UNBORN, people.HEALTH_VISITOR, "2026-05-25T08:59")).reference


async def test_three_observations_of_a_household_in_twelve_weeks_ask_for_a_decision(loaded: Driver) -> None:
    """Rule pattern counts siblings in three settings, and names each observation's day and concern."""
    reference = await _three(loaded)
    await loaded.follow("2026-05-25T09:01")
    said = "2 Mar 2026 NC-2026-00001; 16 Mar 2026 NC-2026-00002; 25 May 2026 NC-2026-00003"
    because = f"rule pattern: 3 observations in 12 weeks, siblings counted: {said}"
    assert (await loaded.history(reference))[-1] == ("rule_fired", "pathway", because)
    task = await loaded.task("2026-05-25T09:01", kind="dsl_decision", concern=reference)
    assert (task["owner"], task["about"]) == (people.HV_DSL, "pattern")


async def test_two_observations_or_another_household_are_no_pattern(loaded: Driver) -> None:
    """Neither two of a family nor a third of another family's."""
    for child, who in (
        (people.AMIRA, people.TEACHER),
        (people.YUSUF, people.ASHDOWN_TUTOR),
        (people.DANIEL, people.TEACHER),
    ):
        await loaded.log(child, who, "2026-03-02T09:00")
    await loaded.follow("2026-03-02T09:01")
    assert {task["kind"] for task in await loaded.tasks("2026-03-02T09:01")} == {"dsl_review"}


async def test_observations_further_apart_than_twelve_weeks_are_no_pattern(loaded: Driver) -> None:
    """What was seen before the window is not counted with what was seen in it."""
    reference = await _three(loaded)
    await loaded.log(people.UNBORN, people.HEALTH_VISITOR, "2026-06-05T10:00")
    await loaded.follow("2026-06-05T10:01")
    last = [because for kind, _, because in await loaded.history(reference) if kind == "rule_fired"][-1]
    assert "3 observations in 12 weeks" in last and "2 Mar" not in last and "16 Mar" in last  # noqa: PT018


async def test_siblings_are_seen_beside_each_other(loaded: Driver) -> None:
    """A concern shows the household's others, whatever their setting and status."""
    reference = await _three(loaded)
    household = (await loaded.show(reference, "2026-05-25T09:00"))["household"]
    assert [(one["reference"], one["setting"], one["same_child"]) for one in household] == [
        ("NC-2026-00001", people.OAKFIELD, False),
        ("NC-2026-00002", people.ASHDOWN, False),
    ]
    assert len(await loaded.rows(select(Concern))) == 3
