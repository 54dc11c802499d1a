"""A second person's word: closing, withdrawing, and what happens when that person is not there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from config.errors import BadInput
from models.errors import AlreadyDone, NotFound, NotOffered, NotPermitted
from models.people import Child
from models.record import Observation
from models.staffing import leave, left, reassign, reopen, withdraw
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.refusals import refused

AT = journeys.DECIDED_AT
WHO_MAY = f"{people.DSL}, {people.DEPUTY}, {people.HEAD}"
LATER = "2026-03-02T11:00"
DAY = instant(AT).date()


async def _proposed(driver: Driver, **fields: Any) -> str:
    reference = await journeys.logged(driver)
    await driver.do("close", people.DSL, AT, **(journeys.CLOSING | fields))
    return reference


# Closing


async def test_closing_waits_for_the_second_person(loaded: Driver) -> None:
    """Until they agree the decision is still owed; they have a working day."""
    reference = await _proposed(loaded)
    why = "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar"
    assert (await loaded.owed(AT))["countersign"] == (people.DEPUTY, why)
    assert set(await loaded.owed(AT)) == {"dsl_review", "countersign"}
    assert (await loaded.show(reference, AT))["status"] == "LOGGED"
    assert (await loaded.history(reference))[-1] == ("countersign_asked", people.DSL, "Needs are met.")


async def test_a_closed_concern_owes_nothing_and_keeps_everything(loaded: Driver) -> None:
    """No task is left open, and the history says what was done, for whom it was agreed, and by whom."""
    reference = await journeys.closed(loaded)
    seen = await loaded.show(reference, LATER)
    assert (seen["status"], seen["open_tasks"], seen["closed_at"]) == ("CLOSED", [], "2026-03-02T11:00:00+00:00")
    assert [(event["kind"], event["by"]) for event in seen["events"]][1:] == [
        ("countersign_asked", people.DSL),
        ("countersigned", people.DEPUTY),
        ("closed", people.DEPUTY),
    ]
    assert seen["events"][-1]["fields"] == journeys.CLOSING | {"reason": None}


async def test_a_refusal_leaves_everything_as_it_is(loaded: Driver) -> None:
    """With its reason in the history; closing may then be proposed again."""
    reference = await _proposed(loaded)
    await loaded.do("refuse", people.DEPUTY, LATER, reason="Her coat is still missing.")
    assert set(await loaded.owed(LATER)) == {"dsl_review"}
    assert (await loaded.history(reference))[-1] == ("countersign_refused", people.DEPUTY, "Her coat is still missing.")
    await loaded.do("close", people.DSL, LATER, **journeys.CLOSING)


async def test_only_the_one_who_was_asked_answers(loaded: Driver) -> None:
    """Neither the proposer nor another who safeguards."""
    await _proposed(loaded)
    for other in (people.DSL, people.HEAD, people.TEACHER):
        said = f"as: {other} may not agree on countersign; who may: {people.DEPUTY}"
        async with refused(loaded, NotPermitted, said):
            await loaded.do("agree", other, LATER)


async def test_one_proposal_at_a_time(loaded: Driver) -> None:
    """A second person is not asked twice about the same move."""
    await _proposed(loaded)
    said = "second: somebody has been asked to countersign close already; wait for their answer"
    async with refused(loaded, BadInput, said):
        await loaded.do("close", people.DSL, LATER, **(journeys.CLOSING | {"second": people.HEAD}))


async def test_closing_has_its_four_parts(loaded: Driver) -> None:
    """Summary, actions, outcome and a second person: each is asked for by name."""
    await journeys.logged(loaded)
    for part in journeys.CLOSING:
        fields = {name: text for name, text in journeys.CLOSING.items() if name != part}
        async with refused(loaded, BadInput, f"{part}: is missing"):
            await loaded.do("close", people.DSL, AT, **fields)


async def test_what_is_still_owed_beside_keeps_a_concern_open(loaded: Driver) -> None:
    """A decision or an action that waits must be answered before closing; the agreement can be given again."""
    await _proposed(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T10:30")
    async with refused(
        loaded, BadInput, "task: still open in this concern: dsl_decision; finish them first, then close"
    ):
        await loaded.do("agree", people.DEPUTY, LATER)
    await loaded.do("noted", people.DSL, LATER, reason="r")
    assert (await loaded.do("agree", people.DEPUTY, LATER)).status == "CLOSED"


# When the second person is not there


async def test_a_second_person_who_is_away_is_not_asked(loaded: Driver) -> None:
    """Somebody at work is to be named."""
    await loaded.act(leave, people.DEPUTY, DAY, DAY, None, instant(AT))
    await journeys.logged(loaded)
    async with refused(loaded, BadInput, f"second: {people.DEPUTY} is away; name somebody who is at work"):
        await loaded.do("close", people.DSL, AT, **journeys.CLOSING)


async def test_a_second_person_who_goes_away_is_stood_in_for_and_never_by_the_proposer(loaded: Driver) -> None:
    """The deputy falls ill without cover: the head owes the word, not the DSL who asked for it."""
    await _proposed(loaded)
    await loaded.act(leave, people.DEPUTY, DAY, DAY, None, instant(AT))
    assert (await loaded.owed(LATER))["countersign"][0] == people.HEAD
    with pytest.raises(NotPermitted):
        await loaded.do("agree", people.DSL, LATER)
    assert (await loaded.do("agree", people.HEAD, LATER)).status == "CLOSED"


async def test_a_leavers_countersignature_passes_to_somebody_who_may_give_it(loaded: Driver) -> None:
    """Though the leaver's tasks are given to the proposer, this one goes to the head."""
    await _proposed(loaded)
    await loaded.act(left, people.DEPUTY, DAY, people.DSL, "moved away", instant(AT))
    assert (await loaded.owed(LATER))["countersign"][0] == people.HEAD


