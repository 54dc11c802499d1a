"""The shapes of the answers: a contract. Instants are ISO 8601 with London's offset, people are e-mail addresses."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models.lifecycle import Kind, Move, Status

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
    snoozed_until: Moment | None


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


class Snoozed(Shape):
    """Until when the task's reminders are put off; null when they go on. Its deadline stays."""

    id: Id
    concern: str
    snoozed_until: Moment | None
    due_at: Moment


class Asked(Shape):
    """A second person has been asked."""

    reference: str


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
