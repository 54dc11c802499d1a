"""Tables of what was told to whom, and of what ran when."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import Word

WAITING = text("state = 'waiting'")
UNFINISHED = text("ended_at IS NULL")
TOLD = text("sent_at IS NOT NULL")
CLAIMED = text("claimed_by IS NOT NULL")
NAMED = text("named_in IS NOT NULL")
# Kept from its reader so far: neither sent, nor named in a letter that lists.
UNNAMED = text("held_at IS NOT NULL AND named_in IS NULL")


class State(StrEnum):
    """Where a delivery stands; all but `waiting` are ends."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"


class Delivery(SQLModel, table=True):
    """One letter to one person. The unique key (subject, letter, person, slot) makes telling twice impossible.

    `subject` is what it is about (a task, concern, referral or day), `slot` the event, rung or local day.
    `claimed_by` and `claimed_until` (wall clock) are a sender's lease; one that ended with `tries` > 0 means it was
    perhaps sent: it goes again with the same Message-ID.
    One that is folded or held back ends as `withdrawn` with the instant, `held_at`, and the letter that lists it
    instead, `named_in`: a round-up, or the digest once there is one.
    `fields` holds references, rungs and instants only: never a child's details.
    """

    __table_args__ = (
        UniqueConstraint("subject", "letter", "person_id", "slot"),
        Index("delivery_waiting", "try_after", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("delivery_state", "state", "created_at"),
        Index("delivery_told", "person_id", "sent_at", sqlite_where=TOLD, postgresql_where=TOLD),
        Index("delivery_claimed", "claimed_by", sqlite_where=CLAIMED, postgresql_where=CLAIMED),
        Index("delivery_unnamed", "held_at", sqlite_where=UNNAMED, postgresql_where=UNNAMED),
        Index("delivery_named", "named_in", sqlite_where=NAMED, postgresql_where=NAMED),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    subject: str = Field(max_length=80)
    letter: str = Field(max_length=60)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    slot: str = Field(max_length=120)
    concern_id: UUID | None = Field(default=None, foreign_key="concern.id", index=True)
    task_id: UUID | None = Field(default=None, foreign_key="task.id", index=True)
    why_you: str = Field(default="", max_length=200)
    urgent: bool = False
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime
    try_after: datetime
    claimed_until: datetime | None = None
    claimed_by: str | None = Field(default=None, max_length=40)
    tries: int = 0
    state: State = Field(default=State.WAITING, sa_type=Word(State))
    sent_at: datetime | None = None
    address: str | None = None
    message_id: str = Field(unique=True, max_length=200)
    error: str | None = None
    told_at: datetime | None = None
    held_at: datetime | None = None
    named_in: UUID | None = None


class Firing(SQLModel, table=True):
    """One run of a flow. The unique key (flow, slot) collapses two clocks into one."""

    __table_args__ = (
        UniqueConstraint("flow", "slot"),
        Index("firing_newest", "flow", "started_at"),
        Index("firing_unfinished", "started_at", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    flow: str = Field(max_length=40)
    slot: str = Field(max_length=120)
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = Field(default=None, max_length=200)
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    prefect_run_id: str | None = Field(default=None, max_length=40)
