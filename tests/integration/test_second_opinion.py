"""The second opinion: each fault that working code could make is found in a real record, by its own sentence.

A fault in a history is written as the code that made it would have: with the chain whole.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Delete, Update
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models import staffing
from models.events import Happened
from models.history import digest
from models.opinion_status import BESIDE, CARRIES, MEANS
from models.people import Person
from models.record import Concern, Event, Observation, Referral, Task
from models.telling import Delivery, State
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.timeline import next_moment, settle

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Fault = Update | Delete
OPEN = col(Task.closed_at).is_(None)
ARRIVE = update(Delivery).where(col(Delivery.state) == State.WAITING)
ARRIVE = ARRIVE.values(state=State.SENT, sent_at=col(Delivery.created_at), address="whoever@reads.example")


async def plant(driver: Driver, *faults: Fault) -> None:
    """Change the tables behind everybody's back."""
    for fault in faults:
        await driver.act(lambda session, one=fault: session.exec(one))


async def rewrite(driver: Driver, change: Callable[[Event], None]) -> None:
    """Change events as if they had been recorded so: the chain is whole again."""

    async def again(session: AsyncSession) -> None:
        concern = (await session.exec(select(Concern))).one()
        before = ""
        for event in (await session.exec(select(Event).order_by(col(Event.number)))).all():
            change(event)
            event.previous_hash, event.hash = before, ""
            event.hash = before = digest(event)
            session.add(event)
        concern.chain_head = before

    await driver.act(again)


async def found(driver: Driver, at: str) -> list[str]:
    """What the reconciler says once every letter has arrived, with ids left out."""
    await plant(driver, ARRIVE)
    findings = (await driver.check(at)).findings
    return sorted(" ".join(word for word in one.what.split() if not _is_id(word)) for one in findings)


def _is_id(word: str) -> bool:
    return len(word) == 8 and set(word) <= set("0123456789abcdef")


async def last_moment(driver: Driver) -> str:
    """When the newest event was recorded."""
    newest = (await driver.rows(select(Event).order_by(col(Event.recorded_at).desc())))[0]
    return str(newest.recorded_at.isoformat())


async def clean(driver: Driver, journey: str) -> str:
    """A journey with everything followed up, about which there is nothing to say; returns its last instant."""
    await getattr(journeys, journey)(driver)
    at = await last_moment(driver)
    await settle(driver, at)
    assert await found(driver, at) == []
    return at


async def test_every_kind_of_event_has_a_meaning(loaded: Driver) -> None:
    """What is not in the second opinion's table could lead anywhere."""
    answers = {Happened.DECIDED, Happened.RESOLVED}
    assert set(MEANS) | BESIDE >= {one.value for one in Happened} - {one.value for one in answers}
    assert not set(MEANS) & BESIDE
    assert {meaning.to for meaning in MEANS.values() if meaning.to} <= set(CARRIES)


# Where a history leads

HISTORY: list[tuple[str, str, dict[str, Any], list[str]]] = [
    (
        "statutory",
        "decided",
        {"fields": {"decision": "nfa", "referral": 1}},
        ["event 4 (decided) opened no dsl_review", "its history leads to LOGGED, the record says STATUTORY"],
    ),
    (
        "supporting",
        "assessed",
        {"kind": "joined"},
        ["its history leads to ASSESSING, the record says SUPPORTING", "left nobody a decision to make"],
    ),
    ("monitoring", "monitored", {"kind": "continued"}, ["event 2 (continued) cannot happen while a concern is LOGGED"]),
    (
        "improved",
        "reviewed",
        {"fields": {"outcome": "unchanged"}},
        ["its reviews running are not those of its history"],
    ),
    (
        "improved",
        "reviewed",
        {"fields": {"outcome": "unchanged"}},
        ["referral by rule persisting, and none was raised"],
    ),
    ("improved", "reviewed", {"fields": {"outcome": "worse"}}, ["referral by rule worse, and none was raised"]),
    ("supporting", "assessed", {"fields": {"level": 4}}, ["asks for a decision by rule level, and nobody was asked"]),
    (
        "supporting",
        "assessed",
        {"fields": {"level": 2, "scores": {"food": 5}}},
        ["asks for a decision by rule grade, and nobody was asked"],
    ),
    ("closed", "countersigned", {"fields": {"move": "stop"}}, ["(closed) has no second person's word"]),
    ("disputed", "disputed", {"recorded_at": instant("2026-03-05T16:59")}, ["before the time for an answer was over"]),
]


