"""Who hears of what: each event's letters, to the right people, once, and never of what they have just done themselves.

Instants differ from step to step, so that what was told at a step is what was addressed at its instant.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, update

from config.settings import settings
from models import staffing
from models.people import Person
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.timeline import heard, settle, told

# Who hears is decided in Python; that each is addressed once on both databases is shown in test_following.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LATER, SENT_ON = "2026-03-02T11:00", "2026-04-20T12:00"


async def why(driver: Driver, letter: str, to: str) -> str:
    """The reason that the newest such letter gives its reader."""
    return [one.why for one in await told(driver, letter) if one.to == to][-1]


async def test_who_logs_hears_that_it_was_received_and_the_dsl_what_to_do(loaded: Driver) -> None:
    """A logged concern: a receipt to the observer, the task to the DSL; each knows why."""
    await loaded.log(people.AMIRA, people.TEACHER, LATER)
    assert await heard(loaded, LATER) == {"concern-received": [people.TEACHER], "task-opened": [people.DSL]}
    assert await why(loaded, "concern-received", people.TEACHER) == "you logged this concern"
    assert await why(loaded, "task-opened", people.DSL) == "you owe this task"


async def test_acting_on_it_is_told_to_the_observer_once(loaded: Driver) -> None:
    """The observer hears that it was acted on, the first time only; who acted hears nothing of their own next look."""
    await stories.logged(loaded)
    await loaded.do("monitor", people.DSL, LATER, reason="watch")
    assert await heard(loaded, LATER) == {"concern-acted-on": [people.TEACHER]}
    await loaded.do("continue", people.DSL, "2026-04-27T11:00", reason="watch on")
    assert await heard(loaded, "2026-04-27T11:00") == {}


async def test_an_acknowledgement_is_nobodys_news(loaded: Driver) -> None:
    """That the DSL has seen it is not yet acting on it."""
    await stories.logged(loaded)
    await loaded.do("acknowledge", people.DSL, LATER)
    assert await heard(loaded, LATER) == {}


async def test_a_task_that_somebody_else_made_for_you_is_news(loaded: Driver) -> None:
    """The head decides for the DSL: the DSL is told of the review they now owe."""
    await stories.logged(loaded)
    await loaded.do("monitor", people.HEAD, LATER, reason="watch")
    assert await heard(loaded, LATER) == {"concern-acted-on": [people.TEACHER], "task-opened": [people.DSL]}


async def test_a_second_observer_has_a_receipt_and_an_answer_of_their_own(loaded: Driver) -> None:
    """What joins is received and decided; the first observer, who was told before, is not told again."""
    await stories.watched(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, LATER)
    assert await heard(loaded, LATER) == {"concern-received": [people.ASSISTANT], "task-opened": [people.DSL]}
    await loaded.do("noted", people.DSL, "2026-03-02T12:00", reason="known")
    assert await heard(loaded, "2026-03-02T12:00") == {"concern-acted-on": [people.ASSISTANT]}


async def test_a_dsl_who_logs_and_decides_is_not_told_of_their_own_decision(loaded: Driver) -> None:
    """The receipt and the task are told, as to anybody; the decision is their own."""
    await loaded.log(people.AMIRA, people.DSL, "2026-03-02T10:00")
    assert await heard(loaded, "2026-03-02T10:00") == {"concern-received": [people.DSL], "task-opened": [people.DSL]}
    await loaded.do("monitor", people.DSL, LATER, reason="watch")
    assert await heard(loaded, LATER) == {}


async def test_early_help_is_told_to_its_lead(loaded: Driver) -> None:
    """The lead hears of the consent to gain; having gained it they need no letter; the coordinator's doing is news."""
    await stories.logged(loaded)
    await loaded.do("early_help", people.DSL, LATER, reason="help", lead=people.LEAD)
    assert await heard(loaded, LATER) == {"concern-acted-on": [people.TEACHER], "task-opened": [people.LEAD]}
    await loaded.do("consent", people.COORDINATOR, "2026-03-03T11:00", given_by="mother", covers="all")
    assert await heard(loaded, "2026-03-03T11:00") == {"task-opened": [people.LEAD]}


