"""The independent check: nothing found where nothing is wrong, and every planted fault found and named."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Delete, Update
from sqlmodel import col, delete, select, update

from models.people import Person
from models.record import Concern, Event, Observation, Referral, Task
from models.telling import Delivery, State
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys

AT = journeys.DECIDED_AT
SOON = "2026-03-02T10:14"
LATE = "2026-03-02T10:16"
Change = Update | Delete
ARRIVED = update(Delivery).values(state=State.SENT, sent_at=instant(AT), address="whoever@reads.example")


async def plant(driver: Driver, *changes: Change) -> None:
    """Change the tables behind everybody's back."""
    for change in changes:
        await driver.act(lambda session, one=change: session.exec(one))


async def found(driver: Driver, at: str = AT) -> list[str]:
    """What the reconciler says is wrong, with ids left out."""
    findings = (await driver.check(at)).findings
    return sorted(" ".join(word for word in one.what.split() if not _is_id(word)) for one in findings)


def _is_id(word: str) -> bool:
    return len(word) == 8 and set(word) <= set("0123456789abcdef")


async def settled(driver: Driver) -> str:
    """A concern that is watched, everything about it followed up and its letters sent."""
    reference = await journeys.monitoring(driver)
    await driver.follow(AT)
    await plant(driver, ARRIVED)
    return reference


@pytest.mark.parametrize(
    "journey", ["monitoring", "supporting", "worse", "persisting", "improved", "statutory", "disputed", "closed"]
)
async def test_nothing_is_missed_where_nothing_is_wrong(loaded: Driver, journey: str) -> None:
    """Wherever a concern has got to, by the rules and with everything followed up, there is no finding."""
    await getattr(journeys, journey)(loaded)
    last = (await loaded.rows(select(Event).order_by(col(Event.recorded_at).desc())))[0].recorded_at
    await loaded.follow(last)
    await loaded.sweep(last)
    statement = await loaded.check(last)
    assert statement.findings == []
    assert str(statement).startswith("nothing was missed: 1 concerns, ")


async def test_the_check_changes_nothing(loaded: Driver) -> None:
    """It only looks."""
    await settled(loaded)
    before = await loaded.dump()
    await loaded.check(AT)
    assert await loaded.dump() == before


OPEN = col(Task.closed_at).is_(None)
PLANTED: list[tuple[str, list[Change], list[str]]] = [
    (
        "a deleted task",
        [delete(Delivery).where(col(Delivery.task_id).in_(select(Task.id).where(OPEN))), delete(Task).where(OPEN)],
        [
            "MONITORING without an open task",
            "event 2 (monitored) opened no case_review",
            "its history leads to MONITORING and leaves no task for it",
            "task was opened and is gone",
        ],
    ),
    (
        "a task closed by hand",
        [update(Task).where(OPEN).values(closed_at=instant(AT))],
        ["MONITORING without an open task", "task was closed and no event says so"],
    ),
    (
        "an owner who has left",
        [update(Person).where(col(Person.email) == people.DSL).values(left_on=instant(AT).date())],
        [f"task (case_review) is owned by {people.DSL}, who has left"],
    ),
    (
        "a task that nobody looked at",
        [update(Task).where(OPEN).values(next_at=instant("2026-03-02T09:44"))],
        ["task (case_review) was due for a look and nobody looked"],
    ),
    (
        "a task of another area",
        [update(Task).where(OPEN).values(area=people.DERBYSHIRE)],
        ["task is not of its concern's area and setting"],
    ),
    (
        "another status",
        [update(Concern).values(status="SUPPORTING")],
        ["SUPPORTING without an open task", "its history leads to MONITORING, the record says SUPPORTING"],
    ),
    (
        "a concern half closed",
        [update(Concern).values(closed_at=instant(AT))],
        ["closed, but not wholly"],
    ),
    (
        "a closed concern that owes",
        [update(Concern).values(closed_at=instant(AT), status="CLOSED")],
        ["closed, but not wholly", "its history leads to MONITORING, the record says CLOSED"],
    ),
    (
        "an event whose reason was changed",
        [update(Event).where(col(Event.number) == 1).values(because="nothing much")],
        ["event 1 was changed after it was recorded"],
    ),
    (
        "an event that was moved to another person",
        [update(Event).where(col(Event.number) == 2).values(by_id=None)],
        ["event 2 was changed after it was recorded"],
    ),
    (
        "the first event deleted",
        [delete(Event).where(col(Event.number) == 1)],
        ["event 1 is missing", "task is in no history"],
    ),
    (
        "the last event deleted",
        [delete(Event).where(col(Event.number) == 2)],
        ["task is in no history", "task was closed and no event says so", "the last of its 2 events are missing"],
    ),
]


