"""Acted on within one working day, from the record: letters that were sent, and lines of history that people made."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, update

from models.alerts import Acted, acted_by_policy
from models.database import reading
from models.snoozing import read_until, snooze
from models.telling import Delivery, State
from tests import people
from tests.driver import Driver, When, instant
from tests.integration import stories
from tests.integration.timeline import settle

MONDAY = "2026-03-02T09:00"


async def sent(driver: Driver, at: When) -> None:
    """Whatever waits was sent at this instant."""
    waiting = update(Delivery).where(col(Delivery.state) == State.WAITING)
    await driver.act(lambda session: session.exec(waiting.values(state=State.SENT, sent_at=instant(at))))


async def acted(driver: Driver, at: When) -> dict[str, Acted]:
    """What the figure says at an instant."""
    async with reading(driver.engine) as session:
        return (await acted_by_policy(session, instant(at)))[0]


async def test_what_people_do_counts_and_what_the_pathway_does_does_not(loaded: Driver) -> None:
    """An acknowledgement in time answers the letter of a new task; neither a rung nor a snooze does."""
    await stories.logged(loaded)
    await sent(loaded, MONDAY)
    assert await acted(loaded, "2026-03-02T10:00") == {"task-opened": Acted(0, 0, 1)}
    task = await loaded.task(MONDAY, kind="dsl_review")
    await loaded.act(snooze, UUID(task["id"]), read_until("2026-03-03"), people.DSL, instant("2026-03-02T10:00"))
    assert await acted(loaded, "2026-03-02T10:30") == {"task-opened": Acted(0, 0, 1)}
    await loaded.do("acknowledge", people.DSL, "2026-03-02T11:00")
    assert await acted(loaded, "2026-03-02T11:00") == {"task-opened": Acted(1, 1, 0)}
    await loaded.sweep("2026-03-03T17:00")
    await sent(loaded, "2026-03-03T17:00")
    await loaded.sweep("2026-03-04T17:00")
    await settle(loaded, "2026-03-04T17:00")
    assert (await acted(loaded, "2026-03-05T17:00"))["overdue"] == Acted(1, 0, 0)


async def test_only_the_last_four_weeks_and_only_what_was_sent(loaded: Driver) -> None:
    """A letter that waits, or was withdrawn, was never read; an old one says nothing of today."""
    await stories.logged(loaded)
    assert await acted(loaded, MONDAY) == {}
    await sent(loaded, MONDAY)
    assert await acted(loaded, "2026-03-30T08:00") == {"task-opened": Acted(1, 0, 0)}
    assert await acted(loaded, "2026-03-30T10:00") == {}
