"""Professional disagreement: three stages, each with its owner and clock, ended by an answer."""

from __future__ import annotations

import pytest

from config.errors import BadInput
from models.errors import NotOffered, NotPermitted
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.refusals import refused

AT = journeys.SILENT_UNTIL
STAGE_1 = (people.DSL, "Mon 9 Mar 2026 17:00: 2 working days from Thu 5 Mar")
STAGE_2 = (people.HEAD, "Mon 16 Mar 2026 17:00: 5 working days from Mon 9 Mar")
STAGE_3 = (people.PARTNERSHIP, "Wed 18 Mar 2026 17:00: 2 working days from Mon 16 Mar")


async def test_silence_becomes_a_disagreement_that_the_dsl_resolves(loaded: Driver) -> None:
    """Three working days from sending both awaited answers lapse into one stage 1, by the pathway itself."""
    reference = await journeys.disputed(loaded)
    assert await loaded.owed(AT) == {"resolve_disagreement": STAGE_1}
    assert (await loaded.show(reference, AT))["status"] == "DISPUTED"
    kinds = [kind for kind, _, _ in await loaded.history(reference)]
    assert kinds.count("disputed") == 1


async def test_an_acknowledgement_without_a_decision_is_silence_too(loaded: Driver) -> None:
    """Saying that it arrived is not an answer."""
    reference = await journeys.referred(loaded)
    await loaded.do("acknowledge", people.FRONT_DOOR, journeys.ANSWERED_AT, by="M. Ferris", number="1")
    await loaded.sweep(AT)
    assert (await loaded.show(reference, AT))["status"] == "DISPUTED"


async def test_each_stage_lapses_to_the_next_and_the_last_begins_again(loaded: Driver) -> None:
    """DSL, head, partnership contact; the third stage repeats rather than end in silence."""
    reference = await journeys.disputed(loaded)
    seen = []
    for at in ("2026-03-09T17:00", "2026-03-16T17:00", "2026-03-18T17:00"):
        await loaded.sweep(at)
        seen.append((await loaded.owed(at))["resolve_disagreement"])
    again = (people.PARTNERSHIP, "Fri 20 Mar 2026 17:00: 2 working days from Wed 18 Mar")
    assert seen == [STAGE_2, STAGE_3, again]
    stages = [because for kind, _, because in await loaded.history(reference) if kind == "stepped_up"]
    assert stages == [f"stage {number} ended without an answer" for number in (1, 2, 3)]


async def test_nothing_lapses_a_minute_early(loaded: Driver) -> None:
    """Stage 1 has until 17:00."""
    await journeys.disputed(loaded)
    await loaded.sweep("2026-03-09T16:59")
    assert await loaded.owed("2026-03-09T16:59") == {"resolve_disagreement": STAGE_1}


async def test_whoever_owes_a_stage_may_step_up_without_waiting(loaded: Driver) -> None:
    """With a reason, by the DSL at stage 1."""
    reference = await journeys.disputed(loaded)
    await loaded.do("step_up", people.DSL, "2026-03-06T10:00", reason="They will not speak to us.")
    why = "Fri 13 Mar 2026 17:00: 5 working days from Fri 6 Mar"
    assert await loaded.owed("2026-03-06T10:00") == {"resolve_disagreement": (people.HEAD, why)}
    assert (await loaded.history(reference))[-1] == ("stepped_up", people.DSL, "They will not speak to us.")


@pytest.mark.parametrize(
    ("move", "who", "decision", "status", "kind"),
    [
        ("resolve", people.DSL, "s17", "STATUTORY", "statutory_review"),
        ("resolve", people.DSL, "s47", "STATUTORY", "statutory_review"),
        ("resolve", people.DSL, "early_help", "ASSESSING", "gain_consent"),
        ("resolve", people.DSL, "nfa", "LOGGED", "dsl_review"),
        ("decide", people.FRONT_DOOR, "s17", "STATUTORY", "statutory_review"),
        ("decide", people.FRONT_DOOR, "nfa", "LOGGED", "dsl_review"),
    ],
)
async def test_a_disagreement_ends_in_an_answer(
    loaded: Driver, move: str, who: str, decision: str, status: str, kind: str
) -> None:
    """Resolved by who owes the stage, or decided by the front door after all: the same next step."""
    reference = await journeys.disputed(loaded)
    moved = await loaded.do(move, who, "2026-03-06T10:00", decision=decision, reason="After a meeting.")
    assert (moved.status, set(await loaded.owed("2026-03-06T10:00"))) == (status, {kind})
    assert (await loaded.history(reference))[-1] == (f"{move}d", who, "After a meeting.")
    assert (await loaded.show(reference, AT))["referral"]["decision"] == decision


