"""The daily statement: of each day of London, how many obligations were due and what became of them; signed and kept.

Each is chained to the day before by its hash and signed with this installation's secret (config.secret), so that what
is shown is what was said then. Numbers and references only.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.secret import is_signed, sign
from models.database import insert_or
from models.obligations import as_rows, obligations
from models.opinion_days import DAY, london_day
from models.record import Event
from models.standing import DailyStatement

PURPOSE = "daily statement"
# A record that had none yet begins at most a month back; what was missed in an outage is caught up, a year at a time.
FIRST_AT_MOST = timedelta(days=31)
DAYS_AT_ONCE = 366
# What was not covered is counted whole and listed so far; the command lists all.
MOST_LISTED = 200


@dataclass(frozen=True)
class NotCovered:
    """What the reconciler found as the statement was made: how much, and the first of it as (reference, what)."""

    count: int = 0
    first: tuple[tuple[str, str], ...] = ()


async def make_statements(
    session: AsyncSession, at: datetime, grace: timedelta, found: NotCovered
) -> list[DailyStatement]:
    """The statements of every day that is over and has none, oldest first; none where all have one.

    What the reconciler found now is of the newest of them. Two who do this at once write each day once.
    """
    last = (await session.exec(select(DailyStatement).order_by(col(DailyStatement.day).desc()).limit(1))).first()
    before, made = last.hash if last else "", list[DailyStatement]()
    days = await _days(session, last, at)
    for day in days:
        one = await obligations(session, day, at, grace)
        own = found if day == london_day(at) - DAY else NotCovered()
        counts = {**one.counts, "not_covered": own.count}
        listed = as_rows([*one.missed, *own.first])[:MOST_LISTED]
        row = _sealed(day, at, counts, listed, before)
        if not await _written(session, row):
            break  # somebody else is at it, and will do the rest
        made.append(row)
        before = row.hash
    return made


async def _days(session: AsyncSession, last: DailyStatement | None, at: datetime) -> list[date]:
    yesterday = london_day(at) - DAY
    if last is not None:
        first = last.day + DAY
    else:
        found = select(Event.recorded_at).order_by(col(Event.recorded_at)).limit(1)
        began = (await session.exec(found)).first()
        if began is None:
            return []
        first = max(london_day(began), yesterday - FIRST_AT_MOST)
    return [first + number * DAY for number in range(min((yesterday - first).days + 1, DAYS_AT_ONCE))]


def _sealed(
    day: date, at: datetime, counts: dict[str, int], findings: list[dict[str, Any]], before: str
) -> DailyStatement:
    row = DailyStatement(
        day=day, made_at=at, counts=counts, findings=findings, previous_hash=before, hash="", signature=""
    )
    row.hash = digest(row)
    row.signature = sign(PURPOSE, row.hash)
    return row


async def _written(session: AsyncSession, row: DailyStatement) -> bool:
    table = DailyStatement.__table__  # type: ignore[attr-defined]  # SQLModel sets it
    insert = insert_or(session)(table).values(**row.model_dump()).on_conflict_do_nothing(index_elements=["day"])
    return (await session.exec(insert.returning(table.c.id))).first() is not None


def digest(row: DailyStatement) -> str:
    """SHA-256 over all that a statement says and the hash of the day before."""
    said: dict[str, Any] = {
        "day": row.day.isoformat(),
        "made_at": row.made_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "counts": row.counts,
        "findings": row.findings,
        "previous": row.previous_hash,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def is_clean(row: DailyStatement) -> bool:
    """Whether all that was due was met or escalated, and the reconciler found nothing."""
    return not (row.counts.get("missed") or row.counts.get("not_covered"))


def still_stands(row: DailyStatement) -> bool:
    """Whether a statement is what this installation signed."""
    return row.hash == digest(row) and is_signed(PURPOSE, row.hash, row.signature)


def say(row: DailyStatement) -> str:
    """A statement in a sentence."""
    counts = row.counts
    due = counts.get("due", 0)
    said = f"{due} {'obligation was' if due == 1 else 'obligations were'} due"
    if not due:
        said = "nothing was due"
    elif not counts.get("missed"):
        said += ", and it was met or escalated" if due == 1 else ", and all were met or escalated"
    else:
        said += f", and {counts['missed']} {'was' if counts['missed'] == 1 else 'were'} missed"
    if covered := counts.get("not_covered"):
        said += f"; {covered} {'thing was' if covered == 1 else 'things were'} not covered"
    return said


async def newest(session: AsyncSession) -> DailyStatement | None:
    """The newest statement."""
    return (await session.exec(select(DailyStatement).order_by(col(DailyStatement.day).desc()).limit(1))).first()


async def statement_of(session: AsyncSession, day: date) -> DailyStatement | None:
    """The statement of a day."""
    return (await session.exec(select(DailyStatement).where(DailyStatement.day == day))).first()


async def some_statements(session: AsyncSession, start: int, limit: int) -> tuple[Sequence[DailyStatement], int]:
    """A page of statements, newest first, and how many there are."""
    found = select(DailyStatement).order_by(col(DailyStatement.day).desc()).offset(start).limit(limit)
    total = (await session.exec(select(func.count()).select_from(DailyStatement))).one()
    return (await session.exec(found)).all(), total


async def chain_breaks(session: AsyncSession) -> list[str]:
    """What is wrong with the statements, a line each: changed, signed elsewhere, taken out; empty when all stand."""
    wrong: list[str] = []
    before: DailyStatement | None = None
    for row in (await session.exec(select(DailyStatement).order_by(col(DailyStatement.day)))).all():
        wrong += [f"the statement of {row.day} {what}" for what in _breaks(row, before)]
        before = row
    return wrong


def _breaks(row: DailyStatement, before: DailyStatement | None) -> list[str]:
    wrong = [] if row.hash == digest(row) else ["was changed after it was signed"]
    if not is_signed(PURPOSE, row.hash, row.signature):
        wrong.append("is not signed by this installation")
    if row.previous_hash != (before.hash if before else ""):
        wrong.append("does not follow the one before it")
    if before is not None and row.day != before.day + DAY:
        wrong.append(f"follows that of {before.day}: days between are gone")
    return wrong
