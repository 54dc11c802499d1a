"""Who hears of what: from an event, or from a moment of the ladder, to the letters that are addressed.

Roles are resolved here, when the letter is addressed: leave cover, leavers and empty roles included. Nobody is told of
what they have just done themselves. Letters carry ids and references only.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from config.time import to_london
from models.events import Happened
from models.ladder import Moment, What
from models.lifecycle import Kind, Move
from models.people import Person, Role
from models.record import Event, Observation, Referral, Task
from models.rules import Rule
from models.scene import Scene
from models.staff import CLIMB
from models.sweep import Hit
from notifications.addressing import Addressed
from notifications.closing import closure_letters, with_cover

WHY = MappingProxyType(
    {
        "owner": "you owe this task",
        "cover": "you stand in for a colleague who is away",
        "lead": "you lead the support for this family",
        "observer": "you logged this concern",
        "proposer": "you asked for this countersignature",
        Role.DSL: "you are the DSL of the setting",
        Role.DEPUTY_DSL: "you are a deputy DSL of the setting",
        Role.HEAD: "you are the head of the setting",
        Role.EARLY_HELP_COORDINATOR: "you coordinate early help in this area",
        Role.FRONT_DOOR: "you receive referrals for this area",
        Role.PARTNERSHIP_CONTACT: "you are the partnership's contact for this area",
        Role.ADMINISTRATOR: "you administer the pathway and nobody nearer could be reached",
    }
)
EVERYBODY = tuple(role for role in CLIMB if role != Role.ADMINISTRATOR)
URGENT_KINDS = frozenset({Kind.CONFIRM_REFERRAL, Kind.RESOLVE_DISAGREEMENT, Kind.FILE_REFERRAL})
# Tasks whose opening is nobody's news: the next look at something one has just looked at, or the front door's clock;
# or it is told once for a whole setting (notifications.closing).
QUIET = frozenset({Kind.AWAIT_ACKNOWLEDGEMENT, Kind.AWAIT_DECISION, Kind.NAME_COVER, Kind.FIRST_DAY})
OWN_NEXT = frozenset({Kind.CASE_REVIEW, Kind.STATUTORY_REVIEW, Kind.HOLD_REVIEW, Kind.ASSESS, Kind.ACTION})
ACTED_ON = frozenset(
    {
        Happened.MONITORED,
        Happened.CONTINUED,
        Happened.EARLY_HELP_DECIDED,
        Happened.REFERRAL_SENT,
        Happened.NOTED,
        Happened.BROUGHT_FORWARD,
        Happened.CLOSED,
    }
)


@dataclass
class Heard:
    """An event with its scene and what letters about it need to know."""

    event: Event
    scene: Scene
    opened: list[Task] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    referral: Referral | None = None
    proposer: UUID | None = None


def people_for(role: str, scene: Scene, task: Task | None = None) -> list[tuple[Person, str]]:
    """Who is meant by a ladder's word today, each with why; the next role up where nobody is there."""
    if role == "owner" and task is not None:
        return [_acting(task, scene)]
    if role == "lead":
        return [_lead(scene)]
    wanted = Role(role) if role in set(Role) else Role.DSL
    held = {person.id for person in scene.staff.holders(wanted, scene.place)}
    there = scene.staff.climb(wanted, scene.place, scene.day)
    return [(person, WHY[wanted] if person.id in held else _other_why(person, scene)) for person in there]


def _other_why(person: Person, scene: Scene) -> str:
    roles = scene.staff.roles_of(person, scene.place)
    return next((WHY[role] for role in CLIMB if role in roles), WHY["cover"])


def _acting(task: Task, scene: Scene) -> tuple[Person, str]:
    person = scene.staff.acting(task.owner_id, task.role, scene.place, scene.day)
    return person, WHY["owner"] if person.id == task.owner_id else WHY["cover"]


def _lead(scene: Scene) -> tuple[Person, str]:
    lead = scene.concern.lead_id
    if lead is None:
        return scene.staff.owner(Role.DSL, scene.place, scene.day), WHY[Role.DSL]
    person = scene.staff.acting(lead, "lead", scene.place, scene.day)
    return person, WHY["lead"] if person.id == lead else WHY["cover"]


def hear_moment(hit: Hit, at: datetime) -> list[Addressed]:
    """The letters of what the sweep found due on one task: the latest thing only, to each person once."""
    return list(_once(with_cover(_moment_letters(hit, at), hit.scene)))


