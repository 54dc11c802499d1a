"""The concerns that somebody may see whole, a page at a time: filtered, searched, sorted, each with its next step."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, union
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.finding import called
from models.lifecycle import Kind, Status
from models.people import Child, Setting
from models.reach import Viewer, ways_to_whole
from models.record import Concern, Task

A_PAGE = 25
BESIDE = (Kind.ACTION, Kind.COUNTERSIGN)  # what never is a concern's next step while something else is owed


@dataclass(frozen=True)
class Wanted:
    """Which concerns: of a status, a setting, open, closed or both, of a child or reference looked for; how sorted."""

    status: Status | None = None
    setting_id: UUID | None = None
    which: str = "open"  # open, closed, all
    sort: str = "change"  # change, clock
    sought: str = ""
    start: int = 0


@dataclass(frozen=True)
class Line:
    """One concern in a list; `step` is what is owed next."""

    concern: Concern
    child: Child
    setting: Setting
    step: Task | None


async def concerns_in_reach(session: AsyncSession, viewer: Viewer, wanted: Wanted) -> tuple[list[Line], int]:
    """One page of the concerns that were asked for, and how many there are."""
    everything: Any = _united(_ids(one, wanted) for one in ways_to_whole(viewer))
    total = (await session.exec(select(func.count()).select_from(everything))).one()
    most = wanted.start + A_PAGE
    firsts = (_sorted(_ids(one, wanted), wanted).limit(most).subquery() for one in ways_to_whole(viewer))
    ids = _united(sa_select(one.c.id) for one in firsts)
    found: Any = select(Concern, Child, Setting).join(ids, ids.c.id == col(Concern.id))
    found = found.join(Child, col(Concern.child_id) == col(Child.id))
    found = found.join(Setting, col(Concern.setting_id) == col(Setting.id))
    page = found.order_by(*_order(wanted)).offset(wanted.start).limit(A_PAGE)
    rows = (await session.exec(page)).all()
    steps = await _next_steps(session, [row[0].id for row in rows])
    return [Line(row[0], row[1], row[2], steps.get(row[0].id)) for row in rows], total


def _united(parts: Iterable[Any]) -> Any:
    """The ids of all of these, each once. A planner left to itself with one condition of several reads everything."""
    return union(*parts).subquery()


def _ids(reason: ColumnElement[bool], wanted: Wanted) -> Any:
    """The concerns that were asked for and are seen for one reason; children are joined only where they are asked."""
    found = sa_select(col(Concern.id)).where(reason, *_conditions(wanted))
    return found.where(_sought(wanted.sought)).join(Child) if wanted.sought else found


def _sorted(found: Any, wanted: Wanted) -> Any:
    by_clock = wanted.sort == "clock" and not wanted.sought
    return (found.join(Child) if by_clock else found).order_by(*_order(wanted))


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.status:
        yield col(Concern.status) == wanted.status
    if wanted.setting_id:
        yield col(Concern.setting_id) == wanted.setting_id
    if wanted.which == "open":
        yield col(Concern.closed_at).is_(None)
    if wanted.which == "closed":
        yield col(Concern.closed_at).is_not(None)


def _sought(typed: str) -> Any:
    """By reference, or by parts of the child's name."""
    same = col(Concern.reference) == typed.strip().upper()
    name = called(typed)
    return same if name is None else same | name


def _order(wanted: Wanted) -> tuple[Any, ...]:
    if wanted.sort == "clock":
        # The longest clock first; no clock runs for those whose situation has been improving.
        return (col(Child.clock_from).is_(None), col(Child.clock_from), col(Concern.reference))
    return (col(Concern.changed_at).desc(), col(Concern.reference))


async def _next_steps(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Task]:
    found = select(Task).where(col(Task.concern_id).in_(ids), col(Task.closed_at).is_(None))
    tasks = (await session.exec(found)).all()
    last_first = sorted(tasks, key=lambda task: (task.kind in BESIDE, task.due_at, str(task.id)), reverse=True)
    return {task.concern_id: task for task in last_first}


async def settings_in_reach(session: AsyncSession, viewer: Viewer, most: int = 500) -> list[Setting]:
    """The settings that the viewer's concerns are of, by name, to choose from."""
    own = viewer.settings(*viewer.roles)
    found = select(Setting).where(col(Setting.id).in_(own) | col(Setting.area).in_(viewer.areas(*viewer.roles)))
    return list((await session.exec(found.order_by(col(Setting.name)).limit(most))).all())
