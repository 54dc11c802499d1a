"""People come and go and tasks stay owned: leave, cover, leavers, refused addresses, reassigning."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from config.errors import BadInput
from models.errors import NobodyThere, NotFound, NotPermitted
from models.people import Absence, Person
from models.staffing import leave, left, reassign
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.refusals import refused

AT = journeys.DECIDED_AT
TODAY, TOMORROW = date(2026, 3, 2), date(2026, 3, 3)


async def _away(driver: Driver, email: str, cover: str | None = None, last: date = TOMORROW) -> None:
    await driver.act(leave, email, TODAY, last, cover, instant(AT))


async def _left(driver: Driver, email: str, to: str | None = None) -> list[Any]:
    moved: list[Any] = await driver.act(left, email, TODAY, to, "moved to another school", instant(AT))
    return moved


# Leave


async def test_leave_passes_what_is_owed_to_the_cover_and_back(loaded: Driver) -> None:
    """Resolved on the day it matters: the task stays Dana's, Piotr acts for two days, then Dana again."""
    await journeys.logged(loaded)
    await _away(loaded, people.DSL, people.ASHDOWN_DEPUTY)
    for at, acts in (
        (AT, people.ASHDOWN_DEPUTY),
        ("2026-03-03T23:59", people.ASHDOWN_DEPUTY),
        ("2026-03-04T00:00", people.DSL),
    ):
        task = await loaded.task(at)
        assert (task["owner"], task["owed_by"]) == (acts, people.DSL)
    assert (await loaded.do("monitor", people.ASHDOWN_DEPUTY, AT, reason="r")).status == "MONITORING"


async def test_without_cover_the_next_role_up_acts(loaded: Driver) -> None:
    """DSL away: the deputy; both away: the head; all three: early help's coordinator."""
    await journeys.logged(loaded)
    acted = []
    for email in (people.DSL, people.DEPUTY, people.HEAD):
        await _away(loaded, email)
        acted.append((await loaded.task(AT))["owner"])
    assert acted == [people.DEPUTY, people.HEAD, people.COORDINATOR]


async def test_a_new_task_goes_to_who_is_there(loaded: Driver) -> None:
    """A concern logged while the DSL is away is the deputy's, and stays so."""
    await _away(loaded, people.DSL)
    await journeys.logged(loaded)
    task = await loaded.task("2026-03-04T09:00")
    assert (task["owner"], task["owed_by"]) == (people.DEPUTY, people.DEPUTY)


async def test_cover_that_is_away_is_covered_in_turn_and_circles_end(loaded: Driver) -> None:
    """Dana's cover is Devan, Devan's is Harriet; Harriet's being Dana sends nobody round for ever."""
    await journeys.logged(loaded)
    await _away(loaded, people.DSL, people.DEPUTY)
    await _away(loaded, people.DEPUTY, people.HEAD)
    assert (await loaded.task(AT))["owner"] == people.HEAD
    await _away(loaded, people.HEAD, people.DSL)
    assert (await loaded.task(AT))["owner"] == people.COORDINATOR


async def test_a_lead_who_is_away_is_covered_by_the_dsl(loaded: Driver) -> None:
    """Somebody owing by name has no role above; the DSL acts."""
    await journeys.supporting(loaded)
    await loaded.act(leave, people.LEAD, date(2026, 4, 13), date(2026, 4, 13), None, instant(AT))
    assert (await loaded.task(journeys.REVIEWED_AT))["owner"] == people.DSL


async def test_a_concern_is_never_turned_away_because_everybody_is_on_leave(loaded: Driver) -> None:
    """With nobody at work at all, the DSL in post owns it."""
    everyone = (people.DSL, people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP, people.ADMIN)
    for email in everyone:
        await _away(loaded, email)
    await journeys.logged(loaded)
    assert (await loaded.task(AT))["owner"] == people.DSL


