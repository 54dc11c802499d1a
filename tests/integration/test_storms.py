"""No storm: many things due at once are one letter a person and day, and what is urgent goes all the same."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select, update

from models.people import Child
from models.record import Concern, Task
from models.telling import State
from notifications.folding import fold
from tests import people
from tests.driver import Driver, instant
from tests.integration.timeline import told

OPENED = "2026-03-02T09:00"
DUE = "2026-03-03T17:00"


async def _overdue(driver: Driver, count: int) -> None:
    """Oakfield with `count` concerns that are all due on Tuesday, 3 March, 17:00: one logged, the others like it."""
    await driver.log(people.DANIEL, people.TEACHER, OPENED)
    ((concern, task, child),) = await driver.rows(select(Concern, Task, Child).join(Task).join(Child))
    await driver.act(_like_it, concern, task, child, range(2, count + 1))


def _like(number: int) -> str:
    """The nth concern's reference, far from those that are given out."""
    return f"NC-2026-{50_000 + number}"


async def _like_it(session: Any, concern: Concern, task: Task, child: Child, numbers: range) -> None:
    own = {"id"}
    for number in numbers:
        sibling = Child(**child.model_dump(exclude=own) | {"key": f"c{number}"})
        another = {"reference": _like(number), "child_id": sibling.id, "events": 0}
        other = Concern(**concern.model_dump(exclude=own) | another)
        session.add_all([sibling, other, Task(**task.model_dump(exclude=own) | {"concern_id": other.id})])


async def _tells(driver: Driver, at: str, *letters: str) -> dict[str, int]:
    """Fold what waits, as the outbox does before it sends, and count what is left to send of these letters to each."""
    await driver.act(fold, instant(at))
    waits = [one for one in await told(driver, *letters) if one.state == State.WAITING]
    return {to: sum(one.to == to for one in waits) for to in sorted({one.to for one in waits})}


ROUTINE = ("reminder", "overdue", "round-up")


async def test_three_hundred_overdue_are_one_letter_a_person(loaded: Driver) -> None:
    """300 tasks overdue after an outage: each person has one round-up that names them all; what is urgent stands."""
    await _overdue(loaded, 300)
    await loaded.log(people.AMIRA, people.TEACHER, OPENED, immediate_danger=True)
    at = "2026-03-06T09:00"
    counts = await loaded.sweep(at)
    assert counts["letters"] >= 4 * 300
    heard = dict.fromkeys((people.COORDINATOR, people.DEPUTY, people.HEAD, people.PARTNERSHIP), 1)
    assert await _tells(loaded, at, "round-up") == heard
    assert {len(one.fields["tasks"]) for one in await told(loaded, "round-up")} == {300}
    assert await _tells(loaded, at, "reminder", "overdue") == heard
    assert all(one.urgent for one in await told(loaded, "overdue") if one.state == State.WAITING)


async def test_several_sweeps_of_one_day_are_still_one_letter_a_person(loaded: Driver) -> None:
    """What a later sweep of the same day finds waits for the next morning's digest, be it many letters or a few."""
    await _overdue(loaded, 24)
    for number, clock_time in ((2, "10:00"), (3, "11:00")):
        await _later(loaded, number, f"2026-03-04T{clock_time}")
    await loaded.sweep("2026-03-04T09:00")
    assert await _tells(loaded, "2026-03-04T09:00", *ROUTINE) == {people.DEPUTY: 1}
    for at in ("2026-03-04T10:00", "2026-03-04T11:00"):
        assert (await loaded.sweep(at))["letters"] == 1
        assert await _tells(loaded, at, *ROUTINE) == {people.DEPUTY: 1}
    await loaded.sweep("2026-03-04T17:00")
    assert await _tells(loaded, "2026-03-04T17:00", *ROUTINE) == {people.DEPUTY: 1, people.HEAD: 1}


async def _later(driver: Driver, number: int, due: str) -> None:
    """Give the nth concern's task another deadline."""
    concern = select(Concern.id).where(Concern.reference == _like(number)).scalar_subquery()
    moved = update(Task).where(col(Task.concern_id) == concern)
    await driver.act(_run, moved.values(due_at=instant(due), next_at=instant(due)))


async def test_few_letters_go_as_they_are(loaded: Driver) -> None:
    """As many as a day may bring beside its digest are not folded; the first beyond folds them all."""
    await _overdue(loaded, 5)
    await loaded.sweep(DUE)
    assert await _tells(loaded, DUE, *ROUTINE) == {people.DEPUTY: 5}
    await loaded.log(people.AMIRA, people.TEACHER, OPENED)
    await loaded.sweep(DUE)
    assert await _tells(loaded, DUE, *ROUTINE) == {people.DEPUTY: 1}


async def _run(session: Any, statement: Any) -> None:
    await session.exec(statement)