@pytest.mark.parametrize(("changes", "said"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
async def test_a_planted_fault_is_found(loaded: Driver, changes: list[Change], said: list[str]) -> None:
    """Each fault by its own sentence, and no other finding."""
    await settled(loaded)
    await plant(loaded, *changes)
    assert await found(loaded) == sorted(said)


async def test_two_events_that_were_swapped_are_found(loaded: Driver) -> None:
    """Numbers exchanged: both links are broken."""
    await settled(loaded)
    for before, after in ((1, 99), (2, 1), (99, 2)):
        await plant(loaded, update(Event).where(col(Event.number) == before).values(number=after))
    assert [line for line in await found(loaded) if "changed" in line] == [
        "event 1 was changed after it was recorded",
        "event 2 was changed after it was recorded",
    ]


async def test_an_event_that_is_not_followed_up_is_found_after_the_grace(loaded: Driver) -> None:
    """The pathway has fifteen minutes; then each event is named."""
    await journeys.monitoring(loaded)
    await loaded.follow(AT)
    await plant(loaded, update(Event).where(col(Event.kind) == "monitored").values(followed_up_at=None))
    await plant(loaded, ARRIVED)
    assert await found(loaded, SOON) == []
    assert await found(loaded, LATE) == ["event 2 (monitored) was never followed up"]


async def test_a_letter_that_is_stuck_is_found_after_the_grace(loaded: Driver) -> None:
    """A waiting letter may wait as long as it is to be tried again later."""
    await settled(loaded)
    letter = (await loaded.rows(select(Delivery)))[0]
    mine = update(Delivery).where(col(Delivery.id) == letter.id)
    await plant(loaded, mine.values(state=State.WAITING, try_after=instant(AT)))
    (who,) = await loaded.rows(select(Person.email).where(Person.id == letter.person_id))
    assert await found(loaded, SOON) == []
    assert await found(loaded, LATE) == [f"letter {letter.letter} to {who} is stuck"]


@pytest.mark.parametrize("state", [State.REFUSED, State.GIVEN_UP])
async def test_a_letter_that_failed_and_nobody_was_told_of_is_found(loaded: Driver, state: State) -> None:
    """Until somebody is told, a refusal is not an end."""
    await settled(loaded)
    letter = (await loaded.rows(select(Delivery)))[0]
    mine = update(Delivery).where(col(Delivery.id) == letter.id)
    await plant(loaded, mine.values(state=state))
    (line,) = await found(loaded, LATE)
    assert line.endswith("failed and nobody was told")
    await plant(loaded, mine.values(told_at=instant(LATE)))
    assert await found(loaded, LATE) == []


async def test_an_owner_whose_address_refuses_letters_is_found_after_the_grace(loaded: Driver) -> None:
    """The sweep has a quarter of an hour to hand the task over."""
    await settled(loaded)
    await plant(loaded, update(Person).where(col(Person.email) == people.DSL).values(refused_at=instant(AT)))
    assert await found(loaded, SOON) == []
    assert await found(loaded, LATE) == [f"task (case_review) is owned by {people.DSL}, whose address refuses letters"]


async def test_a_deleted_concern_is_found(loaded: Driver) -> None:
    """Its year's numbers have a gap, though every trace of it is gone."""
    await settled(loaded)
    await loaded.log(people.DANIEL, people.TEACHER, AT)
    gone = select(Concern.id).where(Concern.reference == "NC-2026-00001").scalar_subquery()
    for table in (Delivery, Task, Event, Observation):
        await plant(loaded, delete(table).where(col(table.concern_id) == gone))
    await plant(loaded, delete(Concern).where(col(Concern.reference) == "NC-2026-00001"))
    statement = await loaded.check(AT)
    assert [(one.reference, one.what) for one in statement.findings] == [
        ("NC-2026", "2 concerns were opened, 1 are there")
    ]
    assert str(statement).startswith("1 not covered, of 1 concerns")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"hold_until": instant("2026-05-21T10:00")}, "referral 1: its hold has ended and it was not sent"),
        ({"hold_until": None}, "referral 1 was raised and neither sent nor stopped"),
    ],
)
async def test_a_referral_that_neither_went_nor_was_stopped_is_found(
    loaded: Driver, values: dict[str, Any], said: str
) -> None:
    """Persist or worsen leads to a sent referral or a recorded stop, whatever else happens."""
    await journeys.persisting(loaded)
    await loaded.follow(journeys.SECOND_REVIEW_AT)
    await plant(loaded, update(Referral).values(**values))
    if not values["hold_until"]:
        await plant(loaded, update(Concern).values(status="REFERRED"))
    lines = await found(loaded, journeys.SECOND_REVIEW_AT)
    assert said in lines


async def test_a_question_left_behind_is_found(loaded: Driver) -> None:
    """Nothing is asked about a referral that the front door no longer has."""
    await journeys.referred(loaded)
    await loaded.do("ask", people.FRONT_DOOR, journeys.ANSWERED_AT, question="Who lives there?")
    await loaded.follow(journeys.ANSWERED_AT)
    assert await found(loaded, journeys.ANSWERED_AT) == []
    await plant(loaded, update(Concern).values(status="LOGGED"))
    assert await found(loaded, journeys.ANSWERED_AT) == [
        "LOGGED with a question of the front door's still open",
        "LOGGED without an open task",
        "its history leads to REFERRED, the record says LOGGED",
    ]


async def test_a_task_that_no_event_opened_is_found(loaded: Driver) -> None:
    """Nobody slips a task in beside the history."""
    await settled(loaded)
    (task,) = await loaded.rows(select(Task).where(OPEN))
    copy = task.model_dump() | {"id": uuid4(), "kind": "action"}
    await loaded.act(lambda session: session.exec(Task.__table__.insert().values(**copy)))  # type: ignore[attr-defined]  # SQLModel's
    assert await found(loaded) == ["task is in no history"]
