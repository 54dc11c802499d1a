"""Early help: consent, assessment, what people said they would do, and the family that says no."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from config.errors import BadInput
from models.errors import NotPermitted
from models.record import Concern
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.refusals import refused

ACTIONS = [
    {"what": "See the GP about the cough", "owner": people.LEAD, "due": "2026-03-27"},
    {"what": "Ask the fund for two beds", "owner": people.HEALTH_VISITOR, "due": "2026-04-10"},
]


async def test_consent_opens_the_assessment_counted_from_the_decision(loaded: Driver) -> None:
    """Fifteen working days run from the decision for early help; who agreed to what is kept."""
    reference = await journeys.consented(loaded)
    why = "Mon 23 Mar 2026 17:00: 15 working days from Mon 2 Mar"
    assert await loaded.owed(journeys.CONSENTED_AT) == {"assess": (people.LEAD, why)}
    event = (await loaded.show(reference, journeys.CONSENTED_AT))["events"][-1]
    assert (event["kind"], event["by"]) == ("consented", people.LEAD)
    assert event["fields"] == {"given_by": "her mother", "covers": "school, health, housing"}


async def test_late_consent_leaves_a_day_for_the_assessment(loaded: Driver) -> None:
    """A clock that has run out by then ends with the next working day, never in the past."""
    await journeys.assessing(loaded)
    await loaded.do("consent", people.LEAD, "2026-04-02T12:00", given_by="her father", covers="all")
    why = "Tue 7 Apr 2026 17:00: 1 working day from Thu 2 Apr; Good Friday, Easter Monday skipped"
    assert (await loaded.owed("2026-04-02T12:00"))["assess"][1].replace(" and ", ", ") == why


async def test_the_assessment_starts_support_with_its_first_review(loaded: Driver) -> None:
    """The first team around the family is six weeks from the decision; level, plan and words stand in the history."""
    reference = await journeys.supporting(loaded, scores={"housing": 3})
    why = "Mon 13 Apr 2026 17:00: 6 weeks from Mon 2 Mar"
    assert await loaded.owed(journeys.ASSESSED_AT) == {"hold_review": (people.LEAD, why)}
    event = (await loaded.show(reference, journeys.ASSESSED_AT))["events"][-1]
    assert (event["kind"], event["by"], event["because"]) == ("assessed", people.LEAD, "assessment completed")
    assert event["fields"] == journeys.ASSESSMENT | {"scores": {"housing": 3}, "actions": [], "reason": None}


async def test_a_late_assessment_leaves_a_day_for_the_first_review(loaded: Driver) -> None:
    """An assessment after the sixth week has its first review on the next working day."""
    await journeys.consented(loaded)
    await loaded.do("complete", people.LEAD, "2026-04-20T11:00", **journeys.ASSESSMENT)
    assert (await loaded.owed("2026-04-20T11:00"))["hold_review"][1].startswith("Tue 21 Apr 2026 17:00")


async def test_the_first_review_falls_on_a_working_day(loaded: Driver) -> None:
    """Six weeks that end on a bank holiday are brought forward, and say from which."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-23T09:00")
    await loaded.do("early_help", people.DSL, "2026-03-23T10:00", reason="r", lead=people.LEAD)
    await loaded.do("consent", people.LEAD, "2026-03-24T10:00", given_by="her mother", covers="all")
    await loaded.do("complete", people.LEAD, "2026-03-25T10:00", **journeys.ASSESSMENT)
    why = "Fri 1 May 2026 17:00: 6 weeks from Mon 23 Mar; brought forward from Mon 4 May, Early May bank holiday"
    assert (await loaded.owed("2026-03-25T10:00"))["hold_review"] == (people.LEAD, why)


# Actions


