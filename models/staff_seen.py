"""People as an administrator sees them: who works where, who is away, who has left, what they owe by reference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.accounts import Standing, accounts_of
from models.people import Absence, Person, RoleHeld, Setting
from models.record import Concern, Task


@dataclass(frozen=True)
class Held:
    """One role somebody holds, and where."""

    role: RoleHeld
    setting: Setting | None


@dataclass
class Colleague:
    """One person with what an administrator needs to know."""

    person: Person
    standing: Standing
    held: list[Held] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)

    def away_on(self, day: date) -> Absence | None:
        """Their leave on a day."""
        return next((one for one in self.absences if one.first <= day <= one.last), None)


def _like(text: str) -> str:
    escaped = text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


async def people_listed(session: AsyncSession, words: str, start: int, limit: int) -> tuple[int, list[Person]]:
    """How many people have these words in name or address (all, without words), and some of them by name."""
    fits: Any = True
    if words.strip():
        fits = or_(
            func.lower(col(Person.name)).like(_like(words), escape="\\"),
            func.lower(col(Person.email)).like(_like(words), escape="\\"),
        )
    total = (await session.exec(select(func.count()).select_from(Person).where(fits))).one()
    found = select(Person).where(fits).order_by(col(Person.name), col(Person.email)).offset(start).limit(limit)
    return total, list((await session.exec(found)).all())


async def colleagues(session: AsyncSession, people: Sequence[Person], at: datetime, wall: datetime) -> list[Colleague]:
    """These people with roles, leave and account: six queries, however many they are."""
    ids = [one.id for one in people]
    standing = await accounts_of(session, ids, at, wall)
    found = {one.id: Colleague(one, standing.get(one.id, Standing(one.id))) for one in people}
    roles = select(RoleHeld, Setting).outerjoin(Setting, col(RoleHeld.setting_id) == col(Setting.id))
    for role, setting in (await session.exec(roles.where(col(RoleHeld.person_id).in_(ids)))).all():
        found[role.person_id].held.append(Held(role, setting))
    leave = select(Absence).where(col(Absence.person_id).in_(ids)).order_by(col(Absence.first).desc())
    for absence in (await session.exec(leave)).all():
        found[absence.person_id].absences.append(absence)
    return list(found.values())


async def named(session: AsyncSession, ids: Iterable[UUID | None]) -> dict[UUID, Person]:
    """People by id."""
    wanted = {one for one in ids if one}
    rows = (await session.exec(select(Person).where(col(Person.id).in_(wanted)))).all() if wanted else []
    return {one.id: one for one in rows}


async def owed_by(session: AsyncSession, person_id: UUID, limit: int) -> tuple[int, list[tuple[Task, str]]]:
    """How many open tasks somebody owes, and the first of them with their concern's reference."""
    mine = (col(Task.owner_id) == person_id, col(Task.closed_at).is_(None))
    total = (await session.exec(select(func.count()).select_from(Task).where(*mine))).one()
    found = select(Task, Concern.reference).join(Concern, col(Task.concern_id) == col(Concern.id)).where(*mine)
    rows = (await session.exec(found.order_by(col(Task.due_at), col(Task.id)).limit(limit))).all()
    return total, [(task, reference) for task, reference in rows]


async def in_post(
    session: AsyncSession, day: date, but: UUID, settings: Iterable[UUID], areas: Iterable[str]
) -> list[Person]:
    """Who works at these settings or areas and has not left: to take over what somebody else owed."""
    there = select(RoleHeld.person_id).where(
        or_(col(RoleHeld.setting_id).in_(set(settings)), col(RoleHeld.area).in_(set(areas)))
    )
    found = select(Person).where(col(Person.id).in_(there), Person.id != but, col(Person.refused_at).is_(None))
    found = found.where(or_(col(Person.left_on).is_(None), col(Person.left_on) > day))
    return list((await session.exec(found.order_by(col(Person.name)).limit(300))).all())
