"""What somebody decides about a task, from how the child fares, their own ways, and what the task offers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from config.time import to_london
from models.lifecycle import Kind, Move, offered
from models.record import Concern, Task
from pathway.simulation.assumptions import Shares
from pathway.simulation.life import Life
from pathway.simulation.partnership import Actor

WORDS = "As it stood, and what was agreed about it."
SECONDS = ("deputy_dsl", "dsl", "head")
LEVELS = MappingProxyType({"mild": 2, "moderate": 3, "serious": 4})
GRADES = MappingProxyType({"mild": 2, "moderate": 3, "serious": 5})


@dataclass(frozen=True)
class Seen:
    """A task as somebody finds it: its concern, the child's key, and who owes it."""

    task: Task
    concern: Concern
    child: str
    owner: str


@dataclass(frozen=True)
class Step:
    """A move with its fields."""

    move: Move
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Mind:
    """Somebody with a task before them at an instant."""

    life: Life
    seen: Seen
    actor: Actor
    at: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """What a chance about this task is drawn for."""
        return self.seen.concern.reference, self.seen.task.kind.value, self.seen.task.opened_at.isoformat()

    @property
    def severity(self) -> str:
        """How bad it is for the child."""
        return self.life.child(self.seen.child).severity

    @property
    def course(self) -> str:
        """Which way it goes for the child."""
        return self.life.child(self.seen.child).course

    def offers(self) -> tuple[Move, ...]:
        """What the task offers."""
        concern = self.seen.concern
        enough = concern.improved_running >= int(
            self.life.policies[concern.area].figure("sustained_improvement_reviews_to_close")
        )
        return offered(self.seen.task.kind, concern.status, after_nfa=concern.after_nfa, may_close=enough)

    def pick(self, shares: Shares, *more: object) -> str:
        """One of the ways that the task offers, or that are no move at all."""
        offers = self.offers()
        fit = {name: share for name, share in shares.items() if name in offers or name == "wait"}
        return self.life.chance.pick(fit, *self.key, *more) if fit else "wait"

    def happens(self, chance: float, *more: object) -> bool:
        """A chance about this task."""
        return self.life.chance.happens(chance, *self.key, *more)

    def second(self) -> str | None:
        """Somebody else who safeguards and is not away."""
        place, day = self.life.partnership.setting_of(self.seen.child), to_london(self.at).date()
        able = [one for role in SECONDS for one in self.life.partnership.holders(role, place)]
        able = [one for one in able if one != self.actor and not self.life.diary.is_away(one.email, day)]
        return able[0].email if able else None

    def lead(self) -> str:
        """Who is to lead: one of those who work at the setting, or the actor where none is in post."""
        place, day = self.life.partnership.setting_of(self.seen.child), to_london(self.at).date()
        able = [one for role in ("practitioner", "dsl") for one in self.life.partnership.holders(role, place)]
        able = [one for one in able if not self.life.diary.has_left(one.email, day)]
        return self.life.chance.one_of(able, *self.key, "lead").email if able else self.actor.email

    def step(self, move: str) -> Step | None:
        """The move with its fields filled in; None for waiting, or where a second person is nowhere to be found."""
        if move == "wait" or (self.seen.task.id, move) in self.life.balked:
            return None
        fields = FIELDS.get(move, _reason)(self)
        return None if fields is None else Step(Move(move), fields)


def decide(mind: Mind) -> Step | None:
    """What is done about the task now; None when it is left as it is."""
    return _BY_KIND[mind.seen.task.kind](mind)


def _dsl_review(mind: Mind) -> Step | None:
    task, concern = mind.seen.task, mind.seen.concern
    if task.id in mind.life.asked:
        return None
    if task.acknowledged_at is None and mind.happens(mind.life.assumed.acknowledges_first, "first"):
        return Step(Move.ACKNOWLEDGE)
    assumed = mind.life.assumed
    shares = assumed.decides[mind.severity]
    if concern.declined:
        shares = assumed.after_refusal
    elif concern.after_nfa:
        shares = assumed.after_nfa
    return mind.step(mind.pick(shares)) or mind.step("monitor")


def _case_review(mind: Mind) -> Step | None:
    if mind.seen.task.id in mind.life.asked:
        return None
    return mind.step(mind.pick(mind.life.assumed.case_review[mind.course])) or mind.step("continue")


def _gain_consent(mind: Mind) -> Step | None:
    agrees = mind.life.assumed.consents[mind.severity]
    return mind.step(mind.pick({"consent": agrees, "decline": 1 - agrees}))


def _hold_review(mind: Mind) -> Step | None:
    if mind.seen.task.id in mind.life.asked:
        return None
    assumed = mind.life.assumed
    if Move.CLOSE in mind.offers() and mind.happens(assumed.closes_when_it_may, "close"):
        return mind.step("close") or mind.step("review")
    if not mind.seen.concern.postponed and mind.happens(assumed.postpones, "postpone"):
        return mind.step("postpone") or mind.step("review")
    return mind.step("review")


def _confirm_referral(mind: Mind) -> Step | None:
    if mind.seen.task.id in mind.life.asked:
        return None
    return mind.step(mind.pick(mind.life.assumed.held_referral))


def _statutory(mind: Mind) -> Step | None:
    if mind.seen.task.id in mind.life.asked:
        return None
    return mind.step(mind.pick(mind.life.assumed.statutory, mind.at)) or mind.step("continue")


def _dsl_decision(mind: Mind) -> Step | None:
    if mind.seen.task.urgent:
        return mind.step("noted")
    return mind.step(mind.pick(mind.life.assumed.dsl_decision)) or mind.step("noted")


def _action(mind: Mind) -> Step | None:
    return mind.step("done" if mind.happens(mind.life.assumed.actions_done) else "not_done")


def _countersign(mind: Mind) -> Step | None:
    return mind.step("agree" if mind.happens(mind.life.assumed.agrees) else "refuse")


def _disagreement(mind: Mind) -> Step | None:
    return mind.step(mind.pick(mind.life.assumed.disagreement))


def _first_day(mind: Mind) -> Step | None:
    return mind.step("seen" if mind.happens(mind.life.assumed.seen_on_first_day) else "not_seen")


def _only(move: str) -> Callable[[Mind], Step | None]:
    return lambda mind: mind.step(move)


_BY_KIND: MappingProxyType[Kind, Callable[[Mind], Step | None]] = MappingProxyType(
    {
        Kind.DSL_REVIEW: _dsl_review,
        Kind.CASE_REVIEW: _case_review,
        Kind.GAIN_CONSENT: _gain_consent,
        Kind.ASSESS: _only("complete"),
        Kind.HOLD_REVIEW: _hold_review,
        Kind.CONFIRM_REFERRAL: _confirm_referral,
        Kind.AWAIT_ACKNOWLEDGEMENT: _only("wait"),
        Kind.AWAIT_DECISION: _only("wait"),
        Kind.RESOLVE_DISAGREEMENT: _disagreement,
        Kind.STATUTORY_REVIEW: _statutory,
        Kind.DSL_DECISION: _dsl_decision,
        Kind.ACTION: _action,
        Kind.COUNTERSIGN: _countersign,
        Kind.FILE_REFERRAL: _only("filed"),
        Kind.ANSWER_QUESTION: _only("answer"),
        Kind.NAME_COVER: _only("name"),
        Kind.FIRST_DAY: _first_day,
    }
)


# How each move's form is filled in. None: it cannot be, for there is nobody to countersign.


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
# Where a second person is asked, the task stays as it is until they have answered.
WAITS_FOR_A_SECOND = frozenset({Move.CLOSE, Move.STOP})
