"""A second person's word: agreeing makes what was proposed happen, refusing leaves everything as it is."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from config.errors import BadInput
from models.case import Case
from models.events import Happened
from models.forms import Form, Postpone, Reason
from models.lifecycle import Kind, Move, Status, next_status
from models.moves.by_dsl import form_reason
from models.moves.early_help import must_be_possible, put_off
from models.record import Observation, Task
from models.referrals import stop_held


async def agree(case: Case, task: Task, form: Form) -> None:
    """Do what was proposed, if it can still be done."""
    proposal = task.about
    case.close(task, "agree")
    case.record(Happened.COUNTERSIGNED, form_reason(form, "agreed"), {"move": proposal["move"]}, task=task)
    await _DO[proposal["move"]](case, proposal)


async def refuse(case: Case, task: Task, form: Reason) -> None:
    """What was proposed does not happen."""
    case.close(task, "refuse")
    case.record(Happened.COUNTERSIGN_REFUSED, form.reason, {"move": task.about["move"]}, task=task)


async def _stop(case: Case, proposal: dict[str, Any]) -> None:
    if case.concern.status != Status.REFERRING:
        raise BadInput("task", "the referral is no longer held; it cannot be stopped")
    await stop_held(case, proposal["fields"]["reason"], {"second": case.by.email if case.by else ""})


async def _close(case: Case, proposal: dict[str, Any]) -> None:
    waiting = case.open_of(Kind.DSL_DECISION, Kind.ACTION, Kind.FILE_REFERRAL)
    if waiting:
        kinds = ", ".join(sorted({one.kind.value for one in waiting}))
        raise BadInput("task", f"still open in this concern: {kinds}; finish them first, then close")
    improved = case.days("sustained_improvement_reviews_to_close")
    if case.concern.status == Status.SUPPORTING and case.concern.improved_running < improved:
        raise BadInput("task", f"support may close only after {improved} improved reviews running")
    fields = proposal["fields"]
    case.move_to(next_status(case.concern.status, Move.CLOSE), "close")
    case.record(Happened.CLOSED, fields["summary"], fields)


async def _postpone(case: Case, proposal: dict[str, Any]) -> None:
    review = case.tasks.get(UUID(proposal["task"]))
    if review is None:
        raise BadInput("task", "the review it was about is no longer open")
    form = Postpone.model_validate(proposal["fields"])
    must_be_possible(case, review, form)
    put_off(case, review, form)


async def _withdraw(case: Case, proposal: dict[str, Any]) -> None:
    observation = await case.session.get_one(Observation, UUID(proposal["observation"]))
    observation.withdrawn_at = case.at
    if not await _still_seen(case):
        case.child.clock_from = None
    case.record(
        Happened.OBSERVATION_WITHDRAWN, proposal["fields"]["reason"], proposal["fields"], observation_id=observation.id
    )


async def _still_seen(case: Case) -> bool:
    """Whether any observation of the child still counts; a clock set off by mistake stands."""
    counts = select(Observation.id).where(
        Observation.child_id == case.child.id, col(Observation.withdrawn_at).is_(None)
    )
    return (await case.session.exec(counts.limit(1))).first() is not None


_DO = {"stop": _stop, "close": _close, "postpone": _postpone, "withdraw": _withdraw}
