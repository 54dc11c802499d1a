"""Early help: consent, assessment, reviews, postponements, and what people said they would do."""

from datetime import datetime, time

from config.errors import BadInput
from config.time import london, say_day, say_instant, to_london
from models import opening
from models.case import Case
from models.deadlines import Due
from models.events import Happened
from models.forms import Complete, Consent, Done, Postpone, Reason, Review
from models.lifecycle import Move, next_status
from models.moves.asking import ask_second, open_actions
from models.record import Task
from models.referrals import latest_postponement, raise_held
from models.rules import Fired, Outcome, Rule, Running, clock_after, review_rule

REFER_LEVEL = 4


async def consent(case: Case, task: Task, form: Consent) -> None:
    """The family agrees; the assessment is owed."""
    case.close(task, "consent")
    opening.assess(case)
    why = form.reason or "consent given"
    case.record(Happened.CONSENTED, why, form.model_dump(mode="json", exclude={"reason"}), task=task)


async def decline(case: Case, task: Task, form: Reason) -> None:
    """The family declines; the DSL decides again, and a new observation will ask for a decision at once."""
    case.move_to(next_status(case.concern.status, Move.DECLINE), "decline")
    case.concern.declined = True
    opening.dsl_review(case)
    case.record(Happened.DECLINED, form.reason, task=task)


async def complete(case: Case, task: Task, form: Complete) -> None:
    """The assessment stands: support starts, its first review is set, its actions are owed."""
    case.move_to(next_status(case.concern.status, Move.COMPLETE), "complete")
    case.concern.assessed_at, case.concern.level = case.acted_at, form.level
    opening.first_review(case)
    actions = await open_actions(case, form.actions)
    fields = form.model_dump(mode="json") | {"actions": actions}
    case.record(Happened.ASSESSED, form.reason or "assessment completed", fields, task=task)


async def review(case: Case, task: Task, form: Review) -> None:
    """A held review: the next one is set, or the rule it sets off raises the referral in the same breath."""
    concern = case.concern
    running = Running(concern.unchanged_running, concern.improved_running).after(form.outcome)
    concern.unchanged_running, concern.improved_running = running.unchanged, running.improved
    sustained = case.days("sustained_improvement_reviews_to_close")
    case.child.clock_from = clock_after(case.child.clock_from, running, sustained, case.acted_at)
    case.close(task, form.outcome)
    following = opening.next_review(case)
    if running.unchanged >= case.days("no_change_reviews_before_stepup_consider"):
        following.about = {
            "what": "the last review found no change: consider a referral; the next unchanged one raises it"
        }
    actions = await open_actions(case, form.actions)
    fields = form.model_dump(mode="json") | {"actions": actions, "unchanged_running": running.unchanged}
    case.record(Happened.REVIEWED, form.evidence, fields, task=task)
    fired = review_rule(Outcome(form.outcome), running, case.days("no_change_reviews_before_stepup_decision"))
    if fired:
        await raise_held(case, fired)


async def postpone(case: Case, task: Task, form: Postpone) -> None:
    """Put a review off; after the first time a second person must agree."""
    next_status(case.concern.status, Move.POSTPONE)
    must_be_possible(case, task, form)
    if case.concern.postponed:
        await ask_second(case, task, Move.POSTPONE, form.second, form.model_dump(mode="json"), form.reason)
    else:
        put_off(case, task, form)


def must_be_possible(case: Case, task: Task, form: Postpone) -> None:
    """Raise BadInput unless the day is to come, later than the deadline, and within the longest interval."""
    latest = to_london(latest_postponement(case, _first_set(task)).at).date()
    if not case.day < form.to <= latest:
        raise BadInput(
            "to", f"must be after today and no later than {say_day(latest)} ({case.rule('taf_review_interval_max')})"
        )
    if form.to <= to_london(task.due_at).date():
        raise BadInput("to", f"is not later than the review's deadline, {say_instant(task.due_at)}")


def _first_set(task: Task) -> datetime:
    """When the review was set before it was ever put off."""
    return datetime.fromisoformat(task.about["set_at"]) if "set_at" in task.about else task.opened_at


def put_off(case: Case, task: Task, form: Postpone) -> None:
    """Close the review owed and owe it again on the later day, counted."""
    case.concern.postponed += 1
    case.close(task, "postpone")
    at = london(form.to, time(17, 0))
    again = opening.hold_review(case, Due(at, f"{say_instant(at)}: postponed (number {case.concern.postponed})"))
    again.about = {**task.about, "set_at": _first_set(task).isoformat()}
    case.record(
        Happened.POSTPONED, form.reason, {"to": form.to.isoformat(), "count": case.concern.postponed}, task=task
    )


async def done(case: Case, task: Task, form: Done) -> None:
    """An action was done."""
    case.close(task, "done")
    case.record(Happened.ACTION_DONE, form.note, task=task)


async def not_done(case: Case, task: Task, form: Reason) -> None:
    """An action will not be done; said plainly, with the reason."""
    case.close(task, "not_done")
    case.record(Happened.ACTION_NOT_DONE, form.reason, task=task)


def level_rule(level: int) -> Fired | None:
    """A level 4 assessment asks the DSL to decide: significant harm needs no consent (domain.md section 1.1)."""
    return Fired(Rule.LEVEL, f"the assessment found level {level}") if level >= REFER_LEVEL else None