async def test_a_countersignature_is_not_reassigned_to_who_may_not_give_it(loaded: Driver) -> None:
    """Not to the proposer, a teacher, or another setting's head."""
    await _proposed(loaded)
    task = await loaded.task(AT, kind="countersign")
    said = "to: must be another DSL, deputy or head of the setting than the one who asks"
    for to in (people.DSL, people.TEACHER, people.ASHDOWN_HEAD):
        async with refused(loaded, BadInput, said):
            await loaded.act(reassign, UUID(task["id"]), to, "r", people.HEAD, instant(AT))


async def test_a_countersignature_can_be_reassigned_to_the_head(loaded: Driver) -> None:
    """It keeps its deadline."""
    await _proposed(loaded)
    task = await loaded.task(AT, kind="countersign")
    await loaded.act(reassign, UUID(task["id"]), people.HEAD, "Devan is teaching.", people.DSL, instant(AT))
    assert (await loaded.owed(AT))["countersign"][0] == people.HEAD


# Withdrawing an observation


async def _withdraw(driver: Driver, by: str = people.TEACHER, **other: Any) -> str:
    (seen,) = (await driver.show("NC-2026-00001", AT))["observations"][:1]
    given = {"id": UUID(seen["id"]), "reason": "It was another child.", "second": people.DEPUTY} | other
    return str(await driver.act(withdraw, given["id"], given["reason"], given["second"], by, instant(AT)))


async def test_a_withdrawn_observation_counts_until_a_second_person_agrees(loaded: Driver) -> None:
    """Then it no longer counts, and the history shows it for good."""
    reference = await journeys.logged(loaded)
    await _withdraw(loaded)
    assert (await loaded.show(reference, AT))["observations"][0]["withdrawn_at"] is None
    await loaded.do("agree", people.DEPUTY, LATER)
    assert (await loaded.show(reference, AT))["observations"][0]["withdrawn_at"] == "2026-03-02T11:00:00+00:00"
    last = ("observation_withdrawn", people.DEPUTY, "It was another child.")
    assert (await loaded.history(reference))[-1] == last
    assert "dsl_review" in await loaded.owed(LATER)


async def test_a_withdrawn_observation_is_no_part_of_a_pattern_and_sets_off_no_clock(loaded: Driver) -> None:
    """A child who was taken for another has no days without improvement."""
    await journeys.logged(loaded)
    await _withdraw(loaded)
    await loaded.do("agree", people.DEPUTY, LATER)
    (child,) = await loaded.rows(select(Child).where(Child.key == people.AMIRA))
    assert child.clock_from is None
    for child_key, who in ((people.YUSUF, people.ASHDOWN_TUTOR), (people.UNBORN, people.HEALTH_VISITOR)):
        await loaded.log(child_key, who, "2026-03-03T09:00")
    await loaded.follow("2026-03-03T09:01")
    assert "dsl_decision" not in await loaded.owed("2026-03-03T09:01")


