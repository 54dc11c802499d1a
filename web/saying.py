"""How pages say things: days and times as people say them, in the reader's zone; statuses, tasks and moves in words."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from config.time import LONDON
from models.lifecycle import Kind, Move, Status
from models.people import Role

STATUSES: Mapping[Status, str] = MappingProxyType(
    {
        Status.LOGGED: "New",
        Status.MONITORING: "Being watched",
        Status.ASSESSING: "Early help assessment",
        Status.SUPPORTING: "Early help",
        Status.REFERRING: "Referral about to go",
        Status.REFERRED: "Referred",
        Status.DISPUTED: "Disagreement",
        Status.STATUTORY: "With social care",
        Status.CLOSED: "Closed",
    }
)
ROLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.PRACTITIONER: "Member of staff",
        Role.DSL: "Designated safeguarding lead",
        Role.DEPUTY_DSL: "Deputy designated safeguarding lead",
        Role.HEAD: "Head or manager",
        Role.EARLY_HELP_COORDINATOR: "Early help coordinator",
        Role.FRONT_DOOR: "Front door",
        Role.PARTNERSHIP_CONTACT: "Partnership contact",
        Role.ADMINISTRATOR: "Administrator",
    }
)
TYPES: Mapping[str, str] = MappingProxyType(
    {
        "physical": "Physical: clothing, cleanliness, living conditions",
        "nutritional": "Food and nutrition",
        "medical": "Health, medical and dental care",
        "emotional": "Emotional care",
        "educational": "Education and attendance",
        "supervision": "Supervision and guidance",
        "pre_birth": "Before birth",
        "hoarding": "Hoarding or home conditions",
        "adolescent": "Neglect of a teenager",
    }
)

DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "s17": "Social care will assess (section 17)",
        "s47": "Social care will enquire (section 47)",
        "early_help": "Early help",
        "nfa": "No further action",
    }
)
RULES: Mapping[str, str] = MappingProxyType(
    {
        "decision": "by a person's decision",
        "immediate_danger": "at once, for immediate danger",
        "worse": "by itself, as a review found that things are worse",
        "persisting": "by itself, as reviews found no change",
    }
)


def clock(at: datetime, zone: ZoneInfo) -> str:
    """`9am`, `3:05pm`, `noon`, `midnight`, as the reader's clock shows it."""
    here = at.astimezone(zone)
    if here.minute == 0 and here.hour in (0, 12):
        return "noon" if here.hour else "midnight"
    minutes = f":{here:%M}" if here.minute else ""
    return f"{here.hour % 12 or 12}{minutes}{'pm' if here.hour >= 12 else 'am'}"


def on_day(day: date, today: date) -> str:
    """`today`, `tomorrow`, `yesterday`, `Tuesday 3 March`, and the year where it is not this one."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((day - today).days)
    year = "" if day.year == today.year else f" {day.year}"
    return near or f"{day:%A} {day.day} {day:%B}{year}"


def on_date(day: date) -> str:
    """`3 March 2026`."""
    return f"{day.day} {day:%B %Y}"


def moment(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """`Tuesday 3 March at 5pm`, `today at noon`; with the zone's name where it is not London's."""
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    where = "" if zone == LONDON else f" ({zone.key})"
    return f"{on_day(day, today)} at {clock(at, zone)}{where}"


def ago(then: datetime, now: datetime) -> str:
    """`3 days`, `2 hours`, `5 minutes`, `less than a minute`: how long between two instants."""
    past = abs(now - then)
    for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if count := past // size:
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def count(number: int, one: str, many: str = "") -> str:
    """`1 task`, `3 tasks`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def spoken(word: str) -> str:
    """A word of the record as people say it: `bring_forward` is `bring forward`."""
    return word.replace("_", " ").replace("-", " ")


def sentence(text: str) -> str:
    """The same beginning with a capital."""
    return text[:1].upper() + text[1:]


MOVES: Mapping[Move, str] = MappingProxyType(
    {
        Move.ACKNOWLEDGE: "Say that you have seen it",
        Move.MONITOR: "Watch, and look again",
        Move.CONTINUE: "Carry on as now",
        Move.EARLY_HELP: "Offer early help",
        Move.REFER: "Refer to children's social care now",
        Move.DISSENT: "Disagree with the front door's decision",
        Move.CLOSE: "Propose to close",
        Move.CONSENT: "The family agrees",
        Move.DECLINE: "The family declines",
        Move.COMPLETE: "Complete the assessment",
        Move.REVIEW: "Record the review",
        Move.POSTPONE: "Put the review off",
        Move.ADD: "Add to the referral",
        Move.SEND: "Send the referral now",
        Move.STOP: "Stop the referral",
        Move.CHASE: "Record that you asked again",
        Move.DECIDE: "Record the decision",
        Move.RESOLVE: "Record what was agreed",
        Move.STEP_UP: "Take it a stage further now",
        Move.RECORD: "Record a step of social care's work",
        Move.STEP_DOWN: "Step down to early help",
        Move.NOTED: "Note it: nothing more is needed",
        Move.BRING_FORWARD: "Bring the next review forward",
        Move.DONE: "It is done",
        Move.NOT_DONE: "It was not done",
        Move.AGREE: "Agree",
        Move.REFUSE: "Refuse",
        Move.FILED: "Record that it was filed",
        Move.ASK: "Ask the referrer",
        Move.ANSWER: "Answer the front door",
        Move.NAME: "Name who covers",
        Move.SEEN: "The child was seen",
        Move.NOT_SEEN: "The child was not seen",
    }
)


def say_move(move: str, kind: Kind | None = None) -> str:
    """A move as a button says it."""
    at_front_door = kind in (Kind.AWAIT_ACKNOWLEDGEMENT, Kind.AWAIT_DECISION, Kind.RESOLVE_DISAGREEMENT)
    if move == Move.ACKNOWLEDGE and at_front_door:
        return "Acknowledge the referral"
    known = {str(one): text for one, text in MOVES.items()}
    return known.get(move, sentence(spoken(move)))
