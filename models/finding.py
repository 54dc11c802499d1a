"""Finding a child to log an observation about: by parts of the name, in any order, with brothers and sisters beside."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.names import name_parts
from models.people import Child, Setting
from models.reach import Sight, Viewer, children_to_log, sight_of
from models.record import Concern, Observation

MOST = 25
RECENT = 6


@dataclass(frozen=True)
class Sibling:
    """A brother or sister: named where the viewer may log about them, else only that there is one."""

    child: Child | None
    setting: Setting | None


@dataclass(frozen=True)
class Found:
    """A child, where they are, and who lives with them."""

    child: Child
    setting: Setting
    siblings: list[Sibling] = field(default_factory=list)


def called(typed: str) -> ColumnElement[bool] | None:
    """The condition on Child for those whose name has a part that begins as each part typed; None for no part."""
    parts = name_parts(typed)
    return and_(*(col(Child.sought).contains(f" {part}") for part in parts)) if parts else None


async def find_children(session: AsyncSession, viewer: Viewer, typed: str) -> list[Found]:
    """The children of that name about whom the viewer may log, by name; one more than MOST when there are more."""
    wanted = called(typed)
    if wanted is None:
        return []
    found = select(Child, Setting).join(Setting, col(Child.setting_id) == col(Setting.id))
    found = found.where(wanted, children_to_log(viewer)).order_by(col(Child.sought), col(Child.id)).limit(MOST + 1)
    return await _with_siblings(session, viewer, (await session.exec(found)).all())


async def logged_lately(session: AsyncSession, viewer: Viewer) -> list[Found]:
    """The children about whom the viewer logged something last, newest first."""
    last = select(Observation.child_id, func.max(Observation.recorded_at))
    last = last.where(Observation.observer_id == viewer.person.id).group_by(col(Observation.child_id))
    newest = last.order_by(func.max(Observation.recorded_at).desc()).limit(RECENT).subquery()
    whose, last_at = newest.c
    found = select(Child, Setting).join(newest, whose == col(Child.id))
    found = found.join(Setting, col(Child.setting_id) == col(Setting.id)).where(children_to_log(viewer))
    return await _with_siblings(session, viewer, (await session.exec(found.order_by(last_at.desc()))).all())


async def child_to_log(session: AsyncSession, viewer: Viewer, child_id: UUID) -> Found | None:
    """That child, when the viewer may log about them."""
    found = select(Child, Setting).join(Setting, col(Child.setting_id) == col(Setting.id))
    found = found.where(Child.id == child_id, children_to_log(viewer))
    rows = await _with_siblings(session, viewer, (await session.exec(found)).all())
    return rows[0] if rows else None


async def children_named(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these children, of those about whom the viewer may log."""
    found = select(Child.id, Child.name).where(col(Child.id).in_(set(ids)), children_to_log(viewer))
    return dict((await session.exec(found)).all())


async def _with_siblings(session: AsyncSession, viewer: Viewer, rows: Sequence[tuple[Child, Setting]]) -> list[Found]:
    if not rows:
        return []
    households = {child.household_id for child, _ in rows}
    asked = select(Child, Setting, children_to_log(viewer)).join(Setting, col(Child.setting_id) == col(Setting.id))
    asked = asked.where(col(Child.household_id).in_(households)).order_by(col(Child.born), col(Child.sought))
    living = (await session.exec(asked)).all()
    return [
        Found(
            child,
            setting,
            [
                Sibling(one, where) if may else Sibling(None, None)
                for one, where, may in living
                if one.household_id == child.household_id and one.id != child.id
            ],
        )
        for child, setting in rows
    ]


async def was_handed_in(session: AsyncSession, key: str) -> bool:
    """Whether the form with that key has been handed in already."""
    return (await session.exec(select(Observation.id).where(Observation.key == key))).first() is not None


async def joins_known(session: AsyncSession, viewer: Viewer, child_id: UUID) -> bool:
    """Whether what is logged now joins an open concern that the viewer knows of; of another they are told nothing."""
    found = select(Concern).where(Concern.child_id == child_id, col(Concern.closed_at).is_(None))
    concern = (await session.exec(found)).first()
    return concern is not None and await sight_of(session, viewer, concern) > Sight.NOTHING
