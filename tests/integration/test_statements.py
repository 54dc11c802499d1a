"""The daily statement: each day once, its figures add up, and what was signed cannot be changed unseen."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, delete, select, update

from flows import checking
from models.database import reading
from models.obligations import COUNTS
from models.people import Person
from models.reconcile import Statement
from models.record import Event, Task
from models.standing import DailyStatement
from models.statements import NotCovered, chain_breaks, is_clean, make_statements, say, still_stands
from models.telling import Delivery
from tests import people
from tests.driver import GRACE, Driver, instant
from tests.integration import journeys
from tests.integration.timeline import settle

TUESDAY = "2026-03-04T00:20"  # the first hourly check after Tuesday 3 March, on which the decision was due
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def made(driver: Driver, at: str, found: NotCovered | None = None) -> list[DailyStatement]:
    """The statements that are made at an instant."""
    rows: list[DailyStatement] = await driver.act(make_statements, instant(at), GRACE, found or NotCovered())
    return rows


async def kept(driver: Driver) -> list[DailyStatement]:
    """The statements there are, oldest first."""
    return await driver.rows(select(DailyStatement).order_by(col(DailyStatement.day)))


async def broken(driver: Driver) -> list[str]:
    """What is wrong with them."""
    async with reading(driver.engine) as session:
        return await chain_breaks(session)


async def swept(driver: Driver, *moments: str) -> None:
    """Amira's concern is logged, and the pathway works at these moments."""
    await journeys.logged(driver)
    await settle(driver, journeys.LOGGED_AT)
    for at in moments:
        await driver.sweep(at)


async def test_each_day_has_one_statement(loaded: Driver) -> None:
    """From the first day on which something was recorded, once it is over; asked again, nothing is added."""
    assert await made(loaded, "2026-03-02T07:20") == []
    await swept(loaded, "2026-03-03T17:00")
    assert await made(loaded, "2026-03-02T23:59") == []
    assert [one.day for one in await made(loaded, TUESDAY)] == [date(2026, 3, 2), date(2026, 3, 3)]
    assert await made(loaded, TUESDAY) == []
    assert [one.day for one in await made(loaded, "2026-03-07T09:20")] == [date(2026, 3, day) for day in (4, 5, 6)]
    assert await broken(loaded) == []
    assert all(still_stands(one) for one in await kept(loaded))


async def test_two_at_once_make_each_day_once(loaded: Driver) -> None:
    """Two clocks, or a clock and a person: one chain."""
    await swept(loaded)
    await asyncio.gather(*(made(loaded, "2026-03-12T00:20") for _ in range(3)))
    assert len(await kept(loaded)) == 10
    assert await broken(loaded) == []


@on_sqlite
async def test_a_record_without_statements_begins_a_month_back(loaded: Driver) -> None:
    """Days of long ago are stated by nobody who was there."""
    await swept(loaded)
    days = [one.day for one in await made(loaded, "2026-12-01T00:20")]
    assert (days[0], days[-1]) == (date(2026, 10, 30), date(2026, 11, 30))


FATES: list[tuple[str, list[str], dict[str, Any] | None, str]] = [
    ("met", [], {"move": "monitor", "at": "2026-03-03T16:59"}, "1 obligation was due, and it was met or escalated"),
    ("escalated", ["2026-03-03T17:00"], None, "1 obligation was due, and it was met or escalated"),
    (
        "met_late",
        ["2026-03-03T17:00"],
        {"move": "monitor", "at": "2026-03-03T18:00"},
        "1 obligation was due, and it was met or escalated",
    ),
    (
        "met_late",
        [],
        {"move": "monitor", "at": "2026-03-03T17:10"},
        "1 obligation was due, and it was met or escalated",
    ),
    ("missed", [], {"move": "monitor", "at": "2026-03-03T18:00"}, "1 obligation was due, and 1 was missed"),
    ("missed", [], None, "1 obligation was due, and 1 was missed"),
]


@on_sqlite
@pytest.mark.parametrize(("fate", "sweeps", "move", "said"), FATES)
async def test_every_obligation_has_one_fate(
    loaded: Driver, fate: str, sweeps: list[str], move: dict[str, Any] | None, said: str
) -> None:
    """Met, met late, somebody heard, or missed: the figures add up to what was due."""
    await swept(loaded, *sweeps)
    if move:
        await loaded.do(move["move"], people.DSL, move["at"], reason="One coat is not a pattern.")
    tuesday = (await made(loaded, TUESDAY))[-1]
    assert {name: number for name, number in tuesday.counts.items() if number} == {"due": 1, fate: 1}
    assert sum(tuesday.counts[name] for name in COUNTS[1:]) == tuesday.counts["due"]
    assert (say(tuesday), is_clean(tuesday)) == (said, fate != "missed")
    assert [one["reference"] for one in tuesday.findings] == (["NC-2026-00001"] if fate == "missed" else [])


