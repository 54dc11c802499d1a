"""Searching what was done: deeds and the lines of concerns' histories in one list, and who looked at what.

Of a history's line its kind, its time, who and the concern's reference are given; never its reason nor its words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Deed, Door, Look
from models.deeds import Asked, deeds, within
from models.events import Happened
from models.record import Concern, Event
from models.staff_seen import named

# What of a deed's `about` may be said: roles, places, days, counts, references and staff's addresses.
SAID = (
    *("given", "taken", "setting", "area", "before", "to", "first", "last", "cover", "on", "tasks", "back"),
    *("withdrawn", "letter", "reference", "flow", "said", "policy", "settings", "people", "children", "count"),
)


@dataclass(frozen=True)
class Line:
    """One line of the audit. `about` are words of ours; `reference` the concern's, where there is one."""

    at: datetime
    id: UUID
    kind: str
    by: str
    whom: str
    reference: str
    about: dict[str, Any]

    def said(self) -> str:
        """What it was about, in one line: `given dsl, setting oakfield`."""
        return ", ".join(name if value is True else f"{name} {value}" for name, value in self.about.items())


async def concern_id_of(session: AsyncSession, reference: str) -> UUID | None:
    """The concern of a reference; None when there is none."""
    return (await session.exec(select(Concern.id).where(Concern.reference == reference))).first()


async def audit(session: AsyncSession, asked: Asked, limit: int) -> list[Line]:
    """The newest lines asked for, deeds and history together: four queries."""
    at_door, in_history = kinds_known()
    done = await deeds(session, asked, limit) if asked.kind in ("", *at_door) else []
    happened = await _events(session, asked, limit) if asked.kind in ("", *in_history) else []
    ids = {number for one in done for number in (one.by_id, one.person_id)} | {one.by_id for one, _ in happened}
    people = await named(session, ids)
    mails = {key: person.email for key, person in people.items()}
    lines = [_deed(one, mails) for one in done] + [_event(one, reference, mails) for one, reference in happened]
    return sorted(lines, key=lambda line: (line.at, line.id), reverse=True)[:limit]


async def _events(session: AsyncSession, asked: Asked, limit: int) -> Sequence[tuple[Event, str]]:
    found: Any = select(Event, Concern.reference).join(Concern, col(Event.concern_id) == col(Concern.id))
    if asked.person_id:
        found = found.where(Event.by_id == asked.person_id)
    if asked.kind:
        found = found.where(Event.kind == asked.kind)
    if asked.reference:
        found = found.where(Event.concern_id == asked.concern_id)
    found = within(found, col(Event.recorded_at), col(Event.id), asked)
    return [(event, reference) for event, reference in (await session.exec(found.limit(limit))).all()]


def _deed(one: Deed, mails: dict[UUID, str]) -> Line:
    about = {name: one.about[name] for name in SAID if one.about.get(name) not in (None, "")}
    reference = str(about.pop("reference", ""))
    by = mails.get(one.by_id, "") if one.by_id else ""
    whom = mails.get(one.person_id, "") if one.person_id and one.person_id != one.by_id else ""
    return Line(one.at, one.id, one.what.value, by, whom, reference, about)


def _event(one: Event, reference: str, mails: dict[UUID, str]) -> Line:
    return Line(one.recorded_at, one.id, one.kind, mails.get(one.by_id, "") if one.by_id else "", "", reference, {})


def kinds_known() -> tuple[list[str], list[str]]:
    """Every word a deed and a line of history can have."""
    return [one.value for one in Door], [one.value for one in Happened]


@dataclass(frozen=True)
class Looked:
    """One view of a child: when, by whom, on which page, of which concern. The child is not named."""

    at: datetime
    id: UUID
    by: str
    page: str
    reference: str


async def looks(session: AsyncSession, asked: Asked, limit: int) -> list[Looked]:
    """The newest views asked for."""
    found: Any = select(Look, Concern.reference).outerjoin(Concern, col(Look.concern_id) == col(Concern.id))
    if asked.person_id:
        found = found.where(Look.person_id == asked.person_id)
    if asked.reference:
        found = found.where(Look.concern_id == asked.concern_id)
    found = within(found, col(Look.at), col(Look.id), asked)
    rows = (await session.exec(found.limit(limit))).all()
    people = await named(session, {look.person_id for look, _ in rows})
    return [
        Looked(look.at, look.id, people[look.person_id].email, look.page, reference or "") for look, reference in rows
    ]
