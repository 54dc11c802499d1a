"""What the front door sees: the referrals sent to it, those that wait for its answer first, and what it may do now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case import Case, take_up
from models.casework import moves_of
from models.lifecycle import Kind, Move, Status
from models.people import Child, Person, Setting
from models.permission import AT_THE_FRONT_DOOR, who_may
from models.reach import Viewer, sees_referral
from models.record import Concern, Referral, Task

UNANSWERED = (Status.REFERRED, Status.DISPUTED)
LIMIT = 50


@dataclass(frozen=True)
class Received:
    """One referral as the list shows it; `due_at` is the next of its clocks, `asked` how many questions are open."""

    referral: Referral
    concern: Concern
    child: Child
    setting: Setting
    due_at: datetime | None = None
    due_because: str = ""
    asked: int = 0

    @property
    def path(self) -> str:
        """The page of it."""
        return f"/referrals/{self.concern.reference}/{self.referral.number}"


def _waits() -> ColumnElement[bool]:
    """It has no answer, and its concern still waits for one."""
    return col(Concern.status).in_(UNANSWERED) & col(Referral.decided_at).is_(None)


async def received(
    session: AsyncSession, viewer: Viewer, *, answered: bool = False, start: int = 0
) -> tuple[list[Received], int]:
    """The referrals sent to the viewer's front door: those that wait, longest first, or those answered, newest first.

    Returns at most 50 from `start` on, and how many there are.
    """
    conditions = (sees_referral(viewer), col(Referral.sent_at).is_not(None), ~_waits() if answered else _waits())
    counted = select(func.count()).select_from(Referral).join(Concern, col(Referral.concern_id) == col(Concern.id))
    total = (await session.exec(counted.where(*conditions))).one()
    found = select(Referral, Concern, Child, Setting).join(Concern, col(Referral.concern_id) == col(Concern.id))
    found = found.join(Child, col(Concern.child_id) == col(Child.id))
    found = found.join(Setting, col(Concern.setting_id) == col(Setting.id)).where(*conditions)
    order = col(Referral.sent_at).desc() if answered else col(Referral.sent_at)
    rows = (await session.exec(found.order_by(order, col(Referral.id)).offset(start).limit(LIMIT))).all()
    clocks = await _clocks(session, [concern.id for _, concern, _, _ in rows])
    return [Received(*row, *clocks.get(row[1].id, (None, "", 0))) for row in rows], total


async def _clocks(session: AsyncSession, ids: list[UUID]) -> dict[UUID, tuple[datetime | None, str, int]]:
    kinds = [*AT_THE_FRONT_DOOR, Kind.ANSWER_QUESTION]
    found = select(Task).where(col(Task.concern_id).in_(ids), col(Task.closed_at).is_(None), col(Task.kind).in_(kinds))
    known: dict[UUID, tuple[datetime | None, str, int]] = {}
    for task in (await session.exec(found.order_by(col(Task.due_at).desc()))).all():
        due, because, asked = known.get(task.concern_id, (None, "", 0))
        if task.kind == Kind.ANSWER_QUESTION:
            known[task.concern_id] = due, because, asked + 1
        else:
            known[task.concern_id] = task.due_at, task.due_because, asked
    return known


@dataclass(frozen=True)
class Open:
    """What somebody may do about a referral now: each move with its task; `questions` wait for an answer."""

    moves: dict[Move, Task]
    clocks: list[Task]
    questions: list[Task]


async def open_moves(session: AsyncSession, concern: Concern, referral: Referral, person: Person, at: datetime) -> Open:
    """The front door's moves that `person` may make on this referral at `at`, and the clocks that run on it."""
    case = await take_up(session, concern, at, None)
    tasks = [task for task in case.open_of(*AT_THE_FRONT_DOOR) if task.referral_id == referral.id]
    moves: dict[Move, Task] = {}
    for task in tasks:
        for move in _front_doors(case, task, person):
            moves.setdefault(move, task)
    return Open(moves, tasks, case.open_of(Kind.ANSWER_QUESTION))


def _front_doors(case: Case, task: Task, person: Person) -> list[Move]:
    wanted = (Move.ACKNOWLEDGE, Move.DECIDE, Move.ASK)
    return [move for move in moves_of(case, task) if move in wanted and person.id in who_may(case, task, move)]


async def has_newer(session: AsyncSession, referral: Referral) -> bool:
    """Whether the concern was referred again after this."""
    newer = exists().where(col(Referral.concern_id) == referral.concern_id, col(Referral.number) > referral.number)
    return bool((await session.exec(select(newer))).one())
