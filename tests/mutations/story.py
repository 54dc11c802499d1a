"""What people do in the journey: nine children, four settings, eight weeks with leave, a leaver and a refused address.

Instants are London's of 2026. What nobody does is as much part of it: a head start for the ladder, holds that end,
a front door that is silent. The clocks go forward on 29 March; Good Friday is 3 April, Easter Monday 6 April.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from models import staffing
from models.people import Person
from tests import people
from tests.driver import Driver, instant

Act = Callable[[Driver, dict[str, str], str], Awaitable[Any]]
ASSESSMENT: dict[str, Any] = {"level": 2, "needs": "Food and sleep.", "plan": "Breakfast club.", "child_words": "Loud."}
HELD: dict[str, Any] = {"evidence": "As before.", "engagement": "They came.", "child_words": "Still loud."}
CLOSING: dict[str, Any] = {"summary": "Settled.", "actions": "All done.", "outcome": "Needs met."}
ACTION = {"what": "A bed from the household fund.", "owner": people.ASSISTANT, "due": date(2026, 3, 20)}


@dataclass(frozen=True)
class Step:
    """Something that somebody does at an instant; `act` gets the driver, the references by child, and the instant."""

    at: str
    act: Act
    said: str = field(default="", compare=False)


def log(at: str, child: str, who: str, **fields: Any) -> Step:
    """Somebody writes down what they saw."""

    async def act(driver: Driver, known: dict[str, str], now: str) -> None:
        known[child] = (await driver.log(child, who, now, what=f"Seen at {now}.", **fields)).reference

    return Step(at, act, f"log {child}")


def do(at: str, child: str, move: str, who: str, kind: str | None = None, **fields: Any) -> Step:
    """Somebody makes a move on a task of this child's concern."""

    async def act(driver: Driver, known: dict[str, str], now: str) -> None:
        await driver.do(move, who, now, kind=kind, concern=known[child], **fields)

    return Step(at, act, f"{move} for {child}")


def helped(child: str, dsl: str, lead: str, decided: str, consented: str, assessed: str, **more: Any) -> list[Step]:
    """Early help: decided, consented to, assessed."""
    return [
        do(decided, child, "early_help", dsl, "dsl_review", reason="The family asks for help.", lead=lead),
        do(consented, child, "consent", lead, given_by="mother", covers="all of it"),
        do(assessed, child, "complete", lead, **(ASSESSMENT | more)),
    ]


def review(at: str, child: str, who: str, outcome: str) -> Step:
    """A review is held."""
    return do(at, child, "review", who, outcome=outcome, **HELD)


def leave(at: str, who: str, first: date, last: date, cover: str) -> Step:
    """Somebody is on leave, covered by a colleague."""

    async def act(driver: Driver, known: dict[str, str], now: str) -> None:
        await driver.act(lambda session: staffing.leave(session, who, first, last, cover, instant(now)))

    return Step(at, act, f"leave of {who}")


def gone(at: str, who: str, on: date) -> Step:
    """The next roster says that somebody left, whatever they still owe."""

    async def act(driver: Driver, known: dict[str, str], now: str) -> None:
        await driver.act(lambda s: s.exec(update(Person).where(col(Person.email) == who).values(left_on=on)))

    return Step(at, act, f"{who} leaves")


