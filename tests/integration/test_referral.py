"""The referral's round trip: held, added to, sent, stopped, acknowledged, decided, chased, filed, sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from config.errors import BadInput
from models.errors import AlreadyDone, NotOffered, NotPermitted
from models.policies import choose_default
from models.record import Referral
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.policies import with_channel
from tests.integration.refusals import refused

RAISED_AT = journeys.SECOND_REVIEW_AT


async def _worse_at(driver: Driver, at: str) -> dict[str, Any]:
    """The referral of a review that found it worse at that instant."""
    reference = await journeys.supporting(driver)
    await journeys.review(driver, "worse", at)
    referral: dict[str, Any] = (await driver.show(reference, at))["referral"]
    return referral


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-24T09:00", "2026-03-24T17:00:00+00:00"),  # four opening hours end at 13:00: the end of the day
        ("2026-03-24T11:30", "2026-03-24T17:00:00+00:00"),  # they end at 15:30, still that day
        ("2026-03-24T12:00", "2026-03-25T09:00:00+00:00"),  # half an hour runs into the next morning
        ("2026-03-24T18:00", "2026-03-25T17:00:00+00:00"),  # after hours: the next working day, all of it
        ("2026-03-27T16:00", "2026-03-30T12:30:00+01:00"),  # Friday afternoon, over the clock change
        ("2026-04-02T15:00", "2026-04-07T17:00:00+01:00"),  # into Easter: no opening hours, the next working day's end
    ],
)
async def test_worse_is_held_for_the_day_and_at_least_four_opening_hours(loaded: Driver, at: str, until: str) -> None:
    """To 17:00 of that working day and four opening hours, never past 17:00 of the next working day."""
    assert (await _worse_at(loaded, at))["hold_until"] == until


async def test_a_hold_is_owed_by_the_dsl_and_explains_its_end(loaded: Driver) -> None:
    """The DSL is asked to add, send or stop before the hold ends."""
    await journeys.persisting(loaded)
    task = await loaded.task(RAISED_AT)
    why = "Fri 22 May 2026 17:00: 1 working day from Thu 21 May; policy derby-and-derbyshire, hold_persisting"
    assert (task["kind"], task["owner"], task["due_because"]) == ("confirm_referral", people.DSL, why)
    assert task["moves"] == ["add", "send", "stop"]


@pytest.mark.parametrize("journey", [journeys.worse, journeys.persisting])
async def test_a_hold_that_nobody_ends_lapses_into_sending(loaded: Driver, journey: Callable[[Driver], Any]) -> None:
    """A minute before, nothing; at its end the referral goes by itself and the front door's clocks start."""
    reference = await journey(loaded)
    until = (await loaded.show(reference, RAISED_AT))["referral"]["hold_until"]
    await loaded.sweep(until.replace("17:00:00", "16:59:00"))
    assert (await loaded.show(reference, until))["status"] == "REFERRING"
    await loaded.sweep(until)
    seen = await loaded.show(reference, until)
    assert (seen["status"], seen["referral"]["sent_at"]) == ("REFERRED", until)
    because = "the hold ended without a stop, so the referral was sent"
    assert (await loaded.history(reference))[-1] == ("referral_sent", "pathway", because)
    assert {task["kind"] for task in seen["open_tasks"]} == {"await_acknowledgement", "await_decision"}


async def test_the_dsl_adds_to_a_held_referral_and_sends_it(loaded: Driver) -> None:
    """What is added says by whom and when; sending is the DSL's word, and the hold's end does nothing more."""
    reference = await journeys.persisting(loaded)
    await loaded.do("add", people.DSL, "2026-05-21T12:00", text="Her aunt would take her in.")
    moved = await loaded.do("send", people.DSL, "2026-05-21T13:00")
    await loaded.sweep("2026-05-22T17:00")
    (referral,) = await loaded.rows(select(Referral))
    assert moved.status == "REFERRED"
    assert [(one["by"], one["text"]) for one in referral.additions] == [("Dana Okoro", "Her aunt would take her in.")]
    assert [kind for kind, by, _ in await loaded.history(reference) if by == people.DSL][-2:] == [
        "referral_added_to",
        "referral_sent",
    ]


