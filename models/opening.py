"""How each kind of task is opened: who owes it, by when, and why then. Figures are the policy's."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from config.time import london, say_day, say_instant
from models.back_entry import counted
from models.case import Case
from models.closures import Closure, cover_due, first_day_due
from models.deadlines import (
    Due,
    clock_hours,
    earlier,
    no_earlier_than,
    opening_hours,
    school_weeks,
    weeks,
    working_days,
)
from models.lifecycle import Kind
from models.people import Person, Role
from models.record import Referral, Task
from models.rules import Fired

END_OF_DAY = time(17, 0)


def in_working_days(case: Case, figure: str, start: datetime | None = None) -> Due:
    """So many working days as the policy's figure says, from `start`, or from when the act was done."""

    def count(since: datetime) -> Due:
        return working_days(since, case.days(figure), case.calendar, case.rule(figure))

    return count(start) if start else counted(case, count, case.rule(figure))


def _not_before_tomorrow(case: Case, due: Due, figure: str) -> Due:
    """A clock that ran from an earlier decision may have passed: then the next working day, never the past."""
    return no_earlier_than(due, working_days(case.at, 1, case.calendar, case.rule(figure)))


def dsl_review(case: Case) -> Task:
    """The DSL is to acknowledge within opening hours and decide within a working day."""
    due = in_working_days(case, "dsl_decision_due")
    figure = "dsl_acknowledge_routine_hours"
    by = earlier(opening_hours(case.at, case.days(figure), case.calendar, case.rule(figure)), due)
    return case.open(Kind.DSL_REVIEW, case.dsl(), Role.DSL, due, acknowledge_by=by.at)


def case_review(case: Case, kind: Kind = Kind.CASE_REVIEW) -> Task:
    """The DSL looks again after so many school weeks, never more than so many calendar weeks."""
    figure = "dsl_case_review_interval"
    at_most = case.days("case_review_at_most")

    def count(since: datetime) -> Due:
        return school_weeks(since, case.days(figure), case.calendar, case.rule(figure), at_most)

    return case.open(kind, case.dsl(), Role.DSL, counted(case, count, case.rule(figure)))


def gain_consent(case: Case) -> Task:
    """The lead asks the family for consent."""
    return case.open(Kind.GAIN_CONSENT, case.lead(), "lead", in_working_days(case, "eha_consent_followup_days"))


def assess(case: Case) -> Task:
    """The lead assesses; the clock runs from the decision for early help, however long consent took."""
    due = in_working_days(case, "eha_complete_due", case.concern.help_decided_at)
    return case.open(Kind.ASSESS, case.lead(), "lead", _not_before_tomorrow(case, due, "eha_complete_due"))


def first_review(case: Case) -> Task:
    """The first team around the family, counted from the decision for early help."""
    figure = "first_taf_due"
    start = case.concern.help_decided_at or case.acted_at
    due = weeks(start, case.days(figure), case.calendar, case.rule(figure))
    return hold_review(case, _not_before_tomorrow(case, due, figure))


def next_review(case: Case) -> Task:
    """The review after a held one."""
    figure = "taf_review_interval"

    def count(since: datetime) -> Due:
        return weeks(since, case.days(figure), case.calendar, case.rule(figure))

    return hold_review(case, counted(case, count, case.rule(figure)))


def hold_review(case: Case, due: Due) -> Task:
    """A review by the lead, due when `due` says."""
    return case.open(Kind.HOLD_REVIEW, case.lead(), "lead", due)


def dsl_decision(case: Case, fired: Sequence[Fired], *, urgent: bool = False) -> Task:
    """The DSL is to decide what a rule or a joining observation means; one such task at a time."""
    about = {"rules": [one.rule.value for one in fired], "evidence": [one.evidence for one in fired]}
    figure = "dsl_acknowledge_urgent_hours"
    if urgent:
        due = clock_hours(case.at, case.days(figure), case.rule(figure))
        return case.open(Kind.DSL_DECISION, case.dsl(), Role.DSL, due, about=about, urgent=True, acknowledge_by=due.at)
    return case.open(Kind.DSL_DECISION, case.dsl(), Role.DSL, in_working_days(case, "dsl_decision_due"), about=about)


def action(case: Case, what: str, owner: Person, day: date) -> Task:
    """What somebody said they would do, by the day they said; of one that passed before it was entered, soon."""
    at = london(day, END_OF_DAY)
    due = Due(at, f"{say_instant(at)}: the day agreed for this action")
    if day < case.day:
        due = working_days(case.at, 1, case.calendar, f"the day agreed, {say_day(day)}, passed before it was entered")
    return case.open(Kind.ACTION, owner, "owner", due, about={"what": what})


