"""The tests' people, their roles and a case about Amira, built in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import calendar_for
from config.policy_book import PolicyBook, shipped
from models.case import Case
from models.lifecycle import Kind, Status
from models.people import Absence, Child, Person, Role, RoleHeld, Setting
from models.record import Concern, Task
from models.staff import Place, Staff
from tests import people

SPACE = UUID("7d3c1a52-0000-4000-8000-000000000000")
DAY = date(2026, 3, 2)
BOOK = PolicyBook(shipped(), "england-default")


def id_of(name: str) -> UUID:
    """The id of a person, setting, child or task by its address or key."""
    return uuid5(SPACE, name)


def place(setting: str = people.OAKFIELD, area: str = people.DERBY) -> Place:
    """A setting and its area."""
    return Place(id_of(setting), area)


def staff(without: Sequence[str] = ()) -> Staff:
    """Everybody in the roster but those named, nobody away."""
    rows = [row for row in people.roster()["people"] if row["email"] not in without]
    found = Staff(
        {id_of(row["email"]): Person(id=id_of(row["email"]), email=row["email"], name=row["name"]) for row in rows}
    )
    found.roles = [_held(row["email"], held) for row in rows for held in row["roles"]]
    return found


def _held(email: str, held: dict[str, str]) -> RoleHeld:
    setting = id_of(held["setting"]) if "setting" in held else None
    return RoleHeld(person_id=id_of(email), role=Role(held["role"]), setting_id=setting, area=held.get("area"))


def away(of: Staff, email: str, cover: str | None = None, first: date = DAY, last: date = DAY) -> None:
    """Send somebody on leave."""
    absence = Absence(person_id=id_of(email), first=first, last=last, cover_id=id_of(cover) if cover else None)
    of.absences.setdefault(id_of(email), []).append(absence)


def case(at: datetime, of: Staff, status: Status = Status.LOGGED, **fields: Any) -> Case:
    """A case about Amira at Oakfield, without a database behind it."""
    setting = Setting(id=id_of(people.OAKFIELD), key=people.OAKFIELD, name="Oakfield", kind="school", area=people.DERBY)
    child = Child(
        id=id_of(people.AMIRA), key=people.AMIRA, name="Amira", household_id=id_of("h1"), setting_id=setting.id
    )
    concern = Concern(
        reference="NC-2026-00001",
        child_id=child.id,
        setting_id=setting.id,
        area=people.DERBY,
        status=status,
        opened_at=at,
        opened_by=id_of(people.TEACHER),
        **fields,
    )
    nowhere = cast("AsyncSession", None)
    policy = BOOK.for_area(people.DERBY, DAY)
    return Case(nowhere, at, None, concern, child, setting, of, policy, calendar_for(), BOOK)


def task(kind: Kind, owner: str, at: datetime, role: str = Role.DSL, **about: str) -> Task:
    """An open task, due when it is opened."""
    return Task(
        concern_id=id_of("concern"),
        area=people.DERBY,
        setting_id=id_of(people.OAKFIELD),
        kind=kind,
        owner_id=id_of(owner),
        role=role,
        opened_at=at,
        due_at=at,
        due_because="now",
        next_at=at,
        said_until=at,
        about=about,
        policy="derby-and-derbyshire",
        policy_from=DAY,
    )