async def test_persisting_is_stopped_at_once_with_a_reason(loaded: Driver) -> None:
    """The status before, the next review within ten working days, and a stop that stands in the history."""
    reference = await journeys.persisting(loaded)
    await loaded.do("stop", people.DSL, "2026-05-22T10:00", reason="The boiler came on Monday.")
    why = "Mon 8 Jun 2026 17:00: 10 working days from Fri 22 May; Spring bank holiday skipped"
    assert await loaded.owed("2026-05-22T10:00") == {"hold_review": (people.LEAD, why)}
    seen = await loaded.show(reference, "2026-05-22T10:00")
    assert (seen["status"], seen["referral"]["stopped_at"]) == ("SUPPORTING", "2026-05-22T10:00:00+01:00")
    assert (await loaded.history(reference))[-1] == ("referral_stopped", people.DSL, "The boiler came on Monday.")
    await loaded.sweep("2026-05-22T17:00")
    assert (await loaded.show(reference, "2026-05-22T17:00"))["referral"]["sent_at"] is None


@pytest.mark.parametrize(
    ("journey", "fields", "said"),
    [
        (journeys.persisting, {}, "reason: is missing"),
        (
            journeys.worse,
            {"reason": "r"},
            "second: stop needs a second person: another DSL, deputy or head of the setting",
        ),
        (
            journeys.worse,
            {"reason": "r", "second": people.DSL},
            "second: must be somebody else than the person who asks",
        ),
        (
            journeys.worse,
            {"reason": "r", "second": people.TEACHER},
            f"second: must be a DSL, deputy or head of the setting: {people.DSL}, {people.DEPUTY}, {people.HEAD}",
        ),
        (
            journeys.worse,
            {"reason": "r", "second": people.ASHDOWN_HEAD},
            f"second: must be a DSL, deputy or head of the setting: {people.DSL}, {people.DEPUTY}, {people.HEAD}",
        ),
    ],
)
async def test_a_stop_that_lacks_something_is_refused(
    loaded: Driver, journey: Callable[[Driver], Any], fields: dict[str, str], said: str
) -> None:
    """No reason, no second person or one who may not be it: the hold runs on and nothing is changed."""
    await journey(loaded)
    at = journeys.REVIEWED_AT if journey is journeys.worse else RAISED_AT
    async with refused(loaded, BadInput, said):
        await loaded.do("stop", people.DSL, at, **fields)


async def test_worse_is_stopped_only_when_the_second_person_countersigns(loaded: Driver) -> None:
    """Asking changes nothing; agreeing stops the referral and brings the review within ten working days."""
    reference = await journeys.worse(loaded)
    await loaded.do("stop", people.DSL, "2026-04-13T12:00", reason="A misunderstanding.", second=people.HEAD)
    assert (await loaded.show(reference, "2026-04-13T12:00"))["status"] == "REFERRING"
    why = "Tue 14 Apr 2026 17:00: when the referral is sent unless it is stopped"
    assert (await loaded.owed("2026-04-13T12:00"))["countersign"] == (people.HEAD, why)
    await loaded.do("agree", people.HEAD, "2026-04-14T09:00")
    seen = await loaded.show(reference, "2026-04-14T09:00")
    assert (seen["status"], seen["referral"]["stopped_at"]) == ("SUPPORTING", "2026-04-14T09:00:00+01:00")
    assert (await loaded.owed("2026-04-14T09:00"))["hold_review"][1].startswith(
        "Tue 28 Apr 2026 17:00: 10 working days"
    )


