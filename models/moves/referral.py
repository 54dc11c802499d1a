"""The referral's moves: adding, sending, stopping; the front door's answers; disagreement; statutory work."""

from config.errors import BadInput
from models import opening
from models.case import Case
from models.events import Happened
from models.forms import Acknowledged, Add, Answer, Ask, Chase, Decide, Filed, Form, Reason, Recorded, StepDown, Stop
from models.lifecycle import Kind, Move, next_status
from models.moves.asking import ask_second, lead_called
from models.moves.by_dsl import form_reason
from models.record import Referral, Task
from models.referrals import answer, latest_referral, send_held, step_down, step_up, stop_held
from models.rules import Rule


async def _referral_of(case: Case, task: Task) -> Referral | None:
    if task.referral_id is None:
        return await latest_referral(case)
    return await case.session.get(Referral, task.referral_id)


async def add(case: Case, task: Task, form: Add) -> None:
    """More for the front door to read; the hold runs on."""
    referral = await case.session.get_one(Referral, task.referral_id)
    _add_to(referral, case, text=form.text)
    case.record(Happened.REFERRAL_ADDED_TO, form.reason or "added to the referral", {"text": form.text}, task=task)


def _add_to(referral: Referral, case: Case, **said: str) -> None:
    by = case.by.name if case.by else "the pathway"
    referral.additions = [*referral.additions, {"at": case.acted_at.isoformat(), "by": by, **said}]


async def send(case: Case, task: Task, form: Form) -> None:
    """Send it now."""
    await send_held(case, task, form_reason(form, "confirmed by the DSL"))


async def stop(case: Case, task: Task, form: Stop) -> None:
    """Stop it: at once where staying the same was the rule, after a countersignature where it got worse."""
    referral = await case.session.get_one(Referral, task.referral_id)
    if referral.rule == Rule.WORSE or form.second:
        fields = form.model_dump(mode="json")
        await ask_second(case, task, Move.STOP, form.second, fields, form.reason, referral.hold_until)
    else:
        await stop_held(case, form.reason, {})


async def acknowledge(case: Case, task: Task, form: Acknowledged) -> None:
    """The front door has it; the clock on its decision runs on."""
    next_status(case.concern.status, Move.ACKNOWLEDGE)
    referral = await _referral_of(case, task)
    if referral is not None:
        referral.acknowledged_at = referral.acknowledged_at or case.acted_at
        referral.acknowledged_by, referral.front_door_number = form.by, form.number
    for awaited in case.open_of(Kind.AWAIT_ACKNOWLEDGEMENT):
        case.close(awaited, "acknowledge")
    fields = {"by": form.by, "number": form.number}
    case.record(Happened.REFERRAL_ACKNOWLEDGED, form.reason or "acknowledged", fields, task=task)
    if not case.open_of(Kind.AWAIT_DECISION, Kind.RESOLVE_DISAGREEMENT) and referral is not None:
        opening.await_front_door(case, referral, Kind.AWAIT_DECISION)


async def decide(case: Case, task: Task, form: Decide) -> None:
    """The front door's decision."""
    answer(case, Move.DECIDE, form.decision, form.reason, await _referral_of(case, task))


async def ask(case: Case, task: Task, form: Ask) -> None:
    """The front door asks back. Asking is not answering: its own clocks run on, and silence still lapses."""
    next_status(case.concern.status, Move.ASK)
    referral = await _referral_of(case, task)
    asked = opening.answer_question(case, referral, form.question)
    fields = {"question": form.question, "referral": asked.about["referral"]}
    case.record(Happened.ASKED, form.reason or "asked back", fields, task=task)


async def answer_question(case: Case, task: Task, form: Answer) -> None:
    """The answer, with its question, is added to the newest referral: that is the one the front door reads."""
    question = task.about["question"]
    referral = await latest_referral(case)
    if referral is not None:
        _add_to(referral, case, text=form.text, question=question)
    case.close(task, "answer")
    fields = {"question": question, "text": form.text, "referral": referral.number if referral else None}
    case.record(Happened.ANSWERED, form.reason or "answered the front door's question", fields, task=task)


async def resolve(case: Case, task: Task, form: Decide) -> None:
    """The disagreement ends in an answer, as a decision would."""
    answer(case, Move.RESOLVE, form.decision, form.reason, await _referral_of(case, task))


async def chase(case: Case, task: Task, form: Chase) -> None:
    """The DSL asked again; the clock runs on."""
    next_status(case.concern.status, Move.CHASE)
    case.record(Happened.CHASED, form.note, task=task)


async def step_up_now(case: Case, task: Task, form: Reason) -> None:
    """To the next stage without waiting for the clock."""
    await step_up(case, task, form.reason)


async def record(case: Case, task: Task, form: Recorded) -> None:
    """A step of statutory work took place; the review's clock runs on."""
    next_status(case.concern.status, Move.RECORD)
    if form.on > case.day:
        raise BadInput("on", "lies in the future; record it when it has taken place")
    fields = {"what": form.what, "on": form.on.isoformat()}
    case.record(Happened.STATUTORY_RECORDED, form.note, fields, task=task)


async def step_down_now(case: Case, task: Task, form: StepDown) -> None:
    """Back to early help with a named lead."""
    lead = await lead_called(case, form.lead, "lead")
    step_down(case, form.reason, lead.id)


async def filed(case: Case, task: Task, form: Filed) -> None:
    """The telephoned or portal referral was written."""
    referral = await _referral_of(case, task)
    if referral is not None:
        referral.filed_number = form.number
    case.close(task, "filed")
    fields = {"number": form.number, "by": form.by}
    case.record(Happened.REFERRAL_FILED, form.reason or "filed in writing", fields, task=task)
