"""Asking the DSL for a decision because a rule fired, or something joined; one such task at a time."""

from models import opening
from models.case import Case
from models.lifecycle import Kind
from models.record import Task
from models.rules import Fired


def note_rule(case: Case, fired: Fired) -> Task:
    """Ask the DSL for a decision; where one is owed already, its evidence grows instead of a second task."""
    owed = case.open_of(Kind.DSL_DECISION)
    if not owed:
        return opening.dsl_decision(case, [fired])
    add_evidence(owed[0], [fired.rule.value], [fired.evidence])
    return owed[0]


def add_evidence(task: Task, rules: list[str], evidence: list[str]) -> None:
    """Add rules and what they go by to a decision that is owed."""
    about = task.about
    task.about = {**about, "rules": [*about["rules"], *rules], "evidence": [*about["evidence"], *evidence]}
