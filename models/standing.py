"""Tables of each day's signed statement, and of who covers a concern while its setting is closed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

# Cover for a closure that is to come, runs, or whose first day back has not been seen to.
STANDING = text("returned_at IS NULL")


class DailyStatement(SQLModel, table=True):
    """What the reconciler says of one day of London: how many obligations were due, and what became of them.

    `hash` covers all else and the hash of the day before; `signature` is this installation's over the hash
    (config.secret). `counts` and `findings` hold numbers, ids and references only.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    day: date = Field(unique=True)
    made_at: datetime
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    previous_hash: str = Field(default="", max_length=64)
    hash: str = Field(max_length=64)
    signature: str = Field(max_length=64)


class ClosureCover(SQLModel, table=True):
    """Who looks after one concern while its setting is closed, both days included.

    `by_id` None: nobody was named in time, so the pathway gave it to whoever is next. `returned_at` is when the setting
    was found open again and the first day's check was opened.
    """

    __table_args__ = (
        UniqueConstraint("concern_id", "first"),
        Index("closure_cover_person", "person_id", "last"),
        Index("closure_cover_last", "last", sqlite_where=STANDING, postgresql_where=STANDING),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    concern_id: UUID = Field(foreign_key="concern.id")
    first: date
    last: date
    person_id: UUID = Field(foreign_key="person.id")
    by_id: UUID | None = Field(default=None, foreign_key="person.id")
    named_at: datetime
    returned_at: datetime | None = None
