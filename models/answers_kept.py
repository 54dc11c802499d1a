"""What the API answered to a request with an Idempotency-Key, so that the same request again gets the same answer.

The claim is written in the transaction of the change itself: both are there, or neither. Who sends the same key at the
same moment waits for that transaction and then finds its answer. After the IETF's draft on the Idempotency-Key header.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Answered
from models.database import insert_or

KEPT = timedelta(hours=24)


class OtherRequest(Exception):
    """The key was used already, for something else."""


async def claim(session: AsyncSession, person_id: UUID, key: str, fingerprint: str, wall: datetime) -> Answered | None:
    """Claim a key for a request, in the transaction of its change; the answer kept of it, when there is one.

    An answer older than a day counts no more. Raises OtherRequest when the key stands for another request.
    """
    old = delete(Answered).where(col(Answered.person_id) == person_id, col(Answered.key) == key)
    await session.exec(old.where(col(Answered.at) < wall - KEPT))
    row = insert_or(session)(Answered).values(
        id=uuid4(), person_id=person_id, key=key, fingerprint=fingerprint, status=0, body={}, at=wall
    )
    mine = row.on_conflict_do_nothing(index_elements=["person_id", "key"]).returning(col(Answered.id))
    if (await session.exec(mine)).first() is not None:
        return None
    kept = (await session.exec(select(Answered).where(Answered.person_id == person_id, Answered.key == key))).one()
    if kept.fingerprint != fingerprint:
        raise OtherRequest
    return kept


async def keep(session: AsyncSession, person_id: UUID, key: str, status: int, body: dict[str, Any]) -> None:
    """Keep the answer to the request that claimed the key."""
    mine = update(Answered).where(col(Answered.person_id) == person_id, col(Answered.key) == key)
    await session.exec(mine.values(status=status, body=body))


async def forget_answers(session: AsyncSession, wall: datetime) -> int:
    """Forget answers older than a day; returns how many."""
    gone = delete(Answered).where(col(Answered.at) < wall - KEPT)
    return (await session.exec(gone)).rowcount
