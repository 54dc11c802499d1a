"""The sweep of deadlines: claim what is due, say the latest thing once, and do the lapses.

A task is claimed by the statement that finds it (FOR UPDATE SKIP LOCKED; on SQLite the write lock), and what is said,
its events and its letters are committed with the claim. So eight sweeps at once do a thing once, and a sweep that is
killed has done nothing. The cost grows with what is due, not with what is open.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.bridge_steps import lapse_cover
from models.case import Case, clocks, take_up, task_locked
from models.events import Happened
from models.history import seal
from models.ladder import Moment, What, say
from models.lifecycle import Kind, Move, Status, next_status
from models.record import Concern, Event, Referral, Stage, Task
from models.referrals import dispute, send_held, step_up
from models.scene import Scene, scenes

CHUNK = 200


@dataclass(frozen=True)
class Hit:
    """A task about which something is due: the latest moment, and every rung newly reached."""

    task: Task
    scene: Scene
    moment: Moment
    rungs: tuple[Moment, ...]


@dataclass(frozen=True)
class Claimed:
    """What one claim found: what is to be said, tasks that lapse, and how many tasks were looked at."""

    hits: list[Hit]
    lapses: list[UUID]
    looked_at: int


async def due_first(session: AsyncSession, at: datetime, skip: Collection[UUID]) -> UUID | None:
    """The task a claim of one would take."""
    found = select(Task.id).where(col(Task.closed_at).is_(None), Task.next_at <= at, col(Task.id).not_in(skip))
    return (await session.exec(found.order_by(col(Task.next_at).desc(), col(Task.id)).limit(1))).first()


async def anything_due(session: AsyncSession, at: datetime) -> bool:
    """One indexed query: is there a task about which something is due?"""
    found = select(Task.id).where(col(Task.closed_at).is_(None), Task.next_at <= at).limit(1)
    return (await session.exec(found)).first() is not None


async def claim(session: AsyncSession, at: datetime, skip: Collection[UUID] = (), limit: int = CHUNK) -> Claimed:
    """Claim up to `limit` due tasks, newest deadline first: what is to be said, and the ids of tasks that lapse.

    Rungs and chases are written into the history; a lapse is done by `lapse`, in a transaction of its own.
    """
    due = select(Task, Concern).join(Concern, col(Task.concern_id) == col(Concern.id))
    due = due.where(col(Task.closed_at).is_(None), Task.next_at <= at, col(Task.id).not_in(skip))
    due = due.order_by(col(Task.next_at).desc(), col(Task.id)).limit(limit).with_for_update(skip_locked=True)
    rows = (await session.exec(due)).all()
    around = await scenes(session, [concern for _, concern in rows], at, {task.owner_id for task, _ in rows})
    hits: list[Hit] = []
    lapses: list[UUID] = []
    for task, concern in rows:
        hit = _look(task, around[concern.id], at)
        if hit and hit.moment.what == What.LAPSE:
            lapses.append(task.id)
        elif hit:
            hits.append(hit)
            _write_down(session, hit, at)
    return Claimed(hits, lapses, len(rows) - len(lapses))


def _look(task: Task, scene: Scene, at: datetime) -> Hit | None:
    ladder = scene.policy_of(task).ladders[task.kind]
    said = say(ladder, clocks(task), scene.calendar, task.said_until, at)
    if said.latest and said.latest.what == What.LAPSE:
        return Hit(task, scene, said.latest, ())
    task.said_until, task.next_at = at, said.next_at
    if said.latest is None:
        return None
    task.rung = max([task.rung, *(moment.rung for moment in said.rungs)])
    return Hit(task, scene, said.latest, said.rungs)


_WRITTEN = {What.RUNG: Happened.ESCALATED, What.CHASE: Happened.CHASED}


def _write_down(session: AsyncSession, hit: Hit, at: datetime) -> None:
    """A rung or a chase is a line of history; the letters are addressed with it, so nothing is left to follow up."""
    if hit.moment.what not in _WRITTEN or hit.task.kind == Kind.AWAIT_ACKNOWLEDGEMENT:
        return  # the clock on the decision says it for both
    rung = hit.moment.what == What.RUNG
    event = Event(
        concern_id=hit.scene.concern.id,
        number=0,
        kind=_WRITTEN[hit.moment.what],
        happened_at=hit.moment.at,
        recorded_at=at,
        because=f"{hit.task.kind} overdue: rung {hit.moment.rung}" if rung else "no answer from the front door",
        fields={"rung": hit.moment.rung} if rung else {},
        task_id=hit.task.id,
        opened=[],
        closed=[],
        stage=Stage.DSL_REVIEW if rung else Stage.REFER,
        followed_up_at=at,
        previous_hash="",
        hash="",
    )
    seal(hit.scene.concern, event)
    session.add(event)


async def lapse(session: AsyncSession, task_id: UUID, at: datetime) -> bool:
    """What a deadline does by itself when its time has come; False when somebody was quicker."""
    found = await task_locked(session, task_id)
    if found is None or found[0].closed_at is not None or (found[0].lapse_at or at) > at:
        return False
    task, concern = found
    case = await take_up(session, concern, at, None)
    await _lapse(case, task)
    await case.settle()
    return True


async def _lapse(case: Case, task: Task) -> None:
    if task.kind == Kind.NAME_COVER:
        lapse_cover(case, task)
        return
    next_status(case.concern.status, Move.LAPSE)
    if task.kind == Kind.CONFIRM_REFERRAL:
        await send_held(case, task, "the hold ended without a stop, so the referral was sent")
    elif task.kind == Kind.RESOLVE_DISAGREEMENT:
        await step_up(case, task, f"stage {task.stage} ended without an answer")
    elif case.concern.status == Status.REFERRED:
        referral = await case.session.get(Referral, task.referral_id) if task.referral_id else None
        dispute(case, "no answer from the front door", referral)
