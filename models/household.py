"""The children of one household with their concerns, earlier ones too, and how much of each somebody may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.people import Child, Role, Setting
from models.permission import SAFEGUARDING
from models.reach import Sight, Viewer, sights
from models.record import Concern
from models.staff import Place

Row = tuple[Child, Setting, Concern | None, Setting | None]


@dataclass(frozen=True)
class Known:
    """One concern of the household, the setting that holds it, and how much of it the viewer may see."""

    concern: Concern
    child: Child
    setting: Setting
    sight: Sight

    @property
    def is_open(self) -> bool:
        """Whether the viewer may read it whole."""
        return self.sight == Sight.WHOLE

    @property
    def place(self) -> Place:
        """Whose people act on it."""
        return Place(self.concern.setting_id, self.concern.area)


@dataclass(frozen=True)
class Member:
    """One child of the household. `named`: the viewer may know who it is."""

    child: Child
    setting: Setting
    concerns: tuple[Known, ...]
    named: bool


async def household_of(session: AsyncSession, viewer: Viewer, child_id: UUID) -> list[Member]:
    """Everybody of a child's household, eldest first and the unborn last, concerns in order: two queries."""
    theirs, held_at = aliased(Setting), aliased(Setting)
    whose = select(Child.household_id).where(Child.id == child_id).scalar_subquery()
    found = select(Child, theirs, Concern, held_at).join(theirs, col(Child.setting_id) == col(theirs.id))
    found = found.outerjoin(Concern, col(Concern.child_id) == col(Child.id))
    found = found.outerjoin(held_at, col(Concern.setting_id) == col(held_at.id))
    found = found.where(Child.household_id == whose).order_by(
        col(Child.born).is_(None), col(Child.born), col(Child.name), col(Concern.opened_at)
    )
    rows = cast(Sequence[Row], (await session.exec(found)).all())  # an outer join may find nothing
    seen = await sights(session, viewer, [concern.id for _, _, concern, _ in rows if concern is not None])
    known: dict[UUID, list[Known]] = {child.id: [] for child, _, _, _ in rows}
    children = {child.id: (child, setting) for child, setting, _, _ in rows}
    for child, _, concern, setting in rows:
        if concern is not None and setting is not None:
            known[child.id].append(Known(concern, child, setting, seen.get(concern.id, Sight.NOTHING)))
    return [
        Member(child, setting, tuple(known[child.id]), _may_name(viewer, setting, known[child.id]))
        for child, setting in children.values()
    ]


def _may_name(viewer: Viewer, setting: Setting, concerns: Sequence[Known]) -> bool:
    """Who may see a concern of the child, or safeguards where the child goes, may know who it is."""
    here = setting.id in viewer.settings(*SAFEGUARDING) or setting.area in viewer.areas(Role.EARLY_HELP_COORDINATOR)
    within = viewer.only is None or setting.id in viewer.only
    return (here and within) or any(one.is_open for one in concerns)