async def test_leave_recorded_again_changes_its_cover(loaded: Driver) -> None:
    """The same days are one absence."""
    await _away(loaded, people.DSL)
    await _away(loaded, people.DSL, people.HEAD)
    absences = await loaded.rows(select(Absence))
    (head,) = await loaded.rows(select(Person).where(Person.email == people.HEAD))
    assert [one.cover_id for one in absences] == [head.id]


@pytest.mark.parametrize(
    ("email", "last", "cover", "said"),
    [
        (
            "nobody@oakfield.example",
            TOMORROW,
            None,
            "email: nobody@oakfield.example is not a person in the record; load a roster that names them",
        ),
        (people.DSL, date(2026, 3, 1), None, "to: is before from"),
        (
            people.DSL,
            TOMORROW,
            "x@y.example",
            "cover: x@y.example is not a person in the record; load a roster that names them",
        ),
        (people.DSL, TOMORROW, people.DSL, "cover: must be somebody else"),
    ],
)
async def test_wrong_leave_is_refused(loaded: Driver, email: str, last: date, cover: str | None, said: str) -> None:
    """A stranger's leave, days in the wrong order, a stranger or oneself as cover."""
    async with refused(loaded, BadInput, said):
        await _away(loaded, email, cover, last)


# Leavers


async def test_a_leaver_who_owes_something_must_name_who_takes_it(loaded: Driver) -> None:
    """Refused until somebody is named; then the task is theirs with its deadline, and the history says so."""
    reference = await journeys.logged(loaded)
    before = await loaded.owed(AT)
    said = f"to: {people.DSL} still owes 1 open task(s); name who takes them with --to"
    async with refused(loaded, BadInput, said):
        await _left(loaded, people.DSL)
    assert len(await _left(loaded, people.DSL, people.DEPUTY)) == 1
    assert await loaded.owed(AT) == {"dsl_review": (people.DEPUTY, before["dsl_review"][1])}
    assert (await loaded.history(reference))[-1] == ("reassigned", "pathway", "moved to another school")


async def test_a_leaver_who_owes_nothing_just_leaves(loaded: Driver) -> None:
    """And may no longer log or decide."""
    assert await _left(loaded, people.TEACHER) == []
    async with refused(loaded, BadInput, f"as: {people.TEACHER} left on Mon 2 Mar 2026"):
        await journeys.logged(loaded)


@pytest.mark.parametrize(
    ("email", "to", "error", "said"),
    [
        ("x@y.example", None, NotFound, "email: x@y.example is not a person in the record"),
        (people.DSL, people.DSL, BadInput, "to: must be somebody else than the person who left"),
        (
            people.DSL,
            "x@y.example",
            BadInput,
            "to: x@y.example is not a person in the record; load a roster that names them",
        ),
    ],
)
async def test_a_wrong_leaving_is_refused(
    loaded: Driver, email: str, to: str | None, error: type[Exception], said: str
) -> None:
    """Of a stranger, to oneself, to a stranger."""
    await journeys.logged(loaded)
    async with refused(loaded, error, said):
        await _left(loaded, email, to)


async def test_a_leaver_in_the_roster_is_followed_by_the_sweep(loaded: Driver) -> None:
    """However a leaver came to be known, their open tasks go to who acts in their role with the next sweep."""
    reference = await journeys.logged(loaded)
    person = next(row for row in people.roster()["people"] if row["email"] == people.DSL)
    await loaded.load({"people": [person | {"left": "2026-03-02"}]}, AT)
    assert (await loaded.sweep(AT))["rescued"] == 1
    assert (await loaded.task(AT))["owed_by"] == people.DEPUTY
    assert (await loaded.history(reference))[-1] == (
        "reassigned",
        "pathway",
        "its owner has left or cannot be reached",
    )
    assert (await loaded.sweep(AT))["rescued"] == 0


async def test_a_day_of_leaving_to_come_changes_nothing_yet(loaded: Driver) -> None:
    """Until then they owe what they owe; from that day on another does."""
    await journeys.logged(loaded)
    person = next(row for row in people.roster()["people"] if row["email"] == people.DSL)
    await loaded.load({"people": [person | {"left": "2026-03-03"}]}, AT)
    assert (await loaded.sweep("2026-03-02T23:59"))["rescued"] == 0
    assert (await loaded.sweep("2026-03-03T00:00"))["rescued"] == 1


