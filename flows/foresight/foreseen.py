"""What was foreseen of one concern, as plain facts: to print, to show on a page, to answer with, to compare."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from config.policy import Policy
from models.lifecycle import Kind, Status


class Does(StrEnum):
    """What happens at a step. Reminders and rungs are said about one open task; `happened` is whatever else."""

    REMINDER = "reminder"
    UNACKNOWLEDGED = "unacknowledged"
    RUNG = "rung"
    REPEAT = "repeat"
    CHASE = "chase"
    REFERRAL_SENT = "referral_sent"
    DISPUTED = "disputed"
    STEPPED_UP = "stepped_up"
    HAPPENED = "happened"


@dataclass(frozen=True)
class Hearer:
    """Somebody who would have a letter, and why they of all people."""

    letter: str
    person_id: UUID
    name: str
    email: str
    role: str
    why: str


@dataclass(frozen=True)
class Owed:
    """An open task: what it asks of whom, by when and why then."""

    task_id: UUID
    kind: Kind
    owner: str
    email: str
    role: str
    due_at: datetime
    because: str
    policy: str
    stage: int = 0


@dataclass(frozen=True)
class Step:
    """One thing that happens by itself: when (UTC), what, on which task, why then, who hears, what it opens.

    `happened` is the history's own word for what is not said about one open task. `again_after` is set on what repeats
    without end: so many working days later it is said again.
    """

    at: datetime
    does: Does
    because: str
    hears: tuple[Hearer, ...]
    task_id: UUID | None = None
    kind: Kind | None = None
    rung: int = 0
    stage: int = 0
    happened: str = ""
    again_after: int = 0
    opens: tuple[Owed, ...] = ()


@dataclass(frozen=True)
class End:
    """Where silence leads, for a kind of task that is open in the end; without a kind, for the whole concern."""

    said: str
    kind: Kind | None = None


@dataclass(frozen=True)
class Foresight:
    """A concern's future if nobody acts, from `start` until `until` (UTC).

    `beyond`: nothing happens by itself until then, and `steps` holds the first thing after it. `ends` says, for each
    task that is open in the end, where silence leads.
    """

    reference: str
    status: Status
    start: datetime
    until: datetime
    owed: tuple[Owed, ...]
    steps: tuple[Step, ...]
    ends: tuple[End, ...]
    policy: Policy
    beyond: bool = False
