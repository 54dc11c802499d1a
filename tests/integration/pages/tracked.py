"""Records for the tracker's tests: watched concerns of two areas, and one concern many times over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import col, select

from models.people import Child, Household
from models.record import Concern, Task
from tests import people
from tests.driver import Driver
from tests.integration.journeys import remembered

WATCHED = "2026-03-02T10:00"
PLAIN = "Look at it again."


@remembered
async def watched(driver: Driver, child: str, who: str, dsl: str, at: str = "2026-03-02T09:00") -> str:
    """A concern that its DSL watches: a case review is due."""
    logged = await driver.log(child, who, at)
    await driver.do("monitor", dsl, at, concern=logged.reference, reason=PLAIN)
    return str(logged.reference)


async def two_areas(driver: Driver) -> dict[str, str]:
    """Four watched concerns by child: two of Oakfield and one of Ashdown in Derby, one of Sunbeams in Derbyshire."""
    children = (people.AMIRA, people.DANIEL, people.JEROME, people.ELSIE)
    return dict(zip(children, (await _four(driver)).split(), strict=True))


@remembered
async def _four(driver: Driver) -> str:
    made = [
        await watched(driver, people.AMIRA, people.TEACHER, people.DSL),
        await watched(driver, people.DANIEL, people.TEACHER, people.DSL, "2026-03-03T09:00"),
        await watched(driver, people.JEROME, people.ASHDOWN_TUTOR, people.ASHDOWN_DSL),
        await watched(driver, people.ELSIE, people.KEY_PERSON, people.SUNBEAMS_DSL),
    ]
    return " ".join(made)


async def task_of(driver: Driver, reference: str) -> Task:
    """The one open task of a concern."""
    asked = select(Task).join(Concern, col(Task.concern_id) == col(Concern.id))
    found: list[Task] = await driver.rows(asked.where(Concern.reference == reference, col(Task.closed_at).is_(None)))
    return found[0]


async def many(driver: Driver, reference: str, number: int, **changed: Any) -> None:
    """The same concern `number` times more, each of another child and due an hour later, with its open task."""
    concern = (await driver.rows(select(Concern).where(Concern.reference == reference)))[0]
    child = (await driver.rows(select(Child).where(Child.id == concern.child_id)))[0]
    task = await task_of(driver, reference)
    async with driver.writing() as session:
        for one in range(number):
            home = Household(key=f"many-{one}-{reference}")
            own = Child(**_copied(child, key=f"many-{one}-{reference}", household_id=home.id))
            theirs = Concern(**_copied(concern, reference=f"{reference}{one:03d}", child_id=own.id))
            due = task.due_at + timedelta(hours=one)
            for row in (home, own, theirs, Task(**(_copied(task, concern_id=theirs.id, due_at=due) | changed))):
                session.add(row)
                await session.flush()


def _copied(row: Child | Concern | Task, **changed: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in type(row).model_fields} | {"id": uuid4()} | changed
