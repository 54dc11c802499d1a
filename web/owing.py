"""Tasks as a desk lists them: what is asked in words, by when and why then, for whom, and in which group of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from config.policy_book import PolicyBook
from config.time import to_london
from models.lifecycle import Kind
from models.owed import Owed, Shown
from models.people import Role
from models.reach import Sight, Viewer
from models.record import Task
from models.snoozing import is_snoozed
from notifications.asks import ASKS
from notifications.words import because
from web.saying import count, on_day

GROUPS = ("Overdue", "Today", "This week", "Later")


@dataclass(frozen=True)
class Line:
    """One task of a list. `name` is None where the viewer may not see whose it is."""

    id: UUID
    reference: str
    name: str | None
    asked: str
    what: str | None
    due_at: datetime
    overdue: bool
    acknowledge_by: datetime | None
    because: str
    acts_for: str | None
    acted_by: str | None
    until: date | None
    verb: str
    acknowledges: bool
    version: int
    snoozed_until: datetime | None = None
    snoozes: bool = False


@dataclass(frozen=True)
class Group:
    """The tasks of a stretch of days: how many there are in all, and those on this page."""

    title: str
    total: int
    lines: list[Line]


def may_name(viewer: Viewer, sight: Sight) -> bool:
    """Whether a child may be named to this viewer: whoever only runs the system never reads a child's name."""
    return sight > Sight.NOTHING and bool(viewer.roles - {Role.ADMINISTRATOR})


def group_of(due_at: datetime, at: datetime) -> str:
    """In which group of the desk a task is listed; the week ends on Sunday."""
    if due_at < at:
        return GROUPS[0]
    day, today = to_london(due_at).date(), to_london(at).date()
    if day == today:
        return GROUPS[1]
    return GROUPS[2] if day <= _sunday(today) else GROUPS[3]


def _sunday(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


def grouped(everything: Sequence[Owed], lines: Sequence[Line], at: datetime) -> list[Group]:
    """The lines of one page in their groups; each group says how many tasks it has on all pages."""
    totals = [group_of(one.due_at, at) for one in everything]
    groups = [Group(title, totals.count(title), _of(title, lines, at)) for title in GROUPS]
    return [group for group in groups if group.lines]


def _of(title: str, lines: Sequence[Line], at: datetime) -> list[Line]:
    return [line for line in lines if group_of(line.due_at, at) == title]


def line_of(one: Shown, viewer: Viewer, sight: Sight, book: PolicyBook, at: datetime, owed: Owed | None = None) -> Line:
    """One task as it is listed; `owed` says who acts for its owner today, where that is somebody else."""
    task, concern = one.task, one.concern
    mine, acting = task.owner_id == viewer.person.id, owed.acting if owed else None
    waits = task.acknowledged_at is None and task.acknowledge_by is not None and task.acknowledge_by < task.due_at
    return Line(
        id=task.id,
        reference=concern.reference,
        name=one.child.name if may_name(viewer, sight) else None,
        asked=asked(task, viewer, concern.area, book),
        what=task.about.get("what") if may_name(viewer, sight) else None,
        due_at=task.due_at,
        overdue=task.due_at < at,
        acknowledge_by=task.acknowledge_by if waits else None,
        because=because(task.due_because),
        acts_for=None if mine else one.owner.name,
        acted_by=acting.name if mine and acting and acting.id != viewer.person.id else None,
        until=owed.until if owed else None,
        verb="Open" if task.kind in (Kind.ACTION, Kind.AWAIT_ACKNOWLEDGEMENT, Kind.AWAIT_DECISION) else "Decide",
        acknowledges=task.kind == Kind.DSL_REVIEW and task.acknowledged_at is None,
        version=concern.version,
        snoozed_until=task.snoozed_until if is_snoozed(task, at) else None,
        snoozes=task.due_at > at and (owed is None or owed.acting is None or owed.acting.id == viewer.person.id),
    )


def lines_of(
    rows: Sequence[Shown],
    found: Mapping[UUID, Owed],
    viewer: Viewer,
    seen: Mapping[UUID, Sight],
    book: PolicyBook,
    at: datetime,
) -> list[Line]:
    """The tasks of one page of the desk."""
    return [line_of(one, viewer, seen.get(one.concern.id, Sight.NOTHING), book, at, found[one.task.id]) for one in rows]


def asked(task: Task, viewer: Viewer, area: str, book: PolicyBook) -> str:
    """What a task asks, in a line, in the words of its area's policy."""
    return ASKS[Kind(task.kind)].under(book.for_area(area, viewer.day)).short


def say_days(days: Sequence[date], today: date) -> str:
    """`today`, `on Monday 9 March and Tuesday 10 March`, `on Monday 9 March and 4 more days`."""
    named = [on_day(day, today) for day in days[:2]]
    more = len(days) - len(named)
    said = f"{', '.join(named)} and {count(more, 'more day')}" if more else " and ".join(named)
    return said if days[0] == today else f"on {said}" if (days[0] - today).days > 1 else said