P = people
STORY: list[Step] = [
    # Amira: help, a leaver as lead, things get worse in the holidays; a stop that nobody countersigns.
    log("2026-03-02T09:00", P.AMIRA, P.TEACHER),
    *helped(P.AMIRA, P.DSL, P.LEAD, "2026-03-02T10:00", "2026-03-03T10:00", "2026-03-16T10:00", actions=[ACTION]),
    gone("2026-04-01T08:30", P.LEAD, date(2026, 4, 1)),
    review("2026-04-13T10:00", P.AMIRA, P.DSL, "worse"),
    do("2026-04-13T11:00", P.AMIRA, "stop", P.DSL, reason="A slip.", second=P.DEPUTY),
    do("2026-04-15T10:00", P.AMIRA, "acknowledge", P.FRONT_DOOR, "await_acknowledgement", by="Ann", number="R1"),
    do("2026-04-15T12:00", P.AMIRA, "decide", P.FRONT_DOOR, "await_decision", decision="early_help", reason="Help."),
    # Her brother and the unborn baby: a pattern across three settings; nobody acts for a week.
    log("2026-03-02T09:05", P.YUSUF, P.ASHDOWN_TUTOR),
    log("2026-03-04T11:00", P.UNBORN, P.HEALTH_VISITOR),
    do("2026-03-04T12:00", P.UNBORN, "monitor", P.HV_DSL, "dsl_review", reason="Watch."),
    do("2026-03-05T12:00", P.UNBORN, "noted", P.HV_DSL, "dsl_decision", reason="All three schools talk."),
    do("2026-03-10T11:00", P.YUSUF, "monitor", P.ASHDOWN_DSL, "dsl_review", reason="Watch."),
    # Ruthie: worse, nobody stops it, the front door is silent, and the disagreement climbs to its last stage.
    log("2026-03-03T09:00", P.RUTHIE, P.KEY_PERSON),
    *helped(P.RUTHIE, P.SUNBEAMS_DSL, P.KEY_PERSON, "2026-03-03T10:00", "2026-03-04T10:00", "2026-03-17T10:00"),
    review("2026-03-20T10:00", P.RUTHIE, P.KEY_PERSON, "worse"),
    do(
        "2026-04-08T10:00",
        P.RUTHIE,
        "resolve",
        P.DERBYSHIRE_PARTNERSHIP,
        "resolve_disagreement",
        decision="s47",
        reason="Agreed.",
    ),
    # Daniel: no change, better, then two reviews without change; the first referral is stopped, the second goes.
    log("2026-03-04T09:00", P.DANIEL, P.TEACHER),
    *helped(P.DANIEL, P.DSL, P.ASSISTANT, "2026-03-04T10:00", "2026-03-05T10:00", "2026-03-18T10:00"),
    review("2026-03-19T10:00", P.DANIEL, P.ASSISTANT, "unchanged"),
    review("2026-03-20T10:00", P.DANIEL, P.ASSISTANT, "improved"),
    review("2026-03-24T10:00", P.DANIEL, P.ASSISTANT, "unchanged"),
    review("2026-03-25T10:00", P.DANIEL, P.ASSISTANT, "unchanged"),
    do("2026-03-25T14:00", P.DANIEL, "stop", P.DSL, reason="The health visitor saw progress."),
    review("2026-04-01T10:00", P.DANIEL, P.ASSISTANT, "unchanged"),
    # Jerome: immediate danger; the front door asks back before it decides.
    log("2026-03-05T09:00", P.JEROME, P.ASHDOWN_TUTOR, immediate_danger=True),
    do("2026-03-05T11:00", P.JEROME, "ask", P.FRONT_DOOR, "await_decision", question="Which estate?"),
    do("2026-03-05T13:00", P.JEROME, "answer", P.ASHDOWN_DSL, text="The northern one."),
    do("2026-03-06T15:00", P.JEROME, "decide", P.FRONT_DOOR, "await_decision", decision="s17", reason="Assess."),
    # Elsie: her DSL's address refuses letters. Ifeoma: closed by two. Nooriyah: her DSL is on leave.
    log("2026-03-06T09:00", P.ELSIE, P.KEY_PERSON),
    log("2026-03-09T09:00", P.IFEOMA, P.TEACHER),
    do("2026-03-09T10:00", P.IFEOMA, "monitor", P.DSL, "dsl_review", reason="Watch."),
    do("2026-03-16T11:00", P.IFEOMA, "close", P.DSL, "case_review", second=P.DEPUTY, **CLOSING),
    do("2026-03-17T11:00", P.IFEOMA, "agree", P.DEPUTY, "countersign"),
    log("2026-03-10T09:00", P.NOORIYAH, P.HEALTH_VISITOR),
    do("2026-03-10T10:00", P.NOORIYAH, "monitor", P.HV_DSL, "dsl_review", reason="Watch."),
    leave("2026-03-13T12:00", P.HV_DSL, date(2026, 3, 16), date(2026, 3, 27), P.HV_HEAD),
    log("2026-03-18T09:00", P.NOORIYAH, P.HEALTH_VISITOR),
]
REFUSED = P.SUNBEAMS_DSL
REFUSED_FROM = "2026-03-06T00:00"
# Nothing runs in between: no clock, no runner, no mail.
OUTAGE = ("2026-04-20T00:00", "2026-04-22T11:00")
BEGINS, ENDS = "2026-03-02T08:00", "2026-04-24T18:00"
