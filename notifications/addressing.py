"""Addressing letters: a delivery is a row, and the unique key (subject, letter, person, slot) makes it one for ever."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from config.settings import settings
from models.database import insert_or
from models.telling import Delivery, State
from notifications.letters import LETTERS

CHUNK = 1_000
KEY = ("subject", "letter", "person_id", "slot")


@dataclass(frozen=True)
class Addressed:
    """A letter to one person. `subject` is what it is about, `slot` the event, rung or local day it is told once for.

    `why_you` ends the sentence "You have this letter because …". `fields` holds ids, references, rungs, counts and
    instants only. A letter that is urgent by its kind need not say so.
    """

    letter: str
    person_id: UUID
    subject: str
    slot: str
    why_you: str
    concern_id: UUID | None = None
    task_id: UUID | None = None
    urgent: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


async def address(session: AsyncSession, letters: Sequence[Addressed], at: datetime) -> int:
    """Write deliveries for `letters`, due at `at` (UTC); those already written are left as they are.

    Returns how many were new. Raises ValueError for a letter that is not in the catalogue or lacks a field.
    """
    domain = mail_domain()
    insert = _insert(insert_or(session))
    new = 0
    for rows in _chunks([_row(letter, at, domain) for letter in letters]):
        new += len((await session.exec(insert, params=rows)).all())
    return new


@cache
def _insert(insert: Any) -> Any:
    once = insert(Delivery.__table__).on_conflict_do_nothing(index_elements=KEY)  # type: ignore[attr-defined]  # SQLModel sets it
    return once.returning(col(Delivery.id))


def _chunks(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _row(letter: Addressed, at: datetime, domain: str) -> dict[str, Any]:
    kind = LETTERS.get(letter.letter)
    if kind is None:
        raise ValueError(f"{letter.letter} is not a letter")
    if missing := kind.fields - set(letter.fields):
        raise ValueError(f"{letter.letter} needs {', '.join(sorted(missing))}")
    number = uuid4()
    return {
        "id": number,
        "subject": letter.subject,
        "letter": letter.letter,
        "person_id": letter.person_id,
        "slot": letter.slot,
        "concern_id": letter.concern_id,
        "task_id": letter.task_id,
        "why_you": letter.why_you,
        "urgent": letter.urgent or kind.urgent,
        "fields": dict(letter.fields),
        "created_at": at,
        "try_after": at,
        "tries": 0,
        "state": State.WAITING,
        # Made once: whatever happens on the way, a second copy can be told from a second letter.
        "message_id": f"<{number}@{domain}>",
    }


def sender_address() -> str:
    """The bare address that letters come from."""
    return _bare(settings().mail_from)


def mail_domain() -> str:
    """The domain that letters come from."""
    return sender_address().rpartition("@")[2]


@cache
def _bare(address: str) -> str:
    return parseaddr(address)[1]
