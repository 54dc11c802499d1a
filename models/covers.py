"""Who looks after a concern while its setting is closed: who may be named, who is next in line, who does today."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, exists
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from models.closures import Closure
from models.lifecycle import Kind
from models.people import SETTING_ROLES, Person, Role, RoleHeld
from models.record import Concern, Task
from models.staff import Place, Staff
from models.standing import ClosureCover

# Who is next when nobody was named. The setting's own come last: it is closed, but somebody has to have it.
NEXT = (Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT, Role.DSL, Role.DEPUTY_DSL, Role.HEAD)
# Those who hold no other role than these may not read a concern whole.
SEE_LESS = frozenset({Role.ADMINISTRATOR, Role.FRONT_DOOR})
# A second person's word is given by no cover, who may be anybody in post: see models.permission.
NEVER_COVERED = frozenset({Kind.COUNTERSIGN})


def is_there_throughout(staff: Staff, person: Person, days: Closure) -> bool:
    """In post, reachable and not on leave on any of these days."""
    away = any(one.first <= days.last and one.last >= days.first for one in staff.absences.get(person.id, ()))
    return not (away or person.refused_at or staff.has_left(person, days.last))


async def must_cover(session: AsyncSession, staff: Staff, person: Person, days: Closure) -> None:
    """Raise BadInput unless `person` may look after a concern on all of these days."""
    if not is_there_throughout(staff, person, days):
        raise BadInput("cover", f"{person.email} is not there on every day of the closure; name somebody who is")
    held = select(RoleHeld.role).where(RoleHeld.person_id == person.id)
    if not set((await session.exec(held)).all()) - SEE_LESS:
        raise BadInput("cover", "must be somebody who may read a concern: staff of a setting, or who helps in the area")


def next_in_line(staff: Staff, place: Place, days: Closure) -> Person:
    """Who gets it when nobody was named: whoever is there on all of these days, else on the first of them.

    The area's early help coordinator, then the partnership's contact, then the setting's own. Never nobody: with
    everybody away it is the first in post, and the reconciler says so. Raises NobodyThere when no role is held at all.
    """
    line = list({one.id: one for role in NEXT for one in staff.holders(role, place)}.values())
    throughout = [one for one in line if is_there_throughout(staff, one, days)]
    there = [one for one in line if staff.is_there(one, days.first)]
    covers = [one for role in NEXT for one in staff.in_role(role, place, days.first)]
    in_post = [one for one in line if not staff.has_left(one, days.first)]
    found = next(iter([*throughout, *there, *covers, *in_post]), None)
    return found or staff.owner(Role.EARLY_HELP_COORDINATOR, place, days.first)


async def covers_on(session: AsyncSession, concerns: Iterable[UUID], day: date) -> dict[UUID, UUID]:
    """By concern: who looks after it on that day, where its setting is closed."""
    found = select(ClosureCover.concern_id, ClosureCover.person_id).where(
        col(ClosureCover.concern_id).in_(set(concerns)), standing_on(day)
    )
    return dict((await session.exec(found)).all())


def is_covered(staff: Staff, place: Place, task: Task) -> bool:
    """Whether cover over a closure extends to a task: its owner works at the setting that is closed."""
    owner = staff.people[task.owner_id]
    return task.kind not in NEVER_COVERED and bool(staff.roles_of(owner, place) & SETTING_ROLES)


def covered_by(person_id: UUID, day: date, of: type[Task] = Task) -> ColumnElement[bool]:
    """The condition on tasks that somebody acts on that day beside an owner whose setting is closed.

    `of` is Task or an alias of it.
    """
    theirs = select(ClosureCover.concern_id).where(ClosureCover.person_id == person_id, standing_on(day))
    return col(of.concern_id).in_(theirs) & _of_the_setting(of) & (col(of.owner_id) != person_id)


def covered_today(day: date) -> Any:
    """Open tasks with their concerns and who acts on them that day beside an owner whose setting is closed."""
    found = select(Task, Concern, ClosureCover.person_id).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.join(ClosureCover, col(ClosureCover.concern_id) == col(Concern.id))
    beside = col(Task.owner_id) != col(ClosureCover.person_id)
    return found.where(standing_on(day), col(Task.closed_at).is_(None), _of_the_setting(), beside)


async def covered_until(session: AsyncSession, person_id: UUID, day: date) -> dict[UUID, date]:
    """By concern that somebody looks after on that day: the last day on which they do."""
    found = select(col(ClosureCover.concern_id), col(ClosureCover.last))
    return dict((await session.exec(found.where(ClosureCover.person_id == person_id, standing_on(day)))).all())


def standing_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition on covers that they stand on that day."""
    return (col(ClosureCover.first) <= day) & (col(ClosureCover.last) >= day)


def _of_the_setting(of: type[Task] = Task) -> ColumnElement[bool]:
    works_there = exists().where(
        col(RoleHeld.person_id) == col(of.owner_id),
        col(RoleHeld.setting_id) == col(of.setting_id),
        col(RoleHeld.role).in_(list(SETTING_ROLES)),
    )
    return works_there & col(of.kind).not_in(list(NEVER_COVERED))
