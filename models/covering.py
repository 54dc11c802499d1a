"""Who acts when somebody is not there, seen ahead: the days on which nobody else could act as DSL are gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import Calendar
from models.people import SETTING_ROLES, Absence, Person, Role, RoleHeld, Setting
from models.staff import Place, Staff

AHEAD = 14  # days that a desk looks ahead
LEADS = (Role.DSL, Role.DEPUTY_DSL)


@dataclass(frozen=True)
class Cover:
    """Who would act as DSL at a setting without this person: today, who if nobody, and the days without anybody."""

    setting: Setting
    people: tuple[Person, ...]
    instead: tuple[Person, ...]
    gaps: tuple[date, ...]


def cover_at(setting: Setting, person: Person, staff: Staff, day: date, calendar: Calendar) -> Cover:
    """Who acts as DSL at a setting while `person` is not there, from `day` on."""
    place = Place(setting.id, setting.area)
    without = _without(staff, person, day)
    ahead = (day + timedelta(days=days) for days in range(AHEAD))
    gaps = tuple(one for one in ahead if calendar.is_open(one) and not _leads(without, place, one))
    instead = without.climb(Role.HEAD, place, day)
    return Cover(setting, tuple(_leads(without, place, day)), tuple(instead), gaps)


def _without(staff: Staff, person: Person, day: date) -> Staff:
    away = Absence(person_id=person.id, first=day, last=day + timedelta(days=AHEAD))
    return replace(staff, absences={**staff.absences, person.id: [away]})


def _leads(staff: Staff, place: Place, day: date) -> list[Person]:
    found = {one.id: one for role in LEADS for one in staff.in_role(role, place, day)}
    return list(found.values())


def days_off(calendar: Calendar, day: date) -> list[tuple[date, str]]:
    """The bank holidays and closures of the next fortnight, weekends left out: the day, and what it is."""
    ahead = (day + timedelta(days=days) for days in range(AHEAD))
    weekdays = [one for one in ahead if one.weekday() < 5]
    return [(one, calendar.holidays.get(one, "closed")) for one in weekdays if not calendar.is_open(one)]


async def settings_of(session: AsyncSession, person_id: UUID, roles: Iterable[Role]) -> list[Setting]:
    """The settings where somebody holds one of these roles themselves, by name."""
    held = select(RoleHeld.setting_id).where(RoleHeld.person_id == person_id, col(RoleHeld.role).in_(list(roles)))
    found = select(Setting).where(col(Setting.id).in_(held)).order_by(col(Setting.name))
    return list((await session.exec(found)).all())


async def leave_of(session: AsyncSession, person_id: UUID, day: date) -> list[tuple[Absence, Person | None]]:
    """Somebody's leave that has not ended on `day`, with who covers it, soonest first."""
    found = select(Absence, Person).join(Person, col(Absence.cover_id) == col(Person.id), isouter=True)
    found = found.where(Absence.person_id == person_id, col(Absence.last) >= day).order_by(col(Absence.first))
    return [(absence, cover) for absence, cover in (await session.exec(found)).all()]


async def colleagues(session: AsyncSession, person: Person, day: date) -> Sequence[tuple[Person, set[Role]]]:
    """Everybody in post at the settings and in the areas where `person` holds a role, safeguarding roles first."""
    own = select(RoleHeld).where(RoleHeld.person_id == person.id)
    held = (await session.exec(own)).all()
    settings = {one.setting_id for one in held if one.setting_id}
    areas = {one.area for one in held if one.area}
    found = select(Person, RoleHeld.role).join(RoleHeld, col(RoleHeld.person_id) == col(Person.id))
    found = found.where(col(RoleHeld.setting_id).in_(settings) | col(RoleHeld.area).in_(areas))
    found = found.where(col(Person.left_on).is_(None) | (col(Person.left_on) > day), col(Person.id) != person.id)
    rows = (await session.exec(found)).all()
    people = {one.id: one for one, _ in rows}
    roles: dict[UUID, set[Role]] = {}
    for one, role in rows:
        roles.setdefault(one.id, set()).add(Role(role))
    return sorted(((people[one], roles[one]) for one in people), key=_safeguarding_first)


def _safeguarding_first(one: tuple[Person, set[Role]]) -> tuple[int, str]:
    ranks = (Role.DSL, Role.DEPUTY_DSL, Role.HEAD, Role.EARLY_HELP_COORDINATOR)
    return next((place for place, role in enumerate(ranks) if role in one[1]), len(ranks)), one[0].name


async def working_at(session: AsyncSession, setting_id: UUID, day: date) -> list[Person]:
    """Everybody in post at a setting, by name."""
    held = select(RoleHeld.person_id).where(
        RoleHeld.setting_id == setting_id, col(RoleHeld.role).in_(list(SETTING_ROLES))
    )
    in_post = col(Person.left_on).is_(None) | (col(Person.left_on) > day)
    found = select(Person).where(col(Person.id).in_(held), in_post).order_by(col(Person.name))
    return list((await session.exec(found)).all())
