"""The front door asks back about a referral: who is told, who answers, what runs on, and what overtakes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from config.errors import BadInput
from config.settings import settings
from models.errors import AlreadyDone, NotOffered, NotPermitted
from models.policies import choose_default
from models.record import Referral, Task
from models.telling import Delivery
from notifications.composing import compose
from notifications.facts import gather
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys, stories
from tests.integration.policies import with_channel
from tests.integration.refusals import refused
from tests.integration.timeline import heard, settle, told
from tests.letters import read

ASKED_AT, ANSWERED_AT, DECIDED_AT = "2026-03-02T14:00", "2026-03-02T16:00", "2026-03-03T12:00"
QUESTION = f"Amira Quillonby said: {people.CHILD_WORDS} To whom?"
ANSWER = "To Tessa Brook, of Amira Quillonby's class at Oakfield Primary School."
WHY = "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar"
WAITS = {"await_acknowledgement": (people.DSL, WHY), "await_decision": (people.DSL, WHY)}


async def ask(driver: Driver, at: str = ASKED_AT, question: str = QUESTION, who: str = people.FRONT_DOOR) -> str:
    """The front door asks; the id of the task that it opens."""
    moved = await driver.do("ask", who, at, question=question)
    (task,) = moved.opened
    return str(task.id)


async def additions(driver: Driver) -> list[dict[str, str]]:
    """What stands with the newest referral, without when it was added."""
    (*_, referral) = await driver.rows(select(Referral).order_by(col(Referral.number)))
    return [{name: said for name, said in one.items() if name != "at"} for one in referral.additions]


async def test_a_question_is_owed_by_the_dsl_within_a_working_day(loaded: Driver) -> None:
    """It stands beside the front door's clocks, which are as they were; the status stays, and the history has it."""
    reference = await journeys.referred(loaded)
    await ask(loaded)
    assert await loaded.owed(ASKED_AT) == WAITS | {"answer_question": (people.DSL, WHY)}
    task = await loaded.task(ASKED_AT, kind="answer_question")
    assert (task["about"], task["moves"]) == (QUESTION, ["answer"])
    assert task["due_because"].endswith("policy derby-and-derbyshire, front_door_question_due")
    seen = await loaded.show(reference, ASKED_AT)
    assert (seen["status"], seen["events"][-1]["fields"]) == ("REFERRED", {"question": QUESTION, "referral": 1})
    assert (await loaded.history(reference))[-1] == ("asked", people.FRONT_DOOR, "asked back")


async def test_the_answer_stands_with_the_referral_beside_its_question(loaded: Driver) -> None:
    """The task is done, the event says both, and the referral's additions and document hold them."""
    reference = await journeys.referred(loaded)
    await ask(loaded)
    await settle(loaded, ASKED_AT)
    await loaded.do("answer", people.DSL, ANSWERED_AT, text=ANSWER)
    assert await loaded.owed(ANSWERED_AT) == WAITS
    assert await additions(loaded) == [{"by": "Dana Okoro", "text": ANSWER, "question": QUESTION}]
    seen = await loaded.show(reference, ANSWERED_AT)
    assert seen["events"][-1]["fields"] == {"question": QUESTION, "text": ANSWER, "referral": 1}
    assert (await loaded.history(reference))[-1] == ("answered", people.DSL, "answered the front door's question")
    await settle(loaded, ANSWERED_AT)
    document = (settings().home / "referrals" / f"{reference}.md").read_text("utf-8")
    assert f"- Asked: {QUESTION} Answered by Dana Okoro: {ANSWER}\n" in document


async def test_several_questions_may_be_open_and_each_has_its_own_answer(loaded: Driver) -> None:
    """A second one is asked before the first is answered; they are answered the other way round."""
    await journeys.referred(loaded)
    first = await ask(loaded, question="Who lives there?")
    second = await ask(loaded, "2026-03-02T14:10", "Is there a dog?")
    await loaded.do_task(second, "answer", people.DEPUTY, "2026-03-02T15:00", text="Two.")
    await loaded.do_task(first, "answer", people.HEAD, "2026-03-02T15:10", text="Her aunt too.", reason="I asked her.")
    assert await additions(loaded) == [
        {"by": "Devan Pillai", "text": "Two.", "question": "Is there a dog?"},
        {"by": "Harriet Lowe", "text": "Her aunt too.", "question": "Who lives there?"},
    ]
    assert await loaded.owed("2026-03-02T15:10") == WAITS