@pytest.mark.parametrize("answer", ["silence", "refuse"])
async def test_the_hold_runs_on_while_a_stop_waits(loaded: Driver, answer: str) -> None:
    """A second person who is silent or refuses lets the referral go when its hold ends."""
    reference = await journeys.worse(loaded)
    await loaded.do("stop", people.DSL, "2026-04-13T12:00", reason="A misunderstanding.", second=people.HEAD)
    if answer == "refuse":
        await loaded.do("refuse", people.HEAD, "2026-04-13T14:00", reason="I saw the bruises.")
    await loaded.sweep("2026-04-14T17:00")
    seen = await loaded.show(reference, "2026-04-14T17:00")
    assert (seen["status"], seen["referral"]["stopped_at"]) == ("REFERRED", None)
    assert "countersign" not in {task["kind"] for task in seen["open_tasks"]}


async def test_a_stop_agreed_after_the_referral_went_is_told_so(loaded: Driver) -> None:
    """The countersignature is closed with the hold; whoever comes late learns who was first."""
    await journeys.worse(loaded)
    await loaded.do("stop", people.DSL, "2026-04-13T12:00", reason="r", second=people.HEAD)
    task = await loaded.task("2026-04-13T12:00", kind="countersign")
    await loaded.sweep("2026-04-14T17:00")
    name = f"task {task['id'][:8]} (countersign)"
    said = f"{name}: the pathway was first: overtaken at 17:00 on 14 Apr 2026; nothing of yours was changed"
    async with refused(loaded, AlreadyDone, said):
        await loaded.do_task(task["id"], "agree", people.HEAD, "2026-04-14T17:01")


async def test_a_referral_carries_whether_parents_were_informed_and_agreed(loaded: Driver) -> None:
    """From the last review that says so and the consent that was given, with their days."""
    reference = await journeys.supporting(loaded)
    await journeys.review(loaded, "worse", parents_informed="yes")
    referral = (await loaded.show(reference, journeys.REVIEWED_AT))["referral"]
    assert referral["parents_informed"] == "yes (Mon 13 Apr 2026)"
    assert referral["consent"] == "her mother, covering: school, health, housing (Wed 4 Mar 2026)"


async def test_a_referral_by_decision_says_what_the_dsl_said(loaded: Driver) -> None:
    """Why parents were not informed is the DSL's to give; consent that nobody gave is said plainly."""
    reference = await journeys.logged(loaded)
    await loaded.do("refer", people.DSL, journeys.DECIDED_AT, reason="r", parents_informed="it would put her at risk")
    referral = (await loaded.show(reference, journeys.DECIDED_AT))["referral"]
    assert referral["parents_informed"] == "it would put her at risk"
    assert referral["consent"] == "not obtained: rule decision"


# The front door


async def test_silence_is_measured_from_sending(loaded: Driver) -> None:
    """Acknowledgement and decision are each due a working day after sending; both lapse on the third."""
    await journeys.referred(loaded)
    why = "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar"
    expected = {"await_acknowledgement": (people.DSL, why), "await_decision": (people.DSL, why)}
    assert await loaded.owed(journeys.DECIDED_AT) == expected
    await loaded.sweep("2026-03-05T16:59")
    assert (await loaded.show("NC-2026-00001", journeys.DECIDED_AT))["status"] == "REFERRED"


async def test_an_acknowledgement_ends_one_clock_and_not_the_other(loaded: Driver) -> None:
    """The front door's number and name are kept; its decision is still owed."""
    reference = await journeys.referred(loaded)
    await loaded.do("acknowledge", people.FRONT_DOOR, journeys.ANSWERED_AT, by="M. Ferris", number="CS-118")
    seen = await loaded.show(reference, journeys.ANSWERED_AT)
    assert (seen["status"], [task["kind"] for task in seen["open_tasks"]]) == ("REFERRED", ["await_decision"])
    assert seen["referral"]["acknowledged_at"] == "2026-03-03T12:00:00+00:00"
    assert seen["referral"]["front_door_number"] == "CS-118"
    assert seen["events"][-1]["fields"] == {"by": "M. Ferris", "number": "CS-118"}
    assert (await loaded.history(reference))[-1] == ("referral_acknowledged", people.FRONT_DOOR, "acknowledged")


