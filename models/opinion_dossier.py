"""What the second opinion reads about a concern: its rows as they stand, the policies, and which days are working days.

Rows only: how they came about is what the other opinion modules work out for themselves.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import Calendar, calendar_for
from config.policy import Policy
from config.policy_book import PolicyBook
from models.opinion_days import Days, london_day
from models.opinion_people import Posts
from models.record import Concern, Event, Observation, Referral, Task
from models.standing import ClosureCover
from models.telling import Delivery, State

# How the reason of what was entered later ends: its true time is the event's `happened_at`.
ENTERED_LATER = " (entered later)"
PLAIN = Days(calendar_for().is_working)


class Sighting(NamedTuple):
    """An observation, without its words."""

    id: UUID
    concern_id: UUID
    household_id: UUID
    observer_id: UUID
    seen_at: datetime
    recorded_at: datetime
    withdrawn_at: datetime | None
    immediate_danger: bool


class Sent(NamedTuple):
    """A letter, without its fields."""

    concern_id: UUID
    letter: str
    subject: str
    person_id: UUID
    slot: str
    state: State
    created_at: datetime
    sent_at: datetime | None
    address: str | None
    why_you: str
    task_id: UUID | None


@dataclass
class Dossier:
    """One concern's rows. What was due before `late` had to be done; `since` is how far back letters are judged."""

    concern: Concern
    events: Sequence[Event]
    tasks: Sequence[Task]
    referrals: Sequence[Referral]
    sightings: Sequence[Sighting]
    household: Sequence[Sighting]
    letters: Sequence[Sent]
    covers: Sequence[ClosureCover]
    posts: Posts
    book: PolicyBook
    days: tuple[Days, ...]
    at: datetime
    late: datetime
    since: datetime | None = None
    _policies: dict[date, Policy] = field(default_factory=dict)

    @cached_property
    def task_of(self) -> dict[str, Task]:
        """Tasks by their id as events write it."""
        return {str(task.id): task for task in self.tasks}

    @cached_property
    def opened_by(self) -> dict[str, Event]:
        """The event that opened each task: the first that names it."""
        found: dict[str, Event] = {}
        for event in self.events:
            for one in event.opened:
                found.setdefault(one, event)
        return found

    @cached_property
    def told(self) -> dict[tuple[str, str, str], set[UUID]]:
        """Who was written to, by letter, subject and slot."""
        found: dict[tuple[str, str, str], set[UUID]] = defaultdict(set)
        for one in self.letters:
            found[one.letter, one.subject, one.slot].add(one.person_id)
        return found

    @cached_property
    def covering(self) -> set[UUID]:
        """Everybody who looks after the concern while its setting is closed, or ever did."""
        named = {str(event.fields["cover_id"]) for event in self.events if event.fields.get("cover_id")}
        return {row.person_id for row in self.covers} | {UUID(one) for one in named}

    @cached_property
    def about(self) -> dict[str, list[Event]]:
        """The events on each task."""
        found: dict[str, list[Event]] = defaultdict(list)
        for event in self.events:
            if event.task_id:
                found[str(event.task_id)].append(event)
        return found

    def policy_of(self, task: Task) -> Policy:
        """The policy under which a task was opened."""
        return self.book.version(task.policy, task.policy_from, self.concern.area)

    def policy_at(self, at: datetime) -> Policy:
        """The area's policy on a day."""
        day = london_day(at)
        if day not in self._policies:
            self._policies[day] = self.book.for_area(self.concern.area, day)
        return self._policies[day]

    def figure(self, name: str, at: datetime) -> int:
        """A figure of the area's policy on a day."""
        return int(self.policy_at(at).figure(name))

    def done_before(self, recorded_at: datetime) -> datetime | None:
        """The true time of what was entered later at that instant, if anything was."""
        same = [one for one in self.events if one.recorded_at == recorded_at and one.because.endswith(ENTERED_LATER)]
        return min((one.happened_at for one in same if one.happened_at < recorded_at), default=None)

    def is_judged(self, at: datetime) -> bool:
        """Whether what was told then is still looked at."""
        return self.since is None or at >= self.since


def counts(calendar: Calendar) -> tuple[Days, ...]:
    """Ways to count: with the one-off bank holidays known today, and as before they were proclaimed."""
    plain = calendar_for().holidays
    return (PLAIN,) if calendar.holidays is plain else (Days(calendar.is_working), PLAIN)


async def sightings_of(session: AsyncSession, concerns: Sequence[Concern]) -> list[Sighting]:
    """Every observation of the households of these concerns' children, siblings' concerns included."""
    ids = [concern.id for concern in concerns]
    homes = select(Observation.household_id).where(col(Observation.concern_id).in_(ids))
    found = select(*_columns(Observation, Sighting)).where(col(Observation.household_id).in_(homes))
    return [Sighting(*row) for row in (await _rows(session, found))]


async def letters_of(session: AsyncSession, concerns: Sequence[Concern], since: datetime | None) -> list[Sent]:
    """Every letter about these concerns; or those written since, and such as are told once for good, however old."""
    found = select(*_columns(Delivery, Sent)).where(col(Delivery.concern_id).in_([one.id for one in concerns]))
    if since is not None:
        found = found.where(or_(col(Delivery.created_at) >= since, col(Delivery.slot) == "once"))
    return [Sent(*row) for row in (await _rows(session, found))]


def _columns(table: Any, row: Any) -> list[Any]:
    return [getattr(table, name) for name in row._fields]


async def _rows(session: AsyncSession, found: Any) -> Sequence[Any]:
    return (await (await session.connection()).execute(found)).all()