async def test_asking_stops_no_clock_and_silence_still_becomes_a_disagreement(loaded: Driver) -> None:
    """Chases go as ever; on the third working day it is DISPUTED, and the question is still owed."""
    reference = await journeys.referred(loaded)
    await ask(loaded, "2026-03-05T10:00")
    await loaded.sweep("2026-03-05T16:59")
    assert (await loaded.show(reference, ASKED_AT))["status"] == "REFERRED"
    await loaded.sweep(journeys.SILENT_UNTIL)
    assert (await loaded.show(reference, ASKED_AT))["status"] == "DISPUTED"
    assert set(await loaded.owed(journeys.SILENT_UNTIL)) == {"resolve_disagreement", "answer_question"}
    await loaded.do("answer", people.DSL, "2026-03-06T09:00", text=ANSWER)
    assert set(await loaded.owed("2026-03-06T09:00")) == {"resolve_disagreement"}


async def test_an_acknowledgement_leaves_the_question_open(loaded: Driver) -> None:
    """Having it and having asked about it are two things; the front door may ask while a disagreement is open, too."""
    await journeys.referred(loaded)
    await ask(loaded)
    await loaded.do("acknowledge", people.FRONT_DOOR, ANSWERED_AT, by="M. Ferris", number="CS-118")
    assert set(await loaded.owed(ANSWERED_AT)) == {"await_decision", "answer_question"}
    await loaded.sweep(journeys.SILENT_UNTIL)
    await ask(loaded, "2026-03-06T10:00", "And who else?")
    assert len(await loaded.tasks("2026-03-06T10:00")) == 3


@pytest.mark.parametrize(
    ("journey", "move", "who"),
    [
        (journeys.referred, "decide", people.FRONT_DOOR),
        (journeys.disputed, "decide", people.FRONT_DOOR),
        (journeys.disputed, "resolve", people.DSL),
    ],
)
@pytest.mark.parametrize("decision", ["s17", "early_help", "nfa"])
async def test_a_decision_overtakes_what_was_asked(
    loaded: Driver, journey: Any, move: str, who: str, decision: str
) -> None:
    """Both questions are closed with it; whoever answers late is told who was first, and nothing hangs."""
    reference, at = await journey(loaded), "2026-03-06T10:00"
    asked = [await ask(loaded, "2026-03-06T09:00"), await ask(loaded, "2026-03-06T09:10")]
    await loaded.do(move, who, at, decision=decision, reason="After a meeting.")
    assert "answer_question" not in await loaded.owed(at)
    closed = {str(one.id): one.outcome for one in await loaded.rows(select(Task)) if str(one.id) in asked}
    assert closed == dict.fromkeys(asked, "overtaken")
    name = f"task {asked[0][:8]} (answer_question)"
    async with refused(loaded, AlreadyDone, f"{name}: …"):
        await loaded.do_task(asked[0], "answer", people.DSL, at, text=ANSWER)
    await settle(loaded, at)
    await loaded.sweep(at)
    assert [str(one) for one in (await loaded.check(at)).findings] == []
    assert (await loaded.history(reference))[-1][0] == f"{move}d"


async def test_danger_refers_again_and_the_answer_goes_with_the_newer_referral(loaded: Driver) -> None:
    """The question is still open, and its answer is added to what the front door now reads."""
    await journeys.referred(loaded)
    await ask(loaded)
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T15:00", immediate_danger=True)
    assert await additions(loaded) == []
    await loaded.do("answer", people.DSL, ANSWERED_AT, text=ANSWER)
    assert await additions(loaded) == [{"by": "Dana Okoro", "text": ANSWER, "question": QUESTION}]


# Who may


@pytest.mark.parametrize("who", [people.DSL, people.HEAD, people.TEACHER, people.DERBYSHIRE_FRONT_DOOR])
async def test_only_the_areas_front_door_asks(loaded: Driver, who: str) -> None:
    """Over a secure link nobody asks in its name, and another area's front door does not either."""
    await journeys.referred(loaded)
    said = f"as: {who} may not ask on await_acknowledgement; who may: {people.FRONT_DOOR}"
    async with refused(loaded, NotPermitted, said):
        await loaded.do("ask", who, ASKED_AT, kind="await_acknowledgement", question=QUESTION)


async def test_where_the_front_door_does_not_sign_in_the_dsl_records_its_question(loaded: Driver) -> None:
    """By portal or telephone, the question is written down by who was asked."""
    await loaded.act(choose_default, *with_channel("telephone_then_write"))
    await journeys.referred(loaded)
    await ask(loaded, who=people.DEPUTY)
    assert (await loaded.owed(ASKED_AT))["answer_question"] == (people.DSL, WHY)


