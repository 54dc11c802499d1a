"""Filling an outbox and looking into it, on a record that holds the tests' roster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from models.people import Person
from models.telling import Delivery
from notifications.outbox import Addressed, Counts, address, tell
from tests import people
from tests.driver import Driver, instant

AT = instant("2026-03-02T09:00")


async def person_id(driver: Driver, email: str) -> UUID:
    """The id of somebody of the roster."""
    found: UUID = (await driver.rows(select(Person.id).where(Person.email == email)))[0]
    return found


async def put(driver: Driver, to: str, number: int = 1, at: datetime = AT, **fields: Any) -> list[Addressed]:
    """Put so many letters about no concern at all into the outbox."""
    who = await person_id(driver, to)
    given: dict[str, Any] = {"letter": "not-covered", "slot": "once", "why_you": "this is a test"} | fields
    letters = [
        Addressed(person_id=who, subject=f"{to} {at:%d %H:%M} {one}", fields={"count": one}, **given)
        for one in range(number)
    ]
    await driver.act(address, letters, at)
    return letters


async def put_about_task(driver: Driver, to: str, letter: str = "task-opened", at: datetime = AT) -> dict[str, Any]:
    """Log a concern about Amira and address one letter about its task; returns the task as `pathway tasks` shows it."""
    await driver.log(people.AMIRA, people.TEACHER, at)
    task = await driver.task(at, kind="dsl_review")
    who = await person_id(driver, to)
    one = Addressed(letter, who, task["id"], "event-1", "this is a test", task_id=UUID(task["id"]))
    await driver.act(address, [one], at)
    return task


async def send(driver: Driver, at: datetime = AT, **options: Any) -> Counts:
    """Send what is due."""
    return await tell(driver.engine, at, **options)


async def outbox(driver: Driver, *letters: str) -> list[Delivery]:
    """Every delivery of these letters (of all), oldest first."""
    found = select(Delivery).order_by(col(Delivery.created_at), col(Delivery.subject))
    if letters:
        found = found.where(col(Delivery.letter).in_(letters))
    return await driver.rows(found)


def told(deliveries: Sequence[Delivery]) -> list[tuple[str, str]]:
    """What became of deliveries: (letter, state)."""
    return [(one.letter, one.state.value) for one in deliveries]