@pytest.mark.parametrize(("journey", "kind", "values", "said"), HISTORY)
async def test_a_history_that_leads_elsewhere_is_found(
    loaded: Driver, journey: str, kind: str, values: dict[str, Any], said: list[str]
) -> None:
    """Status, tasks, rules and seconds' words follow from the events, read by a table of the second opinion's own."""
    at = await clean(loaded, journey)

    def change(event: Event) -> None:
        if event.kind == kind:
            for name, value in values.items():
                setattr(event, name, value)

    await rewrite(loaded, change)
    lines = await found(loaded, at)
    assert [one for one in said if not any(one in line for line in lines)] == []


async def test_a_task_that_was_ended_and_lives_on_is_found(loaded: Driver) -> None:
    """Its event says that it ended."""
    at = await clean(loaded, "monitoring")
    await plant(loaded, update(Task).where(col(Task.kind) == "dsl_review").values(closed_at=None))
    assert "task (dsl_review) was ended by event 2 and is still open" in await found(loaded, at)


# Deadlines

DUE = {
    "logged": "dsl_review",
    "monitoring": "case_review",
    "assessing": "gain_consent",
    "consented": "assess",
    "supporting": "hold_review",
    "persisting": "confirm_referral",
    "worse": "confirm_referral",
    "referred": "await_decision",
    "disputed": "resolve_disagreement",
    "statutory": "statutory_review",
}
# A day late, an hour late, an hour early, a day early. How short a hold for worse may be, the school's own hours say.
WRONG_BY = (24, 1, -1, -24)


@pytest.mark.parametrize(("journey", "kind"), DUE.items())
async def test_a_deadline_that_is_not_the_policys_is_found(loaded: Driver, journey: str, kind: str) -> None:
    """By a day or by an hour; a hold is checked against the longest and the shortest it may be."""
    at = await clean(loaded, journey)
    (task,) = await loaded.rows(select(Task).where(OPEN, Task.kind == kind))
    for hours in WRONG_BY[:2] if journey == "worse" else WRONG_BY:
        wrong = task.due_at + timedelta(hours=hours)
        await plant(loaded, update(Task).where(col(Task.id) == task.id).values(due_at=wrong))
        lines = await found(loaded, at)
        said = (f"task ({kind}) is due", f"task ({kind}) holds a referral outside")
        assert (hours, any(one.startswith(said) for one in lines)) == (hours, True)


async def test_silence_that_would_last_longer_is_found(loaded: Driver) -> None:
    """Three working days from sending, whatever the task says."""
    at = await clean(loaded, "referred")
    later = instant("2026-03-06T17:00")
    await plant(loaded, update(Task).where(col(Task.kind) == "await_decision").values(lapse_at=later, next_at=later))
    assert [one for one in await found(loaded, at) if "does not end when silence does" in one]


async def test_an_hour_that_is_forgotten_is_found(loaded: Driver) -> None:
    """Immediate danger asks the DSL within an hour, never within a working day."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00", immediate_danger=True)
    await settle(loaded, "2026-03-02T09:00")
    assert await found(loaded, "2026-03-02T09:00") == []
    tomorrow = instant("2026-03-03T17:00")
    await plant(loaded, update(Task).where(col(Task.kind) == "dsl_decision").values(due_at=tomorrow))
    assert [one for one in await found(loaded, "2026-03-02T09:00") if "task (dsl_decision) is due" in one]


# The ladder

OVERDUE = "2026-03-03T17:00"
NEXT_DAY = "2026-03-04T17:00"
FAR = instant("2026-06-01T17:00")


async def overdue(driver: Driver, *sweeps: str) -> None:
    """Nobody looks at Amira's concern, and sweeps say so."""
    await journeys.logged(driver)
    await settle(driver, journeys.LOGGED_AT)
    for at in ("2026-03-02T13:00", *sweeps):
        await driver.sweep(at)
        assert await found(driver, at) == []