def countersign(case: Case, second: Person, about: dict[str, Any], not_after: datetime | None = None) -> Task:
    """A second person is asked to agree; `not_after` when what it would stop happens sooner.

    Should they be away or leave, it falls to the first role upwards that is not the proposer's own.
    """
    own = case.staff.roles_of(case.by, case.place) if case.by else set()
    role = next(role for role in (Role.DSL, Role.DEPUTY_DSL, Role.HEAD) if role not in own or role == Role.HEAD)
    due = in_working_days(case, "countersign_due", case.at)
    if not_after is not None and not_after <= due.at:
        due = Due(not_after, f"{say_instant(not_after)}: when the referral is sent unless it is stopped")
    return case.open(Kind.COUNTERSIGN, second, role, due, about=about)


def confirm_referral(case: Case, referral: Referral, hold: Due) -> Task:
    """The DSL may add, send at once or stop; when the hold ends the referral is sent."""
    return case.open(
        Kind.CONFIRM_REFERRAL, case.dsl(), Role.DSL, hold, lapse_at=hold.at, referral=referral, urgent=True
    )


def await_front_door(case: Case, referral: Referral, *kinds: Kind) -> None:
    """The clocks on the front door's acknowledgement and decision; silence lapses into a disagreement."""
    figures = {Kind.AWAIT_ACKNOWLEDGEMENT: "referral_ack_due", Kind.AWAIT_DECISION: "referral_decision_due"}
    sent = referral.sent_at or case.at
    silence = _from_sending(case, "referral_no_response_escalate", sent)
    for kind in kinds or tuple(figures):
        due = _from_sending(case, figures[kind], sent)
        case.open(kind, case.dsl(), Role.DSL, due, lapse_at=silence.at, referral=referral)


def _from_sending(case: Case, figure: str, sent: datetime) -> Due:
    return counted(case, lambda since: in_working_days(case, figure, since), case.rule(figure), sent)


def file_referral(case: Case, referral: Referral) -> Task:
    """A telephoned or portal referral must also be written, within so many hours."""
    figure = "phone_referral_written_due_hours"
    due = counted(case, lambda since: clock_hours(since, case.days(figure), case.rule(figure)), case.rule(figure))
    return case.open(Kind.FILE_REFERRAL, case.dsl(), Role.DSL, due, referral=referral, urgent=True)


def answer_question(case: Case, referral: Referral | None, question: str) -> Task:
    """The front door asked back: the DSL answers soon, for the front door's own clocks run on meanwhile."""
    due = in_working_days(case, "front_door_question_due")
    about = {"question": question, "referral": referral.number if referral else None}
    return case.open(Kind.ANSWER_QUESTION, case.dsl(), Role.DSL, due, about=about, urgent=True, referral=referral)


STAGE_OWNERS = {1: Role.DSL, 2: Role.HEAD, 3: Role.PARTNERSHIP_CONTACT}
LAST_STAGE = max(STAGE_OWNERS)


def resolve_disagreement(case: Case, stage: int, referral: Referral | None) -> Task:
    """A stage of professional disagreement: the DSL, then the head, then the partnership's contact."""
    role = STAGE_OWNERS[stage]
    due = in_working_days(case, f"escalation_stage{stage}_due")
    owner = case.staff.owner(role, case.place, case.day)
    return case.open(
        Kind.RESOLVE_DISAGREEMENT, owner, role, due, lapse_at=due.at, stage=stage, referral=referral, urgent=True
    )


def name_cover(case: Case, closure: Closure) -> Task:
    """Before the setting closes the DSL names who looks after the child; when it closes, whoever is next does."""
    due = cover_due(closure, case.at, case.calendar, case.rule("closure_cover_lead"))
    about = {"first": closure.first.isoformat(), "last": closure.last.isoformat()}
    return case.open(Kind.NAME_COVER, case.dsl(), Role.DSL, due, lapse_at=closure.begins_at, about=about)


def first_day(case: Case, closure: Closure, day: date) -> Task:
    """On the first day back the DSL finds out whether the child has been seen."""
    due = first_day_due(day, case.at, case.calendar, case.rule("closure_at_least"))
    about = {"first": closure.first.isoformat(), "last": closure.last.isoformat()}
    return case.open(Kind.FIRST_DAY, case.dsl(), Role.DSL, due, about=about)
