"""Several at once: the second is told what the first did, sweeps do a thing once, and nothing half done is kept."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case import concern_called, take_up
from models.casework import count_open, make_move
from models.database import writing
from models.errors import AlreadyDone
from models.events import Happened
from models.lifecycle import Status
from models.policies import choose_default
from models.record import Concern, Event, Referral, Task
from models.retrying import once_more
from models.telling import Delivery
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.policies import with_change
from tests.integration.refusals import refused

AT = journeys.DECIDED_AT


async def test_two_people_decide_at_once_and_the_second_is_told_what_the_first_did(loaded: Driver) -> None:
    """One decision counts; the other learns who made it, what it was and when, and changed nothing."""
    reference = await journeys.logged(loaded)
    task = await loaded.task(AT)
    answers = await asyncio.gather(
        loaded.do_task(task["id"], "monitor", people.DSL, AT, reason="Watch."),
        loaded.do_task(task["id"], "early_help", people.DEPUTY, AT, reason="Help.", lead=people.LEAD),
        return_exceptions=True,
    )
    second = [one for one in answers if isinstance(one, AlreadyDone)]
    first = (await loaded.history(reference))[-1]
    name = {people.DSL: f"Dana Okoro ({people.DSL})", people.DEPUTY: f"Devan Pillai ({people.DEPUTY})"}[first[1]]
    move = {"monitored": "monitor", "early_help_decided": "early_help"}[first[0]]
    said = f"{name} was first: {move} at 10:00 on 2 Mar 2026; nothing of yours was changed"
    assert [str(one) for one in second] == [f"task {task['id'][:8]} (dsl_review): {said}"]
    assert len(await loaded.history(reference)) == 2


async def test_a_decision_made_again_later_is_told_who_was_first(loaded: Driver) -> None:
    """Not only at the same moment: a task that is closed answers with its history."""
    await journeys.logged(loaded)
    task = await loaded.task(AT)
    await loaded.do("monitor", people.DSL, AT, reason="Watch.")
    first = f"Dana Okoro ({people.DSL}) was first: monitor at 10:00 on 2 Mar 2026"
    said = f"task {task['id'][:8]} (dsl_review): {first}; nothing of yours was changed"
    async with refused(loaded, AlreadyDone, said):
        await loaded.do_task(task["id"], "monitor", people.DSL, "2026-03-02T10:05", reason="Watch.")


async def test_a_page_that_is_out_of_date_decides_nothing(loaded: Driver) -> None:
    """Given the version that was seen, a move on a concern that changed since is refused with what changed it."""
    await journeys.logged(loaded)
    (seen,) = await loaded.rows(select(Concern))
    task = await loaded.task(AT)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T09:30")
    said = f"NC-2026-00001: Asha Lindley ({people.ASSISTANT}) was first: joined at 09:30 on 2 Mar 2026; …"
    async with refused(loaded, AlreadyDone, said):
        await _decide(loaded, task["id"], seen.version)
    await _decide(loaded, task["id"], seen.version + 1)


async def _decide(driver: Driver, task_id: str, version: int) -> None:
    fields = {"reason": "Watch."}
    await driver.act(make_move, UUID(task_id), "monitor", fields, people.DSL, instant(AT), version)


async def test_a_change_that_was_overtaken_is_not_written(loaded: Driver) -> None:
    """The version is claimed with the change: whoever read an older one writes nothing."""
    reference = await journeys.logged(loaded)
    said = f"{reference}: Tessa Brook ({people.TEACHER}) was first: logged at 09:00 on 2 Mar 2026; …"
    async with refused(loaded, AlreadyDone, said):
        await loaded.act(_overtaken, reference)


async def _overtaken(session: AsyncSession, reference: str) -> None:
    case = await take_up(session, await concern_called(session, reference), instant(AT), None)
    other = update(Concern).values(version=col(Concern.version) + 1).execution_options(synchronize_session=False)
    await session.exec(other)
    case.record(Happened.NOTED, "r")
    await case.settle()


async def test_an_open_concern_without_a_task_cannot_be_committed(loaded: Driver) -> None:
    """Whatever the code forgets, the record refuses to let go of a child."""
    reference = await journeys.logged(loaded)
    async with refused(loaded, RuntimeError, f"{reference} would be MONITORING without a task"):
        await loaded.act(_forgotten, reference)


async def _forgotten(session: AsyncSession, reference: str) -> None:
    case = await take_up(session, await concern_called(session, reference), instant(AT), None)
    case.move_to(Status.MONITORING, "monitor")
    case.record(Happened.MONITORED, "r")
    await case.settle()


async def test_a_task_that_changed_without_an_event_cannot_be_committed(loaded: Driver) -> None:
    """Nothing changes outside the history."""
    reference = await journeys.supporting(loaded)

    async def silent(session: AsyncSession) -> None:
        case = await take_up(session, await concern_called(session, reference), instant(AT), None)
        case.closed.append(next(iter(case.tasks.values())))
        await case.settle()

    async with refused(loaded, RuntimeError, f"{reference}: tasks changed without an event"):
        await loaded.act(silent)


async def test_a_transaction_that_fails_leaves_nothing(loaded: Driver) -> None:
    """Killed between the change and the commit, the record is as it was."""
    await journeys.logged(loaded)
    task = await loaded.task(AT)

    async def killed(session: AsyncSession) -> None:
        await make_move(session, UUID(task["id"]), "monitor", {"reason": "r"}, people.DSL, instant(AT))
        raise asyncio.CancelledError

    async with refused(loaded, asyncio.CancelledError, ""):
        await loaded.act(killed)


async def test_looking_never_waits_for_a_writer(loaded: Driver) -> None:
    """While somebody writes, others read what was there before."""
    await journeys.logged(loaded)
    async with writing(loaded.engine) as session:
        await session.exec(update(Concern).values(level=3))
        assert len(await asyncio.wait_for(loaded.tasks(AT), 10)) == 1
        assert await count_open(session) == 1


# Sweeps


async def test_eight_sweeps_at_once_say_a_thing_once(loaded: Driver) -> None:
    """One rung, one event, one letter to each person, however many clocks run."""
    for child in (people.AMIRA, people.DANIEL, people.IFEOMA):
        await loaded.log(child, people.TEACHER, journeys.LOGGED_AT)
    await asyncio.gather(*(loaded.sweep("2026-03-03T17:00") for _ in range(8)))
    escalated = await loaded.rows(select(Event.concern_id).where(Event.kind == Happened.ESCALATED))
    assert len(escalated) == len(set(escalated)) == 3
    letters = await loaded.rows(select(Delivery.task_id).where(Delivery.letter == "overdue"))
    assert len(letters) == len(set(letters)) == 3
    assert (await loaded.sweep("2026-03-03T17:00"))["said"] == 0


async def test_eight_sweeps_at_once_send_a_held_referral_once(loaded: Driver) -> None:
    """A lapse is done by one of them."""
    await journeys.persisting(loaded)
    done = await asyncio.gather(*(loaded.sweep("2026-05-22T17:00") for _ in range(8)))
    assert sum(one["lapsed"] for one in done) == 1
    assert len(await loaded.rows(select(Event).where(Event.kind == Happened.REFERRAL_SENT))) == 1
    (referral,) = await loaded.rows(select(Referral))
    assert referral.sent_at == instant("2026-05-22T17:00")


async def test_a_stop_and_the_holds_end_at_once_have_one_outcome(loaded: Driver) -> None:
    """Sent or stopped, never both and never neither."""
    reference = await journeys.persisting(loaded)
    task = await loaded.task(journeys.SECOND_REVIEW_AT)
    await asyncio.gather(
        loaded.sweep("2026-05-22T17:00"),
        loaded.do_task(task["id"], "stop", people.DSL, "2026-05-22T17:00", reason="The boiler came."),
        return_exceptions=True,
    )
    referral = (await loaded.show(reference, "2026-05-22T17:00"))["referral"]
    assert bool(referral["sent_at"]) != bool(referral["stopped_at"])
    assert (await loaded.sweep("2026-05-22T17:00"))["failed"] == 0


# Trying again


async def test_a_crossed_transaction_is_tried_again_and_then_said_plainly() -> None:
    """Two unique rows at once: the second try meets the first's result; crossed every time it says so."""
    tried = []

    async def crossed() -> str:
        tried.append(1)
        if len(tried) < 3:
            raise IntegrityError("insert", {}, Exception("duplicate key value violates unique constraint"))
        return "done"

    assert await once_more(crossed) == "done"
    tried.clear()

    async def always() -> None:
        raise OperationalError("update", {}, Exception("deadlock detected"))

    with pytest.raises(AlreadyDone, match=r"^somebody changed this at the same moment"):
        await once_more(always)


