"""Counting wrong passwords and codes: after five a person's account is closed for a minute, then for longer and longer.

An attempt is counted before anything is looked at, so that a hundred at once are five too. Locks are about guessers at
their machines: `wall` is the wall clock.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import case, col, or_, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Account

ALLOWED = 5
LONGEST = timedelta(hours=1)


def pause(failures: int) -> timedelta:
    """How long an account is closed after so many failures: none before the fifth, then 1, 2, 4 … 60 minutes."""
    if failures < ALLOWED:
        return timedelta()
    doubled: int = 2 ** min(failures - ALLOWED, 10)
    return min(timedelta(minutes=doubled), LONGEST)


async def count_attempt(session: AsyncSession, person_id: UUID, wall: datetime) -> int | None:
    """Count one more attempt; returns how many there have been, or None when the account is closed just now."""
    free = or_(col(Account.locked_until).is_(None), col(Account.locked_until) <= wall)
    counted = update(Account).where(col(Account.person_id) == person_id, free)
    counted = counted.values(failures=Account.failures + 1).returning(col(Account.failures))
    failures = (await session.exec(counted.execution_options(synchronize_session=False))).scalar()
    if failures is not None and failures >= ALLOWED:
        await _change(session, person_id, locked_until=wall + pause(failures))
    return failures


async def take_back(session: AsyncSession, person_id: UUID, counted: int) -> None:
    """The password was right: that attempt, the `counted`-th, was none. Earlier ones still count.

    The account is open again for the code, unless somebody was wrong while the password was being looked at.
    """
    none_since = case((col(Account.failures) == counted, None), else_=col(Account.locked_until))
    await _change(session, person_id, failures=Account.failures - 1, locked_until=none_since)


async def forget_attempts(session: AsyncSession, person_id: UUID) -> None:
    """They are who they say: nothing counts any more."""
    await _change(session, person_id, failures=0, locked_until=None)


async def _change(session: AsyncSession, person_id: UUID, **values: object) -> None:
    changed = update(Account).where(col(Account.person_id) == person_id).values(**values)
    await session.exec(changed.execution_options(synchronize_session=False))
