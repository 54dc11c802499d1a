"""The check over closures: nothing is owned only by people who are all away. It changes nothing.

It asks for itself, from a setting's closed days, its roles and who was named, whether somebody is there: it does not
call what asks for cover or gives it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import london
from models.people import SETTING_ROLES, Role
from models.record import Concern, Task
from models.scene import Scene
from models.standing import ClosureCover

A_DAY = timedelta(days=1)


async def uncovered(
    session: AsyncSession,
    concerns: Sequence[Concern],
    tasks: Mapping[Any, Sequence[Task]],
    around: Mapping[UUID, Scene],
    late: datetime,
) -> dict[UUID, list[str]]:
    """By concern, what is wrong: open tasks whose owner's setting is closed, and nobody else is there for them.

    `tasks` by concern, open and closed; `late` is the instant before which the pathway has had its time to act.
    """
    shut = [
        one for one in concerns if one.closed_at is None and one.opened_at < late and _is_shut(around[one.id], late)
    ]
    if not shut:
        return {}
    rows = select(ClosureCover).where(col(ClosureCover.concern_id).in_([one.id for one in shut]))
    covers: dict[UUID, list[ClosureCover]] = {}
    for row in (await session.exec(rows)).all():
        covers.setdefault(row.concern_id, []).append(row)
    return {one.id: _wrong(around[one.id], tasks.get(one.id, ()), covers.get(one.id, ())) for one in shut}


def _is_shut(scene: Scene, late: datetime) -> bool:
    """In a closure that needs cover today, begun long enough ago for the pathway to have seen to it."""
    calendar, first, last = scene.calendar, scene.day, scene.day
    if calendar.is_open(first):
        return False
    while not calendar.is_open(first - A_DAY):
        first -= A_DAY
    while not calendar.is_open(last + A_DAY):
        last += A_DAY
    own = any(begins <= last and ends >= first for begins, ends in calendar.closed)
    long_enough = (last - first).days + 1 >= int(scene.policy.figure("closure_at_least"))
    return own and long_enough and london(first, time()) < late


def _wrong(scene: Scene, tasks: Sequence[Task], covers: Sequence[ClosureCover]) -> list[str]:
    now = [scene.staff.people.get(one.person_id) for one in covers if one.first <= scene.day <= one.last]
    if any(one and scene.staff.is_there(one, scene.day) for one in now):
        return []
    return [
        f"task {str(task.id)[:8]} ({task.kind}): its setting is closed, and nobody who is there looks after it"
        for task in tasks
        if task.closed_at is None and _is_away(scene, task)
    ]


def _is_away(scene: Scene, task: Task) -> bool:
    """Nobody acts on it but people of the setting that is closed, or nobody who is there."""
    owner = scene.staff.people.get(task.owner_id)
    if owner is None:
        return False  # said elsewhere
    acting = scene.staff.acting(task.owner_id, task.role, scene.place, scene.day)
    roles = scene.staff.roles_of(acting, scene.place)
    # Whoever only runs the system may read nothing of a child: with them alone nobody is there.
    elsewhere = not roles & SETTING_ROLES and roles != {Role.ADMINISTRATOR}
    return not (elsewhere and scene.staff.is_there(acting, scene.day))
