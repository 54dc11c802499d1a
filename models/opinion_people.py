"""The second opinion's own reading of who could be told: holders of roles, and whether somebody was surely there.

The record keeps who holds a role today, not who held it last month. So somebody counts as surely there at an instant
only when no leave covers that day, they had not left, their address took letters, and nobody has changed anything about
them since. Of everybody else the second opinion claims nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Deed, Door
from models.opinion_days import DAY, london_day
from models.people import Absence, Person, RoleHeld
from models.record import Concern

CHANGES = (
    Door.PERSON_ADDED,
    Door.ROLES_CHANGED,
    Door.LEAVE_RECORDED,
    Door.LEFT,
    Door.ADDRESS_CORRECTED,
    Door.ROSTER_LOADED,
)
ADMINISTRATOR = "administrator"


@dataclass
class Posts:
    """Everybody in the record, what they hold, when they are away, and when something about them was last changed."""

    people: dict[UUID, Person] = field(default_factory=dict)
    held: dict[tuple[str, UUID | str | None], set[UUID]] = field(default_factory=lambda: defaultdict(set))
    away: dict[UUID, list[Absence]] = field(default_factory=lambda: defaultdict(list))
    changed: dict[UUID | None, datetime] = field(default_factory=dict)
    by_email: dict[str, UUID] = field(default_factory=dict)

    def holders(self, role: str, concern: Concern) -> set[UUID]:
        """Everybody who holds a role at a concern's setting or in its area today."""
        of_setting = self.held.get((role, concern.setting_id), set())
        return of_setting | self.held.get((role, concern.area), set()) | self.held.get((role, None), set())

    def surely_there(self, person_id: UUID, at: datetime, *, reachable: bool = False) -> bool:
        """Whether nothing speaks against their having been at work then; `reachable`: leave does not matter."""
        person = self.people.get(person_id)
        if person is None or self.was_changed(person_id, at):
            return False
        day = london_day(at)
        gone = person.left_on is not None and person.left_on <= day
        refused = person.refused_at is not None and person.refused_at <= at
        off = not reachable and any(one.first <= day <= one.last for one in self.away.get(person_id, ()))
        return not (gone or refused or off)

    def acting(self, role: str, concern: Concern, at: datetime) -> set[UUID]:
        """Who could act in a role then: its holders who were there, else those who covered them; empty where unsure.

        Unsure is whatever changed on that day or since: it may have been after, or by another machine's clock.
        """
        holders = self.holders(role, concern)
        if any(self._may_have_changed(one, at) for one in holders):
            return set()
        there = {one for one in holders if self.surely_there(one, at)}
        if there:
            return there
        covers = {cover for one in holders for cover in self._covers(one, at)}
        return covers if self.all_there(covers, at) else set()

    def _may_have_changed(self, person_id: UUID, at: datetime) -> bool:
        person = self.people.get(person_id)
        refused = person.refused_at if person else None
        return self.was_changed(person_id, at - DAY) or bool(refused and abs(refused - at) < DAY)

    def _covers(self, person_id: UUID, at: datetime) -> Iterable[UUID]:
        day, left_on = london_day(at), self.people[person_id].left_on
        if left_on and left_on <= day:
            return ()
        return (one.cover_id for one in self.away.get(person_id, ()) if one.cover_id and one.first <= day <= one.last)

    def was_changed(self, person_id: UUID, at: datetime) -> bool:
        """Whether their roles, leave, address or leaving were changed since: then nothing is known of before."""
        last = [one for one in (self.changed.get(person_id), self.changed.get(None)) if one]
        return bool(last) and max(last) >= at

    def all_there(self, ids: Collection[UUID], at: datetime) -> bool:
        """Whether there are any, and every one of them was surely there."""
        return bool(ids) and all(self.surely_there(one, at) for one in ids)


async def posts(session: AsyncSession) -> Posts:
    """Read everybody once: there are thousands of staff where there are a hundred thousand concerns."""
    found = Posts()
    for person in (await session.exec(select(Person))).all():
        session.expunge(person)
        found.people[person.id] = person
        found.by_email[person.email] = person.id
    for held in (await session.exec(select(RoleHeld))).all():
        found.held[(held.role.value, held.setting_id or held.area)].add(held.person_id)
    for absence in (await session.exec(select(Absence))).all():
        session.expunge(absence)
        found.away[absence.person_id].append(absence)
    _changes(found, (await session.exec(select(Deed).where(col(Deed.what).in_(CHANGES)))).all())
    return found


def _changes(found: Posts, deeds: Iterable[Deed]) -> None:
    for deed in deeds:
        # A roster may change anybody; its deed names nobody.
        whose = None if deed.what == Door.ROSTER_LOADED else deed.person_id
        found.changed[whose] = max(found.changed.get(whose, deed.at), deed.at)