@on_sqlite
async def test_what_ends_by_itself_was_not_missed(loaded: Driver) -> None:
    """A lapse is no miss: silence became a disagreement, and its first stage went up."""
    await journeys.referred(loaded)
    for at in ("2026-03-04T09:00", "2026-03-05T09:00", "2026-03-05T17:00", "2026-03-09T17:00"):
        await loaded.sweep(at)
    counts = {one.day.day: one.counts for one in await made(loaded, "2026-03-10T00:20")}
    assert (counts[3]["due"], counts[3]["ended_by_itself"], counts[3]["missed"]) == (3, 2, 0)
    assert (counts[9]["due"], counts[9]["ended_by_itself"]) == (1, 1)


@on_sqlite
async def test_what_was_not_covered_is_of_the_day_it_was_found_after(loaded: Driver) -> None:
    """Days that are caught up on say what was due; only the newest says what the check finds now."""
    await swept(loaded, "2026-03-03T17:00")
    rows = await made(loaded, TUESDAY, NotCovered(7, (("NC-2026-00001", "something"),)))
    assert [one.counts["not_covered"] for one in rows] == [0, 7]
    assert rows[1].findings == [{"reference": "NC-2026-00001", "what": "something"}]
    assert say(rows[1]).endswith("; 7 things were not covered")


CHANGED = [
    (
        update(DailyStatement).where(col(DailyStatement.day) == date(2026, 3, 3)).values(counts={"due": 0}),
        ["the statement of 2026-03-03 was changed after it was signed"],
    ),
    (
        update(DailyStatement).where(col(DailyStatement.day) == date(2026, 3, 3)).values(signature="x" * 43),
        ["the statement of 2026-03-03 is not signed by this installation"],
    ),
    (
        delete(DailyStatement).where(col(DailyStatement.day) == date(2026, 3, 3)),
        [
            "the statement of 2026-03-04 does not follow the one before it",
            "the statement of 2026-03-04 follows that of 2026-03-02: days between are gone",
        ],
    ),
    (
        delete(DailyStatement).where(col(DailyStatement.day) == date(2026, 3, 2)),
        ["the statement of 2026-03-03 does not follow the one before it"],
    ),
]


@pytest.mark.parametrize(("change", "said"), CHANGED)
async def test_a_statement_that_was_changed_or_taken_out_shows(loaded: Driver, change: Any, said: list[str]) -> None:
    """Each by its own sentence, in the check too."""
    await swept(loaded, "2026-03-03T17:00", "2026-03-04T17:00")
    await made(loaded, "2026-03-05T00:20")
    await loaded.act(lambda session: session.exec(change))
    assert await broken(loaded) == said
    statement = await checking.check(loaded.engine, instant("2026-03-05T00:20"))
    assert [one.what for one in statement.findings if one.reference == "statements"] == said


@on_sqlite
async def test_administrators_hear_of_a_day_that_is_not_clean(loaded: Driver) -> None:
    """One letter for all days that are stated together, once; a clean day is no news."""
    await swept(loaded)
    clean = Statement(instant(TUESDAY))
    assert await checking.state_days(loaded.engine, clean, instant(TUESDAY)) == 2
    assert await checking.state_days(loaded.engine, clean, instant(TUESDAY)) == 0
    told = select(Person.email, Delivery.slot, Delivery.fields).join(Delivery)
    told = told.where(Delivery.letter == "day-not-clean")
    assert await loaded.rows(told) == [(people.ADMIN, "2026-03-03", {"count": 1})]
    later = instant(TUESDAY) + timedelta(days=1)
    assert await checking.state_days(loaded.engine, Statement(later), later) == 1
    assert len(await loaded.rows(told)) == 1


@on_sqlite
async def test_a_statement_names_no_child(loaded: Driver) -> None:
    """References, kinds and counts."""
    await swept(loaded)
    rows = await made(loaded, TUESDAY)
    assert people.planted_in(str([one.model_dump() for one in rows])) == []


@on_sqlite
async def test_a_done_time_of_paper_counts(loaded: Driver) -> None:
    """What was done in time and entered the next day was met."""
    await swept(loaded, "2026-03-03T17:00")
    paper: dict[str, Any] = {"reason": "One coat is not a pattern.", "done_at": instant("2026-03-03T11:00")}
    await loaded.do("monitor", people.DSL, "2026-03-03T20:00", **paper)
    assert (await loaded.rows(select(Task.done_at).where(Task.kind == "dsl_review")))[0] is not None
    assert len(await loaded.rows(select(Event).where(Event.kind == "monitored"))) == 1
    assert (await made(loaded, TUESDAY))[-1].counts["met"] == 1