async def test_what_a_plan_says_somebody_will_do_becomes_their_task(loaded: Driver) -> None:
    """Each action has its owner and day, wherever the owner works."""
    reference = await journeys.supporting(loaded, actions=ACTIONS)
    owed = [task for task in await loaded.tasks(journeys.ASSESSED_AT) if task["kind"] == "action"]
    assert [(task["owner"], task["about"], task["due_because"]) for task in owed] == [
        (people.LEAD, "See the GP about the cough", "Fri 27 Mar 2026 17:00: the day agreed for this action"),
        (people.HEALTH_VISITOR, "Ask the fund for two beds", "Fri 10 Apr 2026 17:00: the day agreed for this action"),
    ]
    assert (await loaded.show(reference, journeys.ASSESSED_AT))["events"][-1]["fields"]["actions"] == ACTIONS


@pytest.mark.parametrize(
    ("move", "fields", "event"),
    [
        ("done", {"note": "Seen on Tuesday."}, ("action_done", "Seen on Tuesday.")),
        ("not_done", {"reason": "No appointment to be had."}, ("action_not_done", "No appointment to be had.")),
    ],
)
async def test_an_action_is_done_or_plainly_not(
    loaded: Driver, move: str, fields: dict[str, Any], event: tuple[str, str]
) -> None:
    """Its owner says so; the other action and the review stay."""
    reference = await journeys.supporting(loaded, actions=ACTIONS)
    await loaded.do(move, people.LEAD, "2026-03-24T10:00", **fields)
    assert (await loaded.history(reference))[-1] == (event[0], people.LEAD, event[1])
    assert sorted(task["kind"] for task in await loaded.tasks("2026-03-24T10:00")) == ["action", "hold_review"]


async def test_an_action_is_answered_by_its_owner_the_lead_or_who_safeguards(loaded: Driver) -> None:
    """Not by anybody else at the setting."""
    await journeys.supporting(loaded, actions=ACTIONS[1:])
    with pytest.raises(NotPermitted) as caught:
        await loaded.do("done", people.TEACHER, "2026-03-24T10:00", note="x")
    for email in (people.HEALTH_VISITOR, people.LEAD, people.DSL, people.DEPUTY, people.HEAD):
        assert email in str(caught.value)
    await loaded.do("done", people.LEAD, "2026-03-24T10:00", note="They came.")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"owner": "nobody@oakfield.example"},
            "actions.owner: nobody@oakfield.example is not a person in the record; load a roster that names them",
        ),
        ({"due": "2026-03-19"}, "actions.due: 2026-03-19 has passed; give today or a later day"),
    ],
    ids=["owner", "passed"],
)
async def test_a_wrong_action_refuses_the_whole_assessment(loaded: Driver, wrong: dict[str, str], said: str) -> None:
    """Nothing of the assessment is kept when one of its actions cannot be owed."""
    await journeys.consented(loaded)
    async with refused(loaded, BadInput, said):
        await loaded.do(
            "complete", people.LEAD, journeys.ASSESSED_AT, **journeys.ASSESSMENT, actions=[ACTIONS[0] | wrong]
        )


# Who may


async def test_the_lead_the_dsl_and_the_coordinator_act_and_others_do_not(loaded: Driver) -> None:
    """The coordinator may act for the lead; a teacher and the head of the front door may not."""
    await journeys.assessing(loaded)
    for stranger in (people.TEACHER, people.FRONT_DOOR, people.DERBYSHIRE_COORDINATOR):
        with pytest.raises(NotPermitted):
            await loaded.do("consent", stranger, journeys.CONSENTED_AT, given_by="x", covers="x")
    await loaded.do("consent", people.COORDINATOR, journeys.CONSENTED_AT, given_by="x", covers="x")


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        (
            "lena@oakfield.example",
            "lead: lena@oakfield.example is not a person in the record; load a roster that names them",
        ),
        ("gone@oakfield.example", "lead: gone@oakfield.example has left; name somebody in post"),
        ("not an address", "lead: value is not a valid email address: An email address must have an @-sign."),
    ],
)
async def test_a_lead_must_be_somebody_in_post(loaded: Driver, lead: str, said: str) -> None:
    """Help is led by a named person who is there."""
    await loaded.load({"people": [{"email": "gone@oakfield.example", "name": "Gus Oneway", "left": "2026-02-27"}]})
    await journeys.logged(loaded)
    async with refused(loaded, BadInput, said):
        await loaded.do("early_help", people.DSL, journeys.DECIDED_AT, reason="r", lead=lead)