def _moment_letters(hit: Hit, at: datetime) -> Iterator[Addressed]:
    moment = hit.moment
    if moment.what == What.RUNG:
        for rung in sorted(hit.rungs, reverse=True):
            yield from _about_task(hit, "overdue", rung, f"rung-{rung.rung}")
    elif moment.what == What.CHASE:
        yield from _chase(hit, at)
    elif moment.what == What.UNACKNOWLEDGED:
        yield from _about_task(hit, "unacknowledged", moment, "unacknowledged")
    else:
        yield from _about_task(hit, "reminder", moment, f"reminder-{to_london(moment.at):%Y-%m-%dT%H:%M}")


def _about_task(hit: Hit, letter: str, moment: Moment, slot: str) -> Iterator[Addressed]:
    task, scene = hit.task, hit.scene
    for role in moment.to or ("owner",):
        for person, why in people_for(role, scene, task):
            yield Addressed(
                letter=letter,
                person_id=person.id,
                subject=str(task.id),
                slot=slot,
                why_you=why,
                concern_id=scene.concern.id,
                task_id=task.id,
                urgent=_is_urgent(task),
                fields={"rung": moment.rung} if moment.rung else {},
            )


def _is_urgent(task: Task) -> bool:
    """A stop counts only if its second person agrees before the hold ends, which is a matter of hours."""
    stops = task.kind == Kind.COUNTERSIGN and task.about.get("move") == Move.STOP
    return task.urgent or task.kind in URGENT_KINDS or stops


def _chase(hit: Hit, at: datetime) -> Iterator[Addressed]:
    """One chase a working day to the front door, however many clocks run; the DSL has a copy."""
    day = f"{to_london(at):%Y-%m-%d}"
    subject = f"{hit.scene.concern.reference}/{hit.task.referral_id}"
    for letter, role in (("chase", Role.FRONT_DOOR), ("chase-copy", Role.DSL)):
        for person, why in people_for(role, hit.scene, hit.task):
            yield Addressed(letter, person.id, subject, day, why, hit.scene.concern.id, None, True)


def hear_event(heard: Heard) -> list[Addressed]:
    """The letters an event sets off, to each person once."""
    letters: list[Addressed] = []
    for task in heard.opened:
        letters += _opened(heard, task)
    for make in _ABOUT.get(Happened(heard.event.kind), ()):
        letters += make(heard)
    if heard.event.kind in ACTED_ON:
        letters += _acted_on(heard)
    letters += closure_letters(heard.event, lambda role: people_for(role, heard.scene))
    return list(_once(with_cover(letters, heard.scene)))


def _once(letters: Iterable[Addressed]) -> Iterator[Addressed]:
    """One person, one subject and one kind of letter: told once, by the first (highest) reason."""
    seen: set[tuple[UUID, str, str]] = set()
    for one in letters:
        key = (one.person_id, one.subject, one.letter)
        if key not in seen:
            seen.add(key)
            yield one


def _opened(heard: Heard, task: Task) -> list[Addressed]:
    person, why = _acting(task, heard.scene)
    own = person.id == heard.event.by_id and task.kind in OWN_NEXT
    if task.kind in QUIET or own or task.closed_at is not None:
        return []
    slot = f"event-{heard.event.number}"
    # What must be acknowledged within hours cannot wait for the morning's list, however many letters there were today.
    urgent = _is_urgent(task) or task.acknowledge_by is not None
    subject = str(task.id)
    return [Addressed("task-opened", person.id, subject, slot, why, heard.scene.concern.id, task.id, urgent)]


def _acted_on(heard: Heard) -> list[Addressed]:
    concern = heard.scene.concern
    return [
        Addressed("concern-acted-on", one.observer_id, str(one.id), "once", WHY["observer"], concern.id)
        for one in heard.observations
        if one.withdrawn_at is None and one.recorded_at <= heard.event.recorded_at and _may_hear(heard, one.observer_id)
    ]


def _may_hear(heard: Heard, person_id: UUID) -> bool:
    return person_id != heard.event.by_id and _is_reachable(heard, person_id)


def _is_reachable(heard: Heard, person_id: UUID) -> bool:
    """In post, and at an address that takes letters."""
    person = heard.scene.staff.people.get(person_id)
    return bool(person and not heard.scene.staff.has_left(person, heard.scene.day) and not person.refused_at)


def _received(heard: Heard) -> list[Addressed]:
    concern = heard.scene.concern
    return [
        Addressed("concern-received", one.observer_id, str(one.id), "once", WHY["observer"], concern.id)
        for one in heard.observations
        if one.id == heard.event.observation_id and _is_reachable(heard, one.observer_id)
    ]


