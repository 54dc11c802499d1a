"""Tables of the record: concerns, observations, tasks, events, referrals. Instants are UTC and aware."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import Word
from models.lifecycle import Kind, Status


class Stage(StrEnum):
    """The stage flow that follows up an event."""

    LOG_CONCERN = "log-concern"
    DSL_REVIEW = "dsl-review"
    EARLY_HELP = "early-help"
    REVIEW = "review"
    REFER = "refer"


OPEN_TASK = text("closed_at IS NULL")
# One of each of these at most may be open in a concern; actions, questions and countersignatures may be many.
SINGLE = text("closed_at IS NULL AND kind NOT IN ('action', 'answer_question', 'countersign')")
# What the coordinator's tracker shows (models.tracker.TRACKED). Its two indexes hold all that the board counts by, so
# that neither a task nor a concern is read before it is known which few are shown.
TRACKED = text(
    "closed_at IS NULL AND kind IN ('gain_consent', 'assess', 'hold_review', 'case_review', 'statutory_review', "
    "'confirm_referral', 'await_decision', 'resolve_disagreement')"
)
# `closed_at` is always empty there; SQLite reads a row for it all the same, unless the index has it.
OF_AREA = ("area", "due_at", "id", "kind", "setting_id", "owner_id", "concern_id", "closed_at")
OF_SETTING = ("setting_id", "due_at", "id", "kind", "area", "owner_id", "concern_id", "closed_at")
# The children whose last review found no change, or the last ones: few.
UNCHANGED = text("closed_at IS NULL AND unchanged_running > 0")


class Concern(SQLModel, table=True):
    """The lifecycle of one worry about one child. `version` counts changes (optimistic locking).

    Its setting and area are those it was opened in, for good. `changed_at` is when its last event was recorded.
    """

    __table_args__ = (
        Index("concern_area", "area", "changed_at"),
        Index("concern_setting", "setting_id", "changed_at"),
        Index("concern_lead", "lead_id", "changed_at"),
        Index("concern_unchanged", "id", "unchanged_running", sqlite_where=UNCHANGED, postgresql_where=UNCHANGED),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    reference: str = Field(unique=True, max_length=24)
    child_id: UUID = Field(foreign_key="child.id", index=True)
    setting_id: UUID = Field(foreign_key="setting.id")
    area: str = Field(max_length=80)
    status: Status = Field(sa_type=Word(Status))
    opened_at: datetime
    opened_by: UUID = Field(foreign_key="person.id")
    closed_at: datetime | None = None
    previous_id: UUID | None = Field(default=None, foreign_key="concern.id")
    lead_id: UUID | None = Field(default=None, foreign_key="person.id")
    help_decided_at: datetime | None = None
    assessed_at: datetime | None = None
    level: int | None = None
    unchanged_running: int = 0
    improved_running: int = 0
    postponed: int = 0
    declined: bool = False
    after_nfa: bool = False
    had_social_worker: bool = False
    version: int = 0
    events: int = 0
    changed_at: datetime
    chain_head: str = Field(default="", max_length=64)


# One open concern a child: what joins must join, however many people log at once.
Index(
    "one_open_concern_a_child",
    Concern.__table__.c.child_id,  # type: ignore[attr-defined]  # SQLModel sets it
    unique=True,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)


class Observation(SQLModel, table=True):
    """One person's report of what they saw, with the child's own words or the reason there are none."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str | None = Field(default=None, unique=True, max_length=200)
    fingerprint: str = Field(unique=True, max_length=64)
    concern_id: UUID = Field(foreign_key="concern.id", index=True)
    child_id: UUID = Field(foreign_key="child.id", index=True)
    household_id: UUID = Field(foreign_key="household.id", index=True)
    observer_id: UUID = Field(foreign_key="person.id", index=True)
    seen_at: datetime
    recorded_at: datetime
    place: str
    what: str
    child_words: str | None = None
    child_words_missing: str | None = None
    types: list[str] = Field(sa_type=JSON)
    immediate_danger: bool = False
    withdrawn_at: datetime | None = None


