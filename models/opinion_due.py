"""Second opinion, 2: is each deadline what the policy says, counted from the event that opened the task?

Where the rule depends on a setting's own days, which may be changed later, its bounds are checked: a case review ends
on one of the weeks it may end in, a hold never outlasts 17:00 of the next working day. Source: design.md, "Lifecycle".
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from config.policy import Policy
from config.time import say_instant
from models.opinion_days import END, Days, instant_of, london_day
from models.opinion_dossier import Dossier
from models.record import Event, Referral, Task

Count = Callable[[Days, datetime], datetime]
# Kinds whose deadline is so many working days from their opening, by the policy's figure.
WORKING_DAYS = {
    "dsl_review": "dsl_decision_due",
    "dsl_decision": "dsl_decision_due",
    "gain_consent": "eha_consent_followup_days",
    "answer_question": "front_door_question_due",
}
FROM_SENDING = {"await_acknowledgement": "referral_ack_due", "await_decision": "referral_decision_due"}
REVIEWS = ("case_review", "hold_review", "statutory_review")
LAST_STAGE = 3


def due_findings(file: Dossier) -> Iterator[str]:
    """Every task whose clocks are not the policy's; of closed ones those that ended lately."""
    for task in file.tasks:
        event = file.opened_by.get(str(task.id))
        if event is None or not (task.closed_at is None or file.is_judged(task.closed_at)):
            continue
        name = f"task {str(task.id)[:8]} ({task.kind})"
        if task.opened_at != event.recorded_at:
            yield f"{name} was opened at another time than event {event.number} says"
        expected = _due(file, task, event)
        if expected and task.due_at not in expected | _hastened(file, task, expected):
            yield f"{name} is due {say_instant(task.due_at)}; the policy says {say_instant(min(expected))}"
        yield from (f"{name} {what}" for what in _other_clocks(file, task, event))


def _due(file: Dossier, task: Task, event: Event) -> set[datetime]:
    """The deadlines that the policy allows for a task; none where nothing is claimed of its kind."""
    kind, policy = task.kind.value, file.policy_of(task)
    if kind == "dsl_decision" and event.fields.get("rule") == "immediate_danger":
        hours = _figure(policy, "dsl_acknowledge_urgent_hours")
        return {event.recorded_at + timedelta(hours=hours)}
    if kind in WORKING_DAYS:
        return _entered(file, event, _working_days(policy, WORKING_DAYS[kind]))
    special = SPECIAL.get(kind)
    return special(file, task, event) if special else set()


def _figure(policy: Policy, name: str) -> int:
    return int(policy.figure(name))


def _working_days(policy: Policy, name: str) -> Count:
    return lambda days, start: days.end_after(start, _figure(policy, name))


def _entered(file: Dossier, event: Event, count: Count, start: datetime | None = None) -> set[datetime]:
    """Counted from the event (or from `start`); of what was entered later also from when it was done.

    Entered later, a deadline is no earlier than the end of the next working day and no later than had it been done now.
    """
    found = {count(days, start or event.recorded_at) for days in file.days}
    done = file.done_before(event.recorded_at)
    if done is None:
        return found
    for days in file.days:
        floor = days.end_after(event.recorded_at, 1)
        now = count(days, event.recorded_at)
        found |= {now, min(now, max(count(days, done), floor))}
    return found


def _assess(file: Dossier, task: Task, event: Event) -> set[datetime]:
    """From the decision for early help, however long consent took; never before the next working day's end."""
    policy = file.policy_of(task)
    return _from_decision(file, event, _working_days(policy, "eha_complete_due"))


def _from_decision(file: Dossier, event: Event, count: Count) -> set[datetime]:
    starts = _help_decided(file, event) or [event.recorded_at]
    return {max(count(days, start), days.end_after(event.recorded_at, 1)) for days in file.days for start in starts}


def _help_decided(file: Dossier, before: Event) -> list[datetime]:
    """When early help was last decided on, by the DSL or by the front door: recorded, and done where entered later."""
    found: list[datetime] = []
    for event in file.events:
        if event.number > before.number:
            break
        answered = event.kind in ("decided", "resolved") and event.fields.get("decision") == "early_help"
        if event.kind == "early_help_decided" or (answered and _opens(file, event, "gain_consent")):
            done = file.done_before(event.recorded_at)
            found = [event.recorded_at, *([done] if done else [])]
    return found


def _opens(file: Dossier, event: Event, kind: str) -> bool:
    return any(one in file.task_of and file.task_of[one].kind.value == kind for one in event.opened)


def _weeks(policy: Policy, name: str) -> Count:
    return lambda days, start: days.weeks_after(start, _figure(policy, name))


def _hold_review(file: Dossier, task: Task, event: Event) -> set[datetime]:
    policy = file.policy_of(task)
    if event.kind == "assessed":
        return _from_decision(file, event, _weeks(policy, "first_taf_due"))
    if event.kind == "postponed":
        return {instant_of(date.fromisoformat(event.fields["to"]), END)}
    figures = {"referral_stopped": "review_after_stop", "stepped_down": "stepdown_first_taf_due"}
    if event.kind in figures:
        return _entered(file, event, _working_days(policy, figures[event.kind]))
    if event.kind in ("reviewed", "decided", "resolved"):
        return _entered(file, event, _weeks(policy, "taf_review_interval"))
    return set()


def _case_review(file: Dossier, task: Task, event: Event) -> set[datetime]:
    """The same weekday in any week from the interval to the most it may take: which one, the school's days decide."""
    policy = file.policy_of(task)
    first, last = _figure(policy, "dsl_case_review_interval"), _figure(policy, "case_review_at_most")
    found: set[datetime] = set()
    for number in range(min(first, last), last + 1):
        found |= _entered(file, event, lambda days, start, weeks=number: days.weeks_after(start, weeks))  # type: ignore[misc]  # bound now
    return found