@pytest.mark.parametrize("rung", [1, 2, 3])
async def test_a_rung_that_nobody_said_is_found(loaded: Driver, rung: int) -> None:
    """A sweep that skips a task leaves it looking as if it had been looked at; the policy says otherwise."""
    sweeps = [OVERDUE, NEXT_DAY, "2026-03-05T17:00"]
    await overdue(loaded, *sweeps[: rung - 1])
    skipped = instant(sweeps[rung - 1])
    await plant(loaded, update(Task).where(OPEN).values(next_at=FAR, said_until=skipped))
    later = (skipped + timedelta(minutes=15)).isoformat()
    assert any(f"rung {rung} was due" in one for one in await found(loaded, later))


async def test_a_rung_said_a_day_early_is_found(loaded: Driver) -> None:
    """A ladder that miscounts."""
    await overdue(loaded, OVERDUE)

    def change(event: Event) -> None:
        if event.kind == "escalated":
            event.happened_at -= timedelta(days=1)

    await rewrite(loaded, change)
    assert any("which is not when it was due" in one for one in await found(loaded, OVERDUE))


HEARD: list[tuple[str, Callable[[], Fault], str]] = [
    ("nobody", lambda: delete(Delivery).where(_overdue()), "rung 1 was reached and nobody was written to"),
    (
        "somebody else",
        lambda: update(Delivery).where(_overdue()).values(person_id=_id(people.HEAD)),
        f"rung 1 did not reach {people.DEPUTY}, deputy_dsl",
    ),
    (
        "the wrong person",
        lambda: update(Delivery).where(_overdue()).values(person_id=_id(people.HEAD)),
        f"letter overdue (rung-1) went to {people.HEAD}, for whom it is not",
    ),
    (
        "a stranger",
        lambda: update(Delivery).where(_overdue()).values(person_id=_id(people.SUNBEAMS_HEAD)),
        f"letter overdue went to {people.SUNBEAMS_HEAD}, who has nothing to do with it",
    ),
    (
        "twice",
        lambda: update(Delivery).where(col(Delivery.letter) == "task-opened").values(letter="overdue", slot="rung-7"),
        f"nothing calls for letter overdue (rung-7) to {people.DSL}, or it was told twice",
    ),
]


def _overdue() -> Any:
    return col(Delivery.letter) == "overdue"


def _id(email: str) -> Any:
    return select(Person.id).where(Person.email == email).scalar_subquery()


@pytest.mark.parametrize(("fault", "said"), [row[1:] for row in HEARD], ids=[row[0] for row in HEARD])
async def test_a_rung_that_reached_the_wrong_people_is_found(
    loaded: Driver, fault: Callable[[], Fault], said: str
) -> None:
    """The deputy hears first; nobody, the head alone or a stranger will not do."""
    await overdue(loaded, OVERDUE)
    await plant(loaded, fault())
    assert said in [line.removeprefix("task (dsl_review): ") for line in await found(loaded, OVERDUE)]


async def test_somebody_away_need_not_have_heard(loaded: Driver) -> None:
    """Of whoever was perhaps not there the second opinion claims nothing."""
    await overdue(loaded, OVERDUE)
    left = update(Person).where(col(Person.email) == people.DEPUTY).values(left_on=instant(OVERDUE).date())
    await plant(loaded, left, HEARD[1][1]())
    assert not [one for one in await found(loaded, OVERDUE) if "did not reach" in one or "for whom" in one]


