"""Who is at work: present people, leave cover, leavers, empty roles. Resolved at the moment it matters, never stored.

The fallback is the next role, never nobody: KCSIE 2025 paragraph 53 wants a DSL or deputy always available.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import product
from uuid import UUID

from sqlalchemy import bindparam, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import NobodyThere, NotFound
from models.people import Absence, Person, Role, RoleHeld

# Asked with every move, and so built once (models.scene).
_HELD = (
    select(RoleHeld, Person)
    .join(Person, col(RoleHeld.person_id) == col(Person.id))
    .where(
        or_(
            col(RoleHeld.setting_id).in_(bindparam("settings", expanding=True)),
            col(RoleHeld.area).in_(bindparam("areas", expanding=True)),
            col(RoleHeld.role) == Role.ADMINISTRATOR,
        )
    )
)
_PERSON = select(Person).where(col(Person.email) == bindparam("email"))
_PEOPLE = select(Person).where(col(Person.id).in_(bindparam("people", expanding=True)))
_ABSENCES = select(Absence).where(
    col(Absence.person_id).in_(bindparam("people", expanding=True)), col(Absence.last) >= bindparam("since")
)

# Who acts when nobody holding a role is there, next person up last.
CLIMB = (
    Role.DSL,
    Role.DEPUTY_DSL,
    Role.HEAD,
    Role.EARLY_HELP_COORDINATOR,
    Role.PARTNERSHIP_CONTACT,
    Role.ADMINISTRATOR,
)


@dataclass(frozen=True)
class Place:
    """Whose people are meant: a setting and its area."""

    setting_id: UUID
    area: str


@dataclass
class Staff:
    """The people who may own or hear of something, their roles and their leave."""

    people: dict[UUID, Person] = field(default_factory=dict)
    roles: list[RoleHeld] = field(default_factory=list)
    absences: dict[UUID, list[Absence]] = field(default_factory=dict)

    @cached_property
    def _held(self) -> dict[tuple[Role, UUID | None, str | None], set[UUID]]:
        # A sweep asks thousands of times who holds what at one of hundreds of settings.
        found: dict[tuple[Role, UUID | None, str | None], set[UUID]] = {}
        for held in self.roles:
            found.setdefault((held.role, held.setting_id, held.area), set()).add(held.person_id)
        return found

    def holders(self, role: Role, place: Place) -> list[Person]:
        """Everybody who holds `role` there, present or not, by e-mail address."""
        where = product((place.setting_id, None), (place.area, None))
        found = {one for setting, area in where for one in self._held.get((role, setting, area), ())}
        return sorted((self.people[one] for one in found), key=lambda person: person.email)

    def roles_of(self, person: Person, place: Place) -> set[Role]:
        """The roles a person holds at a place; none once they have left."""
        return {role for role in Role if person in self.holders(role, place)}

    def has_left(self, person: Person, day: date) -> bool:
        """True from the day given as their leaving."""
        return person.left_on is not None and person.left_on <= day

    def is_away(self, person: Person, day: date) -> bool:
        """True on a day of leave."""
        return any(one.first <= day <= one.last for one in self.absences.get(person.id, ()))

    def is_there(self, person: Person, day: date) -> bool:
        """At work and reachable: not away, not left, address not refused."""
        return not (self.has_left(person, day) or self.is_away(person, day) or person.refused_at)

    def stand_in(self, person: Person, day: date) -> Person | None:
        """The person, or who covers them (or covers the cover) on `day`; None when nobody does."""
        seen: set[UUID] = set()
        now: Person | None = person
        while now is not None and now.id not in seen:
            if self.is_there(now, day):
                return now
            seen.add(now.id)
            now = self._cover(now, day)
        return None

    def _cover(self, person: Person, day: date) -> Person | None:
        for absence in self.absences.get(person.id, ()):
            if absence.first <= day <= absence.last and absence.cover_id in self.people:
                return self.people[absence.cover_id]
        return None

    def in_role(self, role: Role, place: Place, day: date) -> list[Person]:
        """Who acts in a role on `day`: its present holders, else those who cover them; perhaps nobody."""
        holders = self.holders(role, place)
        there = [person for person in holders if self.is_there(person, day)]
        covers = [self.stand_in(person, day) for person in holders if not self.has_left(person, day)]
        return there or list({person.id: person for person in covers if person}.values())

    def climb(self, role: Role, place: Place, day: date) -> list[Person]:
        """Who acts in a role, or failing that in the next one up; empty only when nobody at all is there."""
        steps = CLIMB[CLIMB.index(role) :] if role in CLIMB else (role, *CLIMB)
        for step in steps:
            if people := self.in_role(step, place, day):
                return people
        return []

    def owner(self, role: Role, place: Place, day: date) -> Person:
        """Who is to own a new task of `role`; raises NobodyThere when no role of the climb is held at all.

        When everybody is away at once the first holder in post owns it, for a concern is never turned away.
        """
        person = self._in_charge(role, place, day)
        if person is None:
            raise NobodyThere(
                "roster: nobody in post could own this; load a roster with a DSL, deputy or head of the setting"
            )
        return person

    def _in_charge(self, role: Role, place: Place, day: date) -> Person | None:
        there = self.climb(role, place, day)
        holders = [person for step in (role, *CLIMB) for person in self.holders(step, place)]
        return next(iter(there or [person for person in holders if not self.has_left(person, day)]), None)

    def acting(self, owner_id: UUID, role: str, place: Place, day: date) -> Person:
        """Who acts for a task's owner on `day`: themselves, their cover, or the next role up.

        With nobody else in post it stays the owner's, gone or not; the reconciler says so.
        """
        person = self.people[owner_id]
        return self.stand_in(person, day) or self._in_charge(_role_or_dsl(role), place, day) or person

    def named(self, email: str) -> Person:
        """The loaded person of that address; raises NotFound."""
        for person in self.people.values():
            if person.email == email:
                return person
        raise NotFound(f"{email}: no such person; load a roster that names them")


def _role_or_dsl(role: str) -> Role:
    """A task owed by somebody by name (a lead, an action's owner) falls to the DSL."""
    return Role(role) if role in set(CLIMB) else Role.DSL


async def person_with(session: AsyncSession, email: str) -> Person | None:
    """Who has that e-mail address, however it is typed."""
    return (await session.exec(_PERSON, params={"email": email.strip().lower()})).first()


async def load_staff(
    session: AsyncSession, places: Iterable[Place], named: Iterable[UUID] = (), since: date = date.min
) -> Staff:
    """The staff of `places` and administrators, the people `named`, and everybody who covers any of them.

    `since`: leave that ended before that day is not asked for.
    """
    wanted = list(places)
    where = {"settings": list({place.setting_id for place in wanted}), "areas": list({place.area for place in wanted})}
    rows = (await session.exec(_HELD, params=where)).all()
    staff = Staff({person.id: person for _, person in rows}, [role for role, _ in rows])
    fresh, missing = set(staff.people), set(named) - set(staff.people)
    while fresh or missing:
        await _add_people(session, staff, sorted(missing, key=str))
        await _add_absences(session, staff, sorted(fresh | missing, key=str), since)
        covers = {one.cover_id for absences in staff.absences.values() for one in absences if one.cover_id}
        fresh, missing = set(), covers - set(staff.people)
    return staff


async def _add_people(session: AsyncSession, staff: Staff, ids: Sequence[UUID]) -> None:
    if ids:  # most often everybody named holds a role there, and has been read with it
        people = await session.exec(_PEOPLE, params={"people": ids})
        staff.people.update({person.id: person for person in people})


async def _add_absences(session: AsyncSession, staff: Staff, ids: Sequence[UUID], since: date) -> None:
    for absence in await session.exec(_ABSENCES, params={"people": ids, "since": since}):
        staff.absences.setdefault(absence.person_id, []).append(absence)
