"""Second opinion, 1: does the history lead to where the concern stands? It is replayed by a table of its own.

What each kind of event means, in which statuses it may happen, where it leads and which task it must open, is written
from design.md, "Lifecycle", and shares nothing with models.lifecycle.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from models.opinion_dossier import Dossier
from models.record import Event

BEGUN = ("LOGGED", "MONITORING", "ASSESSING", "SUPPORTING", "REFERRING", "REFERRED", "DISPUTED", "STATUTORY")
AT_FRONT_DOOR = ("REFERRED", "DISPUTED")
NOWHERE = "not begun"
DANGER = "immediate_danger"
HELD_RULES = ("worse", "persisting")


@dataclass(frozen=True)
class Meaning:
    """Where an event may happen, which status it leads to (empty: it stays), and which task it must open."""

    where: tuple[str, ...]
    to: str = ""
    opens: str = ""


MEANS: dict[str, Meaning] = {
    "logged": Meaning((NOWHERE,), "LOGGED", "dsl_review"),
    "reopened": Meaning(("CLOSED",), "LOGGED", "dsl_review"),
    "acknowledged": Meaning(("LOGGED",)),
    "monitored": Meaning(("LOGGED",), "MONITORING", "case_review"),
    "continued": Meaning(("MONITORING",), "", "case_review"),
    "dissented": Meaning(("LOGGED",), "DISPUTED", "resolve_disagreement"),
    "closed": Meaning(("LOGGED", "MONITORING", "SUPPORTING", "STATUTORY"), "CLOSED"),
    "early_help_decided": Meaning(("LOGGED", "MONITORING"), "ASSESSING", "gain_consent"),
    "consented": Meaning(("ASSESSING",), "", "assess"),
    "declined": Meaning(("ASSESSING",), "LOGGED", "dsl_review"),
    "assessed": Meaning(("ASSESSING",), "SUPPORTING", "hold_review"),
    "reviewed": Meaning(("SUPPORTING",), "", "hold_review"),
    "postponed": Meaning(("SUPPORTING",), "", "hold_review"),
    "referral_raised": Meaning(BEGUN),
    "referral_added_to": Meaning(("REFERRING",)),
    "referral_sent": Meaning(BEGUN, "REFERRED", "await_decision"),
    "referral_stopped": Meaning(("REFERRING",), "SUPPORTING", "hold_review"),
    "referral_acknowledged": Meaning(AT_FRONT_DOOR),
    "chased": Meaning(("REFERRED",)),
    "asked": Meaning(AT_FRONT_DOOR, "", "answer_question"),
    "decided": Meaning(AT_FRONT_DOOR),
    "resolved": Meaning(("DISPUTED",)),
    "disputed": Meaning(("REFERRED",), "DISPUTED", "resolve_disagreement"),
    "stepped_up": Meaning(("DISPUTED",), "", "resolve_disagreement"),
    "statutory_continued": Meaning(("STATUTORY",), "", "statutory_review"),
    "statutory_recorded": Meaning(("STATUTORY",)),
    "stepped_down": Meaning(("STATUTORY",), "SUPPORTING", "hold_review"),
    "joined": Meaning(BEGUN, "", ""),
    "countersign_asked": Meaning((*BEGUN, "CLOSED"), "", "countersign"),
}
# What may happen beside any open status and leads nowhere; withdrawing an observation mends closed concerns too.
BESIDE = frozenset(
    {
        "noted",
        "brought_forward",
        "action_done",
        "action_not_done",
        "rule_fired",
        "referral_filed",
        "answered",
        "observation_withdrawn",
        "countersigned",
        "countersign_refused",
        "reassigned",
        "snoozed",
        "escalated",
        "cover_asked",
        "cover_named",
        "cover_given",
        "cover_moved",
        "opened_again",
        "seen",
        "not_seen",
    }
)
ANSWERS = {
    "s17": Meaning((), "STATUTORY", "statutory_review"),
    "s47": Meaning((), "STATUTORY", "statutory_review"),
    "nfa": Meaning((), "LOGGED", "dsl_review"),
    "early_help": Meaning((), "ASSESSING", "gain_consent"),
    "early_help after an assessment": Meaning((), "SUPPORTING", "hold_review"),
}
# The tasks that carry a status and no other.
CARRIES: dict[str, frozenset[str]] = {
    "LOGGED": frozenset({"dsl_review"}),
    "MONITORING": frozenset({"case_review"}),
    "ASSESSING": frozenset({"gain_consent", "assess"}),
    "SUPPORTING": frozenset({"hold_review"}),
    "REFERRING": frozenset({"confirm_referral"}),
    "REFERRED": frozenset({"await_acknowledgement", "await_decision"}),
    "DISPUTED": frozenset({"resolve_disagreement"}),
    "STATUTORY": frozenset({"statutory_review"}),
    "CLOSED": frozenset(),
}
# What asks the DSL for a decision: one is owed when it has happened.
ASKING = ("joined", "rule_fired", "not_seen")
CARRIERS = frozenset().union(*CARRIES.values())


@dataclass
class Replayed:
    """Where the history leads: status, tasks still open, and the reviews running."""

    status: str = NOWHERE
    owed: dict[str, Event] = field(default_factory=dict)
    ended: dict[str, Event] = field(default_factory=dict)
    assessed: bool = False
    declined: bool = False
    unchanged: int = 0
    improved: int = 0
    wrong: list[str] = field(default_factory=list)
    # By number of a review: how many unchanged reviews were running after it.
    running: dict[int, int] = field(default_factory=dict)
    declined_at: set[int] = field(default_factory=set)


def replay(file: Dossier) -> Replayed:
    """Follow the history from its first event to its last."""
    so_far = Replayed()
    for event in file.events:
        _tasks(file, event, so_far)
        _status(file, event, so_far)
        _decision(file, event, so_far)
        _counters(event, so_far)
    return so_far


def _tasks(file: Dossier, event: Event, so_far: Replayed) -> None:
    for one in event.closed:
        so_far.owed.pop(one, None)
        so_far.ended[one] = event
    for one in event.opened:
        if one not in event.closed:
            so_far.owed[one] = event


def _meaning(file: Dossier, event: Event, so_far: Replayed) -> Meaning | None:
    if event.kind in ("decided", "resolved"):
        decision = str(event.fields.get("decision"))
        if decision == "early_help" and so_far.assessed:
            decision = "early_help after an assessment"
        answer = ANSWERS.get(decision)
        return answer and Meaning(MEANS[event.kind].where, answer.to, answer.opens)
    if event.kind == "referral_raised" and event.fields.get("rule") in HELD_RULES:
        return Meaning(("SUPPORTING",), "REFERRING", "confirm_referral")
    return MEANS.get(event.kind)


def _status(file: Dossier, event: Event, so_far: Replayed) -> None:
    meaning = _meaning(file, event, so_far)
    if meaning is None:
        return
    if so_far.status not in meaning.where:
        so_far.wrong.append(f"event {event.number} ({event.kind}) cannot happen while a concern is {so_far.status}")
    opened = {file.task_of[one].kind.value for one in event.opened if one in file.task_of}
    if meaning.opens and meaning.opens not in opened:
        so_far.wrong.append(f"event {event.number} ({event.kind}) opened no {meaning.opens}")
    so_far.status = meaning.to or so_far.status


def _decision(file: Dossier, event: Event, so_far: Replayed) -> None:
    owed = {file.task_of[one].kind.value for one in so_far.owed if one in file.task_of}
    if event.kind in ASKING and "dsl_decision" not in owed:
        so_far.wrong.append(f"event {event.number} ({event.kind}) left nobody a decision to make")


def _counters(event: Event, so_far: Replayed) -> None:
    if event.kind == "reviewed":
        outcome = event.fields.get("outcome")
        so_far.unchanged = so_far.unchanged + 1 if outcome == "unchanged" else 0
        so_far.improved = so_far.improved + 1 if outcome == "improved" else 0
        so_far.running[event.number] = so_far.unchanged
    elif event.kind == "reopened" or (event.kind in ("decided", "resolved") and so_far.status == "STATUTORY"):
        so_far.unchanged = so_far.improved = 0
    if event.kind in ("assessed", "early_help_decided"):
        so_far.assessed = event.kind == "assessed"
    if event.kind in ("declined", "early_help_decided"):
        so_far.declined = event.kind == "declined"
    if event.kind == "joined" and so_far.declined:
        so_far.declined_at.add(event.number)


def status_findings(file: Dossier, so_far: Replayed) -> Iterator[str]:
    """Where the history and the record differ, and what cannot have happened."""
    concern = file.concern
    yield from so_far.wrong
    if so_far.status != concern.status.value:
        yield f"its history leads to {so_far.status}, the record says {concern.status}"
    if (so_far.unchanged, so_far.improved) != (concern.unchanged_running, concern.improved_running):
        yield "its reviews running are not those of its history"
    yield from _open_tasks(file, so_far)


def _open_tasks(file: Dossier, so_far: Replayed) -> Iterator[str]:
    still_open = {one: task for one, task in file.task_of.items() if task.closed_at is None}
    for one, task in still_open.items():
        if one in so_far.ended and one not in so_far.owed:
            yield f"task {one[:8]} ({task.kind}) was ended by event {so_far.ended[one].number} and is still open"
    kinds = {file.task_of[one].kind.value for one in so_far.owed if one in file.task_of}
    if so_far.status in CARRIES:
        for stray in sorted(kinds & (CARRIERS - CARRIES[so_far.status])):
            yield f"{stray} is still owed by its history although it leads to {so_far.status}"
        if CARRIES[so_far.status] and not kinds & CARRIES[so_far.status]:
            yield f"its history leads to {so_far.status} and leaves no task for it"
