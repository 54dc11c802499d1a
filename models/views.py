"""Looking without changing: open tasks, one concern whole, reviews to come. The shapes are the JSON contract."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import LONDON, to_london
from models.case import concern_called
from models.covers import is_covered
from models.events import Happened
from models.lifecycle import Kind, offered
from models.people import Child, Person, Setting
from models.record import Concern, Event, Observation, Referral, Task
from models.rules import clock_days
from models.scene import Scene, scenes
from models.staff import person_with
from models.telling import Delivery

View = dict[str, Any]
REVIEWS = (Kind.GAIN_CONSENT, Kind.ASSESS, Kind.HOLD_REVIEW, Kind.CASE_REVIEW, Kind.STATUTORY_REVIEW)


def instant(at: datetime | None) -> str | None:
    """ISO 8601 with London's offset, as people there read their clocks."""
    return at.astimezone(LONDON).isoformat() if at else None


async def open_tasks(
    session: AsyncSession, at: datetime, for_email: str | None = None, overdue: bool = False
) -> list[View]:
    """Open tasks, earliest deadline first: those somebody owes, acts for or covers, those overdue, or all."""
    found = select(Task, Concern).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.where(col(Task.closed_at).is_(None)).order_by(col(Task.due_at), col(Task.opened_at), col(Task.id))
    if overdue:
        found = found.where(Task.due_at < at)
    rows = list((await session.exec(found)).all())
    around = await scenes(session, _concerns(rows), at, {task.owner_id for task, _ in rows})
    seen = [task_view(task, around[concern.id], at) for task, concern in rows]
    if for_email is None:
        return seen
    person = await person_with(session, for_email)
    if person is None:
        raise BadInput("for", f"{for_email} is not a person in the record")
    covers = [_is_covered_by(person, task, around[concern.id]) for task, concern in rows]
    theirs = [person.email in (one["owner"], one["owed_by"]) for one in seen]
    return [one for one, own, covered in zip(seen, theirs, covers, strict=True) if own or covered]


def _is_covered_by(person: Person, task: Task, scene: Scene) -> bool:
    """Whether somebody acts on a task because its owner's setting is closed."""
    return scene.cover is not None and scene.cover.id == person.id and is_covered(scene.staff, scene.place, task)


def _concerns(rows: Sequence[tuple[Task, Concern]]) -> list[Concern]:
    return list({concern.id: concern for _, concern in rows}.values())


def task_view(task: Task, scene: Scene, at: datetime) -> View:
    """One open task as listings show it: who acts, by when and why then, which moves it offers."""
    owed_by = scene.staff.people[task.owner_id]
    owner = scene.staff.acting(task.owner_id, task.role, scene.place, scene.day)
    waiting = task.acknowledge_by if task.acknowledged_at is None else None
    return {
        "id": str(task.id),
        "kind": task.kind.value,
        "concern": scene.concern.reference,
        "setting": scene.setting.key,
        "owner": owner.email,
        "owed_by": owed_by.email,
        "due_at": instant(task.due_at),
        "overdue": task.due_at < at,
        "acknowledge_by": instant(waiting),
        "due_because": task.due_because,
        "rung": task.rung,
        "moves": [move.value for move in _moves(task, scene)],
        "about": _about(task.about),
    }


def _about(about: View) -> str | None:
    """An action's text, the front door's question, the rules that asked, or the move that waits for a second person."""
    return about.get("what") or about.get("question") or ", ".join(about.get("rules", ())) or about.get("move")


def _moves(task: Task, scene: Scene) -> Sequence[Any]:
    needed = int(scene.policy.figure("sustained_improvement_reviews_to_close"))
    concern = scene.concern
    may_close = concern.improved_running >= needed
    return offered(task.kind, concern.status, after_nfa=concern.after_nfa, may_close=may_close)


async def show(session: AsyncSession, reference: str, at: datetime) -> View:
    """One concern: status, child's clock, open tasks, history, referrals, who was told what and when."""
    concern = await concern_called(session, reference)
    tasks = await _tasks_of(session, concern)
    people = await _people(session, concern)
    scene = (await scenes(session, [concern], at, {task.owner_id for task in tasks}))[concern.id]
    referrals = [referral_view(one) for one in await _ordered(session, Referral, concern, col(Referral.number))]
    events = await _ordered(session, Event, concern, col(Event.number))
    child = await session.get_one(Child, concern.child_id)
    return {
        "reference": concern.reference,
        "status": concern.status.value,
        "setting": scene.setting.key,
        "opened_at": instant(concern.opened_at),
        "closed_at": instant(concern.closed_at),
        "previous": await _reference(session, concern.previous_id),
        "household": await _household(session, concern, child),
        "child_clock_days": clock_days(child.clock_from, at),
        "postponed": concern.postponed,
        "had_social_worker": concern.had_social_worker,
        "open_tasks": [task_view(task, scene, at) for task in tasks],
        "events": [_event(event, people) for event in events],
        "observations": await _observations(session, concern, people),
        "deliveries": await _deliveries(session, concern, people),
        "referral": referrals[-1] if referrals else None,
        "referrals": referrals,
    }


async def _tasks_of(session: AsyncSession, concern: Concern) -> list[Task]:
    found = select(Task).where(Task.concern_id == concern.id, col(Task.closed_at).is_(None))
    return list((await session.exec(found.order_by(col(Task.due_at)))).all())