async def test_a_declined_offer_comes_back_to_the_dsl(loaded: Driver) -> None:
    """The DSL owes a new decision and hears of it."""
    await stories.helped(loaded)
    await loaded.do("decline", people.LEAD, LATER, reason="not wanted")
    assert await heard(loaded, LATER) == {"task-opened": [people.DSL]}


async def test_an_action_is_told_to_whoever_took_it_on(loaded: Driver) -> None:
    """Each owner hears of their action but for the lead, who wrote the plan; done, it is nobody's news."""
    await stories.consented(loaded)
    actions = [{"what": "Beds.", "owner": who, "due": date(2026, 4, 22)} for who in (people.TEACHER, people.LEAD)]
    await loaded.do("complete", people.LEAD, "2026-03-16T11:00", **stories.PLAN, actions=actions)
    assert await heard(loaded, "2026-03-16T11:00") == {"task-opened": [people.TEACHER]}
    task = next(one for one in await loaded.tasks("2026-03-16T11:00", people.TEACHER) if one["kind"] == "action")
    await loaded.do_task(task["id"], "done", people.TEACHER, "2026-03-17T11:00", note="Two beds.")
    assert await heard(loaded, "2026-03-17T11:00") == {}


async def test_a_held_referral_is_told_to_who_may_still_change_it(loaded: Driver) -> None:
    """The DSL has the task, lead and coordinator hear of the hold, with its end and its number."""
    await stories.supported(loaded)
    at = "2026-04-20T10:00"
    await loaded.do("review", people.LEAD, at, outcome="worse", **stories.HELD)
    assert await heard(loaded, at) == {
        "referral-raised": [people.COORDINATOR, people.LEAD],
        "task-opened": [people.DSL],
    }
    raised = (await told(loaded, "referral-raised"))[0].fields
    assert raised == {"referral": 1, "hold_until": "2026-04-20T16:00:00+00:00"}


async def test_a_referral_is_told_to_the_front_door_and_to_everybody_who_helps(loaded: Driver) -> None:
    """Sent by the DSL: to the front door; lead and head hear; the DSL who sent it does not, nor of the wait for it."""
    reference = await stories.held(loaded)
    await loaded.do("send", people.DSL, SENT_ON)
    assert await heard(loaded, SENT_ON) == {
        "referral": [people.FRONT_DOOR],
        "referral-sent": [people.HEAD, people.LEAD],
    }
    assert (settings().home / "referrals" / f"{reference}.md").exists()


async def test_a_referral_that_went_by_itself_is_told_to_the_dsl_too(loaded: Driver) -> None:
    """The hold ended: nobody sent it, so nobody is left out."""
    await stories.held(loaded)
    await loaded.sweep("2026-04-20T17:00")
    assert await heard(loaded, "2026-04-20T17:00") == {
        "referral": [people.FRONT_DOOR],
        "referral-sent": [people.DSL, people.HEAD, people.LEAD],
    }


EVERYBODY = sorted([people.DSL, people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP])


@pytest.mark.parametrize("who", [people.TEACHER, people.DSL])
async def test_immediate_danger_tells_everybody_on_the_ladder_to_telephone(loaded: Driver, who: str) -> None:
    """All at once and urgently, even who logged it; the referral is at the front door in the same minute."""
    await loaded.log(people.AMIRA, who, LATER, immediate_danger=True)
    assert await heard(loaded, LATER) == {
        "concern-acted-on": [who],
        "concern-received": [who],
        "referral": [people.FRONT_DOOR],
        "referral-sent": [people.DSL, people.HEAD],
        "task-opened": [people.DSL],
        "telephone-now": EVERYBODY,
    }
    assert all(one.urgent for one in await told(loaded, "telephone-now", "referral", "task-opened"))


async def test_more_danger_is_told_again(loaded: Driver) -> None:
    """A second observation of danger is a new event, and new letters."""
    for at in ("2026-03-02T10:00", LATER):
        await loaded.log(people.AMIRA, people.TEACHER, at, immediate_danger=True)
        assert (await heard(loaded, at))["telephone-now"] == EVERYBODY