async def test_the_clock_runs_on_while_another_observation_counts(loaded: Driver) -> None:
    """One of two withdrawn leaves the other's days."""
    reference = await journeys.logged(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T09:30")
    await _withdraw(loaded)
    await loaded.do("agree", people.DEPUTY, LATER)
    assert (await loaded.show(reference, "2026-03-12T09:00"))["child_clock_days"] == 10


async def test_a_closed_concerns_observation_can_be_withdrawn_too(loaded: Driver) -> None:
    """The concern stays closed, and the reconciler has nothing against it."""
    reference = await journeys.closed(loaded)
    await _withdraw(loaded)
    await loaded.follow(LATER)
    assert not (await loaded.check(LATER)).findings
    await loaded.do("agree", people.DEPUTY, LATER)
    assert (await loaded.show(reference, LATER))["status"] == "CLOSED"


@pytest.mark.parametrize(
    ("by", "other", "error", "said"),
    [
        (
            people.ASSISTANT,
            {},
            NotPermitted,
            f"as: {people.ASSISTANT} may not withdraw an observation of somebody else; who may: {WHO_MAY}",
        ),
        (
            people.TEACHER,
            {"second": people.ASSISTANT},
            BadInput,
            f"second: must be a DSL, deputy or head of the setting: {WHO_MAY}",
        ),
        (people.DSL, {"second": people.DSL}, BadInput, "second: must be somebody else than the person who asks"),
        (people.TEACHER, {"reason": " "}, BadInput, "reason: string should have at least 1 character"),
        (
            people.TEACHER,
            {"id": UUID(int=7)},
            NotFound,
            f"observation: {UUID(int=7)} is not an observation; `pathway show REF --json` names them",
        ),
    ],
)
async def test_a_wrong_withdrawal_is_refused(
    loaded: Driver, by: str, other: dict[str, Any], error: type[Exception], said: str
) -> None:
    """By who may not ask, with a second who may not agree, without a reason, or of nothing."""
    await journeys.logged(loaded)
    async with refused(loaded, error, said):
        await _withdraw(loaded, by, **other)


async def test_an_observation_is_withdrawn_once(loaded: Driver) -> None:
    """Neither asked twice nor withdrawn twice."""
    await journeys.logged(loaded)
    await _withdraw(loaded)
    said = "observation: somebody has been asked to countersign this already; wait for their answer"
    async with refused(loaded, BadInput, said):
        await _withdraw(loaded)
    await loaded.do("agree", people.DEPUTY, LATER)
    (observation,) = await loaded.rows(select(Observation))
    async with refused(loaded, AlreadyDone, f"observation: {observation.id} has been withdrawn already"):
        await _withdraw(loaded)


# Reopening


async def test_a_closed_concern_lives_again(loaded: Driver) -> None:
    """The DSL owes a decision, and the history says who opened it again and why."""
    reference = await journeys.closed(loaded)
    await loaded.act(reopen, reference.lower(), "Seen again.", people.DEPUTY, instant("2026-03-05T10:00"))
    seen = await loaded.show(reference, "2026-03-05T10:00")
    assert (seen["status"], seen["closed_at"]) == ("LOGGED", None)
    assert (await loaded.owed("2026-03-05T10:00"))["dsl_review"][0] == people.DSL
    assert (await loaded.history(reference))[-1] == ("reopened", people.DEPUTY, "Seen again.")


@pytest.mark.parametrize(
    ("reference", "by", "error", "said"),
    [
        ("NC-2026-00009", people.DSL, NotFound, "NC-2026-00009: no such concern; references look like NC-2026-00042"),
        (
            "NC-2026-00001",
            people.TEACHER,
            NotPermitted,
            f"as: {people.TEACHER} may not reopen a concern; who may: {WHO_MAY}",
        ),
        (
            "NC-2026-00001",
            people.DSL,
            BadInput,
            "reference: the child has an open concern, NC-2026-00002; carry on there",
        ),
    ],
)
async def test_a_wrong_reopening_is_refused(
    loaded: Driver, reference: str, by: str, error: type[Exception], said: str
) -> None:
    """Of nothing, by who may not, or beside the child's open concern."""
    await journeys.closed(loaded)
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-04T09:00")
    async with refused(loaded, error, said):
        await loaded.act(reopen, reference, "r", by, instant("2026-03-05T10:00"))


async def test_an_open_concern_is_not_opened_again(loaded: Driver) -> None:
    """One clear sentence names what an open concern allows."""
    reference = await journeys.logged(loaded)
    said = "move: 'reopen' is not allowed for a concern that is LOGGED; allowed here: acknowledge, …"
    async with refused(loaded, NotOffered, said):
        await loaded.act(reopen, reference, "r", people.DSL, instant(AT))
