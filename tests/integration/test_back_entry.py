"""What was done on paper, entered later with its true time: what counts from then, what from the entry, its limits."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from config.errors import BadInput
from models.policies import choose_default
from models.record import Concern, Event, Referral, Task
from models.telling import Delivery
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.policies import with_channel

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MONITOR = {"reason": "One coat is not a pattern."}
REFER = {"reason": "Telephoned: no food in the house.", "parents_informed": "yes"}
HELP = {"reason": "The family asks for help.", "lead": people.LEAD}
# Journey, move, who, fields, done, entered, and then what is owed by when: as if it had been entered at once, unless
# that would leave less than the next working day.
COUNTS_FROM_THE_ACT: list[tuple[Any, str, str, dict[str, Any], str, str, dict[str, str]]] = [
    (
        journeys.logged,
        "monitor",
        people.DSL,
        MONITOR,
        "2026-03-02T10:00",
        "2026-03-04T09:00",
        {"case_review": "Mon 27 Apr"},
    ),
    (
        journeys.logged,
        "early_help",
        people.DSL,
        HELP,
        "2026-03-02T10:00",
        "2026-03-04T09:00",
        {"gain_consent": "Mon 9 Mar"},
    ),
    # Tue 3 Mar has passed: the end of the next working day.
    (
        journeys.logged,
        "refer",
        people.DSL,
        REFER,
        "2026-03-02T10:00",
        "2026-03-04T09:00",
        {"await_acknowledgement": "Thu 5 Mar", "await_decision": "Thu 5 Mar"},
    ),
    (
        journeys.assessing,
        "decline",
        people.LEAD,
        {"reason": "Not now."},
        "2026-03-03T10:00",
        "2026-03-06T09:00",
        {"dsl_review": "Mon 9 Mar"},
    ),
    (
        journeys.consented,
        "complete",
        people.LEAD,
        journeys.ASSESSMENT,
        "2026-03-20T11:00",
        "2026-03-25T09:00",
        {"hold_review": "Mon 13 Apr"},
    ),
    (
        journeys.supporting,
        "review",
        people.LEAD,
        journeys.REVIEW | {"outcome": "unchanged"},
        "2026-04-13T11:00",
        "2026-04-30T09:00",
        {"hold_review": "Fri 22 May"},
    ),
    (
        journeys.statutory,
        "continue",
        people.DSL,
        {},
        "2026-04-20T11:00",
        "2026-04-28T09:00",
        {"statutory_review": "Mon 1 Jun"},
    ),
    (
        journeys.disputed,
        "step_up",
        people.DSL,
        {"reason": "They will not talk."},
        "2026-03-06T10:00",
        "2026-03-09T10:00",
        {"resolve_disagreement": "Fri 13 Mar"},
    ),
]


async def _newest(loaded: Driver) -> list[Event]:
    events = await loaded.rows(select(Event).order_by(col(Event.recorded_at), col(Event.number)))
    return [one for one in events if one.recorded_at == events[-1].recorded_at]


@pytest.mark.parametrize(
    ("journey", "made", "done", "entered", "owed"),
    [(journey, rest[:3], *rest[3:]) for journey, *rest in COUNTS_FROM_THE_ACT],
    ids=[row[1] for row in COUNTS_FROM_THE_ACT],
)
async def test_what_follows_counts_from_when_it_was_done(
    loaded: Driver, journey: Any, made: tuple[str, str, dict[str, Any]], done: str, entered: str, owed: dict[str, str]
) -> None:
    """The history has both times and says that it was entered later; the next deadline runs from the true one."""
    await journey(loaded)
    move, who, fields = made
    await loaded.do(move, who, entered, done_at=done, **fields)
    first = (await _newest(loaded))[0]
    assert (first.happened_at, first.recorded_at) == (instant(done), instant(entered))
    assert first.because.endswith(" (entered later)")
    assert first.fields.get("done_at") is None
    found = await loaded.owed(entered)
    assert {kind: due.split(" 2026 17:00")[0] for kind, (_, due) in found.items()} == owed
    await loaded.follow(entered)
    assert (await loaded.check(entered)).findings == []


async def test_a_task_done_in_time_counts_as_in_time_though_its_rungs_were_said(loaded: Driver) -> None:
    """Whoever was told stays told; the true time says that the deadline was met."""
    await journeys.logged(loaded)
    await loaded.sweep("2026-03-03T17:05")
    told = await loaded.rows(select(Delivery).where(Delivery.letter == "overdue"))
    await loaded.do("monitor", people.DSL, "2026-03-04T09:00", done_at="2026-03-02T10:00", **MONITOR)
    task = (await loaded.rows(select(Task).where(Task.kind == "dsl_review")))[0]
    assert task.done_at <= task.due_at < task.closed_at
    assert await loaded.rows(select(Delivery).where(Delivery.letter == "overdue")) == told
    assert told


async def test_what_the_pathway_does_because_of_it_happens_at_the_entry(loaded: Driver) -> None:
    """A review that found things worse raises the referral when it is entered; its hold leaves time to stop it."""
    await journeys.supporting(loaded)
    await loaded.do(
        "review", people.LEAD, "2026-04-15T09:00", outcome="worse", done_at="2026-04-13T11:00", **journeys.REVIEW
    )
    held, raised = await _newest(loaded)
    assert (held.kind, held.happened_at) == ("reviewed", instant("2026-04-13T11:00"))
    assert (raised.kind, raised.happened_at) == ("referral_raised", instant("2026-04-15T09:00"))
    assert "entered later" not in raised.because
    referral = (await loaded.rows(select(Referral)))[0]
    assert (referral.raised_at, referral.hold_until) == (instant("2026-04-15T09:00"), instant("2026-04-16T17:00"))


async def test_a_referral_that_was_telephoned_carries_its_true_time(loaded: Driver) -> None:
    """The front door heard of it then, and its own record says the same hour."""
    await journeys.logged(loaded)
    await loaded.do("refer", people.DSL, "2026-03-02T15:00", done_at="2026-03-02T10:00", **REFER)
    referral = (await loaded.rows(select(Referral)))[0]
    assert referral.raised_at == referral.sent_at == instant("2026-03-02T10:00")


async def test_a_chain_done_on_paper_is_entered_step_by_step(loaded: Driver) -> None:
    """Each step may be as early as the true time of the one that asked for it, and no earlier."""
    await journeys.logged(loaded)
    entered = "2026-03-16T09:00"
    await loaded.do("early_help", people.DSL, entered, done_at="2026-03-02T10:00", **HELP)
    consent = {"given_by": "her mother", "covers": "school"}
    with pytest.raises(BadInput, match="done_at: is before it was asked, Mon 2 Mar 2026 10:00"):
        await loaded.do("consent", people.LEAD, entered, done_at="2026-03-02T09:59", **consent)
    await loaded.do("consent", people.LEAD, entered, done_at="2026-03-03T11:00", **consent)
    assert (await loaded.owed(entered))["assess"][1].startswith("Mon 23 Mar 2026 17:00: 15 working days from Mon 2 Mar")


async def test_closing_counts_when_the_second_person_agreed(loaded: Driver) -> None:
    """The question is asked when it is entered, with all its time to answer; the answer may be entered later itself."""
    await journeys.logged(loaded)
    await loaded.do("close", people.DSL, "2026-03-03T09:00", done_at="2026-03-02T10:00", **journeys.CLOSING)
    asked = (await loaded.owed("2026-03-03T09:00"))["countersign"]
    assert asked[1].startswith("Wed 4 Mar 2026 17:00: 1 working day from Tue 3 Mar")
    await loaded.do("agree", people.DEPUTY, "2026-03-04T09:00", done_at="2026-03-03T15:00")
    concern = (await loaded.rows(select(Concern)))[0]
    assert concern.status == "CLOSED"
    assert [one.happened_at for one in await _newest(loaded)] == [instant("2026-03-03T15:00")] * 2


async def test_having_seen_it_is_true_from_when_it_was_seen(loaded: Driver) -> None:
    """Seen in time on paper is seen in time."""
    await journeys.logged(loaded)
    await loaded.do("acknowledge", people.DSL, "2026-03-02T15:00", done_at="2026-03-02T11:00")
    task = (await loaded.rows(select(Task)))[0]
    assert task.acknowledged_at == instant("2026-03-02T11:00")


async def test_an_agreed_day_that_has_passed_is_owed_soon(loaded: Driver) -> None:
    """An action agreed on paper for yesterday is not refused, and not overdue before its owner has heard of it."""
    await journeys.consented(loaded)
    action = {"what": "A bed", "owner": people.LEAD, "due": "2026-03-23"}
    with pytest.raises(BadInput, match=r"actions\.due"):
        await loaded.do("complete", people.LEAD, "2026-03-24T09:00", **journeys.ASSESSMENT, actions=[action])
    fields = journeys.ASSESSMENT | {"actions": [action]}
    await loaded.do("complete", people.LEAD, "2026-03-24T09:00", done_at="2026-03-20T11:00", **fields)
    assert (await loaded.owed("2026-03-24T09:00"))["action"][1] == (
        "Wed 25 Mar 2026 17:00: 1 working day from Tue 24 Mar; "
        "the day agreed, Mon 23 Mar 2026, passed before it was entered"
    )


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("2026-03-04T09:01", "done_at: lies in the future"),
        ("2026-03-02T08:49", "done_at: is before it was asked, Mon 2 Mar 2026 08:50"),
        ("2026-03-02", "done_at: write a day and time such as"),
        ("yesterday", "done_at: write a day and time such as"),
        ("2026-03-29T01:30", "done_at: 2026-03-29 01:30 does not exist in London"),
    ],
)
async def test_a_time_that_cannot_be_is_refused(loaded: Driver, done: str, said: str) -> None:
    """Nothing has changed then, and the field is named."""
    await journeys.logged(loaded)
    with pytest.raises(BadInput, match=said):
        await loaded.do("monitor", people.DSL, "2026-03-04T09:00", done_at=done, **MONITOR)
    assert [one.kind for one in await loaded.rows(select(Event))] == ["logged"]


async def test_more_than_a_month_later_nobody_knows_the_hour(loaded: Driver) -> None:
    """After 31 days the reason says when it was, and the clocks run from the entry."""
    await journeys.logged(loaded)
    with pytest.raises(BadInput, match="done_at: is more than 31 days ago; say in the reason when it was done"):
        await loaded.do("monitor", people.DSL, "2026-04-02T11:01", done_at="2026-03-02T10:00", **MONITOR)
    await loaded.do("monitor", people.DSL, "2026-04-02T11:01", done_at="2026-03-02T11:00", **MONITOR)


async def test_across_a_clock_change_the_hour_is_londons(loaded: Driver) -> None:
    """What was done at nine in winter time is nine, whoever enters it in summer time."""
    await journeys.logged(loaded)
    await loaded.do("monitor", people.DSL, "2026-03-30T09:00", done_at="2026-03-28T09:00", **MONITOR)
    assert (await _newest(loaded))[0].happened_at.isoformat() == "2026-03-28T09:00:00+00:00"


async def test_entering_it_the_same_day_gains_nobody_a_day(loaded: Driver) -> None:
    """24 hours from telephoning end in the morning; the floor pushes them no further than the entry itself would."""
    await loaded.act(choose_default, *with_channel("portal"))
    await journeys.logged(loaded)
    await loaded.do("refer", people.DSL, "2026-03-02T15:00", done_at="2026-03-02T10:00", **REFER)
    assert (await loaded.owed("2026-03-02T15:00"))["file_referral"][1].startswith("Tue 3 Mar 2026 15:00")
