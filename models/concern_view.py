"""Everything that the page of one concern shows, read in a fixed number of queries, however long its history.

`look_at` decides how much the viewer may see before anything else is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case import Case, concern_called
from models.chronology import Entry, Wanted, chronology
from models.grading import looks_taken
from models.household import Known, Member, household_of
from models.lifecycle import Kind
from models.people import Person, Role
from models.reach import Sight, Viewer
from models.record import Event, Observation, Referral
from models.tasks_seen import TaskSeen, acts_for_owner, case_to_see, in_order, seen_task
from models.telling import Delivery

LETTERS = 100


@dataclass
class ConcernSeen:
    """One concern as a viewer sees it. Below Sight.WHOLE only `own` and the action tasks are filled."""

    known: Known
    sight: Sight
    case: Case
    household: list[Member] = field(default_factory=list)
    tasks: list[TaskSeen] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    total: int = 0
    looks: list[Event] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    letters: list[tuple[Delivery, Person]] = field(default_factory=list)
    own: list[Observation] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def others(self) -> list[Known]:
        """The household's other concerns."""
        concerns = [known for member in self.household for known in member.concerns]
        return [known for known in concerns if known.concern.id != self.known.concern.id]

    @property
    def sent(self) -> int:
        """The number of the newest referral that was sent."""
        return max((one.number for one in self.referrals if one.sent_at), default=1)

    @property
    def shown(self) -> list[tuple[UUID, UUID | None]]:
        """The children whose names or words this page shows, for the access log."""
        seen: list[tuple[UUID, UUID | None]] = [(self.known.child.id, self.known.concern.id)]
        for member in self.household:
            readable = [known.concern.id for known in member.concerns if known.is_open]
            seen += [(member.child.id, one) for one in readable]
            if member.named and not readable:
                seen.append((member.child.id, None))
        return seen

    def ask(self, known: Known) -> str:
        """Whom to ask about a concern that is out of reach: who acts as its setting's DSL."""
        return self.case.staff.owner(Role.DSL, known.place, self.case.day).name


async def look_at(
    session: AsyncSession, viewer: Viewer, reference: str, at: datetime, wanted: Wanted
) -> ConcernSeen | None:
    """The concern of that reference as the viewer may see it; None when they may see nothing. Raises NotFound."""
    concern = await concern_called(session, reference)
    household = await household_of(session, viewer, concern.child_id)
    concerns = [known for member in household for known in member.concerns]
    known = next(one for one in concerns if one.concern.id == concern.id)
    if not viewer.roles - {Role.ADMINISTRATOR}:
        return None
    case = await case_to_see(session, known, at, viewer.person, (), [one.place for one in concerns])
    sight = Sight.WHOLE if acts_for_owner(case, viewer) else known.sight
    seen = ConcernSeen(_opened(known, sight), sight, case)
    if sight == Sight.WHOLE:
        seen.household = [_with(member, seen.known) for member in household]
        await _whole(session, seen, viewer, at, wanted)
    elif sight == Sight.REFERRAL:
        seen.referrals = await _referrals(session, concern.id)
    else:
        await _own(session, seen, viewer, at)
    return seen if sight > Sight.NOTHING else None


def _opened(known: Known, sight: Sight) -> Known:
    return Known(known.concern, known.child, known.setting, sight)


def _with(member: Member, seen: Known) -> Member:
    """The household with the looked-at concern as its viewer sees it: who stands in sees more than their role does."""
    concerns = tuple(seen if one.concern.id == seen.concern.id else one for one in member.concerns)
    return Member(member.child, member.setting, concerns, member.named or seen in concerns)


async def _whole(session: AsyncSession, seen: ConcernSeen, viewer: Viewer, at: datetime, wanted: Wanted) -> None:
    case, concern = seen.case, seen.known.concern
    seen.tasks = in_order(seen_task(case, task, viewer.person.id, at) for task in case.tasks.values())
    concerns = [known for member in seen.household for known in member.concerns]
    seen.entries, seen.total = await chronology(session, concerns, wanted)
    readable = [one.concern.id for one in concerns if one.child.id == seen.known.child.id and one.is_open]
    seen.looks = await looks_taken(session, readable)
    seen.referrals = await _referrals(session, concern.id)
    written = select(Delivery, Person).join(Person, col(Delivery.person_id) == col(Person.id))
    written = written.where(Delivery.concern_id == concern.id).order_by(col(Delivery.created_at).desc()).limit(LETTERS)
    seen.letters = list((await session.exec(written)).all())
    told = [one for entry in seen.entries for one in (entry.event, entry.withdrawal) if one]
    observers = {one.observation.observer_id for one in seen.entries if one.observation}
    seen.names = await names_in(session, [*told, *seen.looks], observers)


async def _referrals(session: AsyncSession, concern_id: UUID) -> list[Referral]:
    found = select(Referral).where(Referral.concern_id == concern_id).order_by(col(Referral.number))
    return list((await session.exec(found)).all())


async def _own(session: AsyncSession, seen: ConcernSeen, viewer: Viewer, at: datetime) -> None:
    mine = (Observation.concern_id == seen.known.concern.id, Observation.observer_id == viewer.person.id)
    found = select(Observation).where(*mine).order_by(col(Observation.seen_at).desc())
    seen.own = list((await session.exec(found)).all())
    actions = [task for task in seen.case.open_of(Kind.ACTION) if task.owner_id in viewer.stands_for]
    seen.tasks = in_order(seen_task(seen.case, task, viewer.person.id, at) for task in actions)


async def names_in(
    session: AsyncSession,
    events: Iterable[Event],
    more: Iterable[UUID] = (),
    texts: Iterable[dict[str, Any]] = (),
) -> dict[str, str]:
    """The names of everybody that events and other fields speak of, and of `more`, by id and by e-mail: one query."""
    told = list(events)
    said = {text for fields in (*(one.fields for one in told), *texts) for text in _texts(fields)}
    ids = {one.by_id for one in told if one.by_id} | set(more) | {found for text in said if (found := _id(text))}
    emails = {text for text in said if "@" in text}
    rows = (await session.exec(select(Person).where(or_(col(Person.id).in_(ids), col(Person.email).in_(emails))))).all()
    return {key: person.name for person in rows for key in (str(person.id), person.email)}


NAMING = ("lead", "second", "from", "to", "owner", "by", "observer")


def _texts(fields: dict[str, Any]) -> Iterable[str]:
    """What a history's fields say in places where they name people."""
    yield from (str(fields[name]) for name in NAMING if isinstance(fields.get(name), str))
    for action in fields.get("actions") or ():
        if isinstance(action, dict):
            yield from _texts(action)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
