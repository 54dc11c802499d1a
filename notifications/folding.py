"""No storm: more routine letters than the policy's for one person at once become a single round-up.

Only reminders and overdue letters fold, never urgent ones, and at most one round-up goes to a person and local day;
what comes after it, be it one letter, waits for the morning digest. A folded letter ends as `withdrawn` and says where
it went.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.people import Person
from models.policies import policy_book
from models.telling import Delivery, State
from notifications.outbox import Addressed, address

ROUTINE = ("reminder", "overdue")
FOLDED = "folded into a round-up"
WAITS = "waits for the morning digest: there was a round-up today"


async def fold(session: AsyncSession, at: datetime) -> int:
    """Fold what waits now; returns how many letters were folded. The caller commits."""
    limit = int((await policy_book(session)).for_area(None, at.date()).figure("letters_at_once"))
    waiting = (
        (col(Delivery.state) == State.WAITING)
        & col(Delivery.letter).in_(ROUTINE)
        & col(Delivery.urgent).is_(False)
        & (col(Delivery.tries) == 0)
        & col(Delivery.claimed_by).is_(None)
    )
    counted = select(Person, func.count()).join(Delivery, col(Delivery.person_id) == col(Person.id))
    counted = counted.where(waiting).group_by(col(Person.id)).order_by(col(Person.id))
    rows = (await session.exec(counted)).all()
    had = await _rounded_up(session, waiting, at)
    many = [person for person, count in rows if count > limit or (person.id, _day(person, at)) in had]
    return sum([await _fold_for(session, person, waiting, at) for person in many])


def _day(person: Person, at: datetime) -> str:
    return at.astimezone(ZoneInfo(person.zone)).date().isoformat()


async def _rounded_up(session: AsyncSession, waiting: ColumnElement[bool], at: datetime) -> set[tuple[UUID, str]]:
    """Of those for whom something waits: who has had a round-up lately, and on which of their days."""
    found = select(Delivery.person_id, Delivery.slot).where(
        col(Delivery.person_id).in_(select(Delivery.person_id).where(waiting)),
        col(Delivery.letter) == "round-up",
        col(Delivery.created_at) > at - timedelta(days=2),
    )
    return set((await session.exec(found)).all())


async def _fold_for(session: AsyncSession, person: Person, waiting: ColumnElement[bool], at: datetime) -> int:
    ended = update(Delivery).where(waiting, col(Delivery.person_id) == person.id)
    ended = ended.values(state=State.WITHDRAWN, error=FOLDED).execution_options(synchronize_session=False)
    rows = (await session.exec(ended.returning(col(Delivery.id), col(Delivery.task_id)))).all()
    if not rows:
        return 0
    tasks = sorted({str(task) for _, task in rows if task})
    why = "several tasks that concern you need a look at once"
    one = Addressed("round-up", person.id, str(person.id), _day(person, at), why, fields={"tasks": tasks})
    if not await address(session, [one], at):
        await _wait_for_digest(session, [row[0] for row in rows])
    return len(rows)


async def _wait_for_digest(session: AsyncSession, ids: Sequence[UUID]) -> None:
    said = update(Delivery).where(col(Delivery.id).in_(ids)).values(error=WAITS)
    await session.exec(said.execution_options(synchronize_session=False))
