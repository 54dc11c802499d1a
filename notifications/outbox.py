"""The outbox: what waits to be told, and telling it."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.telling import Delivery, State
from notifications.addressing import Addressed, address

__all__ = ["Addressed", "address", "waiting"]


async def waiting(session: AsyncSession, at: datetime) -> int:
    """How many deliveries are due at `at` (UTC)."""
    due = select(func.count()).select_from(Delivery)
    due = due.where(col(Delivery.state) == State.WAITING, Delivery.try_after <= at)
    return (await session.exec(due)).one()
