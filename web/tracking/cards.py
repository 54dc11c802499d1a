"""One assessment or review as a card, a table's row or a line of a file says it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from models.looks import Seen
from models.reach import Viewer
from models.rules import Outcome
from models.tracker_rows import Row
from notifications.asks import ASKS
from notifications.words import because
from web.saying import ago, count, moment, on_day

OUTCOMES = {
    Outcome.IMPROVED.value: "improved",
    Outcome.UNCHANGED.value: "unchanged",
    Outcome.WORSE.value: "worse",
}
TIMES = {1: "once", 2: "twice"}


@dataclass(frozen=True)
class Card:
    """What is said of one row; `due_class` is the shape of its date, and `due` says the same in words."""

    row: Row
    asked: str
    due: str
    due_class: str
    why: str
    who: str
    days: str
    outcomes: str
    postponed: str


def cards(rows: Iterable[Row], viewer: Viewer, at: datetime) -> list[Card]:
    """These rows in words, in the viewer's zone."""
    zone = ZoneInfo(viewer.person.zone)
    return [_card(row, zone, at) for row in rows]


def _card(row: Row, zone: ZoneInfo, at: datetime) -> Card:
    task = row.task
    return Card(
        row=row,
        asked=ASKS[task.kind].under(row.policy).short,
        due=say_due(task.due_at, at, zone),
        due_class=_due_class(task.due_at, at, zone),
        why=because(task.due_because),
        who=row.owner.name if row.owner.id == row.acting.id else f"{row.acting.name}, for {row.owner.name}",
        days=count(row.days, "day") + " without improvement" if row.days else "Sustained improvement",
        outcomes=say_outcomes(row.outcomes),
        postponed=f"Put off {times(row.concern.postponed)}" if row.concern.postponed else "",
    )


def say_due(due: datetime, at: datetime, zone: ZoneInfo) -> str:
    """`Overdue by 3 days`, `Due today at 5pm`, `Due Tuesday 7 April`."""
    if due < at:
        return f"Overdue by {ago(due, at)}"
    day, today = due.astimezone(zone).date(), at.astimezone(zone).date()
    return f"Due {moment(due, at, zone) if (day - today).days < 2 else on_day(day, today)}"


def _due_class(due: datetime, at: datetime, zone: ZoneInfo) -> str:
    if due < at:
        return "pathway-due--overdue"
    return "pathway-due--today" if due.astimezone(zone).date() == at.astimezone(zone).date() else ""


def say_outcomes(outcomes: Sequence[str]) -> str:
    """`unchanged, then improved`: what the last reviews found, oldest first."""
    return ", then ".join(OUTCOMES[one] for one in outcomes)


def times(number: int) -> str:
    """`once`, `twice`, `3 times`."""
    return TIMES.get(number, f"{number} times")


def seen(rows: Iterable[Row]) -> list[Seen]:
    """Whom a page of these rows shows, for the access log."""
    return [(row.child.id, row.concern.id) for row in rows]


def ids(rows: Iterable[Row]) -> list[UUID]:
    """The tasks of these rows."""
    return [row.task.id for row in rows]
