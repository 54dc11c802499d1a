"""Loading a roster: settings, people, households, children. Loading it again is an update, never a double.

One transaction writes it all, or nothing. The open tasks of somebody named as having left go, with the next sweep, to
whoever acts in their role, and the history says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import to_london
from config.yaml_file import Lines
from models.fields import first_wrong
from models.people import Absence, Child, Household, Person, Role, RoleHeld, Setting
from models.policies import policy_book
from models.roster_form import ChildForm, PersonForm, RosterForm, SettingForm
from models.staff import CLIMB, Place, Staff, load_staff


@dataclass
class Loaded:
    """How many of each were written, and what an administrator should know."""

    settings: int = 0
    people: int = 0
    households: int = 0
    children: int = 0
    warnings: list[str] = field(default_factory=list)


def read_roster(value: Any, lines: Lines) -> RosterForm:
    """The roster a file holds; raises BadInput with file, line and field."""
    if not isinstance(value, dict):
        raise BadInput(lines.say(), "a roster has settings, people, households and children")
    try:
        form = RosterForm.model_validate(value)
    except ValidationError as error:
        place = lines.say(tuple(error.errors(include_url=False)[0]["loc"]))
        wrong = first_wrong(error, RosterForm)
        raise BadInput(f"{place}: {wrong.field}", wrong.message) from None
    _no_doubles(form, lines)
    return form


def _no_doubles(form: RosterForm, lines: Lines) -> None:
    kinds: list[tuple[str, str, Sequence[Any], Callable[[Any], str]]] = [
        ("settings", "key", form.settings, lambda one: one.key),
        ("people", "email", form.people, lambda one: one.email),
        ("households", "key", form.households, lambda one: one.key),
        ("children", "key", form.children, lambda one: one.key),
    ]
    for part, name, rows, key in kinds:
        seen: set[str] = set()
        for place, row in enumerate(rows):
            if key(row) in seen:
                raise BadInput(f"{lines.say((part, place, name))}: {part}.{name}", f"{key(row)} is there twice")
            seen.add(key(row))


async def load_roster(
    session: AsyncSession, form: RosterForm, at: datetime, progress: Callable[[int], None] = lambda _: None
) -> Loaded:
    """Write a checked roster; raises BadInput for a reference that leads nowhere, and then nothing is written."""
    loaded = Loaded(len(form.settings), len(form.people), len(form.households), len(form.children))
    settings = await _settings(session, form.settings)
    await session.flush()
    people = await _people(session, form.people)
    await session.flush()
    await _roles_and_leave(session, form.people, people, settings)
    progress(len(form.settings) + len(form.people))
    households = await _households(session, form)
    await session.flush()
    await _children(session, form.children, households, settings)
    await session.flush()
    progress(len(form.households) + len(form.children))
    loaded.warnings = [str(one) for one in await role_gaps(session, settings.values(), at)]
    return loaded


async def _settings(session: AsyncSession, forms: Sequence[SettingForm]) -> dict[str, Setting]:
    known = {row.key: row for row in (await session.exec(select(Setting))).all()}
    for form in forms:
        row = known.setdefault(form.key, Setting(key=form.key, name="", kind="", area=""))
        row.name, row.kind, row.area, row.opens = form.name, form.kind, form.area, form.open
        row.closed = [[first.isoformat(), last.isoformat()] for first, last in form.closed]
        row.extra_open = [day.isoformat() for day in form.extra_open]
        session.add(row)
    return known


async def _people(session: AsyncSession, forms: Sequence[PersonForm]) -> dict[str, Person]:
    known = {row.email: row for row in (await session.exec(select(Person))).all()}
    for form in forms:
        row = known.setdefault(form.email, Person(email=form.email, name=""))
        row.name, row.zone, row.phone, row.left_on = form.name, form.zone, form.phone, form.left
        row.refused_at = None  # whoever loads the address again says that it works
        session.add(row)
    return known


async def _roles_and_leave(
    session: AsyncSession, forms: Sequence[PersonForm], people: dict[str, Person], settings: dict[str, Setting]
) -> None:
    ids = [people[form.email].id for form in forms]
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        await session.exec(delete(RoleHeld).where(col(RoleHeld.person_id).in_(chunk)))
        await session.exec(delete(Absence).where(col(Absence.person_id).in_(chunk)))
    for form in forms:
        session.add_all(_roles(form, people[form.email].id, settings))
        session.add_all(_leave(form, people[form.email].id, people))


def _roles(form: PersonForm, person_id: UUID, settings: dict[str, Setting]) -> Iterable[RoleHeld]:
    wanted = {(one.role, one.setting, one.area) for one in form.roles}
    for role, setting, area in sorted(wanted, key=str):
        if setting is not None and setting not in settings:
            raise BadInput("people.roles.setting", f"{setting} is not a setting in this roster or the record")
        yield RoleHeld(person_id=person_id, role=role, setting_id=settings[setting].id if setting else None, area=area)


def _leave(form: PersonForm, person_id: UUID, people: dict[str, Person]) -> Iterable[Absence]:
    for away in form.away:
        if away.cover is not None and away.cover not in people:
            raise BadInput("people.away.cover", f"{away.cover} is not a person in this roster or the record")
        if away.cover == form.email:
            raise BadInput("people.away.cover", f"{form.email} cannot cover their own leave")
        cover = people[away.cover].id if away.cover else None
        yield Absence(person_id=person_id, first=away.first, last=away.last, cover_id=cover)


async def _households(session: AsyncSession, form: RosterForm) -> dict[str, Household]:
    known = {row.key: row for row in (await session.exec(select(Household))).all()}
    for one in form.households:
        session.add(known.setdefault(one.key, Household(key=one.key)))
    lived_in = {child.household for child in form.children}
    for row in form.households:
        had = select(Child.id).where(Child.household_id == known[row.key].id).limit(1)
        if row.key not in lived_in and (await session.exec(had)).first() is None:
            raise BadInput("households", f"{row.key} has no children; leave it out or name its children")
    return known


async def _children(
    session: AsyncSession, forms: Sequence[ChildForm], households: dict[str, Household], settings: dict[str, Setting]
) -> None:
    known = {row.key: row for row in (await session.exec(select(Child))).all()}
    for form in forms:
        if form.household not in households:
            raise BadInput("children.household", f"{form.household} is not a household in this roster or the record")
        if form.setting not in settings:
            raise BadInput("children.setting", f"{form.setting} is not a setting in this roster or the record")
        household, setting = households[form.household].id, settings[form.setting].id
        row = known.get(form.key) or Child(key=form.key, name="", household_id=household, setting_id=setting)
        row.name, row.born, row.due_on = form.name, form.born, form.due or (None if form.born else row.due_on)
        row.household_id, row.setting_id = household, setting
        session.add(row)


@dataclass(frozen=True)
class Gap:
    """A role that a ladder names and nobody present holds at a setting: why, and who will hear instead."""

    setting: Setting
    role: Role
    why: str
    instead: tuple[str, ...]

    def __str__(self) -> str:
        heard = ", ".join(self.instead) or "nobody: name an administrator"
        return f"{self.setting.key}: role {self.role}: {self.why}; who will hear instead: {heard}"


async def role_gaps(session: AsyncSession, settings: Iterable[Setting], at: datetime) -> list[Gap]:
    """Roles a ladder names that nobody present holds, and who will hear instead."""
    rows = sorted(settings, key=lambda row: row.key)
    staff = await load_staff(session, [Place(row.id, row.area) for row in rows])
    book, day = await policy_book(session), to_london(at).date()
    found: list[Gap] = []
    for row in rows:
        policy = book.for_area(row.area, day)
        ladders = policy.ladders.values()
        named = {role for ladder in ladders for rung in ladder.rungs for role in rung.to}
        named |= {role for ladder in ladders for reminder in ladder.reminders for role in reminder.to}
        for role in (one for one in (*CLIMB, Role.FRONT_DOOR) if one in named and one != Role.ADMINISTRATOR):
            found += _empty(staff, Place(row.id, row.area), role, row, day)
    return found


def _empty(staff: Staff, place: Place, role: Role, setting: Setting, day: date) -> list[Gap]:
    if staff.in_role(role, place, day):
        return []
    held = [person for person in staff.holders(role, place) if not staff.has_left(person, day)]
    why = "nobody holding it is at work" if held else "nobody holds it"
    return [Gap(setting, role, why, tuple(person.email for person in staff.climb(role, place, day)))]