async def test_the_front_doors_answer_is_told_to_dsl_lead_and_referrer(loaded: Driver) -> None:
    """The head referred: DSL and head hear that it was acknowledged and decided; the front door hears nothing."""
    await stories.logged(loaded)
    await loaded.do("refer", people.HEAD, "2026-03-02T10:00", reason="harm", parents_informed=True)
    await settle(loaded, "2026-03-02T10:00")
    await loaded.do("acknowledge", people.FRONT_DOOR, LATER, kind="await_acknowledgement", by="Ann", number="R1")
    assert await heard(loaded, LATER) == {"front-door-answered": [people.DSL, people.HEAD]}
    await loaded.do("decide", people.FRONT_DOOR, "2026-03-02T15:00", decision="s17", **stories.ANSWER)
    expected = {"front-door-answered": [people.DSL, people.HEAD], "task-opened": [people.DSL]}
    assert await heard(loaded, "2026-03-02T15:00") == expected
    assert await why(loaded, "front-door-answered", people.HEAD) == "you made this referral"


async def test_a_stopped_referral_is_told_to_coordinator_and_head(loaded: Driver) -> None:
    """Who watches over stops hears of it, and the lead of the review that now comes soon."""
    await stories.supported(loaded)
    for at in ("2026-03-23T10:00", "2026-03-30T10:00"):
        await loaded.do("review", people.LEAD, at, outcome="unchanged", **stories.HELD)
    await settle(loaded, "2026-03-30T10:00")
    await loaded.do("stop", people.DSL, "2026-03-30T11:00", reason="moved to an aunt")
    assert await heard(loaded, "2026-03-30T11:00") == {
        "referral-stopped": [people.COORDINATOR, people.HEAD],
        "task-opened": [people.LEAD],
    }


@pytest.mark.parametrize("agreed", [True, False])
async def test_a_second_person_is_asked_and_the_first_hears_the_answer(loaded: Driver, agreed: bool) -> None:
    """Stopping a referral that a worse outcome raised: the deputy is asked, and the DSL hears what they said."""
    await stories.held(loaded)
    await loaded.do("stop", people.DSL, "2026-04-20T11:00", reason="mistaken", second=people.DEPUTY)
    assert await heard(loaded, "2026-04-20T11:00") == {"task-opened": [people.DEPUTY]}
    if agreed:
        await loaded.do("agree", people.DEPUTY, SENT_ON)
    else:
        await loaded.do("refuse", people.DEPUTY, SENT_ON, reason="not so")
    said = await heard(loaded, SENT_ON)
    assert said["countersign-answered"] == [people.DSL]
    assert (await told(loaded, "countersign-answered"))[0].fields == {"agreed": agreed}
    assert ("referral-stopped" in said) is agreed


async def test_a_disagreement_is_told_to_both_sides(loaded: Driver) -> None:
    """Silence: front door, DSL and head hear; the DSL owes the first stage. The next stage is the head's."""
    await stories.referred(loaded)
    await loaded.sweep("2026-03-05T17:00")
    both = sorted([people.FRONT_DOOR, people.DSL, people.HEAD])
    assert await heard(loaded, "2026-03-05T17:00") == {"disagreement": both, "task-opened": [people.DSL]}
    await loaded.do("step_up", people.DSL, "2026-03-06T11:00", reason="no use")
    assert await heard(loaded, "2026-03-06T11:00") == {
        "disagreement": sorted([people.FRONT_DOOR, people.HEAD]),
        "task-opened": [people.HEAD],
    }


async def test_a_task_that_changes_hands_is_told_to_both(loaded: Driver) -> None:
    """The new owner hears that it is theirs, the old one that it is not; who did it hears nothing."""
    await stories.helped(loaded)
    task = await loaded.task(LATER, kind="gain_consent")
    await loaded.act(
        staffing.reassign, UUID(task["id"]), people.ASSISTANT, "knows them", people.COORDINATOR, instant(LATER)
    )
    assert await heard(loaded, LATER) == {"handed-over": [people.LEAD], "task-opened": [people.ASSISTANT]}
    at = "2026-03-02T12:00"
    await loaded.act(staffing.reassign, UUID(task["id"]), people.LEAD, "well again", people.ASSISTANT, instant(at))
    assert await heard(loaded, at) == {"task-opened": [people.LEAD]}


