"""No storm: more letters for one person at once than they can read become a single round-up.

What is critical never folds (notifications.letters). At most one round-up goes to a person and local day; reminders
and overdue letters that come after it, be it one, wait for the morning digest, and so does whatever is over the day's
budget (notifications.budget, which has the last word when letters are claimed). After an outage one list says it all
(notifications.catching_up). A folded letter ends as `withdrawn` and says where it went.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, case
from sqlmodel import and_, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.people import Person
from models.telling import WAITING, Delivery, State
from notifications.budget import COUNTED, DIGEST, WAITS, Spent, local_day, name_in, spent, the_budget
from notifications.catching_up import keep_newest_list, late_readers
from notifications.letters import LETTERS, LISTS
from notifications.outbox import Addressed, address

ROUTINE = ("reminder", "overdue")
ROUND_UP = "round-up"
FOLDED = "folded into a round-up"
LISTED = "named in the morning's list"
WHY = "several things that concern you need a look at once"
FOLDABLE = and_(
    WAITING,
    COUNTED,
    col(Delivery.letter).not_in(LISTS),
    col(Delivery.tries) == 0,
    col(Delivery.claimed_by).is_(None),
)
IS_ROUTINE = col(Delivery.letter).in_(ROUTINE)
_READERS = col(Delivery.person_id).in_(select(Delivery.person_id).where(FOLDABLE))
# Asked each time that letters go, and so built once (models.scene).
_COUNTED = (
    select(Person, func.count(), func.sum(case((IS_ROUTINE, 1), else_=0)))
    .join(Delivery, col(Delivery.person_id) == col(Person.id))
    .where(FOLDABLE)
    .group_by(col(Person.id))
    .order_by(col(Person.id))
)
_ROUND_UPS = select(Delivery.person_id, Delivery.slot).where(
    _READERS, col(Delivery.letter) == ROUND_UP, col(Delivery.created_at) > bindparam("since")
)


@dataclass(frozen=True)
class Waiting:
    """What waits for one person: how much, how much of it routine, and whether they have had a round-up today."""

    person: Person
    letters: int
    routine: int
    rounded_up: bool

    def folds(self, room: int, at_once: int) -> ColumnElement[bool] | None:
        """Which of it is folded or held back when `room` more letters may go today; None when all may go as it is."""
        if not room:
            return FOLDABLE
        if self.rounded_up:
            return and_(FOLDABLE, IS_ROUTINE) if self.routine else None
        return FOLDABLE if self.letters > min(at_once, room) else None


async def fold(session: AsyncSession, at: datetime) -> int:
    """Fold what waits now; returns how many letters were folded. The caller commits."""
    folded = await keep_newest_list(session)
    waiting = await _waiting(session, at)
    if not waiting:
        return folded
    budget = await the_budget(session, at)
    had = await spent(session, _READERS, at)
    late = await late_readers(session, FOLDABLE)
    for one in waiting:
        if slot := late.get(one.person.id):
            folded += await _into_the_digest(session, one.person, slot, at)
            continue
        room = had.get(one.person.id, Spent()).room(budget)
        which = one.folds(room, 1 if one.person.id in late else budget.at_once)
        if which is not None:
            folded += await _fold_for(session, one.person, which, at, listed=room > 0 and not one.rounded_up)
    return folded


async def _waiting(session: AsyncSession, at: datetime) -> list[Waiting]:
    rows = (await session.exec(_COUNTED)).all()
    had = await _rounded_up(session, at) if rows else set()
    return [Waiting(person, count, some, (person.id, _day(person, at)) in had) for person, count, some in rows]


def _day(person: Person, at: datetime) -> str:
    return local_day(at, person.zone).isoformat()


async def _rounded_up(session: AsyncSession, at: datetime) -> set[tuple[UUID, str]]:
    """Who has had a round-up lately, and on which of their days."""
    return set((await session.exec(_ROUND_UPS, params={"since": at - timedelta(days=2)})).all())


async def _fold_for(
    session: AsyncSession, person: Person, which: ColumnElement[bool], at: datetime, *, listed: bool
) -> int:
    ended = update(Delivery).where(which, col(Delivery.person_id) == person.id)
    ended = ended.values(state=State.WITHDRAWN, error=WAITS, held_at=at)
    ended = ended.execution_options(synchronize_session=False)
    rows = (await session.exec(ended.returning(col(Delivery.id), col(Delivery.letter), col(Delivery.task_id)))).all()
    if rows and listed:
        await _list(session, person, rows, at)
    return len(rows)


async def _into_the_digest(session: AsyncSession, person: Person, slot: str, at: datetime) -> int:
    """Have the morning's list that waits for them say what waits beside it."""
    which = and_(FOLDABLE, col(Delivery.person_id) == person.id)
    ended = update(Delivery).where(which).values(state=State.WITHDRAWN, error=LISTED, held_at=at)
    ended = ended.returning(col(Delivery.id)).execution_options(synchronize_session=False)
    ids = (await session.exec(ended)).scalars().all()
    await name_in(session, col(Delivery.id).in_(ids), DIGEST, slot)
    return len(ids)


async def _list(
    session: AsyncSession, person: Person, rows: Sequence[tuple[UUID, str, UUID | None]], at: datetime
) -> None:
    """Name what was folded in a round-up; where somebody else has just made one, it waits for the digest."""
    day = _day(person, at)
    tasks = sorted({str(task) for _, letter, task in rows if task and LETTERS[letter].about_task})
    one = Addressed(ROUND_UP, person.id, str(person.id), day, WHY, fields={"tasks": tasks})
    if await address(session, [one], at):
        which = col(Delivery.id).in_([row[0] for row in rows])
        await name_in(session, which, ROUND_UP, day)
        said = update(Delivery).where(which).values(error=FOLDED)
        await session.exec(said.execution_options(synchronize_session=False))
