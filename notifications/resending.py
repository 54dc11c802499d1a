"""Sending again what was refused or given up, because an administrator says so.

It goes as the letter it was: the same row and the same Message-ID, so that it is still one letter to one person. A
mailbox that had it after all shows it once, and the key that keeps anything from being told twice holds. That
administrators were told of the failure (`told_at`) stays. What is no longer needed, for its task was closed meanwhile,
is withdrawn when its turn comes, as every letter is.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Door
from models.deeds import note_deed
from models.people import Person
from models.record import Concern
from models.telling import Delivery, State

ENDED_BADLY = (State.REFUSED, State.GIVEN_UP)


async def resend(session: AsyncSession, delivery_id: UUID, by: Person, at: datetime) -> bool:
    """Let one letter go again; False when it is not one that failed: asking twice sends it once."""
    failed = update(Delivery).where(col(Delivery.id) == delivery_id, col(Delivery.state).in_(ENDED_BADLY))
    again = failed.values(state=State.WAITING, try_after=at, error=None, claimed_by=None, claimed_until=None)
    again = again.returning(col(Delivery.person_id), col(Delivery.concern_id), col(Delivery.letter))
    row = (await session.exec(again.execution_options(synchronize_session=False))).first()
    if row is None:
        return False
    person_id, concern_id, letter = row
    concern = await session.get(Concern, concern_id) if concern_id else None
    reference = concern.reference if concern else None
    note_deed(session, Door.LETTER_RESENT, by, at, person_id, letter=letter, reference=reference)
    return True


async def resend_to(session: AsyncSession, person: Person, by: Person, at: datetime, limit: int = 200) -> int:
    """Let everything go again that failed for this person; returns how many letters that is."""
    found = select(Delivery.id).where(Delivery.person_id == person.id, col(Delivery.state).in_(ENDED_BADLY))
    ids = (await session.exec(found.order_by(col(Delivery.created_at).desc()).limit(limit))).all()
    return sum([await resend(session, one, by, at) for one in ids])
