"""Front doors: each takes each referral in its own way: quickly, in time, late, or not at all."""

from datetime import datetime
from functools import partial
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.database import reading
from models.lifecycle import Kind, Move
from models.record import Concern, Task
from pathway.simulation.doing import act
from pathway.simulation.life import Life
from pathway.simulation.partnership import Actor

SOON = 3.0
CLOCKS = (Kind.AWAIT_DECISION, Kind.RESOLVE_DISAGREEMENT, Kind.AWAIT_ACKNOWLEDGEMENT)


def hear(life: Life, actor: Actor, reference: str, letter: str, drawn: tuple[str, ...], at: datetime) -> None:
    """A front door reads a letter about a referral, and plans its answer."""
    if letter == "referral":
        _take(life, actor, reference, drawn, at)
    elif life.chance.happens(life.assumed.answers_a_chase, *drawn):
        _later(life, actor, reference, Move.DECIDE, drawn, at, SOON)


def _take(life: Life, actor: Actor, reference: str, drawn: tuple[str, ...], at: datetime) -> None:
    manner = life.chance.pick(life.assumed.front_door, "manner", *drawn)
    if manner not in life.assumed.front_door_hours:
        return
    acknowledges, decides = life.assumed.front_door_hours[manner]
    _later(life, actor, reference, Move.ACKNOWLEDGE, drawn, at, acknowledges)
    _later(life, actor, reference, Move.DECIDE, drawn, at, decides)
    if life.chance.happens(life.assumed.asks_back, "asks", *drawn):
        _later(life, actor, reference, Move.ASK, drawn, at, acknowledges)


def _later(
    life: Life, actor: Actor, reference: str, move: Move, drawn: tuple[str, ...], at: datetime, hours: float
) -> None:
    when = life.diary.after(actor, at, life.chance.hours(hours, "front door", move, *drawn))
    if when is not None:
        life.agenda.write(when, f"front door {reference} {move}", partial(_answer, life, actor, reference, move))


async def _answer(life: Life, actor: Actor, reference: str, move: Move, at: datetime) -> None:
    async with reading(life.engine) as session:
        task_id = await _clock(session, reference, move)
    if task_id is None:
        return  # answered already, or overtaken
    if not life.diary.is_at_desk(actor, at):
        again = life.diary.after(actor, at, 0)
        if again is not None:
            life.agenda.write(again, f"front door {reference} {move}", partial(_answer, life, actor, reference, move))
        return
    await act(life, task_id, f"{reference} front_door", actor, at, move)


async def _clock(session: AsyncSession, reference: str, move: Move) -> UUID | None:
    """The open clock that this answer stops."""
    wanted = (Kind.AWAIT_ACKNOWLEDGEMENT,) if move == Move.ACKNOWLEDGE else CLOCKS[:2]
    found = select(Task.id, Task.kind).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.where(Concern.reference == reference, col(Task.closed_at).is_(None), col(Task.kind).in_(wanted))
    rows = (await session.exec(found)).all()
    return min(rows, key=lambda row: wanted.index(row[1]))[0] if rows else None
