"""Second opinion, 5: does everybody have the letters that the events call for, and nobody else any?

Which event calls for which letter, and whom each is for, is written here from design.md; nothing is shared with
notifications.hearing. Claims about people are made only of those who were surely there (models.opinion_people).
"""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from models.opinion_dossier import Dossier, Sighting
from models.record import Event, Referral, Task
from models.telling import State

# The front door's own clocks; or told by one letter for a whole setting.
UNTOLD = ("await_acknowledgement", "await_decision", "name_cover", "first_day")
# The next look at something: no news to whoever has just looked.
OWN_NEXT = ("case_review", "statutory_review", "hold_review", "assess", "action")
ACTED = (
    "monitored",
    "continued",
    "early_help_decided",
    "referral_sent",
    "noted",
    "brought_forward",
    "closed",
)
LADDER = ("dsl", "deputy_dsl", "head", "early_help_coordinator", "partnership_contact")
# Letters that an event calls for, about the concern: which, and the roles they are for.
CALLS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "referral_sent": (("referral", ("front_door",)), ("referral-sent", ("dsl", "lead", "head"))),
    "referral_stopped": (("referral-stopped", ("early_help_coordinator", "head")),),
    "referral_acknowledged": (("front-door-answered", ("dsl", "lead")),),
    "decided": (("front-door-answered", ("dsl", "lead")),),
    "resolved": (("front-door-answered", ("dsl", "lead")),),
    "answered": (("question-answered", ("front_door",)),),
    "disputed": (("disagreement", ("front_door", "dsl", "head")),),
    "dissented": (("disagreement", ("front_door", "dsl", "head")),),
    "stepped_up": (("disagreement", ("front_door", "dsl", "head")),),
}
CLOCKS_APART = timedelta(minutes=5)
TO_ALL = ("referral", "telephone-now")  # even to whoever did it


def letter_findings(file: Dossier) -> Iterator[str]:
    """Letters that are missing, and letters of a kind, to a person or in a state that nothing calls for."""
    for event in file.events:
        if event.followed_up_at is not None and file.is_judged(event.followed_up_at):
            yield from _opened(file, event)
            yield from _called_for(file, event)
            yield from _observers(file, event)
            yield from _between_two(file, event)
    for one in file.letters:
        if one.state == State.SENT and (one.address is None or one.sent_at is None):
            yield f"letter {one.letter} counts as sent, without an address or a time"


