"""The holiday bridge: before a setting closes somebody is named for every open concern, afterwards each is looked at.

Five steps, each found by a few indexed questions and done for many concerns at once: what a moved closure ended, cover
that is not there, a closure that has begun, one that is near, one that is over. A concern is locked, and looked at
again under its lock, so that two who do this at once do a thing once.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import bridge_steps
from models.bridge_ground import Finder, Ground, find_back, find_begun, find_gone, find_moved, find_near, ground_at
from models.case import Case
from models.people import Person
from models.record import Concern, Task
from models.scene import scenes
from models.standing import ClosureCover

CHUNK = 200
Rows = Sequence[ClosureCover]
Doer = Callable[[Case, Ground, Rows], Awaitable[bool]]


@dataclass(frozen=True)
class Step:
    """One step: its name in the counts, which concerns it is for, and what it does to one of them."""

    name: str
    find: Finder
    do: Doer


STEPS = (
    Step("moved", find_moved, bridge_steps.moved),
    Step("renamed", find_gone, bridge_steps.gone),
    Step("covered", find_begun, bridge_steps.begun),
    Step("asked", find_near, bridge_steps.near),
    Step("back", find_back, bridge_steps.back),
)


async def anything_to_bridge(session: AsyncSession, at: datetime) -> bool:
    """Whether there is anything to do at `at` (UTC)."""
    ground = await ground_at(session, at)
    for step in STEPS:
        if await step.find(session, ground, (), 1):
            return True
    return False


async def take_step(
    session: AsyncSession, step: Step, at: datetime, skip: Collection[UUID] = (), limit: int = CHUNK
) -> tuple[list[UUID], int]:
    """Do one step for up to `limit` concerns: which were found and left as they are, and how many changed.

    The caller commits.
    """
    ground = await ground_at(session, at)
    ids = await step.find(session, ground, skip, limit)
    if not ids:
        return [], 0
    cases = await cases_of(session, ids, at, None)
    rows = await _standing(session, cases)
    changed = {concern for concern, case in cases.items() if await step.do(case, ground, rows.get(concern, []))}
    await session.flush()
    return [one for one in ids if one not in changed], len(changed)


async def cover_at_once(session: AsyncSession, concerns: Collection[UUID], at: datetime) -> None:
    """A concern that has just been opened while its setting is closed has somebody at once. The caller commits."""
    ground = await ground_at(session, at, concerns) if concerns else None
    if not ground or not ground.shut_today:
        return
    cases = await cases_of(session, concerns, at, None)
    rows = await _standing(session, cases)
    for concern, case in cases.items():
        if case.concern.closed_at is None and case.concern.setting_id in ground.shut_today:
            await bridge_steps.begun(case, ground, rows.get(concern, []))


async def cases_of(
    session: AsyncSession, ids: Collection[UUID], at: datetime, by: Person | None, named: Collection[UUID] = ()
) -> dict[UUID, Case]:
    """These concerns taken up to be changed, locked in one order; those that somebody else has locked are left out."""
    locked = select(Concern).where(col(Concern.id).in_(ids)).order_by(col(Concern.id))
    locked = locked.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    concerns = (await session.exec(locked)).all()
    tasks = await _open_tasks(session, concerns)
    owners = {task.owner_id for of in tasks.values() for task in of}
    persons = select(ClosureCover.person_id).where(col(ClosureCover.concern_id).in_([one.id for one in concerns]))
    around = await scenes(session, concerns, at, {*owners, *named, *(await session.exec(persons)).all()})
    return {
        one.id: Case(
            session,
            at,
            by,
            one,
            (scene := around[one.id]).child,
            scene.setting,
            scene.staff,
            scene.policy,
            scene.calendar,
            scene.book,
            {task.id: task for task in tasks.get(one.id, ())},
            cover=scene.cover,
        )
        for one in concerns
    }


async def _open_tasks(session: AsyncSession, concerns: Sequence[Concern]) -> Mapping[UUID, list[Task]]:
    ids = [one.id for one in concerns]
    found = select(Task).where(col(Task.concern_id).in_(ids), col(Task.closed_at).is_(None))
    tasks: dict[UUID, list[Task]] = {}
    for task in (await session.exec(found.execution_options(populate_existing=True))).all():
        tasks.setdefault(task.concern_id, []).append(task)
    return tasks


async def _standing(session: AsyncSession, concerns: Collection[UUID]) -> Mapping[UUID, list[ClosureCover]]:
    found = select(ClosureCover).where(
        col(ClosureCover.concern_id).in_(list(concerns)), col(ClosureCover.returned_at).is_(None)
    )
    rows: dict[UUID, list[ClosureCover]] = {}
    for row in (await session.exec(found.order_by(col(ClosureCover.first)))).all():
        rows.setdefault(row.concern_id, []).append(row)
    return rows
