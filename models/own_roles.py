"""What somebody is, and for whom: the roles they act in today, with the names of places and of whom they cover."""

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.people import Person, Role, Setting
from models.reach import Viewer


@dataclass(frozen=True)
class Acting:
    """One role at one place; `instead_of` names the colleague they cover, empty for their own role."""

    role: Role
    setting: str = ""
    area: str = ""
    instead_of: str = ""


async def acting_as(session: AsyncSession, viewer: Viewer) -> list[Acting]:
    """Every role the viewer acts in today, their own first."""
    ids = {one.setting_id for one in viewer.held if one.setting_id}
    settings = (await session.exec(select(Setting.id, Setting.name).where(col(Setting.id).in_(ids)))).all()
    people = (await session.exec(select(Person.id, Person.name).where(col(Person.id).in_(viewer.covers)))).all()
    places, absent = dict(settings), dict(people)
    found = [
        Acting(
            one.role,
            places.get(one.setting_id, "") if one.setting_id else "",
            one.area or "",
            absent.get(one.person_id, "") if one.person_id != viewer.person.id else "",
        )
        for one in viewer.held
    ]
    return sorted(found, key=lambda one: (one.instead_of, one.setting, one.area, one.role))
