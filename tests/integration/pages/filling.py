"""Filling in the form of a move as a browser does: open it, keep its hidden fields, type, hand it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from models.lifecycle import Kind, Move
from models.policies import choose_default
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.policies import with_channel
from tests.site import Answer, Browser

Typed = Mapping[str, Any]
WORDS = "Because of what was seen on Monday, and on the Thursday before."
# What a browser sends for each move; WORDS, or what is beside it, is looked for in the history afterwards.
TYPED: dict[Move, dict[str, Any]] = {
    Move.ACKNOWLEDGE: {"reason": WORDS, "by": "Ann at the desk", "number": "FD-77"},
    Move.EARLY_HELP: {"reason": WORDS, "lead": people.LEAD},
    Move.REFER: {"reason": WORDS, "parents_informed": "no", "parents_informed-why": "It would put her at risk."},
    Move.CLOSE: {"summary": WORDS, "actions": "Breakfast club.", "outcome": "She eats.", "second": people.DEPUTY},
    Move.CONSENT: {"given_by": "her mother", "covers": WORDS},
    Move.COMPLETE: {
        "needs": WORDS,
        "child_words": "I would like a pillow.",
        "plan": "Beds.",
        "level": "3",
        "scores-clothing": "4",
        "actions-0-what": "Order beds",
        "actions-0-owner": people.TEACHER,
        "actions-0-due-day": "1",
        "actions-0-due-month": "6",
        "actions-0-due-year": "2026",
        "actions-1-what": "Look in",
        "actions-1-owner": people.LEAD,
        "actions-1-owner-other": people.HEALTH_VISITOR,
        "actions-1-due-day": "2",
        "actions-1-due-month": "6",
        "actions-1-due-year": "2026",
    },
    Move.REVIEW: {
        "outcome": "unchanged",
        "evidence": WORDS,
        "child_words": "It is cold.",
        "engagement": "Both came.",
        "parents_informed": "yes",
        "scores-hygiene": "5",
    },
    Move.POSTPONE: {"to-day": "20", "to-month": "4", "to-year": "2026", "reason": WORDS},
    Move.ADD: {"text": WORDS},
    Move.STOP: {"reason": WORDS, "second": people.DEPUTY},
    Move.DECIDE: {"decision": "s17", "reason": WORDS},
    Move.ASK: {"question": WORDS},
    Move.ANSWER: {"text": WORDS},
    Move.CHASE: {"note": WORDS},
    Move.RESOLVE: {"decision": "early_help", "reason": WORDS},
    Move.RECORD: {"what": "conference", "on-day": "9", "on-month": "3", "on-year": "2026", "note": WORDS},
    Move.STEP_DOWN: {"reason": WORDS, "lead": "", "lead-other": people.HEALTH_VISITOR},
    Move.DONE: {"note": WORDS},
    Move.FILED: {"number": WORDS, "by": "Dana"},
    Move.NAME: {"cover": people.COORDINATOR, "last_seen": WORDS},
    Move.SEEN: {"note": WORDS},
}


def typed_for(move: Move) -> dict[str, Any]:
    """What to type into the form of a move; a reason, where nothing else is asked."""
    return dict(TYPED.get(move, {"reason": WORDS}))


async def hand_in(browser: Browser, path: str, typed: Typed) -> Answer:
    """Open a form, type, and hand it in with its hidden fields."""
    opened = await browser.get(path)
    assert opened.status == 200, (path, opened.status, opened.text[:300])
    hidden = {name: opened.page.fields[name][0] for name in ("version", "seen") if name in opened.page.fields}
    return await browser.post(path, hidden | dict(typed))


async def task_id(driver: Driver, at: str, kind: str, move: str | None = None) -> str:
    """The open task of a kind."""
    return str((await driver.task(at, kind=kind, move=move))["id"])


async def watched_and_more(driver: Driver) -> str:
    """MONITORING, with a decision owed because something new joined."""
    reference = await journeys.monitoring(driver)
    await driver.log(people.AMIRA, people.ASSISTANT, "2026-03-04T09:00", what="No lunch again.")
    return reference


async def with_an_action(driver: Driver) -> str:
    """SUPPORTING, where the teacher said they would do something."""
    planned = [{"what": "Order two beds", "owner": people.TEACHER, "due": "2026-04-20"}]
    return await journeys.supporting(driver, actions=planned)


async def proposed(driver: Driver) -> str:
    """LOGGED, where the deputy is asked to agree to closing."""
    reference = await journeys.logged(driver)
    await driver.do("close", people.DSL, "2026-03-02T10:00", **journeys.CLOSING)
    return reference


async def after_no_action(driver: Driver) -> str:
    """LOGGED after the front door's no further action."""
    return await journeys.answered(driver, "nfa")


