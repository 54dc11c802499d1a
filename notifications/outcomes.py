"""What became of letters, written down: every delivery ends, and no failure goes untold."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Update, bindparam, case
from sqlmodel import and_, col, or_, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.telling import WAITING, Delivery, State
from notifications.budget import let_go
from notifications.claiming import NO_RETURN, Sender, free, picked
from notifications.failures import Failure, Trouble, tell_administrators, tell_of_failures
from notifications.letters import LISTS

# Waits after the first, second, … attempt; the last goes on until the letter is given up.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
LONGEST_URGENT = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(hours=48)
SERVER = "mail server: "
_FAILED = MappingProxyType({State.REFUSED: Trouble.REFUSED, State.GIVEN_UP: Trouble.GIVEN_UP})


@dataclass
class Counts:
    """What one telling did; `held` are kept for a digest, `addressed` new letters about those that failed.

    `trouble` is what stopped it.
    """

    sent: int = 0
    refused: int = 0
    later: int = 0
    given_up: int = 0
    withdrawn: int = 0
    held: int = 0
    addressed: int = 0
    trouble: str | None = None

    def as_dict(self) -> dict[str, int]:
        """The counts by name, without the trouble."""
        return {name: count for name, count in asdict(self).items() if name != "trouble"}


@dataclass(frozen=True)
class Outcome:
    """What became of one letter: sent, refused, withdrawn, or `waiting` when it is to be tried again.

    `bad_address`: its address was refused as such. `gone`: its reader has left, and somebody else should have it.
    """

    delivery: Delivery
    state: State
    error: str | None = None
    address: str | None = None
    bad_address: bool = False
    gone: bool = False


def wait(tries: int, *, urgent: bool) -> timedelta:
    """How long to wait after so many attempts: 1, 5, 15, 60 minutes, then 4 hours; urgent ones 15 minutes at most."""
    longest = BACK_OFF[min(max(tries, 1), len(BACK_OFF)) - 1]
    return min(longest, LONGEST_URGENT) if urgent else longest


async def settle(session: AsyncSession, outcomes: Sequence[Outcome], at: datetime, counts: Counts) -> None:
    """Write down what became of letters, all in one transaction, and address letters about those that failed."""
    if not outcomes:
        return
    rows = [_row(one, at) for one in outcomes]
    table = Delivery.__table__  # type: ignore[attr-defined]  # SQLModel sets it
    ended = update(table).where(table.c.id == bindparam("this"), WAITING)
    ended = ended.values({name: bindparam(f"new_{name}") for name in rows[0] if name != "this"})
    await session.exec(ended, params=[_bound(row) for row in rows])
    failed: list[Failure] = []
    for outcome, row in zip(outcomes, rows, strict=True):
        _count(counts, row["state"])
        trouble = Trouble.GONE if outcome.gone else _FAILED.get(row["state"])
        if trouble:
            failed.append(Failure(outcome.delivery, trouble, outcome.bad_address))
    await let_go(session, [one.delivery.id for one in failed if one.delivery.letter in LISTS])
    counts.addressed += await tell_of_failures(session, failed, at)


def _bound(row: dict[str, Any]) -> dict[str, Any]:
    return {name if name == "this" else f"new_{name}": value for name, value in row.items()}


def _row(outcome: Outcome, at: datetime) -> dict[str, Any]:
    delivery = outcome.delivery
    state, again = outcome.state, delivery.try_after
    if state == State.WAITING:
        last = delivery.created_at + GIVE_UP_AFTER
        state = State.GIVEN_UP if at >= last else State.WAITING
        again = min(at + wait(delivery.tries, urgent=delivery.urgent), last)
    return {
        "this": delivery.id,
        "state": state,
        "try_after": again,
        "sent_at": at if state == State.SENT else None,
        "address": outcome.address,
        "error": outcome.error,
        "claimed_by": None,
        "claimed_until": None,
    }


def _count(counts: Counts, state: State) -> None:
    name = "later" if state == State.WAITING else state.value
    setattr(counts, name, getattr(counts, name) + 1)


async def put_back(session: AsyncSession, sender: Sender, said: str, at: datetime, counts: Counts) -> None:
    """The mail server is in trouble: everything due waits, in one statement, and is tried again later."""
    due = or_(free(at), and_(WAITING, col(Delivery.claimed_by) == sender.id))
    old = and_(due, col(Delivery.created_at) <= at - GIVE_UP_AFTER)
    error = f"{SERVER}{said}"
    given_up = update(Delivery).where(col(Delivery.id).in_(picked(old)))
    given_up = given_up.values(state=State.GIVEN_UP, error=error, claimed_by=None, claimed_until=None)
    lost = await _changed(session, given_up)
    tries = case((col(Delivery.claimed_by) == sender.id, col(Delivery.tries)), else_=col(Delivery.tries) + 1)
    back = update(Delivery).where(col(Delivery.id).in_(picked(due)))
    back = back.values(tries=tries, try_after=_after(tries, at), error=error, claimed_by=None, claimed_until=None)
    counts.later += len(await _changed(session, back))
    counts.given_up += len(lost)
    if lost:
        await let_go(session, lost)
        counts.addressed += await tell_administrators(session, lost, None, Trouble.SERVER, at)


def _after(tries: Any, at: datetime) -> Any:
    """`wait` as a column expression over a count of attempts."""
    slow = and_(col(Delivery.urgent), tries > BACK_OFF.index(LONGEST_URGENT) + 1)
    steps = [(tries == number, at + pause) for number, pause in enumerate(BACK_OFF, start=1)]
    return case((slow, at + LONGEST_URGENT), *steps, else_=at + BACK_OFF[-1])


async def bring_forward(session: AsyncSession, at: datetime) -> int:
    """The mail server answers again: what was put back for its sake goes now. Returns how many letters that is."""
    kept = and_(WAITING, col(Delivery.try_after) > at, col(Delivery.error).startswith(SERVER))
    kept = and_(kept, col(Delivery.claimed_by).is_(None))
    now = update(Delivery).where(col(Delivery.id).in_(picked(kept))).values(try_after=at)
    return len(await _changed(session, now))


async def _changed(session: AsyncSession, change: Update) -> Sequence[UUID]:
    """Make a change; returns the ids of what it changed, for SQLite does not count after a WITH."""
    changed = change.returning(col(Delivery.id)).execution_options(**NO_RETURN)
    return (await session.exec(changed)).scalars().all()
