"""Looking without changing: the JSON contract of tasks, show and reviews, and finding a task by its id."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select, update

from config.errors import BadInput
from models.errors import NotFound
from models.people import Person
from models.record import Task
from models.rules import Rule
from models.staffing import leave
from models.task_called import find_task
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.refusals import refused

AT = journeys.DECIDED_AT
TASK_KEYS = {"id", "kind", "concern", "setting", "owner", "due_at", "acknowledge_by", "due_because", "rung", "moves"}
SHOW_KEYS = {
    "reference",
    "status",
    "opened_at",
    "child_clock_days",
    "open_tasks",
    "events",
    "deliveries",
    "referral",
    "referrals",
}
EVENT_KEYS = {"kind", "happened_at", "recorded_at", "by", "because"}
REFERRAL_KEYS = {"rule", "raised_at", "hold_until", "sent_at", "stopped_at", "acknowledged_at", "decision"}
DELIVERY_KEYS = {"letter", "to", "state", "sent_at", "message_id"}


async def test_tasks_come_in_the_order_they_are_due(loaded: Driver) -> None:
    """Earliest deadline first, with every key of the contract, as JSON that survives a round trip."""
    await journeys.supporting(loaded)
    await loaded.log(people.DANIEL, people.TEACHER, journeys.ASSESSED_AT)
    tasks = await loaded.tasks(journeys.ASSESSED_AT)
    assert [task["kind"] for task in tasks] == ["dsl_review", "hold_review"]
    assert all(set(task) >= TASK_KEYS for task in tasks)
    assert json.loads(json.dumps(tasks)) == tasks
    assert datetime.fromisoformat(tasks[1]["due_at"]).utcoffset() is not None


async def test_tasks_for_somebody_are_what_they_owe_or_act_for(loaded: Driver) -> None:
    """While Dana is away Devan sees her task as his, and she still sees it as hers."""
    await journeys.logged(loaded)
    await loaded.act(leave, people.DSL, instant(AT).date(), instant(AT).date(), people.DEPUTY, instant(AT))
    for email, count in ((people.DSL, 1), (people.DEPUTY.upper(), 1), (people.HEAD, 0)):
        assert len(await loaded.tasks(AT, for_email=email)) == count
    async with refused(loaded, BadInput, "for: nobody@x.example is not a person in the record"):
        await loaded.tasks(AT, for_email="nobody@x.example")


async def test_overdue_tasks_are_those_whose_deadline_has_passed(loaded: Driver) -> None:
    """Overdue is a date: at 17:00 not yet, a minute later."""
    await journeys.logged(loaded)
    assert await loaded.tasks("2026-03-03T17:00", overdue=True) == []
    (task,) = await loaded.tasks("2026-03-03T17:01", overdue=True)
    assert (task["overdue"], task["rung"]) == (True, 0)


async def test_a_task_shows_the_rung_it_has_reached(loaded: Driver) -> None:
    """After the sweep at the deadline the first rung, a working day later the second."""
    await journeys.logged(loaded)
    rungs = []
    for at in ("2026-03-03T17:00", "2026-03-04T17:00"):
        await loaded.sweep(at)
        rungs.append((await loaded.task(at))["rung"])
    assert rungs == [1, 2]


async def test_show_has_every_key_of_the_contract(loaded: Driver) -> None:
    """People are addresses, instants carry their offset, the rule is one of the ids."""
    reference = await journeys.referred(loaded)
    await loaded.follow(AT)
    seen = await loaded.show(reference.lower(), AT)
    assert set(seen) >= SHOW_KEYS
    assert all(set(event) >= EVENT_KEYS for event in seen["events"])
    assert set(seen["referral"]) >= REFERRAL_KEYS
    assert Rule(seen["referral"]["rule"]) is Rule.DECISION
    assert seen["deliveries"]
    assert all(set(one) >= DELIVERY_KEYS and one["state"] == "waiting" for one in seen["deliveries"])
    assert json.loads(json.dumps(seen)) == seen


async def test_a_reference_that_is_none_is_refused(loaded: Driver) -> None:
    """And says what references look like."""
    async with refused(loaded, NotFound, "NC-1: no such concern; references look like NC-2026-00042"):
        await loaded.show("NC-1", AT)


async def test_the_record_can_be_looked_at_when_everybody_has_left(loaded: Driver) -> None:
    """A setting without anybody in post still shows its tasks, owned by who had them."""
    await journeys.logged(loaded)
    everybody = update(Person).values(left_on=instant(AT).date())
    await loaded.act(lambda session: session.exec(everybody))
    assert (await loaded.task(AT))["owner"] == people.DSL
    findings = (await loaded.check(journeys.LOGGED_AT)).findings
    assert [one.what.partition(") ")[2] for one in findings] == [f"is owned by {people.DSL}, who has left"]


# Reviews


async def test_reviews_come_overdue_first_with_what_was_found(loaded: Driver) -> None:
    """For a coordinator: the last outcomes, days without improvement, days left, postponements."""
    await journeys.supporting(loaded)
    await journeys.review(loaded, "unchanged")
    await loaded.log(people.DANIEL, people.TEACHER, "2026-04-20T09:00")
    await loaded.do("monitor", people.DSL, "2026-04-20T10:00", concern="NC-2026-00002", reason="r")
    found = await loaded.reviews("2026-05-26T09:00")
    assert [(one["concern"], one["kind"], one["overdue"]) for one in found] == [
        ("NC-2026-00001", "hold_review", True),
        ("NC-2026-00002", "case_review", False),
    ]
    first = found[0]
    assert (first["last_outcomes"], first["unchanged_running"], first["postponed"]) == (["unchanged"], 1, 0)
    assert (first["days_without_improvement"], first["days_left"]) == (85, -4)


async def test_reviews_are_of_one_area_when_asked(loaded: Driver) -> None:
    """A coordinator's list holds their own area's."""
    for child, who, dsl in (
        (people.AMIRA, people.TEACHER, people.DSL),
        (people.ELSIE, people.KEY_PERSON, people.SUNBEAMS_DSL),
    ):
        logged = await loaded.log(child, who, journeys.LOGGED_AT)
        await loaded.do("monitor", dsl, AT, concern=logged.reference, reason="r")
    areas = [[one["area"] for one in await loaded.reviews(AT, area)] for area in (None, people.DERBY, "nowhere")]
    assert areas == [[people.DERBYSHIRE, people.DERBY], [people.DERBY], []]


# Finding a task


async def test_a_task_is_found_by_the_beginning_of_its_id(loaded: Driver) -> None:
    """By the whole id, or six characters or more of it, with or without its dashes."""
    await journeys.logged(loaded)
    task = UUID((await loaded.task(AT))["id"])
    for name in (str(task), str(task)[:8], task.hex[:6].upper(), str(task)[:13], f" {task.hex[:12]}"):
        assert await loaded.act(find_task, name) == task


async def test_what_is_no_task_is_refused(loaded: Driver) -> None:
    """Too short, not of the right letters, or of no task."""
    await journeys.logged(loaded)
    for name in ("", "abc", "nosuch", "fffffffe", "x" * 40):
        said = f"task: {name} is not a task; `pathway tasks` lists the open ones"
        async with refused(loaded, NotFound, said):
            await loaded.act(find_task, name)


async def test_a_beginning_that_fits_two_tasks_asks_for_more(loaded: Driver) -> None:
    """Nobody's move lands on a task that was not meant."""
    await journeys.referred(loaded)
    twins = [UUID("abcdef00-0000-4000-8000-000000000001"), UUID("abcdef00-0000-4000-8000-000000000002")]
    tasks = await loaded.rows(select(Task).where(col(Task.closed_at).is_(None)))
    for task, twin in zip(tasks, twins, strict=True):
        renamed = update(Task).where(col(Task.id) == task.id).values(id=twin)
        await loaded.act(lambda session, one=renamed: session.exec(one))
    said = "task: abcdef00 fits several tasks; give more of it; `pathway tasks` lists the open ones"
    async with refused(loaded, NotFound, said):
        await loaded.act(find_task, "abcdef00")