async def test_an_address_that_refuses_letters_owns_nothing_for_long(loaded: Driver) -> None:
    """Who cannot be reached is not left in charge; loading the address again makes it good."""
    await journeys.logged(loaded)
    refused = update(Person).where(col(Person.email) == people.DSL).values(refused_at=instant(AT))
    await loaded.act(lambda session: session.exec(refused))
    await loaded.sweep(AT)
    assert (await loaded.task(AT))["owed_by"] == people.DEPUTY
    await loaded.load(at=AT)
    (dana,) = await loaded.rows(select(Person).where(Person.email == people.DSL))
    assert dana.refused_at is None


async def test_without_anybody_in_post_logging_says_what_is_missing(driver: Driver) -> None:
    """A roster with a teacher and a child and nobody who safeguards cannot carry a concern."""
    roster = people.roster()
    roster["people"] = [row for row in roster["people"] if row["email"] == people.TEACHER]
    await driver.load(roster)
    said = "roster: nobody in post could own this; load a roster with a DSL, deputy or head of the setting"
    async with refused(driver, NobodyThere, said):
        await journeys.logged(driver)


# Reassigning


async def _reassign(driver: Driver, to: str, by: str, reason: str = "Dana is on a course.") -> None:
    task = await driver.task(AT)
    await driver.act(reassign, UUID(task["id"]), to, reason, by, instant(AT))


@pytest.mark.parametrize("by", [people.DSL, people.COORDINATOR, people.ADMIN])
async def test_a_task_is_given_to_somebody_else_and_keeps_its_deadline(loaded: Driver, by: str) -> None:
    """By its owner or whoever stands over it; the deadline belongs to the child."""
    reference = await journeys.logged(loaded)
    before = await loaded.owed(AT)
    await _reassign(loaded, people.DEPUTY.upper(), by)
    assert await loaded.owed(AT) == {"dsl_review": (people.DEPUTY, before["dsl_review"][1])}
    event = (await loaded.show(reference, AT))["events"][-1]
    assert (event["kind"], event["by"], event["because"]) == ("reassigned", by, "Dana is on a course.")
    assert event["fields"] == {"from": people.DSL, "to": people.DEPUTY}


@pytest.mark.parametrize(
    ("to", "by", "reason", "error", "said"),
    [
        (
            people.DEPUTY,
            people.TEACHER,
            "r",
            NotPermitted,
            f"as: {people.TEACHER} may not reassign this task; its owner, the DSL, deputy, head or coordinator may",
        ),
        (
            "x@y.example",
            people.DSL,
            "r",
            BadInput,
            "to: x@y.example is not a person in the record; load a roster that names them",
        ),
        (people.DEPUTY, people.DSL, "", BadInput, "reason: string should have at least 1 character"),
        (people.DEPUTY, people.DSL, "x" * 20_001, BadInput, "reason: string should have at most 20000 characters"),
    ],
    ids=["teacher", "stranger", "no reason", "long reason"],
)
async def test_a_wrong_reassignment_is_refused(
    loaded: Driver, to: str, by: str, reason: str, error: type[Exception], said: str
) -> None:
    """By who may not, to a stranger, or without a reason of a sensible length."""
    await journeys.logged(loaded)
    async with refused(loaded, error, said):
        await _reassign(loaded, to, by, reason)


async def test_a_task_that_is_done_is_not_reassigned(loaded: Driver) -> None:
    """Nor one that never was."""
    await journeys.logged(loaded)
    task = await loaded.task(AT)
    await loaded.do("monitor", people.DSL, AT, reason="r")
    for task_id in (UUID(task["id"]), UUID(int=7)):
        async with refused(loaded, NotFound, f"task: {task_id} is not an open task; `pathway tasks` lists them"):
            await loaded.act(reassign, task_id, people.DEPUTY, "r", people.DSL, instant(AT))
