"""The shapes of the administrator's answers: no child is in any of them."""

from typing import Any

from web.api.shapes import Date, Id, Listed, Moment, Opened, RoleHeld, Shape


class HeldRole(RoleHeld):
    """One role of somebody, with the id by which it is ended."""

    id: Id


class Person(Shape):
    """Somebody who works with the pathway."""

    id: Id
    email: str
    name: str
    zone: str
    phone: str | None
    left: str | None
    refuses_letters: bool
    roles: list[HeldRole]


class People(Listed):
    """People, by e-mail address."""

    items: list[Person]


class Setting(Shape):
    """A school, nursery, health team or agency."""

    key: str
    name: str
    kind: str
    area: str
    open: str
    closed: list[str]
    extra_open: list[str]


class Settings(Listed):
    """Settings, by key."""

    items: list[Setting]


class Loaded(Shape):
    """How many of each were written, and what an administrator should know."""

    settings: int
    people: int
    households: int
    children: int
    warnings: list[str]


class Left(Shape):
    """The tasks that somebody else owes now."""

    moved: list[Opened]


class Delivery(Shape):
    """One letter to one person: where it stands."""

    id: Id
    letter: str
    to: str
    concern: str | None
    state: str
    created_at: Moment
    sent_at: Moment | None
    tries: int
    error: str | None


class Resent(Shape):
    """Whether the letter goes again; not, when it had not failed."""

    resent: bool


class Deliveries(Listed):
    """Letters, newest first."""

    items: list[Delivery]


class Firing(Shape):
    """One run of a flow. Without `ended_at` it failed, was cut off, or is still going."""

    id: Id
    flow: str
    slot: str
    started_at: Moment
    ended_at: Moment | None
    outcome: str | None
    counts: dict[str, Any]


class Firings(Listed):
    """Runs of flows, newest first."""

    items: list[Firing]


class Missed(Shape):
    """What was missed or not covered: the concern's reference, and what it was."""

    reference: str
    what: str


class DailyStatement(Shape):
    """What was due on one day of London and what became of it, and whether it is still what was signed."""

    day: Date
    made_at: Moment
    said: str
    clean: bool
    counts: dict[str, int]
    findings: list[Missed]
    hash: str
    previous_hash: str
    still_what_was_signed: bool


class DailyStatements(Listed):
    """Statements, newest first."""

    items: list[DailyStatement]


class ActedOn(Shape):
    """Of one kind of letter that asked something, in the last four weeks: how many were acted on in time.

    `early` are those whose time is not over, and who are not among `letters`.
    """

    letters: int
    acted: int
    early: int
    within_working_days: int


class Status(Shape):
    """What is open, what waits and what failed: counts, and addresses of staff."""

    at: Moment
    waits: dict[str, Any]
    failed: dict[str, Any]
    acted_on: dict[str, ActedOn]