@pytest.mark.parametrize(
    ("journey", "at", "letter", "said"),
    [
        ("supporting", "2026-03-26T09:00", "reminder", "nobody had the reminder letter of Thu 26 Mar 2026 09:00"),
        (
            "logged",
            "2026-03-02T13:00",
            "unacknowledged",
            "nobody had the unacknowledged letter of Mon 2 Mar 2026 13:00",
        ),
    ],
)
async def test_a_reminder_that_nobody_had_is_found(
    loaded: Driver, journey: str, at: str, letter: str, said: str
) -> None:
    """Before the deadline, and where nobody has acknowledged."""
    await clean(loaded, journey)
    await loaded.sweep(at)
    later = (instant(at) + timedelta(minutes=15)).isoformat()
    assert await found(loaded, later) == []
    await plant(loaded, delete(Delivery).where(col(Delivery.letter) == letter))
    assert any(said in one for one in await found(loaded, later))


async def test_a_chase_that_did_not_go_is_found(loaded: Driver) -> None:
    """One each working day from the day after."""
    await clean(loaded, "referred")
    for at in ("2026-03-04T09:00", "2026-03-05T09:00"):
        await loaded.sweep(at)
        assert await found(loaded, at) == []

    def change(event: Event) -> None:
        if event.kind == "chased" and event.happened_at == instant("2026-03-05T09:00"):
            event.kind = "referral_filed"

    await rewrite(loaded, change)
    lines = await found(loaded, "2026-03-05T09:15")
    assert any("the front door was not chased at Thu 5 Mar 2026 09:00" in one for one in lines)


async def test_a_task_that_should_have_ended_by_itself_is_found(loaded: Driver) -> None:
    """A hold that ran on."""
    await clean(loaded, "persisting")
    await plant(loaded, update(Task).where(OPEN).values(next_at=FAR))
    assert any("should have ended by itself at" in one for one in await found(loaded, "2026-05-22T17:15"))


# Letters

MISSING = [
    ("logged", "task-opened", "its owner never heard that task (dsl_review) was opened"),
    ("logged", "concern-received", "whoever logged it never had concern-received of event 1 (logged)"),
    ("monitoring", "concern-acted-on", "whoever logged it never had concern-acted-on of event 2 (monitored)"),
    ("assessing", "task-opened", "its owner never heard that task (gain_consent) was opened"),
    ("referred", "referral", f"{people.FRONT_DOOR}, front_door, never had referral of event 3"),
    ("referred", "referral", "nobody had referral of event 3"),
    ("referred", "referral-sent", f"{people.HEAD}, head, never had referral-sent of event 3"),
    ("worse", "referral-raised", f"{people.COORDINATOR}, early_help_coordinator, never had referral-raised of event 6"),
    ("disputed", "disagreement", f"{people.HEAD}, head, never had disagreement of event 4"),
    ("statutory", "front-door-answered", f"{people.DSL}, dsl, never had front-door-answered of event 4"),
    ("closed", "countersign-answered", f"{people.DSL} never had countersign-answered of event 3"),
]


@pytest.mark.parametrize(("journey", "letter", "said"), MISSING)
async def test_a_letter_that_was_never_written_is_found(loaded: Driver, journey: str, letter: str, said: str) -> None:
    """Each event calls for its letters."""
    at = await clean(loaded, journey)
    await plant(loaded, delete(Delivery).where(col(Delivery.letter) == letter))
    assert said in await found(loaded, at)


