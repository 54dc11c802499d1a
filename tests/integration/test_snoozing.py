"""Snoozing: reminders and lines of the morning's list wait for whoever owes the task; no deadline and no rung does.

Amira is watched since 2 March; the next look at her is due on Monday 27 April, and reminded of on Wednesday 22 April.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import col, select

from config.errors import BadInput
from models import staffing
from models.database import reading
from models.errors import NotFound, NotPermitted
from models.events import Happened
from models.record import Task
from models.snoozing import read_until, snooze
from notifications.desk import desks
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.timeline import clock, digest_at, happened, next_moment, settle, timeline, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TUESDAY, FRIDAY = "2026-04-21T09:00", "2026-04-24T08:00"


async def owed(driver: Driver) -> Task:
    """The open task."""
    (task,) = await driver.rows(select(Task).where(col(Task.closed_at).is_(None)))
    assert isinstance(task, Task)
    return task


async def put_off(driver: Driver, until: str, who: str = people.DSL, at: str = TUESDAY) -> Task:
    """Put the open task's reminders off."""
    task = await driver.act(snooze, (await owed(driver)).id, read_until(until), who, instant(at))
    assert isinstance(task, Task)
    return task


async def wrong(driver: Driver, at: str) -> list[str]:
    """What the reconciler finds, but for letters, which nobody sends here."""
    return [one.what for one in (await driver.check(at)).findings if not one.what.startswith("letter")]


async def test_the_reminder_moves_and_the_rungs_stay(loaded: Driver) -> None:
    """Reminded on Friday instead of Wednesday; overdue, everybody hears when they would have heard anyway."""
    await stories.watched(loaded)
    before = await owed(loaded)
    after = await put_off(loaded, "2026-04-24")
    assert (after.due_at, after.lapse_at, after.due_because) == (before.due_at, before.lapse_at, before.due_because)
    assert clock(await next_moment(loaded)) == "Fri 24 Apr 08:00"
    lines = await timeline(loaded, TUESDAY, "2026-04-29T09:00", "case_review")
    assert lines == [
        ("Fri 24 Apr 08:00", "reminder", "dana.okoro"),
        ("Mon 27 Apr 17:00", "overdue", "dana.okoro"),
        ("Tue 28 Apr 17:00", "overdue", "devan.pillai"),
    ]
    assert await wrong(loaded, "2026-04-29T09:00") == []


async def test_the_history_says_who_and_until_when(loaded: Driver) -> None:
    """One line for each: put off, put off to another day, and going on again."""
    reference = await stories.watched(loaded)
    await put_off(loaded, "2026-04-24")
    await put_off(loaded, "2026-04-23T12:00", at="2026-04-21T10:00")
    await put_off(loaded, "now", at="2026-04-21T11:00")
    assert (await owed(loaded)).snoozed_until is None
    assert [event.fields["until"] for event in await happened(loaded, Happened.SNOOZED)] == [
        "2026-04-24T07:00:00+00:00",
        "2026-04-23T11:00:00+00:00",
        None,
    ]
    kinds = (await loaded.history(reference))[-3:]
    assert kinds[0] == ("snoozed", people.DSL, "reminders put off until Fri 24 Apr 2026 08:00")
    assert kinds[2] == ("snoozed", people.DSL, "reminders go on")
    assert clock(await next_moment(loaded)) == "Wed 22 Apr 09:00"
    await settle(loaded, "2026-04-21T11:00")
    assert await wrong(loaded, "2026-04-21T12:00") == []


REFUSED = [
    pytest.param("2026-04-21T08:59", TUESDAY, people.DSL, "until: must be ahead", id="past"),
    pytest.param("2026-04-29", TUESDAY, people.DSL, "until: can be Mon 27 Apr 2026 16:59 at the latest", id="deadline"),
    pytest.param("2026-04-10", "2026-03-30T09:00", people.DSL, "until: can be Wed 8 Apr 2026 17:00", id="too far"),
    pytest.param("2026-04-29", "2026-04-28T09:00", people.DSL, "until: the task is overdue", id="overdue"),
    pytest.param("now", TUESDAY, people.DSL, "until: the reminders of this task are not put off", id="not put off"),
    pytest.param("2026-04-24", TUESDAY, people.HEAD, "as: .* may not put off these reminders", id="somebody else"),
    pytest.param("soon", TUESDAY, people.DSL, "until: write a day", id="unreadable"),
]


@pytest.mark.parametrize(("until", "at", "who", "said"), REFUSED)
async def test_what_is_refused_changes_nothing(loaded: Driver, until: str, at: str, who: str, said: str) -> None:
    """Past, too far, past the deadline, overdue, not one's own: one sentence says what would be possible."""
    await stories.watched(loaded)
    before = await loaded.dump()
    with pytest.raises((BadInput, NotPermitted), match=said):
        await put_off(loaded, until, who, at)
    assert await loaded.dump() == before


async def test_whoever_stands_in_may_and_the_next_owner_begins_anew(loaded: Driver) -> None:
    """The cover puts off; a task handed over is reminded of as if nobody had."""
    await stories.watched(loaded)
    leave = (people.DSL, date(2026, 4, 21), date(2026, 4, 21), people.DEPUTY)
    await loaded.act(staffing.leave, *leave, instant("2026-04-20T09:00"))
    task = await put_off(loaded, "2026-04-24", people.DEPUTY)
    await loaded.act(staffing.reassign, task.id, people.DEPUTY, "away", people.DSL, instant("2026-04-21T10:00"))
    assert (await owed(loaded)).snoozed_until is None
    assert clock(await next_moment(loaded)) == "Wed 22 Apr 09:00"


async def test_the_mornings_list_waits_too_until_it_is_overdue(loaded: Driver) -> None:
    """Due on Tuesday at 17:00 and put off at once: not on Tuesday's list, on Wednesday's, for then it is overdue."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await put_off(loaded, "2026-03-03T12:00", at="2026-03-02T09:30")
    assert await digest_at(loaded, "2026-03-03T08:00") == 0
    await loaded.sweep("2026-03-03T17:00")
    await digest_at(loaded, "2026-03-04T08:00")
    assert people.DSL in {one.to for one in await told(loaded, "morning-digest")}


async def test_it_is_on_nobodys_list_that_comes_for_something_else(loaded: Driver) -> None:
    """A list that goes anyway leaves it out while it is put off, and has it again from that morning on."""
    await stories.watched(loaded)
    await put_off(loaded, "2026-04-23")
    who = (await owed(loaded)).owner_id
    for day, listed in (("2026-04-22", 0), ("2026-04-23", 1), ("2026-04-28", 1)):
        at = instant(f"{day}T08:00")
        async with reading(loaded.engine) as session:
            assert len((await desks(session, {who: at}, at))[who].own) == listed


async def test_a_closed_task_has_no_reminders(loaded: Driver) -> None:
    """Nor has one that there is not."""
    await stories.watched(loaded)
    task = await owed(loaded)
    await loaded.do("continue", people.DSL, TUESDAY, reason="watch on")
    for gone in (task.id, UUID(int=0)):
        with pytest.raises(NotFound):
            await loaded.act(snooze, gone, instant(FRIDAY), people.DSL, instant(TUESDAY))
