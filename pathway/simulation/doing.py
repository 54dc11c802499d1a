"""Doing it: somebody plans to look at a task, and when the moment comes makes a move on it through the casework."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import PathwayError
from models.casework import Moved, make_move
from models.database import reading, writing
from models.lifecycle import Kind, Move
from models.people import Child, Person
from models.record import Concern, Task
from pathway.simulation.deciding import WAITS_FOR_A_SECOND, decide
from pathway.simulation.filling import Step
from pathway.simulation.filling import step as filled
from pathway.simulation.life import Life
from pathway.simulation.minds import Mind, Seen
from pathway.simulation.partnership import Actor

# After these the same task still wants an answer of the same person.
GOES_ON = frozenset({Move.ACKNOWLEDGE, Move.RECORD})
A_DAY_AT_THE_DESK = 8.0
# Asked with every move, and so built once (models.scene).
_SEEN = (
    select(Task, Concern, Child.key, Person.email)
    .where(col(Task.id) == bindparam("task"), col(Task.closed_at).is_(None))
    .join(Concern, col(Task.concern_id) == col(Concern.id))
    .join(Child, col(Concern.child_id) == col(Child.id))
    .join(Person, col(Task.owner_id) == col(Person.id))
)


def plan(life: Life, task_id: UUID, key: str, actor: Actor, at: datetime | None) -> None:
    """Somebody means to look at a task at `at`; a plan that comes sooner stands."""
    planned = life.plans.get((task_id, actor.email))
    if at is None or (planned is not None and planned <= at):
        return
    at = life.agenda.not_before_now(at)
    life.plans[task_id, actor.email] = at
    life.agenda.write(at, f"act {key} {actor.email}", partial(_act, life, task_id, key, actor))


def own_plan(life: Life, task: Task, key: str, actor: Actor) -> None:
    """A task of one's own begins: most people plan it, the slow for too late, and some forget it until a letter."""
    temper, drawn = actor.temper, ("own", key, task.opened_at, actor.email)
    if life.chance.happens(temper.remembers, "remembers", *drawn):
        share = life.chance.between(temper.early, temper.late, *drawn)
        at = task.opened_at + share * (task.due_at - task.opened_at)
        plan(life, task.id, key, actor, life.diary.after(actor, at, 0))


def go_through(life: Life, actor: Actor, kind: Kind, at: datetime | None) -> None:
    """Somebody means to go through all their tasks of a kind at `at`."""
    if at is not None:
        life.agenda.write(at, f"go through {kind} {actor.email}", partial(_go_through, life, actor, kind))


async def _go_through(life: Life, actor: Actor, kind: Kind, at: datetime) -> None:
    found = select(Task.id, Task.opened_at, Concern.reference).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.join(Person, col(Task.owner_id) == col(Person.id)).order_by(col(Concern.reference))
    found = found.where(Person.email == actor.email, Task.kind == kind, col(Task.closed_at).is_(None))
    async with reading(life.engine) as session:
        rows = (await session.exec(found)).all()
    for task_id, opened, reference in rows:
        await act(life, task_id, f"{reference} {kind.value} {opened.isoformat()}", actor, at)


async def seen(session: AsyncSession, task_id: UUID) -> Seen | None:
    """A task as it stands; None when it is closed."""
    row = (await session.exec(_SEEN, params={"task": task_id})).first()
    return Seen(*row) if row else None


async def _act(life: Life, task_id: UUID, key: str, actor: Actor, at: datetime) -> None:
    if life.plans.get((task_id, actor.email)) != at:
        return  # a sooner plan has taken its place
    del life.plans[task_id, actor.email]
    if life.diary.is_at_desk(actor, at):
        await act(life, task_id, key, actor, at)
    else:
        plan(life, task_id, key, actor, life.diary.after(actor, at, 0))


async def act(
    life: Life, task_id: UUID, key: str, actor: Actor, at: datetime, wanted: Move | None = None
) -> Moved | None:
    """Make a move on a task: `wanted`, or what the actor decides; None when nothing came of it."""
    mind, step = None, None
    try:
        async with writing(life.engine) as session:
            found = await seen(session, task_id)
            mind = Mind(life, found, actor, at) if found else None
            step = (filled(mind, wanted) if wanted else decide(mind)) if mind else None
            if mind is None or step is None:
                return None
            moved = await make_move(session, task_id, step.move, step.fields, actor.email, at)
    except PathwayError as error:
        if step is not None:
            _balk(life, (task_id, key), step, error, actor, at)
        return None
    life.did(actor, at)
    _go_on(mind, step, key)
    for opened in moved.opened:
        if mind.seen.owner == actor.email and opened.owner_id == mind.seen.task.owner_id:
            own_plan(life, opened, f"{moved.reference} {opened.kind.value} {opened.opened_at.isoformat()}", actor)
    return moved


def _go_on(mind: Mind, step: Step, key: str) -> None:
    """What the same task still wants: the decision after acknowledging it, or a second person's word."""
    life, task, actor = mind.life, mind.seen.task, mind.actor
    if step.move in GOES_ON and task.kind in (Kind.DSL_REVIEW, Kind.STATUTORY_REVIEW):
        hours = life.chance.hours(actor.temper.hours, "goes on", key, mind.at)
        plan(life, task.id, key, actor, life.diary.after(actor, mind.at, hours))
    if step.move in WAITS_FOR_A_SECOND and step.fields.get("second"):
        life.asked.add(task.id)
    elif task.kind == Kind.COUNTERSIGN and "task" in task.about:
        life.asked.discard(UUID(task.about["task"]))


def _balk(life: Life, task: tuple[UUID, str], step: Step, error: PathwayError, actor: Actor, at: datetime) -> None:
    """Refused, as the page would say it: counted, and tried again a day at the desk later, otherwise where one can."""
    task_id, key = task
    life.refused[f"{type(error).__name__}: {step.move}, {key.split()[1]}"] += 1
    if step.move in (Move.POSTPONE, Move.CLOSE, Move.STOP):
        life.balked.add((task_id, step.move))
    plan(life, task_id, key, actor, life.diary.after(actor, at, A_DAY_AT_THE_DESK))