async def test_danger_that_nobody_was_told_of_is_found(loaded: Driver) -> None:
    """Everybody on the ladder is told to telephone."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00", immediate_danger=True)
    await settle(loaded, "2026-03-02T09:00")
    await plant(loaded, delete(Delivery).where(col(Delivery.letter) == "telephone-now"))
    lines = await found(loaded, "2026-03-02T09:00")
    assert f"{people.PARTNERSHIP}, partnership_contact, never had telephone-now of event 2" in lines


async def test_a_letter_told_twice_is_found(loaded: Driver) -> None:
    """The same letter to the same person once more, under a slot of its own."""
    at = await clean(loaded, "logged")
    (letter,) = await loaded.rows(select(Delivery).where(Delivery.letter == "task-opened"))
    copy = letter.model_dump() | {"id": uuid4(), "slot": "event-1-again", "message_id": "<again@pathway.example>"}
    await loaded.act(lambda session: session.exec(Delivery.__table__.insert().values(**copy)))  # type: ignore[attr-defined]  # SQLModel's
    assert await found(loaded, at) == [
        f"nothing calls for letter task-opened (event-1-again) to {people.DSL}, or it was told twice"
    ]


async def test_a_letter_without_an_address_did_not_go(loaded: Driver) -> None:
    """Sent says where to and when."""
    at = await clean(loaded, "logged")
    opened = col(Delivery.letter) == "task-opened"
    await plant(loaded, update(Delivery).where(opened).values(address=None))
    assert await found(loaded, at) == ["letter task-opened counts as sent, without an address or a time"]


@pytest.mark.parametrize("journey", ["logged", "assessing"])
async def test_a_task_told_to_the_wrong_person_is_found(loaded: Driver, journey: str) -> None:
    """Whoever owes it hears of it, and nobody else."""
    at = await clean(loaded, journey)
    opened = update(Delivery).where(col(Delivery.letter) == "task-opened", col(Delivery.task_id).in_(_open_tasks()))
    await plant(loaded, opened.values(person_id=_id(people.HEAD)))
    lines = await found(loaded, at)
    assert [one for one in lines if f"went to {people.HEAD}, for whom it is not" in one]
    assert [one for one in lines if "its owner never heard" in one]


def _open_tasks() -> Any:
    return select(Task.id).where(OPEN)


@pytest.mark.parametrize("covered", [False, True])
async def test_a_task_that_went_past_the_dsl_or_their_cover_is_found(loaded: Driver, covered: bool) -> None:
    """The DSL owes it; while they are on leave whoever covers them, and not the next role up."""
    if covered:
        away = (people.DSL, instant(journeys.LOGGED_AT).date(), instant(journeys.LOGGED_AT).date())
        await loaded.act(staffing.leave, *away, people.ASHDOWN_DSL, instant("2026-03-01T09:00"))
    at = await clean(loaded, "logged")
    assert (await loaded.owed(at))["dsl_review"][0] == (people.ASHDOWN_DSL if covered else people.DSL)
    await plant(loaded, update(Task).values(owner_id=_id(people.DEPUTY)))
    assert f"task (dsl_review) went to {people.DEPUTY}, who does not act as DSL" in await found(loaded, at)


# Persist or worsen


async def test_a_stage_that_was_skipped_is_found(loaded: Driver) -> None:
    """Silence takes a disagreement from the DSLs to the head, not past them."""
    await clean(loaded, "disputed")
    at = ""
    while not await loaded.rows(select(Event).where(Event.kind == "stepped_up")):
        at = (await next_moment(loaded)).isoformat()
        await loaded.sweep(at)
        await settle(loaded, at)
    assert await found(loaded, at) == []
    await plant(loaded, update(Task).where(OPEN).values(stage=3))
    assert any("(stepped_up) left stage 1 for another than the next" in one for one in await found(loaded, at))


async def test_danger_without_a_referral_is_found(loaded: Driver) -> None:
    """What the observation says counts, whatever became of it."""
    at = await clean(loaded, "logged")
    await plant(loaded, update(Observation).values(immediate_danger=True))
    assert "event 1 says immediate danger, and no referral was sent with it" in await found(loaded, at)


async def test_a_pattern_that_nobody_was_asked_about_is_found(loaded: Driver) -> None:
    """Three in twelve weeks, a sibling's counted."""
    for child, who, at in (
        (people.YUSUF, people.ASHDOWN_TUTOR, "2026-03-02T09:00"),
        (people.AMIRA, people.TEACHER, "2026-03-03T09:00"),
    ):
        await loaded.log(child, who, at)
        await settle(loaded, at)
    at = "2026-03-04T09:00"
    await loaded.log(people.AMIRA, people.TEACHER, at, seen_at=instant("2025-11-03T09:00"))
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-04T10:00", seen_at=instant("2025-11-04T09:00"))
    await settle(loaded, "2026-03-04T10:00")
    await loaded.sweep("2026-03-04T10:00")
    assert await found(loaded, "2026-03-04T10:00") == []
    await plant(loaded, update(Observation).values(seen_at=instant("2026-03-01T09:00")))
    lines = await found(loaded, "2026-03-04T10:00")
    assert "event 2 (joined) asks for a decision by rule pattern, and nobody was asked" in lines