@pytest.mark.parametrize(
    ("decision", "status", "kind", "owner", "why"),
    [
        ("s17", "STATUTORY", "statutory_review", people.DSL, "Tue 28 Apr 2026 17:00: 6 school weeks from Tue 3 Mar"),
        ("s47", "STATUTORY", "statutory_review", people.DSL, "Tue 28 Apr 2026 17:00: 6 school weeks from Tue 3 Mar"),
        ("early_help", "ASSESSING", "gain_consent", people.DSL, "Tue 10 Mar 2026 17:00: 5 working days from Tue 3 Mar"),
        ("nfa", "LOGGED", "dsl_review", people.DSL, "Wed 4 Mar 2026 17:00: 1 working day from Tue 3 Mar"),
    ],
)
async def test_each_decision_leads_where_the_table_says(
    loaded: Driver, decision: str, status: str, kind: str, owner: str, why: str
) -> None:
    """The decision ends both clocks and opens the next task, owned and explained."""
    reference = await journeys.answered(loaded, decision)
    owed = await loaded.owed(journeys.ANSWERED_AT)
    assert (set(owed), owed[kind][0], owed[kind][1].partition(";")[0]) == ({kind}, owner, why)
    seen = await loaded.show(reference, journeys.ANSWERED_AT)
    assert (seen["status"], seen["referral"]["decision"]) == (status, decision)
    assert (await loaded.history(reference))[-1] == ("decided", people.FRONT_DOOR, "After a call home.")


async def test_early_help_where_an_assessment_stands_goes_back_to_support(loaded: Driver) -> None:
    """The family is not assessed twice: the next review is set."""
    reference = await journeys.persisting(loaded)
    await loaded.do("send", people.DSL, "2026-05-21T13:00")
    await loaded.do("decide", people.FRONT_DOOR, "2026-05-22T10:00", decision="early_help", reason="Support goes on.")
    why = "Fri 3 Jul 2026 17:00: 6 weeks from Fri 22 May"
    assert await loaded.owed("2026-05-22T10:00") == {"hold_review": (people.LEAD, why)}
    assert (await loaded.show(reference, "2026-05-22T10:00"))["status"] == "SUPPORTING"


async def test_only_the_front_door_answers_for_itself(loaded: Driver) -> None:
    """Over a secure link the DSL neither acknowledges nor decides, and another area's front door does nothing."""
    await journeys.referred(loaded)
    for who, move, fields in (
        (people.DSL, "acknowledge", {"by": "me", "number": "1"}),
        (people.DSL, "decide", {"decision": "nfa", "reason": "r"}),
        (people.DERBYSHIRE_FRONT_DOOR, "decide", {"decision": "nfa", "reason": "r"}),
    ):
        said = f"as: {who} may not {move} on await_decision; who may: {people.FRONT_DOOR}"
        async with refused(loaded, NotPermitted, said):
            await loaded.do(move, who, journeys.ANSWERED_AT, kind="await_decision", **fields)


async def test_the_dsl_chases_and_the_clock_runs_on(loaded: Driver) -> None:
    """A chase by hand is a line of history; nothing else changes."""
    reference = await journeys.referred(loaded)
    before = await loaded.owed(journeys.ANSWERED_AT)
    await loaded.do("chase", people.DSL, journeys.ANSWERED_AT, note="Rang twice; no answer.")
    assert await loaded.owed(journeys.ANSWERED_AT) == before
    assert (await loaded.history(reference))[-1] == ("chased", people.DSL, "Rang twice; no answer.")


async def test_the_pathway_chases_each_working_day_until_it_is_a_disagreement(loaded: Driver) -> None:
    """From the working day after the answer was due: Wednesday and Thursday morning, then DISPUTED at 17:00."""
    reference = await journeys.referred(loaded)
    for at in ("2026-03-03T17:00", "2026-03-04T08:59", "2026-03-04T09:00", "2026-03-05T09:00", "2026-03-05T17:00"):
        await loaded.sweep(at)
    events = (await loaded.show(reference, "2026-03-05T17:00"))["events"]
    chased = [event["happened_at"] for event in events if event["kind"] == "chased"]
    assert sorted(set(chased)) == ["2026-03-04T09:00:00+00:00", "2026-03-05T09:00:00+00:00"]
    assert (await loaded.history(reference))[-1] == ("disputed", "pathway", "no answer from the front door")


