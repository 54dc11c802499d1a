"""Lists of what somebody may see, a page at a time: concerns, tasks, reviews, children, referrals."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.covers import covered_by
from models.errors import NotFound
from models.lifecycle import Status
from models.listing import Cut, page_of
from models.names import name_parts
from models.people import Child, Role, Setting
from models.permission import AT_THE_FRONT_DOOR
from models.reach import (
    Sight,
    Viewer,
    acts_in,
    children_to_log,
    logged_by,
    narrowed,
    sees_referral,
    sees_whole,
    sight_of,
)
from models.record import Concern, Referral, Task
from models.rules import clock_days
from models.scene import scenes
from models.views import REVIEWS, View, last_outcomes, review_view, task_view

Page = tuple[list[Any], UUID | None]
# The conditions on Concern ask about its tasks and referrals: a list of these needs names of its own for them.
Owed = aliased(Task)
Sent = aliased(Referral)


async def concerns_page(
    session: AsyncSession,
    viewer: Viewer,
    cut: Cut,
    *,
    status: Status | None = None,
    setting: str | None = None,
    is_open: bool | None = None,
) -> Page:
    """Pairs of a concern and its setting's key, newest first: all of which the viewer may see anything."""
    found = select(Concern, Setting.key).join(Setting, col(Concern.setting_id) == col(Setting.id))
    found = found.where(or_(sees_whole(viewer), sees_referral(viewer), acts_in(viewer), logged_by(viewer)))
    if status is not None:
        found = found.where(Concern.status == status)
    if setting is not None:
        found = found.where(Setting.key == setting)
    if is_open is not None:
        found = found.where(col(Concern.closed_at).is_(None) if is_open else col(Concern.closed_at).is_not(None))
    return await page_of(session, found, Concern, "opened_at", cut, newest_first=True)


async def tasks_page(
    session: AsyncSession, viewer: Viewer, at: datetime, cut: Cut, *, mine: bool = True, overdue: bool = False
) -> Page:
    """Open tasks and their concerns, earliest deadline first: those the viewer owes, or all within reach."""
    found = _open_tasks().where(_owes(viewer) if mine else _sees(viewer))
    if overdue:
        found = found.where(Owed.due_at < at)
    return await page_of(session, found, Owed, "due_at", cut)


async def task_views(
    session: AsyncSession, viewer: Viewer, rows: Sequence[tuple[Task, Concern]], at: datetime
) -> list[View]:
    """Those tasks as listings show them; what people wrote in them is for nobody who only runs the system."""
    around = await scenes(session, _once(rows), at, {task.owner_id for task, _ in rows})
    views = [task_view(task, around[concern.id], at) for task, concern in rows]
    return views if viewer.roles - {Role.ADMINISTRATOR} else [{**one, "about": None} for one in views]


async def reviews_page(session: AsyncSession, viewer: Viewer, cut: Cut) -> Page:
    """Assessments and reviews to come of the concerns the viewer sees whole, with their concerns."""
    found = _open_tasks().where(col(Owed.kind).in_(REVIEWS), sees_whole(viewer))
    return await page_of(session, found, Owed, "due_at", cut)


async def review_views(session: AsyncSession, rows: Sequence[tuple[Task, Concern]], at: datetime) -> list[View]:
    """Those reviews with their last outcomes and the child's clock."""
    around = await scenes(session, _once(rows), at, {task.owner_id for task, _ in rows})
    outcomes = await last_outcomes(session, [concern.id for _, concern in rows])
    return [
        review_view(
            task,
            around[concern.id],
            outcomes.get(concern.id, []),
            clock_days(around[concern.id].child.clock_from, at),
            at,
        )
        for task, concern in rows
    ]


def _open_tasks() -> Any:
    found = select(Owed, Concern).join(Concern, col(Owed.concern_id) == col(Concern.id))
    return found.where(col(Owed.closed_at).is_(None))


def _owes(viewer: Viewer) -> ColumnElement[bool]:
    theirs = col(Owed.owner_id).in_(viewer.stands_for)
    covers = covered_by(viewer.person.id, viewer.day, Owed)
    return narrowed(viewer, theirs | covers if viewer.looks_after else theirs)


def _sees(viewer: Viewer) -> ColumnElement[bool]:
    front_doors = sees_referral(viewer) & col(Owed.kind).in_(AT_THE_FRONT_DOOR)
    return or_(_owes(viewer), sees_whole(viewer), front_doors)


def _once(rows: Sequence[tuple[Task, Concern]]) -> list[Concern]:
    return list({concern.id: concern for _, concern in rows}.values())


async def task_seen(session: AsyncSession, viewer: Viewer, task_id: UUID) -> tuple[Task, Concern]:
    """A task, open or closed, that the viewer may see; raises NotFound alike for one out of reach."""
    task = await session.get(Task, task_id)
    if task is None:
        raise NotFound(f"task: {task_id} is not a task")
    concern = await session.get_one(Concern, task.concern_id)
    if not sees_task(viewer, task, await sight_of(session, viewer, concern)):
        raise NotFound(f"task: {task_id} is not a task")
    return task, concern


def sees_task(viewer: Viewer, task: Task, sight: Sight) -> bool:
    """Whether so much sight of a concern shows one of its tasks."""
    if sight == Sight.REFERRAL and task.kind in AT_THE_FRONT_DOOR:
        return True
    return sight == Sight.WHOLE or (sight >= Sight.TASK and task.owner_id in viewer.stands_for)


async def children_page(session: AsyncSession, viewer: Viewer, cut: Cut, name: str = "") -> Page:
    """Pairs of a child and its setting's key, by name: those the viewer may log about, with these parts of a name."""
    found = select(Child, Setting.key).join(Setting, col(Child.setting_id) == col(Setting.id))
    found = found.where(children_to_log(viewer))
    for part in name_parts(name):
        found = found.where(col(Child.sought).contains(f" {part}", autoescape=True))
    return await page_of(session, found, Child, "sought", cut)


async def siblings_of(session: AsyncSession, viewer: Viewer, children: Sequence[Child]) -> list[Child]:
    """Everybody of these children's households whom the viewer may log about too."""
    homes = {child.household_id for child in children}
    found = select(Child).where(col(Child.household_id).in_(homes), children_to_log(viewer)).order_by(col(Child.sought))
    return list((await session.exec(found)).all())


async def child_to_log(session: AsyncSession, viewer: Viewer, name: str) -> Child | None:
    """The child of that id or key, when the viewer may log about them."""
    same: list[ColumnElement[bool]] = [col(Child.key) == name]
    with suppress(ValueError):
        same.append(col(Child.id) == UUID(name))
    return (await session.exec(select(Child).where(or_(*same), children_to_log(viewer)))).first()


async def referrals_page(session: AsyncSession, viewer: Viewer, cut: Cut) -> Page:
    """Referrals that were sent and their concerns, newest first: to the viewer's front door, or of what they see."""
    found = select(Sent, Concern).join(Concern, col(Sent.concern_id) == col(Concern.id))
    found = found.where(or_(sees_referral(viewer), sees_whole(viewer)), col(Sent.sent_at).is_not(None))
    return await page_of(session, found, Sent, "sent_at", cut, newest_first=True)
