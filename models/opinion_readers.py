"""Second opinion, 6: is each letter one that something calls for, to somebody it is for, and told once?

A letter's slot must name an event or a rung that calls for it: a second copy under another slot is told twice. Whoever
is written to must be among those a letter is for, as far as all of them were surely there; and never a stranger.
"""

import re
from collections.abc import Iterator
from uuid import UUID

from models.opinion_dossier import Dossier, Sent
from models.opinion_letters import CALLS, calls, owner_at, referral_of
from models.record import Event, Task

ABOUT_TASK = ("task-opened", "reminder", "unacknowledged", "overdue")
OF_EVENT = re.compile(r"event-(\d+)")
OF_RUNG = re.compile(r"rung-(\d+)")
ONCE = {"concern-received": ("logged", "joined"), "concern-acted-on": ()}
TO_PERSON = {
    "handed-over": ("reassigned",),
    "countersign-answered": ("countersigned", "countersign_refused"),
}
INSTEAD = ":instead"
# Letters about a concern of which the second opinion knows what calls for them.
KNOWN = {"task-opened", "telephone-now", "referral-raised", *ONCE, *TO_PERSON}
KNOWN |= {letter for called in CALLS.values() for letter, _ in called}
ROLES = (
    "practitioner",
    "dsl",
    "deputy_dsl",
    "head",
    "early_help_coordinator",
    "front_door",
    "partnership_contact",
    "administrator",
)


def reader_findings(file: Dossier) -> Iterator[str]:
    """Letters that nothing calls for, and letters to somebody they are not for."""
    connected = _connected(file)
    for one in file.letters:
        if one.slot.endswith(INSTEAD) or one.person_id not in file.posts.people:
            continue
        who = file.posts.people[one.person_id].email
        if not _is_called_for(file, one):
            yield f"nothing calls for letter {one.letter} ({one.slot}) to {who}, or it was told twice"
        if file.posts.was_changed(one.person_id, one.created_at):
            continue
        meant = _meant(file, one)
        if one.person_id not in connected:
            yield f"letter {one.letter} went to {who}, who has nothing to do with it"
        elif meant is not None and one.person_id not in meant | file.covering:
            yield f"letter {one.letter} ({one.slot}) went to {who}, for whom it is not"


def _connected(file: Dossier) -> set[UUID]:
    """Everybody who may hear of a concern: roles, whoever acted in it or owed something, and who covers any of them."""
    found = {one for role in ROLES for one in file.posts.holders(role, file.concern)}
    found |= {task.owner_id for task in file.tasks} | {one.observer_id for one in file.sightings}
    found |= {event.by_id for event in file.events if event.by_id} | file.covering
    found |= {file.concern.lead_id} if file.concern.lead_id else set()
    for event in file.events:
        named = [event.fields.get(name) for name in ("from", "to", "lead", "second")]
        found |= {file.posts.by_email[one] for one in named if isinstance(one, str) and one in file.posts.by_email}
        found |= _by_id(file, event.fields.get("lead"))
    new = found
    while new:
        new = {one.cover_id for who in new for one in file.posts.away.get(who, ()) if one.cover_id} - found
        found |= new
    return found


def _by_id(file: Dossier, text: object) -> set[UUID]:
    try:
        number = UUID(str(text))
    except ValueError:
        return set()
    return {number} & set(file.posts.people)


def _is_called_for(file: Dossier, one: Sent) -> bool:
    if one.letter == "overdue":
        return _rung_was_said(file, one)
    if one.letter in ("reminder", "unacknowledged", "chase", "chase-copy"):
        return True  # models.opinion_ladder looks at the ladder's own; a person may have anybody reminded
    if one.letter not in KNOWN:
        return True
    if one.letter in ONCE:
        return one.slot == "once" and any(str(seen.id) == one.subject for seen in file.sightings)
    event = _event_of(file, one)
    if event is None:
        return False
    if one.letter == "task-opened":
        return one.subject in event.opened
    if one.letter in TO_PERSON:
        return event.kind in TO_PERSON[one.letter]
    return any(letter == one.letter for letter, _ in calls(event, referral_of(file, event)))


def _event_of(file: Dossier, one: Sent) -> Event | None:
    numbered = OF_EVENT.fullmatch(one.slot)
    number = int(numbered[1]) if numbered else 0
    return next((event for event in file.events if event.number == number), None)


def _rung_was_said(file: Dossier, one: Sent) -> bool:
    numbered = OF_RUNG.fullmatch(one.slot)
    said = [event for event in file.about.get(one.subject, []) if event.kind == "escalated"]
    return bool(numbered) and any(int(event.fields.get("rung", 0)) >= int(numbered[1]) for event in said if numbered)


def _meant(file: Dossier, one: Sent) -> set[UUID] | None:
    """Whom a letter is for; None where not all of those were surely there, so that somebody else may have acted."""
    task = file.task_of.get(one.subject) if one.letter in ABOUT_TASK else None
    roles = _roles(file, one, task)
    if not roles:
        return None
    found: set[UUID] = set()
    for role in roles:
        holders = _owner(file, one, task) if role == "owner" else file.posts.holders(role, file.concern)
        if role == "lead" or not file.posts.all_there(holders, one.created_at):
            return None
        found |= holders
    return found


def _owner(file: Dossier, one: Sent, task: Task | None) -> set[UUID]:
    """Who owed a task when the letter was written; nobody where it changed hands in that very instant."""
    if task is None:
        return set()
    handed = [event for event in file.about.get(str(task.id), []) if event.kind == "reassigned"]
    if any(event.recorded_at == one.created_at for event in handed):
        return set()
    before = [event for event in file.events if event.recorded_at <= one.created_at]
    owner = owner_at(file, task, before[-1]) if before else None
    return {owner} if owner else set()


def _roles(file: Dossier, one: Sent, task: Task | None) -> tuple[str, ...]:
    """The roles a letter is for, as the ladder or the event says; none where nothing is claimed."""
    if one.letter == "task-opened":
        return ("owner",)
    if one.letter in ("overdue", "unacknowledged", "reminder") and task is not None:
        return _ladder_roles(file, one, task)
    if one.letter in ("chase", "chase-copy"):
        return ("front_door",) if one.letter == "chase" else ("dsl",)
    event = _event_of(file, one)
    if event is None or one.letter == "front-door-answered":
        return ()
    return next((roles for letter, roles in calls(event, referral_of(file, event)) if letter == one.letter), ())


def _ladder_roles(file: Dossier, one: Sent, task: Task) -> tuple[str, ...]:
    ladder = file.policy_of(task).ladders[task.kind.value]
    numbered = OF_RUNG.fullmatch(one.slot)
    if numbered:
        rung = min(int(numbered[1]), len(ladder.rungs))
        return tuple(ladder.rungs[rung - 1].to) if rung else ()
    if one.letter == "unacknowledged":
        return tuple(role for rule in ladder.reminders if rule.when == "unacknowledged" for role in rule.to)
    if one.slot.startswith("asked-"):
        return ("owner",)  # a person had them reminded
    whens = ("before", "half_way")
    return tuple({role for rule in ladder.reminders if rule.when in whens for role in rule.to}) or ("owner",)