async def by_portal(driver: Driver) -> str:
    """REFERRED where the front door takes referrals by portal."""
    await driver.act(choose_default, *with_channel("portal"))
    return await journeys.referred(driver)


async def asked_back(driver: Driver) -> str:
    """REFERRED, and the front door has asked something."""
    reference = await journeys.referred(driver)
    await driver.do("ask", people.FRONT_DOOR, "2026-03-02T11:00", question="Who picks her up?")
    return reference


async def before_easter(driver: Driver) -> str:
    """MONITORING, ten working days before the school closes."""
    reference = await journeys.monitoring(driver)
    await driver.bridge("2026-03-20T09:00")
    return reference


async def after_easter(driver: Driver) -> str:
    """MONITORING, on the first day after the holidays."""
    reference = await before_easter(driver)
    await driver.bridge("2026-04-03T00:00")
    await driver.bridge("2026-04-20T08:00")
    return reference


Journey = Callable[[Driver], Awaitable[str]]
# For each kind of task: how it comes to be owed, who makes its moves, and when.
STATES: dict[Kind, tuple[Journey, str, str]] = {
    Kind.DSL_REVIEW: (journeys.logged, people.DSL, "2026-03-02T10:00"),
    Kind.CASE_REVIEW: (journeys.monitoring, people.DSL, "2026-04-20T10:00"),
    Kind.GAIN_CONSENT: (journeys.assessing, people.LEAD, "2026-03-04T11:00"),
    Kind.ASSESS: (journeys.consented, people.LEAD, "2026-03-20T11:00"),
    Kind.HOLD_REVIEW: (journeys.supporting, people.LEAD, "2026-04-13T11:00"),
    Kind.CONFIRM_REFERRAL: (journeys.persisting, people.DSL, "2026-05-21T12:00"),
    Kind.AWAIT_ACKNOWLEDGEMENT: (journeys.referred, people.DSL, "2026-03-02T11:00"),
    Kind.AWAIT_DECISION: (journeys.referred, people.DSL, "2026-03-02T11:00"),
    Kind.RESOLVE_DISAGREEMENT: (journeys.disputed, people.DSL, "2026-03-06T10:00"),
    Kind.STATUTORY_REVIEW: (journeys.statutory, people.DSL, "2026-03-10T10:00"),
    Kind.DSL_DECISION: (watched_and_more, people.DSL, "2026-03-04T10:00"),
    Kind.ACTION: (with_an_action, people.TEACHER, "2026-03-23T10:00"),
    Kind.COUNTERSIGN: (proposed, people.DEPUTY, "2026-03-02T11:00"),
    Kind.FILE_REFERRAL: (by_portal, people.DSL, "2026-03-02T11:00"),
    Kind.ANSWER_QUESTION: (asked_back, people.DSL, "2026-03-02T12:00"),
    Kind.NAME_COVER: (before_easter, people.DSL, "2026-03-20T10:00"),
    Kind.FIRST_DAY: (after_easter, people.DSL, "2026-04-20T09:00"),
}
FRONT_DOORS = (Move.ACKNOWLEDGE, Move.DECIDE, Move.ASK)


def state_of(kind: Kind, move: Move) -> tuple[Journey, str, str]:
    """How a task that offers the move comes to be owed, who makes it, and when."""
    if (kind, move) == (Kind.DSL_REVIEW, Move.DISSENT):
        return after_no_action, people.DSL, "2026-03-03T14:00"
    if (kind, move) == (Kind.HOLD_REVIEW, Move.CLOSE):
        return journeys.improved, people.COORDINATOR, "2026-05-22T10:00"
    journey, who, at = STATES[kind]
    if move in FRONT_DOORS and kind != Kind.DSL_REVIEW:
        return journey, people.FRONT_DOOR, at
    return journey, who, at