@pytest.mark.parametrize(
    ("move", "fields", "said"),
    [
        ("decide", {"decision": "s18", "reason": "r"}, "decision: input should be 's17', 's47', 'early_help' or 'nfa'"),
    ],
)
async def test_a_wrong_answer_is_refused_in_one_sentence(
    loaded: Driver, move: str, fields: dict[str, str], said: str
) -> None:
    """The clocks run on and nothing is changed."""
    await journeys.referred(loaded)
    async with refused(loaded, BadInput, said):
        await loaded.do(move, people.FRONT_DOOR, journeys.ANSWERED_AT, **fields)


async def test_a_second_referral_is_a_new_one_beside_the_first(loaded: Driver) -> None:
    """After no further action the DSL refers again: numbered on, and `referral` is the latest."""
    reference = await journeys.answered(loaded, "nfa")
    await loaded.do("refer", people.DSL, "2026-03-09T10:00", reason="It went on.", parents_informed="yes")
    seen = await loaded.show(reference, "2026-03-09T10:00")
    assert [(one["number"], one["decision"]) for one in seen["referrals"]] == [(1, "nfa"), (2, None)]
    assert (seen["referral"], seen["status"]) == (seen["referrals"][-1], "REFERRED")


# Portal and telephone


@pytest.mark.parametrize("channel", ["portal", "telephone_then_write"])
async def test_other_channels_ask_for_it_in_writing_within_hours_that_never_pause(loaded: Driver, channel: str) -> None:
    """File_referral beside the front door's clocks, closed with its number and who filed it."""
    await loaded.act(choose_default, *with_channel(channel))
    reference = await journeys.referred(loaded)
    owed = (await loaded.owed(journeys.DECIDED_AT))["file_referral"]
    assert owed == (people.DSL, "Tue 3 Mar 2026 10:00: 24 hours from Mon 2 Mar 10:00, never paused")
    await loaded.do("filed", people.DSL, "2026-03-02T15:00", number="P-77", by="Dana Okoro")
    assert (await loaded.show(reference, "2026-03-02T15:00"))["referral"]["filed_number"] == "P-77"
    assert (await loaded.history(reference))[-1] == ("referral_filed", people.DSL, "filed in writing")


async def test_where_the_front_door_does_not_sign_in_the_dsl_records_its_answers(loaded: Driver) -> None:
    """By portal or telephone the DSL writes down what the front door said."""
    await loaded.act(choose_default, *with_channel("portal"))
    await journeys.referred(loaded)
    await loaded.do("acknowledge", people.DSL, "2026-03-02T12:00", by="M. Ferris", number="CS-118")
    moved = await loaded.do("decide", people.DEPUTY, journeys.ANSWERED_AT, decision="s17", reason="By telephone.")
    assert moved.status == "STATUTORY"


async def test_danger_while_a_referral_is_still_to_be_filed_is_not_turned_away(loaded: Driver) -> None:
    """The later referral's filing takes the place of the earlier one's."""
    await loaded.act(choose_default, *with_channel("portal"))
    await journeys.referred(loaded)
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T14:00", immediate_danger=True)
    filing = [task for task in await loaded.tasks("2026-03-02T14:00") if task["kind"] == "file_referral"]
    assert [task["due_because"].partition(":")[0] for task in filing] == ["Tue 3 Mar 2026 14"]


async def test_moves_that_a_referred_concern_does_not_allow_name_those_it_does(loaded: Driver) -> None:
    """A referral that has gone cannot be stopped."""
    await journeys.referred(loaded)
    task = await loaded.task(journeys.DECIDED_AT, kind="await_decision")
    offers = "it offers: acknowledge, decide, ask, chase"
    said = f"move: 'stop' is not offered on await_decision of a concern that is REFERRED; {offers}"
    async with refused(loaded, NotOffered, said):
        await loaded.do_task(task["id"], "stop", people.DSL, journeys.DECIDED_AT, reason="r")
