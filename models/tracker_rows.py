"""The tracker's rows: tasks with their child, setting, who acts, the last outcomes and the child's clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, union_all
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy import Policy
from config.time import to_london
from models.acting import acting_for
from models.events import Happened
from models.people import Child, Person, Setting
from models.policies import policy_book
from models.reach import Viewer
from models.record import Concern, Event, Task
from models.rules import clock_days
from models.tracker import BY_OUTCOME, EARLIEST, Choice, Column, Query, fitting, of_task, tracked

OUTCOMES = 3
SORTS: Mapping[str, Any] = {
    "due": col(Task.due_at),
    "-due": col(Task.due_at).desc(),
    # The clock that began first has run longest; a clock that stands has run for no days.
    "-days": col(Child.clock_from).asc().nulls_last(),
    "days": col(Child.clock_from).desc().nulls_first(),
    "setting": col(Setting.name),
    "-setting": col(Setting.name).desc(),
}


@dataclass(frozen=True)
class Row:
    """One assessment or review to come. `owner` owes it, `acting` does it today; `outcomes` are the last ones."""

    task: Task
    concern: Concern
    child: Child
    setting: Setting
    owner: Person
    acting: Person
    policy: Policy
    outcomes: tuple[str, ...]
    days: int


async def board(
    session: AsyncSession, viewer: Viewer, choice: Choice, limit: int, at: datetime
) -> dict[Column, list[Row]]:
    """The most pressing rows of every column, each with at most `limit`."""
    firsts = ((one, fitting(viewer, choice.within(one), at, col(Task.id))) for one in Column)
    parts = [(one, asked.order_by(*EARLIEST).limit(limit).subquery()) for one, asked in firsts]
    ids = union_all(*(sa_select(literal(one.value).label(name="place"), part.c.id) for one, part in parts)).subquery()
    asked = _rows(Task, Concern, Child, Setting, ids.c.place).join(ids, ids.c.id == col(Task.id))
    found = (await session.exec(asked.order_by(*EARLIEST))).all()
    rows = {row.task.id: row for row in await _complete(session, list({one[0].id: one for one in found}.values()), at)}
    return {column: [rows[one[0].id] for one in found if one[4] == column] for column in Column}


async def listed(
    session: AsyncSession, viewer: Viewer, choice: Choice, at: datetime, sort: str, start: int, limit: int
) -> list[Row]:
    """One page of the rows that fit the choice, in that order (a key of SORTS)."""
    order = (SORTS[sort], *EARLIEST)
    ids = fitting(viewer, choice, at, col(Task.id))
    ids = _beside(ids, choice, sort).order_by(*order).offset(start).limit(limit).subquery()
    asked = _rows(Task, Concern, Child, Setting).join(ids, ids.c.id == col(Task.id))
    return await _complete(session, (await session.exec(asked.order_by(*order))).all(), at)


def _beside(ids: Query, choice: Choice, sort: str) -> Query:
    """The same joined with what it is sorted by, where that is not the task's own."""
    if sort.endswith("setting"):
        return ids.join(Setting, col(Task.setting_id) == col(Setting.id))
    if sort.endswith("days") and not choice.days:
        if choice.column not in BY_OUTCOME:
            ids = ids.join(Concern, col(Task.concern_id) == col(Concern.id))
        return ids.join(Child, col(Concern.child_id) == col(Child.id))
    return ids


async def these(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID], at: datetime) -> list[Row]:
    """The open tasks of these ids that the viewer's tracker holds."""
    asked = _rows(Task, Concern, Child, Setting).where(tracked(viewer), col(Task.id).in_(ids))
    asked = asked.order_by(*EARLIEST)
    return await _complete(session, (await session.exec(asked)).all(), at)


def _rows(*shown: Any) -> Query:
    return of_task(*shown).join(Setting, col(Task.setting_id) == col(Setting.id))


async def _complete(session: AsyncSession, found: Sequence[Any], at: datetime) -> list[Row]:
    """Rows of (task, concern, child, setting) with all that is said about them: a fixed number of queries."""
    acting = await acting_for(session, [(one[0], one[1]) for one in found], at)
    outcomes = await last_outcomes(session, [one[1].id for one in found])
    book, day = await policy_book(session), to_london(at).date()
    policies = {area: book.for_area(area, day) for area in {one[1].area for one in found}}
    return [
        Row(
            task,
            concern,
            child,
            setting,
            *acting[task.id],
            policies[concern.area],
            tuple(outcomes.get(concern.id, [])[-OUTCOMES:]),
            clock_days(child.clock_from, at),
        )
        for task, concern, child, setting, *_ in found
    ]


async def last_outcomes(session: AsyncSession, concern_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """What the reviews of these concerns found, oldest first."""
    asked = select(Event.concern_id, Event.fields).where(
        Event.kind == Happened.REVIEWED, col(Event.concern_id).in_(concern_ids)
    )
    found: dict[UUID, list[str]] = {}
    for concern_id, fields in (await session.exec(asked.order_by(col(Event.number)))).all():
        found.setdefault(concern_id, []).append(fields["outcome"])
    return found
