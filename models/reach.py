"""Who may see what: practitioners what they logged, safeguarding leads their setting, coordinators their area.

The front door sees the referrals sent to it, administrators see no child. Whoever leads a concern's early help sees it,
and whoever covers somebody who is away sees what they see on those days; whoever looks after a concern while its
setting is closed sees it whole on those. Source: design.md, "What must always hold", 7.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, false, literal_column, or_
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london
from models.lifecycle import Kind, Status
from models.people import Absence, Child, Person, Role, RoleHeld, Setting
from models.permission import SAFEGUARDING
from models.record import Concern, Observation, Referral, Task
from models.standing import ClosureCover


class Sight(IntEnum):
    """How much of one concern somebody may see; each contains those before it but REFERRAL, which is its own page."""

    NOTHING = 0
    OWN = 1  # that it exists, its status word, and the observations they made themselves
    TASK = 2  # besides, the action they said they would do
    REFERRAL = 3  # the referrals that were sent to them, with what belongs to those
    WHOLE = 4


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks, on a day of London. `held` are their own roles and, while they cover, those of the absent."""

    person: Person
    day: date
    held: tuple[RoleHeld, ...] = ()
    covers: frozenset[UUID] = frozenset()
    looks_after: bool = False  # some concern, today, because its setting is closed
    only: frozenset[UUID] | None = field(default=None)  # settings that a key of the API is narrowed to

    @property
    def roles(self) -> frozenset[Role]:
        """Every role they act in today."""
        return frozenset(one.role for one in self.held)

    @property
    def stands_for(self) -> frozenset[UUID]:
        """Themselves and whom they cover today."""
        return self.covers | {self.person.id}

    def settings(self, *roles: Role) -> frozenset[UUID]:
        """The settings where they act in one of these roles."""
        return frozenset(one.setting_id for one in self.held if one.role in roles and one.setting_id)

    def areas(self, *roles: Role) -> frozenset[str]:
        """The areas where they act in one of these roles."""
        return frozenset(one.area for one in self.held if one.role in roles and one.area)

    @property
    def is_administrator(self) -> bool:
        """Whether they run the system."""
        return Role.ADMINISTRATOR in self.roles


async def viewer_for(session: AsyncSession, person: Person, at: datetime) -> Viewer:
    """The viewer that `person` is at `at`, with what they cover; nobody who has left may ask."""
    day = to_london(at).date()
    away = select(Absence.person_id).where(
        Absence.cover_id == person.id, col(Absence.first) <= day, col(Absence.last) >= day
    )
    rows = (
        await session.exec(
            select(RoleHeld).where((col(RoleHeld.person_id) == person.id) | col(RoleHeld.person_id).in_(away))
        )
    ).all()
    covers = frozenset((await session.exec(away)).all())
    # An administrator's leave is covered in everything but the keys to the system.
    held = tuple(one for one in rows if one.person_id == person.id or one.role != Role.ADMINISTRATOR)
    looks_after = (await session.exec(_looked_after(person.id, day).limit(1))).first() is not None
    return Viewer(person, day, held, covers, looks_after)


def _looked_after(person_id: UUID, day: date) -> Any:
    """The concerns that somebody looks after on that day because their setting is closed."""
    found = select(ClosureCover.concern_id).where(ClosureCover.person_id == person_id)
    return found.where(col(ClosureCover.first) <= day, col(ClosureCover.last) >= day)


