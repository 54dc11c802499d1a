"""The record as it stands at the end, read whole, with questions a verdict asks of it again and again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import select

from models.database import make_engine, reading
from models.people import Child, Person
from models.record import Concern, Event, Observation, Referral, Task
from models.telling import Delivery
from tests.postgres import apart

TABLES = (Concern, Observation, Task, Event, Referral, Delivery, Person, Child)

LISTS = ("round-up", "morning-digest")  # letters that stand for several


@dataclass
class Rows:
    """All rows of the tables that matter."""

    concerns: Sequence[Concern]
    observations: Sequence[Observation]
    tasks: Sequence[Task]
    events: Sequence[Event]
    referrals: Sequence[Referral]
    deliveries: Sequence[Delivery]
    persons: Sequence[Person]
    children: Sequence[Child]
    _arrived: set[UUID] | None = None
    _open: dict[UUID, list[Task]] = field(default_factory=lambda: defaultdict(list))
    _history: dict[UUID, list[Event]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.references = {one.id: one.reference for one in self.concerns}
        self.emails = {one.id: one.email for one in self.persons}
        self.areas = {one.id: one.area for one in self.concerns}
        for task in self.tasks:
            if task.closed_at is None:
                self._open[task.concern_id].append(task)
        for event in sorted(self.events, key=lambda one: one.number):
            self._history[event.concern_id].append(event)

    def of(self, row: Any) -> str:
        """The reference of the concern a row belongs to."""
        return self.references[row.concern_id]

    def email(self, person_id: UUID | None) -> str:
        """The address of a person; empty for the pathway itself."""
        return self.emails.get(person_id, "") if person_id else ""

    def reached(self, one: Delivery, taken: Container[str], at: datetime) -> bool:
        """Whether what a letter says was told: by itself, in a round-up or digest, or to somebody else.

        `taken` are the Message-IDs that arrived, `at` the last instant: what was held back then waits for a morning.
        """
        if one.message_id in taken or one.told_at:
            return True
        if str(one.state) != "withdrawn" or one.held_at is None:
            return False
        return one.held_at >= at or one.named_in in self._listed(taken)

    def _listed(self, taken: Container[str]) -> set[UUID]:
        if self._arrived is None:
            self._arrived = {one.id for one in self.deliveries if one.letter in LISTS and one.message_id in taken}
        return self._arrived

    def never_came(self, letter: str, taken: Container[str], at: datetime) -> list[Delivery]:
        """The letters of a name that were not taken, although what they say was told."""
        named = (one for one in self.deliveries if one.letter == letter and one.message_id not in taken)
        return [one for one in named if self.reached(one, taken, at)]

    def open_tasks(self, concern_id: UUID) -> list[Task]:
        """The open tasks of a concern."""
        return self._open[concern_id]

    def history(self, concern_id: UUID) -> list[Event]:
        """A concern's events in order."""
        return self._history[concern_id]


def read(url: str) -> Rows:
    """Read the record at an async SQLAlchemy URL."""

    async def work() -> list[Sequence[Any]]:
        engine = make_engine(url)
        async with reading(engine) as session:
            found = [(await session.exec(select(table))).all() for table in TABLES]
        await engine.dispose()
        return found

    return Rows(*apart(work))