# Declining, level 4 and grades


async def test_a_family_that_declines_is_decided_on_again(loaded: Driver) -> None:
    """The DSL owes a new decision within a working day: refusing help is no end."""
    reference = await journeys.assessing(loaded)
    await loaded.do("decline", people.LEAD, "2026-03-05T11:00", reason="Not now, says her mother.")
    assert await loaded.owed("2026-03-05T11:00") == {
        "dsl_review": (people.DSL, "Fri 6 Mar 2026 17:00: 1 working day from Thu 5 Mar")
    }
    assert (await loaded.history(reference))[-1] == ("declined", people.LEAD, "Not now, says her mother.")


async def test_an_observation_after_a_refusal_asks_for_a_decision(loaded: Driver) -> None:
    """Rule declined: consent was refused and somebody saw something again; the evidence says both."""
    reference = await journeys.assessing(loaded)
    await loaded.do("decline", people.LEAD, "2026-03-05T11:00", reason="Not now.")
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-09T09:00")
    await loaded.follow("2026-03-09T09:01")
    said = "rule declined: consent was refused, and there is a new observation"
    assert (await loaded.history(reference))[-1] == ("rule_fired", "pathway", said)
    assert (await loaded.task("2026-03-09T09:01", kind="dsl_decision"))["about"] == "joined, declined"


async def test_help_that_is_accepted_later_forgets_the_refusal(loaded: Driver) -> None:
    """Offered again, the earlier refusal no longer counts."""
    await journeys.assessing(loaded)
    await loaded.do("decline", people.LEAD, "2026-03-05T11:00", reason="Not now.")
    await loaded.do("early_help", people.DSL, "2026-03-06T10:00", reason="r", lead=people.LEAD)
    (concern,) = await loaded.rows(select(Concern))
    assert concern.declined is False


async def test_level_four_asks_the_dsl_to_decide(loaded: Driver) -> None:
    """An assessment at level 4 starts support and asks for a decision within a working day."""
    reference = await journeys.supporting(loaded, level=4)
    await loaded.follow("2026-03-20T11:01")
    owed = await loaded.owed("2026-03-20T11:01")
    assert owed["dsl_decision"] == (people.DSL, "Mon 23 Mar 2026 17:00: 1 working day from Fri 20 Mar")
    assert (await loaded.history(reference))[-1] == (
        "rule_fired",
        "pathway",
        "rule level: the assessment found level 4",
    )


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({"hygiene": 4, "housing": 5, "nutrition": 1}, "rule grade: grades: housing 5, hygiene 4"),
        ({"hygiene": 3, "housing": 3}, None),
    ],
)
async def test_one_poor_grade_asks_for_a_decision(loaded: Driver, scores: dict[str, int], said: str | None) -> None:
    """A 4 or 5 in any sub-area, never a mean; 3 everywhere asks for nothing."""
    reference = await journeys.supporting(loaded, scores=scores)
    await loaded.follow("2026-03-20T11:01")
    fired = [because for kind, _, because in await loaded.history(reference) if kind == "rule_fired"]
    assert fired == ([said] if said else [])
    assert ("dsl_decision" in await loaded.owed("2026-03-20T11:01")) is bool(said)


async def test_a_wrong_assessment_is_refused_whole(loaded: Driver) -> None:
    """The sentence names the field; the assessment is still owed."""
    await journeys.consented(loaded)
    async with refused(loaded, BadInput, "level: input should be less than or equal to 4"):
        await loaded.do("complete", people.LEAD, journeys.ASSESSED_AT, **(journeys.ASSESSMENT | {"level": 5}))