class Task(SQLModel, table=True):
    """What one person owes by a time.

    `next_at` is the next moment at which something must be said or done about it; `said_until` the last moment
    that was; `snoozed_until` puts off reminders, never the deadline or a rung.
    `closed_at` is when its end was recorded, `done_at` when it was done where that was entered later: whether it was in
    time is asked of the earlier.
    `about` holds what the kind needs: an action's text, the front door's question, a countersignature's proposal, the
    rules that asked. `area` and `setting_id` are its concern's, which never change: whose tasks they are is asked of a
    hundred thousand at once.
    """

    __table_args__ = (
        Index("task_next", "next_at", sqlite_where=OPEN_TASK, postgresql_where=OPEN_TASK),
        Index("task_single", "concern_id", "kind", unique=True, sqlite_where=SINGLE, postgresql_where=SINGLE),
        Index("task_owner", "owner_id", sqlite_where=OPEN_TASK, postgresql_where=OPEN_TASK),
        Index("task_kind", "kind", "due_at", sqlite_where=OPEN_TASK, postgresql_where=OPEN_TASK),
        Index("task_of_area", *OF_AREA, sqlite_where=TRACKED, postgresql_where=TRACKED),
        Index("task_of_setting", *OF_SETTING, sqlite_where=TRACKED, postgresql_where=TRACKED),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    concern_id: UUID = Field(foreign_key="concern.id", index=True)
    area: str = Field(max_length=80)
    setting_id: UUID = Field(foreign_key="setting.id")
    kind: Kind = Field(sa_type=Word(Kind))
    owner_id: UUID = Field(foreign_key="person.id")
    role: str = Field(max_length=40)
    opened_at: datetime
    due_at: datetime
    due_because: str
    lapse_at: datetime | None = None
    acknowledge_by: datetime | None = None
    acknowledged_at: datetime | None = None
    next_at: datetime
    said_until: datetime
    snoozed_until: datetime | None = None
    rung: int = 0
    stage: int = 0
    urgent: bool = False
    about: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    referral_id: UUID | None = Field(default=None, foreign_key="referral.id")
    policy: str = Field(max_length=80)
    policy_from: date
    closed_at: datetime | None = None
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
    done_at: datetime | None = None
    outcome: str | None = Field(default=None, max_length=40)


class Event(SQLModel, table=True):
    """One line of a concern's history. Only `followed_up_at` ever changes after it is written.

    `hash` covers all else and the hash before, so that an edit, a gap or a swap shows. `by_id` None is the pathway.
    """

    __table_args__ = (
        UniqueConstraint("concern_id", "number"),
        Index("event_by", "by_id", "recorded_at"),
        Index("event_recorded", "recorded_at"),
        Index(
            "event_waiting",
            "stage",
            "recorded_at",
            sqlite_where=text("followed_up_at IS NULL"),
            postgresql_where=text("followed_up_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    concern_id: UUID = Field(foreign_key="concern.id")
    number: int
    kind: str = Field(max_length=60)
    happened_at: datetime
    recorded_at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="person.id")
    because: str
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    task_id: UUID | None = None
    observation_id: UUID | None = None
    opened: list[str] = Field(default_factory=list, sa_type=JSON)
    closed: list[str] = Field(default_factory=list, sa_type=JSON)
    stage: Stage = Field(sa_type=Word(Stage))
    followed_up_at: datetime | None = None
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Referral(SQLModel, table=True):
    """One referral to the front door: raised, perhaps held, sent or stopped, acknowledged, decided."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    concern_id: UUID = Field(foreign_key="concern.id", index=True)
    number: int
    rule: str = Field(max_length=40)
    evidence: str
    raised_at: datetime
    raised_by: UUID | None = Field(default=None, foreign_key="person.id")
    hold_until: datetime | None = None
    sent_at: datetime | None = None
    stopped_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    front_door_number: str | None = None
    filed_number: str | None = None
    decision: str | None = Field(default=None, max_length=40)
    decided_at: datetime | None = None
    parents_informed: str
    consent: str
    channel: str = Field(max_length=40)
    additions: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)


class Counter(SQLModel, table=True):
    """The last number given out under a name, such as the concerns of a year."""

    name: str = Field(primary_key=True, max_length=40)
    value: int = 0


class PolicyText(SQLModel, table=True):
    """A partnership's own policy file as it was loaded, and which policy is the default."""

    key: str = Field(primary_key=True, max_length=80)
    text: str | None = None
    is_default: bool = False