async def test_a_late_acknowledgement_counts_and_settles_nothing(loaded: Driver) -> None:
    """The front door's number is kept; the disagreement's clock runs on."""
    reference = await journeys.disputed(loaded)
    await loaded.do("acknowledge", people.FRONT_DOOR, "2026-03-06T10:00", by="M. Ferris", number="CS-118")
    assert await loaded.owed("2026-03-06T10:00") == {"resolve_disagreement": STAGE_1}
    assert (await loaded.show(reference, AT))["referral"]["front_door_number"] == "CS-118"


async def test_at_immediate_risk_the_partnership_is_asked_at_once(loaded: Driver) -> None:
    """The first two stages are skipped."""
    await loaded.log(people.AMIRA, people.TEACHER, journeys.LOGGED_AT, immediate_danger=True)
    await loaded.sweep(AT)
    why = "Mon 9 Mar 2026 17:00: 2 working days from Thu 5 Mar"
    assert (await loaded.owed(AT))["resolve_disagreement"] == (people.PARTNERSHIP, why)


async def test_the_partnership_contact_resolves_the_third_stage(loaded: Driver) -> None:
    """Whoever owes it may; a stranger may not."""
    await journeys.disputed(loaded)
    await loaded.do("step_up", people.DSL, "2026-03-06T10:00", reason="r")
    await loaded.do("step_up", people.HEAD, "2026-03-06T11:00", reason="r")
    with pytest.raises(NotPermitted):
        await loaded.do("resolve", people.DERBYSHIRE_PARTNERSHIP, "2026-03-06T12:00", decision="s17", reason="r")
    moved = await loaded.do("resolve", people.PARTNERSHIP, "2026-03-06T12:00", decision="s17", reason="r")
    assert moved.status == "STATUTORY"


# Dissent


async def test_the_dsl_dissents_from_no_further_action(loaded: Driver) -> None:
    """Only after a front door's nfa; then stage 1 begins, about that referral."""
    reference = await journeys.answered(loaded, "nfa")
    assert (await loaded.task(journeys.ANSWERED_AT))["moves"][-2:] == ["dissent", "close"]
    await loaded.do("dissent", people.DSL, "2026-03-04T10:00", reason="She was not seen.")
    why = "Fri 6 Mar 2026 17:00: 2 working days from Wed 4 Mar"
    assert await loaded.owed("2026-03-04T10:00") == {"resolve_disagreement": (people.DSL, why)}
    assert (await loaded.history(reference))[-1] == ("dissented", people.DSL, "She was not seen.")


async def test_dissent_is_offered_again_after_a_dispute_that_ended_in_nfa(loaded: Driver) -> None:
    """A second no is still a front door's no."""
    await journeys.disputed(loaded)
    await loaded.do("resolve", people.DSL, "2026-03-06T10:00", decision="nfa", reason="r")
    assert "dissent" in (await loaded.task("2026-03-06T10:00"))["moves"]


async def test_dissent_is_not_offered_after_another_answer(loaded: Driver) -> None:
    """A new decision that follows a refusal of help is no front door's nfa."""
    await journeys.assessing(loaded)
    await loaded.do("decline", people.LEAD, "2026-03-04T10:00", reason="r")
    task = await loaded.task("2026-03-04T10:00")
    with pytest.raises(NotOffered):
        await loaded.do_task(task["id"], "dissent", people.DSL, "2026-03-04T10:00", reason="r")


async def test_a_disagreement_needs_a_reason(loaded: Driver) -> None:
    """Stepping up, resolving and dissenting each say why."""
    await journeys.disputed(loaded)
    async with refused(loaded, BadInput, "reason: is missing"):
        await loaded.do("step_up", people.DSL, "2026-03-06T10:00")
    async with refused(loaded, BadInput, "reason: is missing"):
        await loaded.do("resolve", people.DSL, "2026-03-06T10:00", decision="nfa")
