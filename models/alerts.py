"""Letters that ask something of their reader: how many were acted on within so many working days. A figure to look at.

What nobody acts on is noise, and hides what matters: an administrator sees it by kind of letter, and prunes the ladder.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import calendar_for
from config.settings import settings
from models.deadlines import LONDON, DayCalendar, working_days
from models.events import Happened
from models.policies import policy_book
from models.record import Event
from models.telling import Delivery, State

FIGURE = "alert_acted_within"
LATELY = timedelta(weeks=4)
# The newest of four weeks: enough for a share, and the same work however large the record is.
MOST = 5_000
# The letters about one task that its reader, or whoever owes it, is asked to do something about.
ASKING = ("task-opened", "reminder", "unacknowledged", "overdue")
# Putting a reminder off is an answer to the letter, and no act on the task.
NO_ACT = frozenset({Happened.ESCALATED, Happened.SNOOZED})


@dataclass(frozen=True)
class Asked:
    """A letter that asked something about a task, and when it was sent (UTC)."""

    letter: str
    task_id: UUID
    sent_at: datetime


@dataclass(frozen=True)
class Act:
    """Somebody who owes a task, or stands in, did something about it (UTC)."""

    task_id: UUID
    at: datetime


@dataclass
class Acted:
    """Of one kind of letter: how many were judged, how many acted on in time, and for how many it is too early."""

    letters: int = 0
    acted: int = 0
    early: int = 0

    @property
    def share(self) -> int | None:
        """Acted on in time, in per cent; None where none could be judged."""
        return round(100 * self.acted / self.letters) if self.letters else None


def acted_within(
    letters: Iterable[Asked], acts: Iterable[Act], calendar: DayCalendar, days: int, at: datetime | None = None
) -> dict[str, Acted]:
    """By kind of letter, how many were followed by an act on their task by 17:00 of the `days`-th working day after.

    A letter whose time is not over at `at` (UTC; None: all of it is over) counts only once it has been acted on. An
    act counts for every letter before it: they asked for the same.
    """
    done: dict[UUID, list[datetime]] = defaultdict(list)
    for act in acts:
        done[act.task_id].append(act.at)
    for moments in done.values():
        moments.sort()
    ends = _Ends(calendar, days)
    found: dict[str, Acted] = defaultdict(Acted)
    for letter in letters:
        _judge(found[letter.letter], letter.sent_at, done.get(letter.task_id, ()), ends.of(letter.sent_at), at)
    return dict(found)


def _judge(so_far: Acted, sent: datetime, acts: Sequence[datetime], end: datetime, at: datetime | None) -> None:
    after = bisect_right(acts, sent)
    in_time = after < len(acts) and acts[after] <= end
    if not in_time and at is not None and at < end:
        so_far.early += 1
        return
    so_far.letters += 1
    so_far.acted += in_time


class _Ends:
    """When the time of a letter ends, worked out once for each day: thousands are asked for at once."""

    def __init__(self, calendar: DayCalendar, days: int) -> None:
        self._calendar, self._days = calendar, max(1, days)
        self._known: dict[object, datetime] = {}

    def of(self, sent: datetime) -> datetime:
        day = sent.astimezone(LONDON).date()
        if day not in self._known:
            self._known[day] = working_days(sent, self._days, self._calendar, FIGURE).at
        return self._known[day]


async def acted_by_policy(session: AsyncSession, at: datetime) -> tuple[dict[str, Acted], int]:
    """`acted_lately` with the working days that the default policy says, and those days; England's holidays count."""
    policy = (await policy_book(session)).for_area(None, at.astimezone(LONDON).date())
    days = int(policy.figure(FIGURE))
    calendar = calendar_for(extra_holidays=[*settings().extra_holidays, *policy.extra_holidays])
    return await acted_lately(session, at, calendar, days), days


async def acted_lately(session: AsyncSession, at: datetime, calendar: DayCalendar, days: int) -> dict[str, Acted]:
    """The same for the letters of the last four weeks, the newest 5,000 at most; one statement.

    An act is a line of the task's history that a person made.
    """
    acts = sa_select(func.min(Event.recorded_at)).where(
        col(Event.concern_id) == col(Delivery.concern_id),
        col(Event.task_id) == col(Delivery.task_id),
        col(Event.by_id).is_not(None),
        col(Event.kind).not_in(NO_ACT),
        col(Event.recorded_at) > col(Delivery.sent_at),
    )
    first = acts.correlate(Delivery.__table__).scalar_subquery()  # type: ignore[attr-defined]  # SQLModel sets it
    found = select(Delivery.letter, Delivery.task_id, Delivery.sent_at, first)
    found = found.where(Delivery.state == State.SENT, col(Delivery.created_at) > at - LATELY)
    found = found.where(col(Delivery.letter).in_(ASKING), col(Delivery.task_id).is_not(None))
    rows = (await session.exec(found.order_by(col(Delivery.created_at).desc()).limit(MOST))).all()
    letters = [Asked(letter, task, sent) for letter, task, sent, _ in rows if task and sent]
    made = {(task, act) for _, task, _, act in rows if task and act is not None}
    return acted_within(letters, [Act(task, act) for task, act in made], calendar, days, at)