def sees_whole(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on Concern for those the viewer may see whole."""
    return or_(*ways_to_whole(viewer))


def ways_to_whole(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The same, one condition a reason: for lists, in which each reason has an index of its own to be read by."""
    leads = col(Concern.lead_id).in_(viewer.stands_for)
    found = [*_overseen(viewer, Concern), leads]
    found += [_partnerships(viewer)] if viewer.areas(Role.PARTNERSHIP_CONTACT) else []
    found += [_seconds(viewer)] if viewer.roles - {Role.ADMINISTRATOR} else []
    found += [col(Concern.id).in_(_looked_after(viewer.person.id, viewer.day))] if viewer.looks_after else []
    return [narrowed(viewer, one) for one in found]


def oversees(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on Task for those of the viewer's settings and areas: less than they may see whole."""
    found = _overseen(viewer, Task)
    if viewer.areas(Role.PARTNERSHIP_CONTACT):
        heard = sa_select(col(Concern.id)).where(_partnerships(viewer)).correlate(None)
        found.append(col(Task.concern_id).in_(heard))
    return narrowed(viewer, or_(false(), *found), Task)


def _overseen(viewer: Viewer, of: type[Concern | Task]) -> list[ColumnElement[bool]]:
    """One condition a duty, and none for duties the viewer has not: the database can then use its indexes."""
    settings, areas = viewer.settings(*SAFEGUARDING), viewer.areas(Role.EARLY_HELP_COORDINATOR)
    found: list[ColumnElement[bool]] = [col(of.setting_id).in_(settings)] if settings else []
    return [*found, col(of.area).in_(areas)] if areas else found


def narrowed(viewer: Viewer, condition: ColumnElement[bool], of: type[Concern | Task] = Concern) -> ColumnElement[bool]:
    """The condition within the settings that the viewer's key is narrowed to."""
    return condition if viewer.only is None else condition & col(of.setting_id).in_(viewer.only)


def _partnerships(viewer: Viewer) -> ColumnElement[bool]:
    """The partnership's contact sees what has climbed to them: disagreements, and what is overdue up the ladder."""
    areas = viewer.areas(Role.PARTNERSHIP_CONTACT)
    climbed = sa_select(col(Task.concern_id)).where(col(Task.closed_at).is_(None), col(Task.rung) > literal_column("0"))
    heard = (col(Concern.status) == Status.DISPUTED) | col(Concern.id).in_(climbed.correlate(None))
    return col(Concern.area).in_(areas) & heard


def _seconds(viewer: Viewer) -> ColumnElement[bool]:
    """Whoever owes a task that is about the whole of a concern must be able to read it; an action alone is not."""
    return col(Concern.id).in_(_owing(viewer).where(col(Task.kind) != Kind.ACTION))


def _owing(viewer: Viewer) -> Select[UUID]:
    """The concerns in which the viewer owes a task: read once a query, whatever it selects from."""
    owed = sa_select(col(Task.concern_id)).where(
        col(Task.closed_at).is_(None), col(Task.owner_id).in_(viewer.stands_for)
    )
    return owed.correlate(None)


def sees_referral(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on Concern for those of which a referral was sent to the viewer's front door."""
    areas = viewer.areas(Role.FRONT_DOOR)
    sent = exists().where(col(Referral.concern_id) == col(Concern.id), col(Referral.sent_at).is_not(None))
    sent = sent.correlate(Concern)  # the query around it may ask for referrals too
    return narrowed(viewer, col(Concern.area).in_(areas) & sent) if areas else false()


def logged_by(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on Concern for those to which the viewer brought an observation."""
    own = exists().where(
        col(Observation.concern_id) == col(Concern.id), col(Observation.observer_id) == viewer.person.id
    )
    return narrowed(viewer, own.correlate(Concern))


def acts_in(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on Concern for those in which the viewer owes an action."""
    return narrowed(viewer, col(Concern.id).in_(_owing(viewer)))


async def sights(session: AsyncSession, viewer: Viewer, concern_ids: Iterable[UUID]) -> dict[UUID, Sight]:
    """How much of each of these concerns the viewer may see: one query."""
    wanted = list(concern_ids)
    conditions = (sees_whole(viewer), sees_referral(viewer), acts_in(viewer), logged_by(viewer))
    asked = sa_select(col(Concern.id), *(one.label(f"sees_{place}") for place, one in enumerate(conditions)))
    connection = await session.connection()
    rows = (await connection.execute(asked.where(col(Concern.id).in_(wanted)))).all()
    steps = (Sight.WHOLE, Sight.REFERRAL, Sight.TASK, Sight.OWN)
    return {
        row[0]: next((sight for sight, sees in zip(steps, row[1:], strict=True) if sees), Sight.NOTHING) for row in rows
    }


async def sight_of(session: AsyncSession, viewer: Viewer, concern: Concern) -> Sight:
    """How much of one concern the viewer may see."""
    return (await sights(session, viewer, [concern.id])).get(concern.id, Sight.NOTHING)


def children_to_log(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on Child for those the viewer may log an observation about: of the settings where they work.

    A coordinator may for every child of the area. Siblings at other settings are logged by whoever knows them.
    """
    settings = viewer.settings(Role.PRACTITIONER, *SAFEGUARDING)
    in_area = select(Setting.id).where(col(Setting.area).in_(viewer.areas(Role.EARLY_HELP_COORDINATOR)))
    may = col(Child.setting_id).in_(settings) | col(Child.setting_id).in_(in_area)
    return may if viewer.only is None else may & col(Child.setting_id).in_(viewer.only)
