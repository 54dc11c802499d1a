"""The shapes of the answers: a contract. Instants are ISO 8601 with London's offset, people are e-mail addresses."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.lifecycle import Kind, Move, Status
from models.telling import State

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Date = Annotated[str, Field(json_schema_extra={"format": "date"})]
Id = Annotated[str, Field(json_schema_extra={"format": "uuid"})]


class Shape(BaseModel):
    """A part of an answer; nothing else is in it."""

    model_config = ConfigDict(extra="forbid")


class Listed(Shape):
    """A page of a list. `next` is the `after` of the page that follows; the header Link leads there."""

    next: Id | None


class RoleHeld(Shape):
    """One role, of a setting or an area; an administrator's is of neither."""

    role: str
    setting: str | None
    area: str | None


class Me(Shape):
    """Whose key this is, what they are today, whom they cover, and what the key may do."""

    email: str
    name: str
    zone: str
    roles: list[RoleHeld]
    covers: list[str]
    scopes: list[str]
    narrowed_to: list[str] | None
    expires_at: Moment


class Sibling(Shape):
    """Another child of the household."""

    id: Id
    name: str


class Child(Sibling):
    """A child, born or, with `due`, not yet."""

    born: Date | None
    due: Date | None


class ChildToLog(Child):
    """A child about whom one may log an observation, with the siblings one may log about too."""

    setting: str
    siblings: list[Sibling]


class Children(Listed):
    """Children, by name."""

    items: list[ChildToLog]


class Logged(Shape):
    """What an observation led to: it opened a concern or joined one. `repeated`: it was here already."""

    reference: str
    observation: Id
    joined: bool
    repeated: bool


class Task(Shape):
    """One open task: who acts, by when and why then, what it offers."""

    id: Id
    kind: Kind
    concern: str
    setting: str
    owner: str
    owed_by: str
    due_at: Moment
    overdue: bool
    acknowledge_by: Moment | None
    due_because: str
    rung: int
    moves: list[Move]
    about: str | None


class TaskSeen(Task):
    """One task, open or closed, with the version of its concern."""

    version: int
    closed_at: Moment | None
    outcome: str | None


class Tasks(Listed):
    """Open tasks, earliest deadline first."""

    items: list[Task]


class ReviewToCome(Task):
    """An assessment or review to come, with the last outcomes and days without improvement."""

    area: str
    last_outcomes: list[str]
    unchanged_running: int
    postponed: int
    days_without_improvement: int
    days_left: int


class Reviews(Listed):
    """Assessments and reviews to come, earliest deadline first."""

    items: list[ReviewToCome]


class Opened(Shape):
    """A task that a change opened."""

    id: Id
    kind: Kind
    due_at: Moment
    due_because: str


class Moved(Shape):
    """What a move led to: where the concern stands now, and the tasks it opened."""

    reference: str
    status: Status
    version: int
    opened: list[Opened]


class Reassigned(Shape):
    """Who owes the task now."""

    id: Id
    concern: str
    owner: str
    due_at: Moment


class Asked(Shape):
    """A second person has been asked."""

    reference: str


class ConcernListed(Shape):
    """One concern of a list: where it stands, and how much of it you may see."""

    reference: str
    status: Status
    setting: str
    opened_at: Moment
    closed_at: Moment | None
    version: int
    sight: Literal["own", "task", "referral", "whole"]


class Concerns(Listed):
    """Concerns, newest first."""

    items: list[ConcernListed]


class Happened(Shape):
    """One line of a concern's history."""

    kind: str
    happened_at: Moment
    recorded_at: Moment
    by: str
    because: str
    fields: dict[str, Any]


class ObservationListed(Shape):
    """Who saw something, and when."""

    id: Id
    by: str
    seen_at: Moment
    recorded_at: Moment
    types: list[str]
    immediate_danger: bool
    withdrawn_at: Moment | None


class Observation(Shape):
    """What somebody saw, in full."""

    id: Id
    seen_at: Moment
    recorded_at: Moment
    place: str
    what: str
    child_words: str | None
    child_words_missing: str | None
    types: list[str]
    immediate_danger: bool
    withdrawn_at: Moment | None


class Told(Shape):
    """One letter to one person."""

    letter: str
    to: str
    state: State
    sent_at: Moment | None
    message_id: str
    error: str | None


class Referral(Shape):
    """One referral to children's social care."""

    number: int
    rule: str
    raised_at: Moment
    hold_until: Moment | None
    sent_at: Moment | None
    stopped_at: Moment | None
    acknowledged_at: Moment | None
    decided_at: Moment | None
    decision: str | None
    channel: str
    front_door_number: str | None
    filed_number: str | None
    parents_informed: str
    consent: str


class Household(Shape):
    """Another concern of the household."""

    reference: str
    status: Status
    setting: str
    same_child: bool


class ConcernWhole(Shape):
    """A concern as those see it who may see it whole."""

    sight: Literal["whole"]
    version: int
    reference: str
    status: Status
    setting: str
    child: Child
    opened_at: Moment
    closed_at: Moment | None
    previous: str | None
    household: list[Household]
    child_clock_days: int
    postponed: int
    had_social_worker: bool
    open_tasks: list[Task]
    events: list[Happened]
    observations: list[ObservationListed]
    deliveries: list[Told]
    referral: Referral | None
    referrals: list[Referral]


class ConcernPart(Shape):
    """A concern as those see it who may see a part: their own observations, tasks, or the referrals sent to them."""

    sight: Literal["own", "task", "referral"]
    version: int
    reference: str
    status: Status
    setting: str
    opened_at: Moment
    closed_at: Moment | None
    open_tasks: list[Task]
    observations: list[Observation]
    referrals: list[Referral]


class Look(Shape):
    """One view of the child in this concern."""

    at: Moment
    by: str
    page: str


class Looks(Shape):
    """Who looked, newest first; the newest two hundred."""

    items: list[Look]


class Leave(Shape):
    """Leave, both days included, and who covers."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: Id
    first: Date = Field(alias="from")
    last: Date = Field(alias="to")
    cover: str | None


class Withdrawn(Shape):
    """What was taken back."""

    id: Id


class Leaves(Shape):
    """Leave that has not ended, earliest first."""

    items: list[Leave]


class ReferralListed(Shape):
    """A referral that was sent, and what became of it."""

    id: Id
    concern: str
    number: int
    sent_at: Moment
    acknowledged_at: Moment | None
    decision: str | None
    decided_at: Moment | None


class Referrals(Listed):
    """Referrals that were sent, newest first."""

    items: list[ReferralListed]


class ReferredChild(Child):
    """A child of the referral: whether parents were informed and consented."""

    setting: str
    is_subject: bool
    parents_informed: str
    consent: str


class ReferredObservation(Observation):
    """An observation of the referral: by whom, of which child."""

    by: str
    child: str


class ReferralRead(Shape):
    """A referral in full, as the front door reads it: what was known when it was sent."""

    concern: str
    setting: str
    referrer: str | None
    evidence: str
    referral: Referral
    children: list[ReferredChild]
    observations: list[ReferredObservation]
    history: list[Happened]
    additions: list[dict[str, Any]]
