"""Raising, holding, sending and stopping a referral to children's social care, and what the front door answers.

A raised referral ends in exactly one of two ways: it is sent, or it is stopped with a reason. When its hold ends it is
sent. Sources: KCSIE 2025 paragraphs 56-57 and 62-65; design.md, "Persist or worsen".
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from config.time import say_day, to_london
from models import opening
from models.case import Case
from models.deadlines import Due, hold_worse, weeks, working_days
from models.events import Happened
from models.lifecycle import BY_RULE, STANDS, Kind, Move, Status, next_status
from models.record import Event, Referral, Task
from models.rules import Fired, Rule

WRITTEN_TOO = frozenset({"portal", "telephone_then_write"})


async def latest_referral(case: Case) -> Referral | None:
    """The concern's newest referral."""
    found = select(Referral).where(Referral.concern_id == case.concern.id).order_by(col(Referral.number).desc())
    return (await case.session.exec(found.limit(1))).first()


async def new_referral(case: Case, fired: Fired, informed: str | None, hold: Due | None) -> Referral:
    """A referral with the evidence for it and what is known of informing and consent."""
    count = select(func.count()).select_from(Referral).where(Referral.concern_id == case.concern.id)
    consent = await _last(case, Happened.CONSENTED, "given_by", "covers")
    told = informed or await _last(case, Happened.REVIEWED, "parents_informed")
    missing = f"not obtained: rule {fired.rule}"
    referral = Referral(
        concern_id=case.concern.id,
        number=(await case.session.exec(count)).one() + 1,
        rule=fired.rule,
        evidence=fired.evidence,
        raised_at=case.acted_at if fired.rule == Rule.DECISION else case.at,
        raised_by=case.by.id if case.by and fired.rule == Rule.DECISION else None,
        hold_until=hold.at if hold else None,
        parents_informed=told or missing,
        consent=consent or missing,
        channel=case.policy.channel(case.concern.area),
    )
    case.session.add(referral)
    await case.session.flush()
    return referral


async def _last(case: Case, kind: Happened, *names: str) -> str | None:
    found = select(Event).where(Event.concern_id == case.concern.id, Event.kind == kind)
    for event in (await case.session.exec(found.order_by(col(Event.number).desc()))).all():
        said = [str(event.fields[name]) for name in names if event.fields.get(name)]
        if said:
            return f"{', covering: '.join(said)} ({say_day(to_london(event.happened_at).date())})"
    return None


async def raise_held(case: Case, fired: Fired) -> Referral:
    """A review's rule raises the referral and holds it, so that the DSL may add, send at once, or stop it."""
    if fired.rule == Rule.WORSE:
        hours = case.days("hold_worse_opening_hours")
        hold = hold_worse(case.at, hours, case.calendar, case.rule("hold_worse_opening_hours"))
    else:
        hold = opening.in_working_days(case, "hold_persisting", case.at)
    referral = await new_referral(case, fired, None, hold)
    case.move_to(next_status(case.concern.status, Move.REVIEW, BY_RULE), "referral raised")
    opening.confirm_referral(case, referral, hold)
    because = f"rule {fired.rule}: {fired.evidence}; {hold.because}"
    case.record(Happened.REFERRAL_RAISED, because, _of(referral), by_rule=True)
    return referral


async def refer_now(case: Case, fired: Fired, informed: str | None = None) -> Referral:
    """A referral sent at once: a person's decision, or immediate danger."""
    referral = await new_referral(case, fired, informed, None)
    fields = _of(referral) | ({"parents_informed": informed} if informed else {})
    by_rule = fired.rule != Rule.DECISION
    case.record(Happened.REFERRAL_RAISED, f"rule {fired.rule}: {fired.evidence}", fields, by_rule=by_rule)
    send(case, referral, "sent at once", by_rule=by_rule)
    return referral


def send(case: Case, referral: Referral, because: str, *, by_rule: bool = False) -> None:
    """The referral goes; the front door's clocks start."""
    referral.sent_at = case.at if by_rule else case.acted_at
    case.move_to(Status.REFERRED, "referral sent")
    opening.await_front_door(case, referral)
    for unfiled in case.open_of(Kind.FILE_REFERRAL):
        case.close(unfiled, "overtaken by a later referral")
    if referral.channel in WRITTEN_TOO:
        opening.file_referral(case, referral)
    case.record(Happened.REFERRAL_SENT, because, _of(referral), by_rule=by_rule)


async def send_held(case: Case, task: Task, because: str, *, worse: Fired | None = None) -> None:
    """End the hold by sending: by a person's word, because the hold ended, or by a rule that is `worse`."""
    referral = await case.session.get_one(Referral, task.referral_id)
    next_status(case.concern.status, Move.SEND)
    if worse is not None:
        before = f"rule {referral.rule}: {referral.evidence}"
        referral.rule, referral.evidence = worse.rule, f"{worse.evidence}; held before under {before}"
    send(case, referral, because, by_rule=worse is not None)


