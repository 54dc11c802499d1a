"""What people do with the tasks they owe: some at once, some late, some never; by chance, from the soak's seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.faults import people

REASON = "Discussed with the family and with colleagues; this is what we decided."
LIKELY = {
    "acknowledge": 3.0,
    "monitor": 3.0,
    "early_help": 4.0,
    "refer": 1.5,
    "close": 0.6,
    "continue": 4.0,
    "consent": 5.0,
    "decline": 1.5,
    "complete": 5.0,
    "review": 6.0,
    "postpone": 0.7,
    "send": 1.0,
    "add": 1.0,
    "stop": 1.0,
    "decide": 3.0,
    "ask": 0.7,
    "answer": 3.0,
    "chase": 0.7,
    "resolve": 2.0,
    "step_up": 1.0,
    "record": 2.0,
    "step_down": 1.5,
    "noted": 3.0,
    "bring_forward": 2.0,
    "done": 3.0,
    "not_done": 1.0,
    "agree": 3.0,
    "refuse": 1.0,
    "filed": 2.0,
    "dissent": 1.0,
}
# How likely it is that anybody acts on a task of this kind when it is looked at.
ACTED_ON = {"confirm_referral": 0.25, "await_acknowledgement": 0.3, "await_decision": 0.35, "resolve_disagreement": 0.4}
USUALLY = 0.6
NEVER_ONE_IN = 7
FRONT_DOORS = ("acknowledge", "decide", "ask")
AT_THE_FRONT_DOOR = ("await_acknowledgement", "await_decision", "resolve_disagreement")

Fields = dict[str, Any]


def chosen(task: dict[str, Any], chance: random.Random) -> str | None:
    """The move somebody makes on a task now, or None."""
    slow = int(task["id"][:4], 16) % NEVER_ONE_IN == 0
    if slow or chance.random() > ACTED_ON.get(task["kind"], USUALLY):
        return None
    moves = [move for move in task["moves"] if move in LIKELY]
    return chance.choices(moves, [LIKELY[move] for move in moves])[0] if moves else None


def who_moves(task: dict[str, Any], move: str) -> str:
    """The address of whoever makes the move."""
    if task["kind"] in AT_THE_FRONT_DOOR and move in FRONT_DOORS:
        return people.staff(people.area(task["setting"]), "front-door")
    return str(task["owner"])


def _second(task: dict[str, Any]) -> str:
    name = "head" if task["owner"].startswith("deputy") else "deputy"
    return people.staff(task["setting"], name)


def _lead(task: dict[str, Any]) -> str:
    return people.staff(task["setting"], "lead")


def _close(task: dict[str, Any], _: random.Random, __: datetime) -> Fields:
    done = {"summary": "What was seen.", "actions": "What was done.", "outcome": "What came of it."}
    return {**done, "second": _second(task)}


def _review(task: dict[str, Any], chance: random.Random, at: datetime) -> Fields:
    outcome = chance.choices(("improved", "unchanged", "worse"), (3, 4, 2))[0]
    said = {"evidence": "Home visit.", "engagement": "Came.", "child_words": "It is warm now."}
    return {"outcome": outcome, **said, "parents_informed": "yes", "actions": _actions(task, chance, at)}


def _complete(task: dict[str, Any], chance: random.Random, at: datetime) -> Fields:
    said = {"needs": "Food and warmth.", "plan": "A visit a week.", "child_words": "I like school."}
    scores = {"scores": {"nutrition": chance.randint(1, 5)}} if chance.random() < 0.3 else {}
    return {"level": chance.choice((2, 2, 3, 3, 4)), **said, **scores, "actions": _actions(task, chance, at)}


def _actions(task: dict[str, Any], chance: random.Random, at: datetime) -> list[Fields]:
    due = (at + timedelta(days=chance.randint(3, 20))).date().isoformat()
    one = {"what": "Ask the health visitor.", "owner": people.staff(task["setting"], "teacher"), "due": due}
    return [one] if chance.random() < 0.3 else []


def _postpone(task: dict[str, Any], chance: random.Random, at: datetime) -> Fields:
    due = datetime.fromisoformat(task["due_at"])
    to = (max(due, at) + timedelta(days=chance.randint(2, 9))).date().isoformat()
    return {"to": to, "reason": REASON, "second": _second(task)}


def _record(_: dict[str, Any], chance: random.Random, at: datetime) -> Fields:
    what = chance.choice(("strategy_discussion", "s47", "conference", "assessment", "plan"))
    return {"what": what, "on": at.date().isoformat(), "note": "Held."}


def _front_doors(task: dict[str, Any], _: random.Random, __: datetime) -> Fields:
    return {"by": "Duty desk", "number": "77"} if task["kind"] in AT_THE_FRONT_DOOR else {}


def _decision(_: dict[str, Any], chance: random.Random, __: datetime) -> Fields:
    return {"decision": chance.choice(("s17", "s47", "early_help", "nfa")), "reason": REASON}


Make = Callable[[dict[str, Any], random.Random, datetime], Fields]
_FORMS: dict[str, Make] = {
    "acknowledge": _front_doors,
    "early_help": lambda task, *_: {"reason": REASON, "lead": _lead(task)},
    "step_down": lambda task, *_: {"reason": REASON, "lead": _lead(task)},
    "refer": lambda *_: {"reason": REASON, "parents_informed": "yes"},
    "close": _close,
    "consent": lambda *_: {"given_by": "Mother.", "covers": "All agencies."},
    "complete": _complete,
    "review": _review,
    "postpone": _postpone,
    "add": lambda *_: {"text": "More was seen today."},
    "send": lambda *_: {},
    "stop": lambda task, *_: {"reason": REASON, "second": _second(task)},
    "decide": _decision,
    "resolve": _decision,
    "ask": lambda *_: {"question": "Who else lives there?"},
    "answer": lambda *_: {"text": "An aunt."},
    "chase": lambda *_: {"note": "Rang the duty desk."},
    "record": _record,
    "done": lambda *_: {"note": "Done."},
    "agree": lambda *_: {},
    "filed": lambda *_: {"number": "F-1", "by": "The DSL."},
}


def form(move: str, task: dict[str, Any], chance: random.Random, at: datetime) -> Fields:
    """The fields of a move at `at`."""
    make = _FORMS.get(move)
    return make(task, chance, at) if make else {"reason": REASON}
