"""What a referral says, as a document and as a page: referrer, children, observations, help tried, consent, history.

Only what was recorded until it was sent: a referral is what was known then. What the DSL added later, or answered, is
among its additions. Source for the parts: domain.md 6.1.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import say_day
from models.events import Happened
from models.people import Child, Person, Setting
from models.record import Concern, Event, Observation, Referral

OTHER = "not asked for this child apart; for the child referred"
QUIET = (Happened.LOGGED, Happened.JOINED, Happened.ESCALATED)


async def referral_numbered(session: AsyncSession, concern: Concern, number: int | None = None) -> Referral | None:
    """A concern's referral of that number, or its newest; None when there is none."""
    found = select(Referral).where(Referral.concern_id == concern.id).order_by(col(Referral.number).desc())
    if number is not None:
        found = found.where(Referral.number == number)
    return (await session.exec(found.limit(1))).first()


async def referral_content(session: AsyncSession, concern: Concern, number: int | None = None) -> dict[str, Any] | None:
    """Everything that a referral says; None when there is no such referral."""
    referral = await referral_numbered(session, concern, number)
    if referral is None:
        return None
    child = await session.get_one(Child, concern.child_id)
    siblings = select(Child).where(Child.household_id == child.household_id).order_by(col(Child.key))
    children = list((await session.exec(siblings)).all())
    until = referral.sent_at
    observations = await _observations(session, child.household_id, until)
    events = await _events(session, concern, until)
    settings = await _settings(session, {concern.setting_id, *(one.setting_id for one in children)})
    named = [one.observer_id for one in observations] + [one.by_id for one in events] + [referral.raised_by]
    people = await _people(session, named)
    names = {one.id: one.name for one in children}
    return {
        "concern": concern,
        "referral": referral,
        "setting": settings[concern.setting_id],
        "referrer": people.get(referral.raised_by) if referral.raised_by else None,
        "children": [_child(one, child, settings, referral) for one in children],
        "observations": [
            {"child": names[one.child_id], "by": people[one.observer_id].name, "said": one} for one in observations
        ],
        **_help(events, people),
    }


def _child(one: Child, subject: Child, settings: dict[UUID, Setting], referral: Referral) -> dict[str, Any]:
    about = one.id == subject.id
    return {
        "id": one.id,
        "name": one.name,
        "born": say_day(one.born) if one.born else None,
        "due": say_day(one.due_on) if one.due_on else None,
        "setting": settings[one.setting_id].name,
        "is_subject": about,
        "parents_informed": _for(about, referral.parents_informed),
        "consent": _for(about, referral.consent),
    }


def _for(subject: bool, said: str) -> str:
    return said if subject else f"{OTHER}: {said}"


async def _observations(session: AsyncSession, household_id: UUID, until: datetime | None) -> list[Observation]:
    found = select(Observation).where(Observation.household_id == household_id, col(Observation.withdrawn_at).is_(None))
    if until is not None:
        found = found.where(col(Observation.recorded_at) <= until)
    return list((await session.exec(found.order_by(col(Observation.seen_at)))).all())


async def _events(session: AsyncSession, concern: Concern, until: datetime | None) -> list[Event]:
    found = select(Event).where(Event.concern_id == concern.id)
    if until is not None:
        found = found.where(col(Event.recorded_at) <= until)
    return list((await session.exec(found.order_by(col(Event.number)))).all())


async def _settings(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Setting]:
    rows = (await session.exec(select(Setting).where(col(Setting.id).in_(list(ids))))).all()
    return {one.id: one for one in rows}


async def _people(session: AsyncSession, ids: Iterable[UUID | None]) -> dict[UUID, Person]:
    wanted = list({one for one in ids if one})
    rows = (await session.exec(select(Person).where(col(Person.id).in_(wanted)))).all()
    return {one.id: one for one in rows}


def _help(events: list[Event], people: dict[UUID, Person]) -> dict[str, Any]:
    return {
        "assessment": next((event for event in reversed(events) if event.kind == Happened.ASSESSED), None),
        "reviews": [event for event in events if event.kind == Happened.REVIEWED],
        "history": [
            {
                "event": event,
                "what": event.kind.replace("_", " "),
                "by": people[event.by_id].name if event.by_id else "the pathway",
            }
            for event in events
            if event.kind not in QUIET
        ],
    }