@pytest.mark.parametrize("who", [people.FRONT_DOOR, people.TEACHER, people.COORDINATOR, people.ASHDOWN_DSL])
async def test_only_who_safeguards_in_the_setting_answers(loaded: Driver, who: str) -> None:
    """The front door does not answer itself, and nobody of another setting does."""
    await journeys.referred(loaded)
    task = await ask(loaded)
    may = ", ".join(sorted([people.DSL, people.DEPUTY, people.HEAD]))
    async with refused(loaded, NotPermitted, f"as: {who} may not answer on answer_question; who may: {may}"):
        await loaded.do_task(task, "answer", who, ANSWERED_AT, text=ANSWER)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "question: is missing"),
        ({"question": "  "}, "question: string should have at least 1 character"),
        ({"question": "Who?", "text": "x"}, "text: is not a field here; the fields are done_at, reason, question"),
    ],
)
async def test_a_question_that_lacks_something_is_refused(loaded: Driver, fields: dict[str, str], said: str) -> None:
    """One sentence, and nothing is changed."""
    await journeys.referred(loaded)
    async with refused(loaded, BadInput, said):
        await loaded.do("ask", people.FRONT_DOOR, ASKED_AT, **fields)


async def test_nobody_asks_about_what_is_not_with_the_front_door(loaded: Driver) -> None:
    """After the decision there is nothing left to ask."""
    await journeys.statutory(loaded)
    task = await loaded.task(journeys.ANSWERED_AT)
    said = "move: 'ask' is not offered on statutory_review of a concern that is STATUTORY; it offers: …"
    async with refused(loaded, NotOffered, said):
        await loaded.do_task(task["id"], "ask", people.FRONT_DOOR, journeys.ANSWERED_AT, question="Who?")


# Who hears


async def test_the_dsl_hears_of_the_question_and_the_front_door_of_the_answer(loaded: Driver) -> None:
    """Each urgently, each once; who asked or answered hears nothing of their own."""
    await stories.referred(loaded)
    await ask(loaded)
    assert await heard(loaded, ASKED_AT) == {"task-opened": [people.DSL]}
    await loaded.do("answer", people.DSL, ANSWERED_AT, text=ANSWER)
    assert await heard(loaded, ANSWERED_AT) == {"question-answered": [people.FRONT_DOOR]}
    letters = [one for one in await told(loaded) if one.at in (instant(ASKED_AT), instant(ANSWERED_AT))]
    assert [(one.letter, one.urgent, one.why) for one in letters] == [
        ("task-opened", True, "you owe this task"),
        ("question-answered", True, "you receive referrals for this area"),
    ]


async def test_a_question_that_was_overtaken_is_told_to_nobody(loaded: Driver) -> None:
    """Nobody is asked for an answer that nobody waits for."""
    await stories.referred(loaded)
    await ask(loaded, DECIDED_AT)
    await loaded.do("decide", people.FRONT_DOOR, DECIDED_AT, decision="nfa", **stories.ANSWER)
    assert await heard(loaded, DECIDED_AT) == {"front-door-answered": [people.DSL], "task-opened": [people.DSL]}
    about = [one.about for one in await told(loaded, "task-opened") if one.at == instant(DECIDED_AT)]
    assert about == ["dsl_review"]


async def test_nothing_of_a_question_or_its_answer_is_in_any_letter(loaded: Driver, tmp_path: Path) -> None:
    """Every letter of the round trip, overdue ones included, is composed and read: no planted name or word is in it."""
    await stories.referred(loaded)
    await ask(loaded)
    for at in (ASKED_AT, "2026-03-03T17:00", "2026-03-04T17:00", "2026-03-05T17:00"):
        await settle(loaded, at)
        await loaded.sweep(at)
    await settle(loaded, "2026-03-05T17:00")
    await ask(loaded, "2026-03-06T09:00")
    letters = await _composed(loaded, "2026-03-06T09:00")
    await loaded.do("answer", people.DSL, "2026-03-06T10:00", text=ANSWER)
    letters |= await _composed(loaded, "2026-03-06T10:00")
    assert {"task-opened", "overdue", "disagreement", "question-answered"} <= set(letters)
    for name, text in letters.items():
        assert people.planted_in(text) == [], name
        assert "To whom" not in text, name
        assert "class at" not in text, name


async def _composed(driver: Driver, at: str) -> dict[str, str]:
    """All that is written of each letter that could go now: addressing, headers and both bodies."""
    await settle(driver, at)
    texts: dict[str, str] = {}
    deliveries = await driver.rows(select(Delivery))
    async with driver.writing() as session:
        facts = await gather(session, deliveries, instant(at))
    for one in deliveries:
        if one.task_id is None or facts.tasks[one.task_id].closed_at is None:
            message = read(compose(one, facts).content)
            parts = [str(part.get_content()) for part in message.walk() if not part.is_multipart()]
            said = [one.subject, one.slot, one.why_you, str(one.fields), *map(str, message.values()), *parts]
            texts[one.letter] = texts.get(one.letter, "") + "\n".join(said)
    return texts