async def _ordered(session: AsyncSession, table: Any, concern: Concern, by: Any) -> Sequence[Any]:
    return (await session.exec(select(table).where(table.concern_id == concern.id).order_by(by))).all()


async def _people(session: AsyncSession, concern: Concern) -> dict[UUID, str]:
    """The addresses of everybody whom its history, observations and letters name."""
    found = select(Person.id, Person.email)
    named = ((Event, Event.by_id), (Observation, Observation.observer_id), (Delivery, Delivery.person_id))
    theirs = [col(Person.id).in_(select(who).where(table.concern_id == concern.id)) for table, who in named]
    return dict((await session.exec(found.where(or_(*theirs)))).all())


async def _reference(session: AsyncSession, concern_id: UUID | None) -> str | None:
    concern = await session.get(Concern, concern_id) if concern_id else None
    return concern.reference if concern else None


async def _household(session: AsyncSession, concern: Concern, child: Child) -> list[View]:
    """The other concerns of the household, so that siblings are seen."""
    found = select(Concern, Setting.key).join(Child, col(Concern.child_id) == col(Child.id))
    found = found.join(Setting, col(Concern.setting_id) == col(Setting.id))
    found = found.where(Child.household_id == child.household_id, Concern.id != concern.id)
    rows = (await session.exec(found.order_by(col(Concern.reference)))).all()
    return [
        {"reference": one.reference, "status": one.status.value, "setting": key, "same_child": one.child_id == child.id}
        for one, key in rows
    ]


def _event(event: Event, people: dict[UUID, str]) -> View:
    return {
        "kind": event.kind,
        "happened_at": instant(event.happened_at),
        "recorded_at": instant(event.recorded_at),
        "by": people[event.by_id] if event.by_id else "pathway",
        "because": event.because,
        "fields": event.fields,
    }


async def _observations(session: AsyncSession, concern: Concern, people: dict[UUID, str]) -> list[View]:
    rows = await _ordered(session, Observation, concern, col(Observation.seen_at))
    return [
        {
            "id": str(one.id),
            "by": people[one.observer_id],
            "seen_at": instant(one.seen_at),
            "recorded_at": instant(one.recorded_at),
            "types": one.types,
            "immediate_danger": one.immediate_danger,
            "withdrawn_at": instant(one.withdrawn_at),
        }
        for one in rows
    ]


async def _deliveries(session: AsyncSession, concern: Concern, people: dict[UUID, str]) -> list[View]:
    rows = await _ordered(session, Delivery, concern, col(Delivery.created_at))
    return [
        {
            "letter": one.letter,
            "to": one.address or people[one.person_id],
            "state": one.state.value,
            "sent_at": instant(one.sent_at),
            "message_id": one.message_id,
            "error": one.error,
        }
        for one in rows
    ]


def referral_view(one: Referral) -> View:
    """One referral: its rule, what happened when, and what is known of informing and consent."""
    instants = ("raised_at", "hold_until", "sent_at", "stopped_at", "acknowledged_at", "decided_at")
    return {
        "number": one.number,
        "rule": one.rule,
        **{name: instant(getattr(one, name)) for name in instants},
        "decision": one.decision,
        "channel": one.channel,
        "front_door_number": one.front_door_number,
        "filed_number": one.filed_number,
        "parents_informed": one.parents_informed,
        "consent": one.consent,
    }


async def reviews(session: AsyncSession, at: datetime, area: str | None = None) -> list[View]:
    """Assessments and reviews to come, overdue first, with the last outcomes and days without improvement."""
    found = select(Task, Concern, Child).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.join(Child, col(Concern.child_id) == col(Child.id))
    found = found.where(col(Task.closed_at).is_(None), col(Task.kind).in_(REVIEWS))
    if area is not None:
        found = found.where(Concern.area == area)
    rows = (await session.exec(found.order_by(col(Task.due_at), col(Concern.reference)))).all()
    pairs = [(task, concern) for task, concern, _ in rows]
    around = await scenes(session, _concerns(pairs), at, {task.owner_id for task, _ in pairs})
    outcomes = await last_outcomes(session, [concern.id for _, concern in pairs])
    return [
        review_view(task, around[concern.id], outcomes.get(concern.id, []), clock_days(child.clock_from, at), at)
        for task, concern, child in rows
    ]


def review_view(task: Task, scene: Scene, outcomes: Sequence[str], days: int, at: datetime) -> View:
    """One assessment or review to come; `days` is the child's clock."""
    concern = scene.concern
    return {
        **task_view(task, scene, at),
        "area": concern.area,
        "last_outcomes": list(outcomes[-3:]),
        "unchanged_running": concern.unchanged_running,
        "postponed": concern.postponed,
        "days_without_improvement": days,
        "days_left": (to_london(task.due_at).date() - to_london(at).date()).days,
    }


async def last_outcomes(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """By concern: how its reviews ended, oldest first."""
    found = select(Event).where(Event.kind == Happened.REVIEWED, col(Event.concern_id).in_(ids))
    outcomes: dict[UUID, list[str]] = {}
    for event in (await session.exec(found.order_by(col(Event.number)))).all():
        outcomes.setdefault(event.concern_id, []).append(event.fields["outcome"])
    return outcomes
