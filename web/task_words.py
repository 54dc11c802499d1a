"""What a task is about, in lines to read: the evidence of rules, a proposal, an action, a question, a referral."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.policy import Policy
from models.lifecycle import Kind
from models.record import Referral
from models.task_view import TaskPage
from models.tasks_seen import TaskSeen
from web.history_words import Line, Names, informed, say_field, say_rule
from web.record_words import LABELS
from web.saying import say_move, sentence

OF_REFERRALS = frozenset(
    {Kind.CONFIRM_REFERRAL, Kind.AWAIT_ACKNOWLEDGEMENT, Kind.AWAIT_DECISION, Kind.RESOLVE_DISAGREEMENT}
)


def about(seen: TaskPage) -> list[Line]:
    """What the task is about, a label and a text each."""
    task = seen.task
    found = [*_rules(task.about), *_proposal(seen)]
    if task.about.get("what"):
        found.append(("What was agreed" if task.kind == Kind.ACTION else "Keep in mind", sentence(task.about["what"])))
    if task.about.get("question"):
        found.append(("The question", str(task.about["question"])))
    if task.stage:
        found.append(("Stage", str(task.stage)))
    if seen.referral is not None and task.kind in OF_REFERRALS:
        found += _referral(seen.referral)
    return found


def _rules(told: Mapping[str, Any]) -> Iterator[Line]:
    for rule, evidence in zip(told.get("rules", ()), told.get("evidence", ()), strict=False):
        yield say_rule(rule), sentence(evidence)


def _proposal(seen: TaskPage) -> Iterator[Line]:
    told = seen.task.about
    if seen.task.kind != Kind.COUNTERSIGN:
        return
    yield "What is proposed", say_field("move", told.get("move"), seen.names)
    if seen.proposer is not None:
        yield "Proposed by", seen.proposer.name
    yield from fields(told.get("fields") or {}, seen.names, str(told.get("move", "")))


def fields(filled: Mapping[str, Any], names: Names, move: str) -> Iterator[Line]:
    """The fields of a form that somebody filled in, in words."""
    closing = {"actions": "What was done", "outcome": "What was reached"} if move == "close" else {}
    for name, label in LABELS.items():
        if filled.get(name) not in (None, "", [], {}):
            yield closing.get(name, label), say_field(name, filled[name], names)


def _referral(referral: Referral) -> Iterator[Line]:
    yield "Why it was raised", f"{say_rule(referral.rule)}: {referral.evidence}"
    yield "Parents informed", informed(referral.parents_informed)
    yield "Consent", informed(referral.consent)
    for one in referral.additions:
        yield f"Added by {one['by']}", one["text"]


def told(seen: TaskSeen, policy: Policy) -> str:
    """Who has heard that a task is overdue, in words; empty when nobody had to."""
    if not seen.task.rung:
        return ""
    roles = [policy.label(role) for rung in seen.told for role in rung]
    who = list(dict.fromkeys(roles))
    return f"told because it is overdue: {_listed(who)}" if who else "its owner was told that it is overdue"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def ended(outcome: str | None) -> str:
    """How a closed task ended: a move's words, or what happened to it."""
    moved = say_move(outcome or "closed")
    return {"improved": "Better", "unchanged": "No change", "worse": "Worse"}.get(outcome or "", moved)
