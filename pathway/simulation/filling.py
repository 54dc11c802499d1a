"""Filling in the forms of moves: with words that say nothing, and with people, days and grades that fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from config.time import to_london
from models.lifecycle import Move
from pathway.simulation.minds import Mind

WORDS = "As it stood, and what was agreed about it."
LEVELS = MappingProxyType({"mild": 2, "moderate": 3, "serious": 4})
GRADES = MappingProxyType({"mild": 2, "moderate": 3, "serious": 5})


@dataclass(frozen=True)
class Step:
    """A move with its fields."""

    move: Move
    fields: Mapping[str, Any] = field(default_factory=dict)


def step(mind: Mind, move: str) -> Step | None:
    """The move with its fields; None for waiting, or where a second person or a cover is nowhere to be found."""
    if move == "wait" or (mind.seen.task.id, move) in mind.life.balked:
        return None
    fields = FIELDS.get(move, _reason)(mind)
    return None if fields is None else Step(Move(move), fields)


def _cover(mind: Mind) -> dict[str, Any] | None:
    place = mind.life.partnership.setting_of(mind.seen.child)
    about = mind.seen.task.about
    who = mind.life.diary.on_call(place, date.fromisoformat(about["first"]), date.fromisoformat(about["last"]))
    return {"cover": who.email, "last_seen": WORDS, "everywhere": True} if who else None


def _reason(_mind: Mind) -> dict[str, Any]:
    return {"reason": WORDS}


def _close(mind: Mind) -> dict[str, Any] | None:
    second = mind.second()
    return {"summary": WORDS, "actions": WORDS, "outcome": WORDS, "second": second} if second else None


def _complete(mind: Mind) -> dict[str, Any]:
    plan = {"level": LEVELS[mind.severity], "needs": WORDS, "plan": WORDS, "child_words": WORDS}
    return plan | _graded(mind) | _planned(mind)


def _review(mind: Mind) -> dict[str, Any]:
    child = mind.life.child(mind.seen.child)
    if child.course != "improves" and mind.happens(mind.life.assumed.help_turns, "turns"):
        child.course = "improves"
    outcome = mind.life.chance.pick(mind.life.assumed.reviews[child.course], *mind.key, "outcome")
    held = {"outcome": outcome, "evidence": WORDS, "engagement": WORDS, "child_words": WORDS}
    return held | _graded(mind) | _planned(mind)


def _graded(mind: Mind) -> dict[str, Any]:
    grade = GRADES[mind.severity] if mind.course != "improves" else 2
    return {"scores": {"hygiene": grade}} if mind.happens(mind.life.assumed.graded, "graded") else {}


def _planned(mind: Mind) -> dict[str, Any]:
    count = int(mind.life.chance.pick(mind.life.assumed.actions, *mind.key, "actions"))
    day = to_london(mind.at).date() + timedelta(days=7 + mind.life.chance.draw(*mind.key, "days").randrange(28))
    owner = mind.lead()
    return {"actions": [{"what": f"{WORDS} ({number})", "owner": owner, "due": day} for number in range(count)]}


def _postpone(mind: Mind) -> dict[str, Any] | None:
    to = to_london(max(mind.seen.task.due_at, mind.at)).date() + timedelta(days=10)
    return {"to": to, "reason": WORDS, "second": mind.second()}


def _stop(mind: Mind) -> dict[str, Any] | None:
    second = mind.second()
    return {"reason": WORDS, "second": second} if second else None


def _decision(mind: Mind) -> dict[str, Any]:
    answer = mind.life.chance.pick(mind.life.assumed.answers[mind.severity], *mind.key, "answer")
    return {"reason": WORDS, "decision": answer}


FIELDS: MappingProxyType[str, Callable[[Mind], dict[str, Any] | None]] = MappingProxyType(
    {
        "early_help": lambda mind: {"reason": WORDS, "lead": mind.lead()},
        "refer": lambda mind: {"reason": WORDS, "parents_informed": "yes"},
        "close": _close,
        "consent": lambda mind: {"given_by": WORDS, "covers": WORDS},
        "complete": _complete,
        "review": _review,
        "postpone": _postpone,
        "add": lambda mind: {"text": WORDS},
        "send": lambda mind: {},
        "stop": _stop,
        "acknowledge": lambda mind: {"by": "The front door", "number": f"FD-{mind.seen.concern.reference}"},
        "decide": _decision,
        "resolve": _decision,
        "ask": lambda mind: {"question": WORDS},
        "answer": lambda mind: {"text": WORDS},
        "record": lambda mind: {"what": "assessment", "on": to_london(mind.at).date(), "note": WORDS},
        "step_down": lambda mind: {"reason": WORDS, "lead": mind.lead()},
        "done": lambda mind: {"note": WORDS},
        "agree": lambda mind: {},
        "name": _cover,
        "seen": lambda mind: {"note": WORDS},
        "filed": lambda mind: {"number": f"P-{mind.seen.concern.reference}", "by": "the office"},
    }
)
