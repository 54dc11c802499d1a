"""Following up events: screening, documents, letters. Plain functions; the stage flows wrap them.

An event's consequences are committed together with its `followed_up_at`: killed half way, nothing has happened and the
next run does it; run twice, the second finds nothing to do.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.settings import settings
from flows.documents import write_referral
from models import database
from models.bridge import cover_at_once
from models.database import writing
from models.events import Happened
from models.record import Concern, Event, Observation, Referral, Stage, Task
from models.scene import Scene, scenes
from models.screening import ask_for_decision, households_seen, screen
from notifications.catching_up import marked
from notifications.hearing import Heard, hear_event
from notifications.outbox import address

CHUNK = 200
# Asked with every event, and so built once (models.scene).
_WAITING = (
    select(Event.id)
    .where(col(Event.followed_up_at).is_(None), col(Event.stage).in_(bindparam("stages", expanding=True)))
    .order_by(col(Event.recorded_at), col(Event.number))
    .limit(bindparam("limit", type_=Integer))
)
_CONCERNS: Any = bindparam("concerns", expanding=True)
_CLAIMED = (
    select(Event, Concern)
    .join(Concern, col(Event.concern_id) == col(Concern.id))
    .where(col(Event.id).in_(bindparam("events", expanding=True)), col(Event.followed_up_at).is_(None))
    .order_by(col(Event.recorded_at), col(Event.number))
    .with_for_update(skip_locked=True)
)
_DONE = (
    update(Event)
    .where(col(Event.id).in_(bindparam("events", expanding=True)))
    .values(followed_up_at=bindparam("at"))
    .execution_options(synchronize_session=False)
)
_OBSERVERS = select(Observation.observer_id).where(col(Observation.concern_id).in_(_CONCERNS))
_OWNERS = select(Task.owner_id).where(col(Task.concern_id).in_(_CONCERNS))
_TASKS = select(Task).where(col(Task.id).in_(bindparam("tasks", expanding=True)))
_OBSERVATIONS = select(Observation).where(col(Observation.concern_id).in_(_CONCERNS))
_REFERRALS = select(Referral).where(col(Referral.concern_id).in_(_CONCERNS))
_HANDED_OVER = (
    select(Event.task_id, func.max(Event.number))
    .where(col(Event.concern_id).in_(_CONCERNS), col(Event.kind) == Happened.REASSIGNED)
    .group_by(col(Event.task_id))
)
BEGINS = (Happened.LOGGED, Happened.REOPENED)  # what opens a concern, perhaps while its setting is closed


async def waiting_events(session: AsyncSession, stage: Stage | None = None, limit: int = 5_000) -> list[UUID]:
    """Events nobody has followed up yet, oldest first, of one stage or of all."""
    stages = [stage] if stage else list(Stage)  # always named: without them SQLite reads every event there is
    return list((await session.exec(_WAITING, params={"stages": stages, "limit": limit})).all())


async def follow_up(
    engine: AsyncEngine, ids: Sequence[UUID], at: datetime, *, documents: bool = True
) -> dict[str, int]:
    """Follow up these events in one transaction; those that somebody else took are left to them.

    `documents` False leaves the referral's file unwritten: what a scratch record refers is nobody's to read.
    """
    async with writing(engine) as session:
        rows = await _claim(session, ids)
        await cover_at_once(session, {concern.id for event, concern in rows if event.kind in BEGINS}, at)
        around = await _scenes(session, rows, at)
        await _screen(session, rows, around, at)
        heard = await _heard(session, rows, around)
        letters = [one for each in heard for one in marked(hear_event(each), each.event.recorded_at, at)]
        addressed = await address(session, letters, at)
        await session.exec(_DONE, params={"events": [event.id for event, _ in rows], "at": at})
        if documents:
            await _documents(session, rows)
    return {"events": len(rows), "letters": addressed}


async def _claim(session: AsyncSession, ids: Sequence[UUID]) -> list[tuple[Event, Concern]]:
    rows = (await session.exec(_CLAIMED, params={"events": list(ids)})).all()
    return [(event, concern) for event, concern in rows]


async def _scenes(session: AsyncSession, rows: Sequence[tuple[Event, Concern]], at: datetime) -> dict[UUID, Scene]:
    concerns = list({concern.id: concern for _, concern in rows}.values())
    named = {event.by_id for event, _ in rows if event.by_id}
    asked = {"concerns": [one.id for one in concerns]}
    for people in (_OBSERVERS, _OWNERS):
        named |= set((await session.exec(people, params=asked)).all())
    return await scenes(session, concerns, at, named)


async def _screen(
    session: AsyncSession, rows: Sequence[tuple[Event, Concern]], around: dict[UUID, Scene], at: datetime
) -> None:
    seen = await households_seen(session, list(around.values()))
    for event, concern in rows:
        if fired := screen(event, around[concern.id], seen):
            await ask_for_decision(session, around[concern.id], fired, at)


async def _heard(
    session: AsyncSession, rows: Sequence[tuple[Event, Concern]], around: dict[UUID, Scene]
) -> list[Heard]:
    named = {UUID(one) for event, _ in rows for one in event.opened} | {e.task_id for e, _ in rows if e.task_id}
    tasks = {task.id: task for task in (await session.exec(_TASKS, params={"tasks": list(named)})).all()}
    asked = {"concerns": list(around)}
    # By task, the number of the event that handed it over last: its new owner hears of it from that one, once.
    moved_on = {str(task): number for task, number in (await session.exec(_HANDED_OVER, params=asked)).all()}
    observations = _grouped((await session.exec(_OBSERVATIONS, params=asked)).all())
    referrals = _grouped((await session.exec(_REFERRALS, params=asked)).all())
    return [
        Heard(
            event,
            around[concern.id],
            [tasks[UUID(one)] for one in event.opened if UUID(one) in tasks and moved_on.get(one, 0) <= event.number],
            observations.get(concern.id, []),
            _referral(event, referrals.get(concern.id, [])),
            _proposer(tasks.get(event.task_id) if event.task_id else None),
        )
        for event, concern in rows
    ]


def _grouped(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.concern_id, []).append(row)
    return found


def _referral(event: Event, referrals: list[Referral]) -> Referral | None:
    number = event.fields.get("referral")
    named = [one for one in referrals if one.number == number]
    return named[0] if named else max(referrals, key=lambda one: one.number, default=None)


def _proposer(task: Task | None) -> UUID | None:
    by = task.about.get("by") if task else None
    return UUID(by) if by else None


_WRITTEN_ON = frozenset(
    {Happened.REFERRAL_SENT, Happened.REFERRAL_ADDED_TO, Happened.ANSWERED, Happened.OBSERVATION_WITHDRAWN}
)


async def _documents(session: AsyncSession, rows: Sequence[tuple[Event, Concern]]) -> None:
    """The referral a front door reads, written before the event counts as followed up: the same file each time."""
    for concern_id in {concern.id for event, concern in rows if event.kind in _WRITTEN_ON}:
        await write_referral(session, concern_id, settings().home / "referrals")


async def follow_up_all(at: datetime, event_ids: Sequence[str]) -> dict[str, int]:
    """Follow up a batch of events, a chunk at a time, without Prefect."""
    counts = {"events": 0, "letters": 0}
    for ids in chunks(event_ids):
        for name, count in (await follow_up(database.engine(), ids, at)).items():
            counts[name] += count
    return counts


def chunks(event_ids: Sequence[str]) -> list[list[UUID]]:
    """A batch in chunks, each one transaction (and one task run)."""
    ids = [UUID(one) for one in event_ids]
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
