"""Claiming letters: the statement that finds them claims them, and a claim ends with the sender that made it.

A sender holds a lock file in PATHWAY_HOME/senders for as long as it lives. A claim whose lock file is here and no
longer held belongs to a sender that was killed, and is free at once; a claim made on another machine is waited out.
Leases run by the wall clock, for processes live in real time whatever PATHWAY_NOW says.
"""

import fcntl
import os
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.settings import settings
from config.time import wall
from models.telling import WAITING, Delivery

LEASE = timedelta(minutes=5)
NO_RETURN = {"synchronize_session": False}


class Sender:
    """One run of the outbox, known by its `id`; a context manager, during which its lock is held."""

    def __init__(self, home: Path) -> None:
        self.id = uuid4().hex
        self._file = home / "senders" / f"{self.id}.lock"
        self._lock = -1

    def __enter__(self) -> Self:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Locked before it has its name: nobody must find it free.
        unnamed = self._file.with_suffix(".new")
        self._lock = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # After trouble the file stays, not held: it tells the next sender that what we claimed is free.
        if kind is None:
            self._file.unlink(missing_ok=True)
        os.close(self._lock)


def _senders() -> Path:
    return settings().home / "senders"


def dead_senders() -> list[str]:
    """The ids of senders that ran here and are no more, without having let go of their claims."""
    return [file.stem for file in sorted(_senders().glob("*.lock")) if _is_free(file)]


def _is_free(file: Path) -> bool:
    try:
        lock = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


def forget(dead: Collection[str]) -> None:
    """Remove the lock files of dead senders, once their claims are free."""
    for one in dead:
        (_senders() / f"{one}.lock").unlink(missing_ok=True)


def free(at: datetime, dead: Collection[str] = ()) -> ColumnElement[bool]:
    """Due at `at` (UTC), and claimed by nobody who lives."""
    lease_over = or_(col(Delivery.claimed_by).is_(None), col(Delivery.claimed_until) < wall())
    return and_(WAITING, col(Delivery.try_after) <= at, or_(lease_over, col(Delivery.claimed_by).in_(dead)))


def picked(condition: ColumnElement[bool], limit: int | None = None) -> Any:
    """The ids of deliveries that fit and that no other transaction holds: urgent first, then oldest."""
    found = select(Delivery.id).where(condition)
    found = found.order_by(col(Delivery.urgent).desc(), col(Delivery.created_at), col(Delivery.id)).limit(limit)
    # A CTE, since PostgreSQL may run a plain subquery that locks more than once.
    return select(found.with_for_update(skip_locked=True).cte("picked").c.id)


async def claim(session: AsyncSession, sender: Sender, at: datetime, limit: int) -> list[Delivery]:
    """Claim up to `limit` deliveries due at `at` (UTC). Each attempt is counted before it is made."""
    claimed = (
        update(Delivery)
        .where(col(Delivery.id).in_(picked(free(at), limit)))
        .values(claimed_by=sender.id, claimed_until=wall() + LEASE, tries=col(Delivery.tries) + 1)
        .returning(Delivery)
        .execution_options(**NO_RETURN)
    )
    rows = (await session.exec(claimed)).scalars().all()
    return sorted(rows, key=lambda one: (not one.urgent, one.created_at, str(one.id)))


async def renew(session: AsyncSession, sender: Sender, claims: Collection[Delivery]) -> None:
    """Hold on to `claims` for another lease."""
    until = wall() + LEASE
    mine = and_(WAITING, col(Delivery.claimed_by) == sender.id)
    await session.exec(update(Delivery).where(mine).values(claimed_until=until).execution_options(**NO_RETURN))
    for one in claims:
        one.claimed_until = until


async def free_claims(session: AsyncSession, of: Collection[str]) -> None:
    """Let go of every claim of these senders; the attempts stay counted, for each was perhaps made."""
    theirs = picked(and_(WAITING, col(Delivery.claimed_by).in_(of)))
    freed = update(Delivery).where(col(Delivery.id).in_(theirs)).values(claimed_by=None, claimed_until=None)
    await session.exec(freed.execution_options(**NO_RETURN))
