"""What was told to whom and when, read from the record; and letting time pass from one moment to the next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from config.time import to_london
from flows import digesting
from flows.firings import ALONE, Ending, close_firing, open_firing
from models.database import reading
from models.people import Person
from models.record import Event, Task
from models.telling import Delivery
from tests.driver import Driver, When, instant

LADDER = ("task-opened", "reminder", "unacknowledged", "overdue", "chase", "chase-copy")
Line = tuple[str, str, str]


@dataclass(frozen=True)
class Told:
    """One letter as it was addressed; `about` is the kind of the task it is about, if it is about one."""

    letter: str
    to: str
    at: datetime
    about: str | None
    slot: str
    why: str
    urgent: bool
    state: str
    fields: dict[str, Any]


def clock(at: datetime) -> str:
    """An instant as London's clocks show it: "Tue 3 Mar 17:00"."""
    local = to_london(at)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


async def told(driver: Driver, *letters: str, since: When | None = None) -> list[Told]:
    """Every letter addressed (of these names; since that instant), in order of time, name and address."""
    found = select(Delivery, Person.email, Task.kind).join(Person, col(Delivery.person_id) == col(Person.id))
    found = found.outerjoin(Task, col(Delivery.task_id) == col(Task.id))
    rows = [
        Told(
            one.letter,
            email,
            one.created_at,
            kind.value if kind else None,
            one.slot,
            one.why_you,
            one.urgent,
            one.state.value,
            one.fields,
        )
        for one, email, kind in await driver.rows(found)
        if not letters or one.letter in letters
    ]
    wanted = [one for one in rows if since is None or one.at >= instant(since)]
    return sorted(wanted, key=lambda one: (one.at, one.letter, one.to))


async def who_heard(driver: Driver, *letters: str, since: When | None = None) -> list[str]:
    """The addresses these letters went to, once for each letter, sorted."""
    return sorted(one.to for one in await told(driver, *letters, since=since))


async def settle(driver: Driver, at: When) -> None:
    """Follow up events until none waits: a rule that fired is an event of its own."""
    while await driver.rows(select(Event.id).where(col(Event.followed_up_at).is_(None)).limit(1)):
        await driver.follow(at)


async def heard(driver: Driver, at: When) -> dict[str, list[str]]:
    """Follow up, and say who was told what at this instant."""
    await settle(driver, at)
    found: dict[str, list[str]] = {}
    for one in await told(driver):
        if one.at == instant(at):
            found.setdefault(one.letter, []).append(one.to)
    return found


async def next_moment(driver: Driver) -> datetime:
    """When the record next asks to be looked at."""
    found = await driver.rows(select(func.min(Task.next_at)).where(col(Task.closed_at).is_(None)))
    assert isinstance(found[0], datetime), "nothing is open"
    return found[0]


async def timeline(
    driver: Driver, start: When, until: When, about: str | None = None, letters: Collection[str] = LADDER
) -> list[Line]:
    """Jump from moment to moment and say what was told at each: ("Tue 3 Mar 17:00", letter, addresses).

    `about` leaves out letters about tasks of other kinds.
    """
    at, lines = instant(start), list[Line]()
    while at <= instant(until):
        await settle(driver, at)
        await driver.sweep(at)
        await settle(driver, at)
        heard = [one for one in await told(driver, *letters) if one.at == at and about in (None, one.about or about)]
        for letter in dict.fromkeys(one.letter for one in heard):
            names = ", ".join(one.to.partition("@")[0] for one in heard if one.letter == letter)
            lines.append((clock(at), letter, names))
        following = await next_moment(driver)
        assert following > at, "a sweep leaves nothing due behind"
        at = following
    return lines


async def happened(driver: Driver, *kinds: str) -> list[Event]:
    """The events of these kinds, in order."""
    found = select(Event).order_by(col(Event.recorded_at), col(Event.number))
    return [event for event in await driver.rows(found) if event.kind in kinds]


async def digest_at(driver: Driver, at: When) -> int:
    """The morning digests that are due at `at`, each a firing of its own as the clock writes it; how many letters."""
    async with reading(driver.engine) as session:
        mornings = await digesting.mornings_due(session, instant(at))
    letters = 0
    for morning in mornings:
        if await open_firing(driver.engine, digesting.FLOW, morning.slot, instant(at)):
            counts = await digesting.digest(driver.engine, morning, instant(at))
            await close_firing(driver.engine, digesting.FLOW, morning.slot, Ending(ALONE, counts), instant(at))
            letters += counts["letters"]
    return letters
