"""The DSL's decisions: on a new concern, on one watched, and on what joined it."""

from typing import Any

from models import opening
from models.case import Case
from models.events import Happened
from models.forms import Close, EarlyHelp, Form, Reason, Refer
from models.lifecycle import REVIEWED_STATUSES, Kind, Move, Status, next_status
from models.moves.asking import ask_second, lead_called
from models.record import Task
from models.referrals import dispute, latest_referral, refer_now
from models.rules import Fired, Rule


async def acknowledge(case: Case, task: Task, form: Form) -> None:
    """The DSL has seen it; the decision's clock runs on."""
    task.acknowledged_at = case.acted_at
    case.look_again(task)
    case.record(Happened.ACKNOWLEDGED, form_reason(form, "seen"), task=task)


async def monitor(case: Case, task: Task, form: Reason) -> None:
    """Watch, and look again."""
    case.move_to(next_status(case.concern.status, Move.MONITOR), "monitor")
    opening.case_review(case)
    case.record(Happened.MONITORED, form.reason, task=task)


async def continue_watching(case: Case, task: Task, form: Form) -> None:
    """Keep to the status and look again later."""
    status = next_status(case.concern.status, Move.CONTINUE)
    case.move_to(status, "continue")
    statutory = status == Status.STATUTORY
    opening.case_review(case, Kind.STATUTORY_REVIEW if statutory else Kind.CASE_REVIEW)
    kind = Happened.STATUTORY_CONTINUED if statutory else Happened.CONTINUED
    case.record(kind, form_reason(form, "continues"), task=task)


async def early_help(case: Case, task: Task, form: EarlyHelp) -> None:
    """Offer early help, led by a named person; the lead first gains consent."""
    lead = await lead_called(case, form.lead, "lead")
    if task.kind == Kind.DSL_DECISION:
        case.close(task, "early_help")
    case.concern.lead_id, case.concern.help_decided_at = lead.id, case.acted_at
    case.concern.assessed_at, case.concern.declined = None, False
    case.move_to(next_status(case.concern.status, Move.EARLY_HELP), "early_help")
    opening.gain_consent(case)
    case.record(Happened.EARLY_HELP_DECIDED, form.reason, {"lead": form.lead}, task=task)


async def refer(case: Case, task: Task, form: Refer) -> None:
    """A person's own referral: sent at once."""
    next_status(case.concern.status, Move.REFER)
    if task.kind == Kind.DSL_DECISION:
        case.close(task, "refer")
    await refer_now(case, Fired(Rule.DECISION, form.reason), form.parents_informed)


async def dissent(case: Case, task: Task, form: Reason) -> None:
    """The DSL disagrees with the front door's no further action."""
    next_status(case.concern.status, Move.DISSENT)
    dispute(case, form.reason, await latest_referral(case), Happened.DISSENTED)


async def close(case: Case, task: Task, form: Close) -> None:
    """Closing is asked of a second person; until they agree everything runs on."""
    next_status(case.concern.status, Move.CLOSE)
    await ask_second(case, task, Move.CLOSE, form.second, form.model_dump(mode="json"), form.summary)


async def noted(case: Case, task: Task, form: Reason) -> None:
    """Nothing more is needed for this; the main task stands."""
    case.close(task, "noted")
    case.record(Happened.NOTED, form.reason, task=task)


async def bring_forward(case: Case, task: Task, form: Reason) -> None:
    """The next review comes sooner: within the policy's days, never later than it was."""
    case.close(task, "bring_forward")
    if case.concern.status in REVIEWED_STATUSES:
        _hasten(case)
    case.record(Happened.BROUGHT_FORWARD, form.reason, task=task)


def _hasten(case: Case) -> None:
    due = opening.in_working_days(case, "bring_forward_due")
    for task in case.open_of(Kind.CASE_REVIEW, Kind.HOLD_REVIEW, Kind.STATUTORY_REVIEW):
        if due.at < task.due_at:
            task.due_at, task.due_because = due.at, due.because
            case.look_again(task)


def form_reason(form: Any, otherwise: str) -> str:
    """A form's reason, or a plain word where the person gave none."""
    return getattr(form, "reason", None) or otherwise
