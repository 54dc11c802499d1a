"""The shapes of concerns and referrals, as much of each as whoever asks may see."""

from typing import Any, Literal

from flows.foresight.foreseen import Does
from models.lifecycle import Kind, Status
from models.telling import State
from web.api.shapes import Child, Id, Listed, Moment, Shape, Task


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


class WouldHear(Shape):
    """Somebody who would have a letter, and why they do."""

    letter: str
    to: str
    name: str
    role: str
    why: str


class WouldOwe(Shape):
    """A task that is owed, or that would be opened: whose, by when and why then."""

    task: Id
    kind: Kind
    stage: int
    owner: str
    role: str
    due_at: Moment
    due_because: str


class Foreknown(Shape):
    """One thing that happens by itself; `day` says `at` as London's clocks show it."""

    at: Moment
    day: str
    does: Does
    what: str
    task: Id | None
    kind: Kind | None
    rung: int
    stage: int
    because: str
    hears: list[WouldHear]
    opens: list[WouldOwe]


class SilenceLeads(Shape):
    """Where silence leads for an open task of this kind; without a kind, for the whole concern."""

    kind: Kind | None
    said: str


class Foreseen(Shape):
    """A concern's future if nobody acts. `beyond`: nothing happens until then, the step is the first one after it."""

    reference: str
    status: Status
    since: Moment
    until: Moment
    owed: list[WouldOwe]
    beyond: bool
    steps: list[Foreknown]
    ends: list[SilenceLeads]


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


class Elsewhere(Shape):
    """How much of a referral is about children out of the caller's reach; the front door reads that too."""

    children: int
    observations: int


class ReferralRead(Shape):
    """A referral, as far as the caller reaches: what was known when it was sent."""

    concern: str
    setting: str
    referrer: str | None
    evidence: str
    referral: Referral
    children: list[ReferredChild]
    observations: list[ReferredObservation]
    elsewhere: Elsewhere
    history: list[Happened]
    additions: list[dict[str, Any]]
