"""No storm: more routine letters than the policy's for one person at once become a single round-up.

Only reminders and overdue letters fold, never urgent ones, and at most one round-up goes to a person and local day;
what comes after it waits for the morning digest. A folded letter ends as `withdrawn` and says where it went.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

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
    many = select(Delivery.person_id).where(waiting).group_by(col(Delivery.person_id)).having(func.count() > limit)
    people = (await session.exec(select(Person).where(col(Person.id).in_(many)))).all()
    return sum([await _fold_for(session, person, waiting, at) for person in people])


async def _fold_for(session: AsyncSession, person: Person, waiting: object, at: datetime) -> int:
    ended = update(Delivery).where(waiting, col(Delivery.person_id) == person.id)  # type: ignore[arg-type]  # a clause
    ended = ended.values(state=State.WITHDRAWN, error=FOLDED).execution_options(synchronize_session=False)
    rows = (await session.exec(ended.returning(col(Delivery.id), col(Delivery.task_id)))).all()
    if not rows:
        return 0
    day = at.astimezone(ZoneInfo(person.zone)).date().isoformat()
    tasks = sorted({str(task) for _, task in rows if task})
    why = "several tasks that concern you need a look at once"
    one = Addressed("round-up", person.id, str(person.id), day, why, fields={"tasks": tasks})
    if not await address(session, [one], at):
        await _wait_for_digest(session, [row[0] for row in rows])
    return len(rows)


async def _wait_for_digest(session: AsyncSession, ids: Sequence[UUID]) -> None:
    said = update(Delivery).where(col(Delivery.id).in_(ids)).values(error=WAITS)
    await session.exec(said.execution_options(synchronize_session=False))