def _to_roles(letter: str, *roles: str, urgent: bool = False) -> Callable[[Heard], list[Addressed]]:
    """A letter about the concern to everybody who acts in these roles, but for whoever did it."""

    def make(heard: Heard) -> list[Addressed]:
        concern = heard.scene.concern
        told = [one for role in roles for one in people_for(role, heard.scene)]
        referral = heard.referral
        fields: dict[str, Any] = {"referral": referral.number} if referral else {}
        if referral and referral.hold_until and not referral.sent_at:
            fields["hold_until"] = referral.hold_until.isoformat()
        return [
            Addressed(letter, person.id, concern.reference, _slot(heard), why, concern.id, None, urgent, dict(fields))
            for person, why in told
            if person.id != heard.event.by_id or letter == "referral"
        ]

    return make


def _slot(heard: Heard) -> str:
    return f"event-{heard.event.number}"


def _telephone_now(heard: Heard) -> list[Addressed]:
    """Immediate danger: everybody on the ladder is told now, even who logged it."""
    if heard.event.fields.get("rule") != Rule.IMMEDIATE_DANGER:
        return []
    concern = heard.scene.concern
    return [
        Addressed("telephone-now", person.id, concern.reference, _slot(heard), why, concern.id, None, True)
        for role in EVERYBODY
        for person, why in people_for(role, heard.scene)
    ]


def _held(heard: Heard) -> list[Addressed]:
    """Only a held referral is worth a letter of its own; one sent at once is told when it is sent."""
    if heard.referral is None or heard.referral.hold_until is None:
        return []
    return _to_roles("referral-raised", "lead", Role.EARLY_HELP_COORDINATOR)(heard)


def _answered(heard: Heard) -> list[Addressed]:
    """The referrer hears what became of it: DSL, lead, and who raised it by hand."""
    told = _to_roles("front-door-answered", Role.DSL, "lead")(heard)
    raised_by = heard.referral.raised_by if heard.referral else None
    if raised_by and _may_hear(heard, raised_by):
        concern = heard.scene.concern
        why = "you made this referral"
        told.append(Addressed("front-door-answered", raised_by, concern.reference, _slot(heard), why, concern.id))
    return told


def _countersigned(heard: Heard) -> list[Addressed]:
    if heard.proposer is None or not _may_hear(heard, heard.proposer):
        return []
    concern, why = heard.scene.concern, WHY["proposer"]
    fields = {"agreed": heard.event.kind == Happened.COUNTERSIGNED}
    slot = _slot(heard)
    return [Addressed("countersign-answered", heard.proposer, concern.reference, slot, why, concern.id, fields=fields)]


def _handed_over(heard: Heard) -> list[Addressed]:
    """Who owed a task and owes it no longer hears so, unless they have gone or did it themselves."""
    before = heard.event.fields.get("from")
    people = [one for one in heard.scene.staff.people.values() if one.email == before]
    concern, why = heard.scene.concern, "you owed this task until now"
    return [
        Addressed("handed-over", one.id, concern.reference, _slot(heard), why, concern.id, heard.event.task_id)
        for one in people
        if _may_hear(heard, one.id)
    ]


_DISAGREE = (_to_roles("disagreement", Role.FRONT_DOOR, Role.DSL, Role.HEAD, urgent=True),)
_ABOUT: dict[Happened, Sequence[Callable[[Heard], list[Addressed]]]] = {
    Happened.LOGGED: (_received,),
    Happened.JOINED: (_received,),
    Happened.RULE_FIRED: (_telephone_now,),
    Happened.REFERRAL_RAISED: (_held,),
    Happened.REFERRAL_SENT: (
        _to_roles("referral", Role.FRONT_DOOR, urgent=True),
        _to_roles("referral-sent", Role.DSL, "lead", Role.HEAD),
    ),
    Happened.REFERRAL_STOPPED: (_to_roles("referral-stopped", Role.EARLY_HELP_COORDINATOR, Role.HEAD),),
    Happened.REFERRAL_ACKNOWLEDGED: (_answered,),
    Happened.DECIDED: (_answered,),
    Happened.RESOLVED: (_answered,),
    Happened.ANSWERED: (_to_roles("question-answered", Role.FRONT_DOOR, urgent=True),),
    Happened.DISPUTED: _DISAGREE,
    Happened.DISSENTED: _DISAGREE,
    Happened.STEPPED_UP: _DISAGREE,
    Happened.REASSIGNED: (_handed_over,),
    Happened.COUNTERSIGNED: (_countersigned,),
    Happened.COUNTERSIGN_REFUSED: (_countersigned,),
}