async def test_a_leavers_tasks_are_told_to_who_takes_them_and_not_to_the_leaver(loaded: Driver) -> None:
    """Nobody writes to somebody who has left."""
    await stories.logged(loaded)
    given = (people.DSL, date(2026, 3, 2), people.DEPUTY, "moved on", instant(LATER))
    await loaded.act(staffing.left, *given)
    assert await heard(loaded, LATER) == {"task-opened": [people.DEPUTY]}


async def test_a_task_is_told_to_who_stands_in_today(loaded: Driver) -> None:
    """The DSL is away when the concern is logged: their cover is told, and that they stand in."""
    given = (people.DSL, date(2026, 3, 2), date(2026, 3, 2), people.ASSISTANT, instant("2026-03-02T08:00"))
    await loaded.act(staffing.leave, *given)
    await loaded.log(people.AMIRA, people.TEACHER, LATER)
    assert (await heard(loaded, LATER))["task-opened"] == [people.ASSISTANT]


async def test_roles_are_those_of_the_follow_up_not_of_the_event(loaded: Driver) -> None:
    """Followed up after an outage, a referral goes to the front door of today and to the head of today."""
    await stories.logged(loaded)
    await loaded.do("refer", people.DSL, LATER, reason="harm", parents_informed=True)
    roster = people.roster()
    head = next(one for one in roster["people"] if one["email"] == people.HEAD)
    roster["people"].append(head | {"email": "omar.reyes@oakfield.example", "name": "Omar Reyes"})
    head["left"] = "2026-03-03"
    await loaded.load(roster, "2026-03-03T09:00")
    assert (await heard(loaded, "2026-03-03T11:00"))["referral-sent"] == ["omar.reyes@oakfield.example"]


async def _set(driver: Driver, email: str, **values: Any) -> None:
    async def change(session: Any) -> None:
        await session.exec(update(Person).where(col(Person.email) == email).values(**values))

    await driver.act(change)


UNREACHABLE = [
    pytest.param({"left_on": date(2026, 3, 2)}, id="left"),
    pytest.param({"refused_at": instant("2026-03-02T10:00")}, id="refuses"),
]


@pytest.mark.parametrize("gone", UNREACHABLE)
async def test_an_observer_who_cannot_be_reached_is_not_written_to(loaded: Driver, gone: dict[str, Any]) -> None:
    """No receipt and no answer to somebody who has left, or whose address refuses letters; the DSL hears as ever."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await _set(loaded, people.TEACHER, **gone)
    assert await heard(loaded, "2026-03-02T10:00") == {"task-opened": [people.DSL]}
    await loaded.do("monitor", people.DSL, LATER, reason="watch")
    assert await heard(loaded, LATER) == {}


@pytest.mark.parametrize("gone", UNREACHABLE)
async def test_whoever_cannot_be_reached_is_replaced(loaded: Driver, gone: dict[str, Any]) -> None:
    """A head who referred and cannot be reached is passed over; the next role up hears what the role hears."""
    await stories.logged(loaded)
    await loaded.do("refer", people.HEAD, "2026-03-02T10:00", reason="harm", parents_informed=True)
    await _set(loaded, people.HEAD, **gone)
    said = await heard(loaded, LATER)
    assert said["referral-sent"] == [people.COORDINATOR, people.DSL]
    await loaded.do("decide", people.FRONT_DOOR, "2026-03-02T15:00", decision="s17", **stories.ANSWER)
    assert (await heard(loaded, "2026-03-02T15:00"))["front-door-answered"] == [people.DSL]


async def test_without_a_front_door_the_dsl_has_the_referral(loaded: Driver) -> None:
    """Nobody holds the role: the letter goes to the next who acts, and is never lost."""
    await _set(loaded, people.FRONT_DOOR, left_on=date(2026, 3, 1))
    await stories.referred(loaded)
    assert [one.to for one in await told(loaded, "referral")] == [people.DSL]