def _awaited(file: Dossier, task: Task, event: Event) -> set[datetime]:
    count = _working_days(file.policy_of(task), FROM_SENDING[task.kind.value])
    return _entered(file, event, count, _sent_at(file, task))


def _sent_at(file: Dossier, task: Task) -> datetime | None:
    referral = _referral(file, task)
    return referral.sent_at if referral else None


def _referral(file: Dossier, task: Task) -> Referral | None:
    return next((one for one in file.referrals if one.id == task.referral_id), None)


def _file_referral(file: Dossier, task: Task, event: Event) -> set[datetime]:
    hours = _figure(file.policy_of(task), "phone_referral_written_due_hours")
    return _entered(file, event, lambda _, start: start + timedelta(hours=hours))


def _stage(file: Dossier, task: Task, event: Event) -> set[datetime]:
    figure = f"escalation_stage{min(max(task.stage, 1), LAST_STAGE)}_due"
    return _entered(file, event, _working_days(file.policy_of(task), figure))


def _countersign(file: Dossier, task: Task, event: Event) -> set[datetime]:
    found = _entered(file, event, _working_days(file.policy_of(task), "countersign_due"))
    asked_of = next((one for one in file.tasks if one.id == event.task_id), None)
    held = _referral(file, asked_of) if asked_of else None
    if task.about.get("move") != "stop" or held is None or held.hold_until is None:
        return found
    return {min(one, held.hold_until) for one in found}


def _action(file: Dossier, task: Task, event: Event) -> set[datetime]:
    agreed = {date.fromisoformat(str(one["due"])[:10]) for one in event.fields.get("actions") or []}
    found = {instant_of(day, END) for day in agreed}
    if any(day < london_day(event.recorded_at) for day in agreed):  # it had passed before it was entered
        found |= {days.end_after(event.recorded_at, 1) for days in file.days}
    return found


def _confirm(file: Dossier, task: Task, event: Event) -> set[datetime]:
    """How long things staying the same are held; of things that got worse `_hold` checks the bounds."""
    if event.fields.get("rule") != "persisting":
        return set()
    return _entered(file, event, _working_days(file.policy_of(task), "hold_persisting"))


def _name_cover(file: Dossier, task: Task, event: Event) -> set[datetime]:
    """17:00 of the last working day before the setting closes; where that is over, the moment it closes."""
    first = date.fromisoformat(str(task.about["first"]))
    ends = {instant_of(days.back(first, 1), END) for days in file.days}
    closes = instant_of(first, time())
    return {end if end > event.recorded_at else closes for end in ends}


SPECIAL: dict[str, Callable[[Dossier, Task, Event], set[datetime]]] = {
    "assess": _assess,
    "hold_review": _hold_review,
    "case_review": _case_review,
    "statutory_review": _case_review,
    "await_acknowledgement": _awaited,
    "await_decision": _awaited,
    "file_referral": _file_referral,
    "resolve_disagreement": _stage,
    "countersign": _countersign,
    "action": _action,
    "confirm_referral": _confirm,
    "name_cover": _name_cover,
}


def _hastened(file: Dossier, task: Task, expected: set[datetime]) -> set[datetime]:
    """Earlier deadlines that a decision to bring the review forward gave it while it was open."""
    if task.kind.value not in REVIEWS:
        return set()
    # By their places in the history: the clocks of two machines may differ.
    begun = next((one.number for one in file.events if str(task.id) in one.opened), 0)
    over = next((one.number for one in file.events if str(task.id) in one.closed), len(file.events))
    found: set[datetime] = set()
    for event in file.events:
        if event.kind == "brought_forward" and begun <= event.number <= over:
            number = file.figure("bring_forward_due", event.recorded_at)
            found |= _entered(file, event, lambda days, start, n=number: days.end_after(start, n))  # type: ignore[misc]  # bound now
    return {one for one in found if one < max(expected)}


def _other_clocks(file: Dossier, task: Task, event: Event) -> Iterator[str]:
    """Acknowledgement, hold and silence: what ends by itself ends when the policy says."""
    by, kind, policy = task.acknowledge_by, task.kind.value, file.policy_of(task)
    if by is not None and not task.opened_at <= by <= task.due_at:
        yield "is to be acknowledged outside its own time"
    if kind == "dsl_review" and by is None:
        yield "has no time by which it is to be acknowledged"
    if kind == "confirm_referral":
        yield from _hold(file, task, event)
    elif kind in FROM_SENDING:
        silence = _entered(file, event, _working_days(policy, "referral_no_response_escalate"), _sent_at(file, task))
        if task.lapse_at not in silence:
            yield f"does not end when silence does, {say_instant(min(silence))}"
    elif kind == "resolve_disagreement" and task.lapse_at != task.due_at:
        yield "does not go up at its deadline"
    elif kind == "name_cover":
        if task.lapse_at != instant_of(date.fromisoformat(str(task.about["first"])), time()):
            yield "does not end when the setting closes"
    elif kind != "resolve_disagreement" and task.lapse_at is not None:
        yield "ends by itself, and no task of its kind does"


def _hold(file: Dossier, task: Task, event: Event) -> Iterator[str]:
    referral = _referral(file, task)
    if referral is None or task.lapse_at != task.due_at or referral.hold_until != task.due_at:
        yield "does not end with its referral's hold"
    latest = max(days.end_after(event.recorded_at, 1) for days in file.days)
    earliest = min(days.end_after(event.recorded_at, 0) for days in file.days)
    if not earliest <= task.due_at <= latest:
        yield f"holds a referral outside {say_instant(earliest)} to {say_instant(latest)}"
