"""Letters as an administrator sees them: which letter, to whom, about which concern, how it stands. Never its text."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.people import Person
from models.record import Concern
from models.telling import Delivery, State
from models.watch import STUCK_AFTER

STUCK = "stuck"
Row = tuple[Delivery, Person, str | None]


def _fits(state: str, at: datetime) -> list[Any]:
    if state == STUCK:
        return [col(Delivery.state) == State.WAITING, col(Delivery.try_after) < at - STUCK_AFTER]
    return [col(Delivery.state) == State(state)]


async def letters_listed(
    session: AsyncSession, state: str, person_id: UUID | None, at: datetime, start: int, limit: int
) -> tuple[int, Sequence[Row]]:
    """How many letters stand so (a state, or `stuck`), and some of them, newest first, with their reference."""
    fits = _fits(state, at)
    if person_id is not None:
        fits.append(col(Delivery.person_id) == person_id)
    total = (await session.exec(select(func.count()).select_from(Delivery).where(*fits))).one()
    found = select(Delivery, Person, Concern.reference).join(Person, col(Delivery.person_id) == col(Person.id))
    found = found.outerjoin(Concern, col(Delivery.concern_id) == col(Concern.id)).where(*fits)
    found = found.order_by(col(Delivery.created_at).desc(), col(Delivery.id)).offset(start).limit(limit)
    return total, [(one, person, reference) for one, person, reference in (await session.exec(found)).all()]


async def one_letter(session: AsyncSession, delivery_id: UUID) -> Row | None:
    """One letter with its reader and its concern's reference."""
    found = select(Delivery, Person, Concern.reference).join(Person, col(Delivery.person_id) == col(Person.id))
    found = found.outerjoin(Concern, col(Delivery.concern_id) == col(Concern.id)).where(Delivery.id == delivery_id)
    row = (await session.exec(found)).first()
    return (row[0], row[1], row[2]) if row else None