async def test_a_referral_stopped_by_one_alone_is_found(loaded: Driver) -> None:
    """Where a review found it worse, the second must be somebody else."""
    await journeys.worse(loaded)
    at = "2026-04-13T12:00"
    await loaded.do("stop", people.DSL, at, reason="The aunt took her in.", second=people.DEPUTY)
    await loaded.do("agree", people.DEPUTY, at)
    await settle(loaded, at)
    assert await found(loaded, at) == []
    dsl = (await loaded.rows(select(Person.id).where(Person.email == people.DSL)))[0]

    def change(event: Event) -> None:
        if event.kind == "countersigned":
            event.by_id = dsl

    await rewrite(loaded, change)
    assert [one for one in await found(loaded, at) if "(referral_stopped) has no second person's word" in one]


async def test_a_referral_that_went_before_its_hold_ended_is_found(loaded: Driver) -> None:
    """By itself it goes when the hold has ended, not before."""
    await journeys.persisting(loaded)
    at = "2026-05-22T17:00"
    await loaded.sweep(at)
    await settle(loaded, at)
    assert await found(loaded, at) == []
    await plant(loaded, update(Referral).values(hold_until=instant("2026-05-22T18:00")))
    assert "referral 1 was sent by itself before its hold ended" in await found(loaded, at)


async def test_a_referral_that_is_gone_is_found(loaded: Driver) -> None:
    """Its event stays."""
    at = await clean(loaded, "worse")
    await plant(loaded, update(Task).values(referral_id=None), delete(Referral))
    assert "referral 1 was raised and is gone" in await found(loaded, at)


# No false alarm

LONG: list[tuple[str, str, str, dict[str, Any]]] = [
    ("2026-03-10T10:00", "early_help", people.DSL, {"reason": "They ask for help.", "lead": people.LEAD}),
    ("2026-03-24T10:00", "consent", people.LEAD, {"given_by": "mother", "covers": "all"}),
    ("2026-04-28T10:00", "complete", people.LEAD, journeys.ASSESSMENT | {"level": 4, "scores": {"food": 4}}),
    ("2026-04-30T10:00", "noted", people.DSL, {"reason": "The plan stands."}),
    ("2026-06-20T10:00", "review", people.LEAD, journeys.REVIEW | {"outcome": "unchanged"}),
    ("2026-08-20T10:00", "review", people.LEAD, journeys.REVIEW | {"outcome": "unchanged"}),
    ("2026-09-20T10:00", "decide", people.FRONT_DOOR, {"decision": "s17", "reason": "We assess."}),
    ("2026-12-01T10:00", "step_down", people.DSL, {"reason": "Better.", "lead": people.LEAD}),
    ("2027-02-15T10:00", "review", people.LEAD, journeys.REVIEW | {"outcome": "improved"}),
    ("2027-03-29T10:00", "review", people.LEAD, journeys.REVIEW | {"outcome": "improved"}),
    ("2027-03-30T10:00", "close", people.DSL, journeys.CLOSING),
    ("2027-04-02T10:00", "agree", people.DEPUTY, {}),
]


async def test_a_long_honest_record_is_clean(loaded: Driver) -> None:
    """Thirteen months in which people are late with everything, over Christmas, Easter and four changes of clocks."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    at = instant("2026-03-02T09:00")
    for when, move, who, fields in LONG:
        while at < instant(when):
            await loaded.bridge(at)
            await loaded.sweep(at)
            await settle(loaded, at)
            assert (at, await found(loaded, at.isoformat())) == (at, [])
            at = min(await next_moment(loaded), instant(when))
        await loaded.do(move, who, when, **fields)
    await settle(loaded, "2027-04-02T10:00")
    assert await found(loaded, "2027-04-02T10:00") == []
    assert len(await loaded.rows(select(Event))) > 60