def calls(event: Event, referral: Referral | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The letters about the concern that an event calls for, each with the roles it is for."""
    yield from CALLS.get(event.kind, ())
    if event.kind == "rule_fired" and event.fields.get("rule") == "immediate_danger":
        yield "telephone-now", LADDER
    if event.kind == "referral_raised" and referral is not None and referral.hold_until is not None:
        yield "referral-raised", ("lead", "early_help_coordinator")


def referral_of(file: Dossier, event: Event) -> Referral | None:
    """The referral that an event names."""
    return next((one for one in file.referrals if one.number == event.fields.get("referral")), None)


def _called_for(file: Dossier, event: Event) -> Iterator[str]:
    slot, reference = f"event-{event.number}", file.concern.reference
    for letter, roles in calls(event, referral_of(file, event)):
        told = file.told.get((letter, reference, slot), set())
        for role in roles:
            for person in sorted(file.posts.holders(role, file.concern), key=str):
                if person not in told and _must_hear(file, event, person, letter):
                    yield f"{file.posts.people[person].email}, {role}, never had {letter} of event {event.number}"
        if not told and letter in TO_ALL:
            yield f"nobody had {letter} of event {event.number}"


def _must_hear(file: Dossier, event: Event, person: UUID, letter: str) -> bool:
    at = event.followed_up_at or event.recorded_at
    return (person != event.by_id or letter in TO_ALL) and file.posts.surely_there(person, at)


def _opened(file: Dossier, event: Event) -> Iterator[str]:
    """Whoever owes a task hears that it was opened, unless it was closed or handed on before anybody could be told."""
    for number in event.opened:
        task = file.task_of.get(number)
        yield from _wrong_owner(file, event, task)
        if task is None or task.kind.value in UNTOLD or _gone(file, event, task):
            continue
        owner = owner_at(file, task, event)
        if task.kind.value in OWN_NEXT and _may_be_own(file, event, owner):
            continue
        told = file.told.get(("task-opened", number, f"event-{event.number}"), set())
        at = event.followed_up_at or event.recorded_at
        if not told or (owner and owner not in told and file.posts.surely_there(owner, at)):
            yield f"its owner never heard that task {number[:8]} ({task.kind}) was opened"


def _wrong_owner(file: Dossier, event: Event, task: Task | None) -> Iterator[str]:
    """What the DSL is to do is first owed by a DSL, or by whoever covers them; a second's word is somebody's own.

    Anybody may have it later: a colleague, or whoever acts for one who left.
    """
    if task is None or task.role != "dsl" or task.kind.value == "countersign":
        return
    owner, at = owner_at(file, task, event), event.recorded_at
    if owner is None or file.opened_by[str(task.id)] is not event or file.posts.was_changed(owner, at):
        return
    may = file.posts.acting("dsl", file.concern, at)
    if may and owner not in may | file.posts.holders("dsl", file.concern):
        yield f"task {str(task.id)[:8]} ({task.kind}) went to {file.posts.people[owner].email}, who does not act as DSL"


def _gone(file: Dossier, event: Event, task: Task) -> bool:
    # Who closed it and who followed up may be on two machines, whose clocks differ.
    until = max(event.followed_up_at or event.recorded_at, event.recorded_at) + CLOCKS_APART
    if task.closed_at is not None and task.closed_at <= until:
        return True
    later = [one for one in file.about.get(str(task.id), []) if one.kind == "reassigned" and one.number > event.number]
    return any(one.recorded_at <= until for one in later)


def owner_at(file: Dossier, task: Task, event: Event) -> UUID | None:
    """Who owed a task after an event: the next handing over says from whom."""
    for one in file.about.get(str(task.id), []):
        if one.kind == "reassigned" and one.number > event.number:
            return file.posts.by_email.get(str(one.fields.get("from")))
    return task.owner_id


def _may_be_own(file: Dossier, event: Event, owner: UUID | None) -> bool:
    """Whether it was, or may have been, opened by the very person who is to do it."""
    if event.by_id is None:
        return False
    at = event.followed_up_at or event.recorded_at
    return owner is None or event.by_id == owner or not file.posts.surely_there(owner, at)


def _observers(file: Dossier, event: Event) -> Iterator[str]:
    """Whoever logged hears that it was received, and later that it was acted on."""
    at = event.followed_up_at or event.recorded_at
    for one in file.sightings:
        for letter in _for_observer(file, event, one):
            told = file.told.get((letter, str(one.id), "once"), set())
            if one.observer_id not in told and file.posts.surely_there(one.observer_id, at, reachable=True):
                yield f"whoever logged it never had {letter} of event {event.number} ({event.kind})"


def _for_observer(file: Dossier, event: Event, one: Sighting) -> Iterator[str]:
    if one.id == event.observation_id and event.kind in ("logged", "joined"):
        yield "concern-received"
    stands = one.withdrawn_at is None or one.withdrawn_at > (event.followed_up_at or event.recorded_at)
    before = one.recorded_at < event.recorded_at and any(
        each.observation_id == one.id and each.number < event.number for each in file.events
    )
    if event.kind in ACTED and stands and before and one.observer_id != event.by_id:
        yield "concern-acted-on"


def _between_two(file: Dossier, event: Event) -> Iterator[str]:
    """An answer to whoever asked for a second's word; a word to whoever owes a task no longer; to the referrer."""
    slot, reference = f"event-{event.number}", file.concern.reference
    for letter, person in _persons(file, event):
        at = event.followed_up_at or event.recorded_at
        if person is None or person == event.by_id or not file.posts.surely_there(person, at, reachable=True):
            continue
        if person not in file.told.get((letter, reference, slot), set()):
            yield f"{file.posts.people[person].email} never had {letter} of event {event.number}"


def _persons(file: Dossier, event: Event) -> Iterator[tuple[str, UUID | None]]:
    task = file.task_of.get(str(event.task_id))
    if event.kind in ("countersigned", "countersign_refused") and task is not None:
        by = task.about.get("by")
        yield "countersign-answered", UUID(by) if by else None
    if event.kind == "reassigned":
        yield "handed-over", file.posts.by_email.get(str(event.fields.get("from")))
    if event.kind in ("referral_acknowledged", "decided", "resolved"):
        referral = referral_of(file, event)
        yield "front-door-answered", referral.raised_by if referral else None
