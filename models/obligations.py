"""What was due on one day of London, and what became of it: the figures of the daily statement.

An obligation is a task whose deadline fell on that day. It was met, it ended by itself (a hold that sent, silence that
became a disagreement), somebody heard that it was overdue, its first rung is still to come, or it was missed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy import Ladder
from config.policy_book import PolicyBook
from models.opinion_days import DAY, instant_of
from models.opinion_dossier import PLAIN
from models.opinion_ladder import steps
from models.policies import policy_book
from models.record import Concern, Event, Task

# In the order in which they are told.
COUNTS = ("due", "met", "met_late", "ended_by_itself", "escalated", "to_come", "missed")
SAYS = ("escalated", "chased")
LATE = ("rung", "chase")
CHUNK = 500


@dataclass
class OneDay:
    """The figures of a day, and each obligation that was missed: its concern's reference, and what it was."""

    counts: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, str]] = field(default_factory=list)


async def obligations(session: AsyncSession, day: date, at: datetime, grace: timedelta) -> OneDay:
    """What was due on a day, as it stands at `at` (UTC); `grace` is how long the pathway may take to say something."""
    begins, ends = instant_of(day, time()), instant_of(day + DAY, time())
    found = select(Task, Concern.reference).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.where(col(Task.due_at) >= begins, col(Task.due_at) < ends).order_by(col(Concern.reference))
    rows = (await session.exec(found)).all()
    said, book = await _said(session, [task for task, _ in rows]), await policy_book(session)
    one = OneDay(Counter(dict.fromkeys(COUNTS, 0)))
    for task, reference in rows:
        what = became(task, said.get(task.id, []), _ladder(book, task), min(at, ends), grace)
        one.counts["due"] += 1
        one.counts[what] += 1
        if what == "missed":
            one.missed.append((reference, f"task {str(task.id)[:8]} ({task.kind}) was overdue and nobody heard of it"))
    return one


def _ladder(book: PolicyBook, task: Task) -> Ladder:
    return book.version(task.policy, task.policy_from, task.area).ladders[task.kind.value]


async def _said(session: AsyncSession, tasks: Sequence[Task]) -> dict[UUID, list[datetime]]:
    """When something was said about each task that was late, by the ladder or by a person who chased."""
    concerns = sorted({task.concern_id for task in tasks}, key=str)
    found: dict[UUID, list[datetime]] = {}
    for start in range(0, len(concerns), CHUNK):
        asked = select(Event.task_id, Event.recorded_at).where(
            col(Event.concern_id).in_(concerns[start : start + CHUNK]), col(Event.kind).in_(SAYS)
        )
        for task_id, when in (await session.exec(asked)).all():
            if task_id:
                found.setdefault(task_id, []).append(when)
    return found


def became(task: Task, said: Iterable[datetime], ladder: Ladder, at: datetime, grace: timedelta) -> str:
    """What became of an obligation, as one of COUNTS; what was to be said a `grace` before its end had to be said."""
    done = min((one for one in (task.done_at, task.closed_at) if one), default=None)
    if task.lapse_at and task.closed_at and task.closed_by is None and task.closed_at >= task.lapse_at:
        return "ended_by_itself"
    if done and done <= task.due_at:
        return "met"
    heard = any(when >= task.due_at for when in said)
    until = min(at, task.closed_at or at) - grace
    owed = [one for one in steps(ladder, task, PLAIN, until) if one.what in LATE and one.at >= task.due_at]
    if owed and not heard:
        return "missed"
    if done:
        return "met_late"
    return "escalated" if heard else "to_come"


def as_rows(missed: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """What was missed, as a statement keeps it."""
    return [{"reference": reference, "what": what} for reference, what in missed]
