"""What somebody decides about a task, from how the child fares, their own ways, and what the task offers."""

from collections.abc import Callable
from types import MappingProxyType

from models.lifecycle import Kind, Move
from pathway.simulation.filling import Step, step
from pathway.simulation.minds import Mind

# Where a second person is asked, the task stays as it is until they have answered.
WAITS_FOR_A_SECOND = frozenset({Move.CLOSE, Move.STOP})


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
    return step(mind, mind.pick(shares)) or step(mind, "monitor")


def _case_review(mind: Mind) -> Step | None:
    if mind.seen.task.id in mind.life.asked:
        return None
    return step(mind, mind.pick(mind.life.assumed.case_review[mind.course])) or step(mind, "continue")


def _gain_consent(mind: Mind) -> Step | None:
    agrees = mind.life.assumed.consents[mind.severity]
    return step(mind, mind.pick({"consent": agrees, "decline": 1 - agrees}))


def _hold_review(mind: Mind) -> Step | None:
    if mind.seen.task.id in mind.life.asked:
        return None
    assumed = mind.life.assumed
    if Move.CLOSE in mind.offers() and mind.happens(assumed.closes_when_it_may, "close"):
        return step(mind, "close") or step(mind, "review")
    if not mind.seen.concern.postponed and mind.happens(assumed.postpones, "postpone"):
        return step(mind, "postpone") or step(mind, "review")
    return step(mind, "review")


def _confirm_referral(mind: Mind) -> Step | None:
    if mind.seen.task.id in mind.life.asked:
        return None
    return step(mind, mind.pick(mind.life.assumed.held_referral))


def _statutory(mind: Mind) -> Step | None:
    if mind.seen.task.id in mind.life.asked:
        return None
    return step(mind, mind.pick(mind.life.assumed.statutory, mind.at)) or step(mind, "continue")


def _dsl_decision(mind: Mind) -> Step | None:
    if mind.seen.task.urgent:
        return step(mind, "noted")
    return step(mind, mind.pick(mind.life.assumed.dsl_decision)) or step(mind, "noted")


def _action(mind: Mind) -> Step | None:
    return step(mind, "done" if mind.happens(mind.life.assumed.actions_done) else "not_done")


def _countersign(mind: Mind) -> Step | None:
    return step(mind, "agree" if mind.happens(mind.life.assumed.agrees) else "refuse")


def _disagreement(mind: Mind) -> Step | None:
    return step(mind, mind.pick(mind.life.assumed.disagreement))


def _first_day(mind: Mind) -> Step | None:
    return step(mind, "seen" if mind.happens(mind.life.assumed.seen_on_first_day) else "not_seen")


def _only(move: str) -> Callable[[Mind], Step | None]:
    return lambda mind: step(mind, move)


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
