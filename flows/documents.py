"""The referral as a document: what a front door reads until it reads it on a page. It holds the child's details.

It lies in PATHWAY_HOME/referrals, readable by its owner alone, and never travels by e-mail.
"""

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import say_day, say_instant
from flows.server import write_whole
from models.events import Happened
from models.people import Child, Person, Setting
from models.record import Concern, Event, Observation, Referral

OTHER = "not asked for this child apart; for the child referred"


@cache
def _template() -> Any:
    loader = PackageLoader("templates", "referral")
    # Markdown for people to read: nothing renders it as HTML, so nothing is escaped.
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, autoescape=False)  # noqa: S701
    environment.filters |= {"instant": say_instant, "day": say_day}
    return environment.get_template("referral.md")


async def write_referral(session: AsyncSession, concern_id: UUID, folder: Path) -> Path | None:
    """Write the concern's newest referral to `folder`/<reference>.md; None when it has none."""
    concern = await session.get_one(Concern, concern_id)
    content = await referral_content(session, concern)
    if content is None:
        return None
    path = folder / f"{concern.reference}.md"
    write_whole(path, _template().render(content))
    return path


async def referral_content(session: AsyncSession, concern: Concern) -> dict[str, Any] | None:
    """What the referral says: referrer, every child of the household, observations, help tried, informing, consent."""
    newest = select(Referral).where(Referral.concern_id == concern.id).order_by(col(Referral.number).desc())
    referral = (await session.exec(newest.limit(1))).first()
    if referral is None:
        return None
    child = await session.get_one(Child, concern.child_id)
    siblings = select(Child).where(Child.household_id == child.household_id).order_by(col(Child.key))
    children = list((await session.exec(siblings)).all())
    settings = {one.id: one for one in (await session.exec(select(Setting))).all()}
    people = {one.id: one for one in (await session.exec(select(Person))).all()}
    return {
        "concern": concern,
        "referral": referral,
        "setting": settings[concern.setting_id],
        "referrer": people.get(referral.raised_by) if referral.raised_by else None,
        "children": [_child(one, child, settings, referral) for one in children],
        "observations": await _observations(session, child.household_id, people, children),
        **await _help(session, concern, people),
    }


def _child(one: Child, subject: Child, settings: dict[UUID, Setting], referral: Referral) -> dict[str, Any]:
    about = one.id == subject.id
    return {
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


async def _observations(
    session: AsyncSession, household_id: UUID, people: dict[UUID, Person], children: list[Child]
) -> list[dict[str, Any]]:
    names = {one.id: one.name for one in children}
    found = select(Observation).where(Observation.household_id == household_id, col(Observation.withdrawn_at).is_(None))
    rows = (await session.exec(found.order_by(col(Observation.seen_at)))).all()
    return [{"child": names[one.child_id], "by": people[one.observer_id].name, "said": one} for one in rows]


async def _help(session: AsyncSession, concern: Concern, people: dict[UUID, Person]) -> dict[str, Any]:
    rows = (await session.exec(select(Event).where(Event.concern_id == concern.id).order_by(col(Event.number)))).all()
    said = [event for event in rows if event.kind not in (Happened.LOGGED, Happened.JOINED, Happened.ESCALATED)]
    return {
        "assessment": next((event for event in reversed(rows) if event.kind == Happened.ASSESSED), None),
        "reviews": [event for event in rows if event.kind == Happened.REVIEWED],
        "history": [
            {
                "event": event,
                "what": event.kind.replace("_", " "),
                "by": people[event.by_id].name if event.by_id else "the pathway",
            }
            for event in said
        ],
    }