async def stop_held(case: Case, reason: str, fields: Mapping[str, Any]) -> None:
    """A stop that counts: back to the status before, and the next review comes soon."""
    referral = await latest_referral(case)
    if referral is None or referral.sent_at or referral.stopped_at:
        return
    referral.stopped_at = case.acted_at
    case.move_to(next_status(case.concern.status, Move.STOP), "referral stopped")
    opening.hold_review(case, opening.in_working_days(case, "review_after_stop"))
    case.record(Happened.REFERRAL_STOPPED, reason, _of(referral) | dict(fields))


def answer(case: Case, move: Move, decision: str, reason: str, referral: Referral | None) -> None:
    """The front door's decision, or how a disagreement was resolved."""
    concern = case.concern
    stands = decision == "early_help" and concern.assessed_at is not None
    status = next_status(concern.status, move, STANDS if stands else decision)
    if referral is not None:
        referral.decision, referral.decided_at = decision, case.acted_at
        referral.acknowledged_at = referral.acknowledged_at or case.acted_at
    for asked in case.open_of(Kind.ANSWER_QUESTION):
        case.close(asked, "overtaken")
    case.move_to(status, decision)
    concern.after_nfa = decision == "nfa"
    concern.had_social_worker = concern.had_social_worker or status == Status.STATUTORY
    expected = expected_dates(case, referral) if status == Status.STATUTORY else {}
    if status == Status.ASSESSING:
        concern.help_decided_at = case.acted_at
    if status == Status.STATUTORY:
        concern.unchanged_running = concern.improved_running = 0  # other work with the family begins
    _open_for(case, status)
    kind = Happened.DECIDED if move == Move.DECIDE else Happened.RESOLVED
    case.record(kind, reason, {"decision": decision, **expected, **(_of(referral) if referral else {})})


def _open_for(case: Case, status: Status) -> None:
    if status == Status.STATUTORY:
        opening.case_review(case, Kind.STATUTORY_REVIEW)
    elif status == Status.SUPPORTING:
        opening.next_review(case)
    elif status == Status.ASSESSING:
        opening.gain_consent(case)
    else:
        opening.dsl_review(case)


def expected_dates(case: Case, referral: Referral | None) -> dict[str, str]:
    """When statutory work is expected, for information: no clock of ours runs on social care's own steps."""
    sent = referral.sent_at if referral and referral.sent_at else case.acted_at
    strategy = case.acted_at + timedelta(hours=case.days("strategy_discussion_expected"))
    dates = {"strategy_discussion": strategy}
    for name, figure, start in (
        ("s47", "s47_complete_expected", strategy),
        ("conference", "icpc_due", strategy),
        ("assessment", "assessment_due", sent),
    ):
        dates[name] = working_days(start, case.days(figure), case.calendar, case.rule(figure)).at
    return {f"expected_{name}": say_day(to_london(at).date()) for name, at in dates.items()}


def dispute(case: Case, because: str, referral: Referral | None, kind: Happened = Happened.DISPUTED) -> None:
    """A disagreement opens at its first stage; at immediate risk the stages below the last are skipped."""
    danger = referral is not None and referral.rule == Rule.IMMEDIATE_DANGER
    skip = danger and bool(case.policy.figure("escalation_immediate_risk_skip"))
    case.move_to(Status.DISPUTED, "disputed")
    opening.resolve_disagreement(case, opening.LAST_STAGE if skip else 1, referral)
    case.record(kind, because, _of(referral) if referral else {})


async def step_up(case: Case, task: Task, because: str) -> None:
    """The next stage of a disagreement; the last stage begins again, louder, rather than end in silence."""
    referral = await case.session.get(Referral, task.referral_id) if task.referral_id else None
    stage = min(task.stage + 1, opening.LAST_STAGE)
    case.close(task, "stepped up")
    opening.resolve_disagreement(case, stage, referral)
    case.record(Happened.STEPPED_UP, because, {"stage": stage}, task=task)


def step_down(case: Case, reason: str, lead_id: Any) -> None:
    """Back from statutory work to early help, with a named lead and a first review soon."""
    case.concern.lead_id = lead_id
    case.move_to(next_status(case.concern.status, Move.STEP_DOWN), "stepped down")
    opening.hold_review(case, opening.in_working_days(case, "stepdown_first_taf_due"))
    case.record(Happened.STEPPED_DOWN, reason, {"lead": str(lead_id)})


def _of(referral: Referral) -> dict[str, Any]:
    return {"referral": referral.number, "rule": referral.rule}


def latest_postponement(case: Case, since: datetime) -> Due:
    """The furthest a review may be put off: the policy's longest interval since it was first set, however often."""
    figure = "taf_review_interval_max"
    return weeks(since, case.days(figure), case.calendar, case.rule(figure))