async def test_another_trouble_of_the_database_is_not_called_a_crossing() -> None:
    """A full disk is a full disk."""

    async def full() -> None:
        raise OperationalError("insert", {}, Exception("database or disk is full"))

    with pytest.raises(OperationalError, match="disk is full"):
        await once_more(full)


# Policies


async def test_a_clock_in_force_when_a_task_was_opened_stays_with_it(loaded: Driver) -> None:
    """A policy that changes on the way moves no reminder of a task that is open already."""
    earlier = "review_reminder_lead_second: {value: 1, unit: working_days, basis: D, source: proposal}"
    await loaded.act(choose_default, *with_change("2026-03-23", earlier))
    await journeys.supporting(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-24T09:00")
    await loaded.do("bring_forward", people.DSL, "2026-03-24T10:00", reason="Again.")
    (task,) = await loaded.rows(select(Task).where(Task.kind == "hold_review"))
    assert (task.policy_from, task.next_at) == (date(2024, 1, 1), instant("2026-03-26T09:00"))


async def test_a_policy_that_changes_sets_the_clocks_of_what_is_opened_then(loaded: Driver) -> None:
    """From its day on, the new figure; an area's tasks name the policy they follow."""
    slower = "dsl_decision_due: {value: 2, unit: working_days, basis: D, source: proposal}"
    await loaded.act(choose_default, *with_change("2026-03-03", slower))
    await journeys.logged(loaded)
    await loaded.log(people.DANIEL, people.TEACHER, "2026-03-03T09:00")
    dues: list[Any] = [task["due_because"] for task in await loaded.tasks("2026-03-03T09:00")]
    assert dues == [
        "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar; policy testshire, dsl_decision_due",
        "Thu 5 Mar 2026 17:00: 2 working days from Tue 3 Mar; policy testshire, dsl_decision_due",
    ]
