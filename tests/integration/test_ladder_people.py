"""Who hears of a rung when somebody is not there: leave cover, leavers, empty roles, and at the end the administrator.

It is decided when the letter is addressed, not when the task was opened.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import col, delete, select, update

from models import staffing
from models.people import Person, RoleHeld
from tests import people
from tests.driver import Driver, instant
from tests.integration.timeline import timeline, told

# Whose letter it is does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OPENED = "2026-03-02T09:00"
DUE = "2026-03-03T17:00"


async def _rung_for(driver: Driver, at: str = DUE) -> list[tuple[str, str]]:
    """Who hears of a new concern's first rung, and why they are told that they hear."""
    await driver.log(people.AMIRA, people.TEACHER, OPENED)
    await driver.sweep(at)
    return [(one.to, one.why) for one in await told(driver, "overdue")]


async def _away(driver: Driver, who: str, cover: str | None = None) -> None:
    await driver.act(staffing.leave, who, date(2026, 3, 3), date(2026, 3, 3), cover, instant(OPENED))


async def test_leave_cover_hears_instead(loaded: Driver) -> None:
    """Whoever covers the deputy's leave hears, and is told that they stand in."""
    await _away(loaded, people.DEPUTY, people.ASSISTANT)
    assert await _rung_for(loaded) == [(people.ASSISTANT, "you stand in for a colleague who is away")]


async def test_the_cover_of_the_cover_hears_instead(loaded: Driver) -> None:
    """A cover who is away themselves passes it on to their own cover."""
    await _away(loaded, people.DEPUTY, people.ASSISTANT)
    await _away(loaded, people.ASSISTANT, people.LEAD)
    assert [to for to, _ in await _rung_for(loaded)] == [people.LEAD]


async def test_two_who_cover_each_other_pass_it_up(loaded: Driver) -> None:
    """A circle of covers is nobody: the next rung hears."""
    await _away(loaded, people.DEPUTY, people.ASSISTANT)
    await _away(loaded, people.ASSISTANT, people.DEPUTY)
    assert await _rung_for(loaded) == [(people.HEAD, "you are the head of the setting")]


async def test_leave_without_cover_passes_it_up(loaded: Driver) -> None:
    """A deputy who is away and covered by nobody: the head hears at once."""
    await _away(loaded, people.DEPUTY)
    assert await _rung_for(loaded) == [(people.HEAD, "you are the head of the setting")]


async def test_leave_that_has_ended_changes_nothing(loaded: Driver) -> None:
    """Both days of leave are included, the next is not."""
    await loaded.act(staffing.leave, people.DEPUTY, date(2026, 3, 1), date(2026, 3, 2), None, instant(OPENED))
    assert [to for to, _ in await _rung_for(loaded)] == [people.DEPUTY]


async def test_a_leaver_never_hears(loaded: Driver) -> None:
    """A deputy who left before the rung was reached does not hear; the head does."""
    await loaded.act(staffing.left, people.DEPUTY, date(2026, 3, 3), None, "moved on", instant(OPENED))
    assert [to for to, _ in await _rung_for(loaded)] == [people.HEAD]


async def test_an_address_that_refuses_letters_is_passed_over(loaded: Driver) -> None:
    """Nobody is written to at an address that is known to refuse letters; the next rung hears."""
    refused = update(Person).where(col(Person.email) == people.DEPUTY).values(refused_at=instant(OPENED))
    await loaded.act(_run, refused)
    assert [to for to, _ in await _rung_for(loaded)] == [people.HEAD]


async def _run(session: Any, statement: Any) -> None:
    await session.exec(statement)


async def _vacate(driver: Driver, *emails: str) -> None:
    """Nobody holds the roles of these people any more, though they are still in post."""
    ids = [one.id for one in await driver.rows(select(Person).where(col(Person.email).in_(emails)))]
    await driver.act(_run, delete(RoleHeld).where(col(RoleHeld.person_id).in_(ids)))


CLIMB = [people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP, people.ADMIN]


@pytest.mark.parametrize("empty", range(1, len(CLIMB)))
async def test_an_empty_role_is_the_next_rungs(loaded: Driver, empty: int) -> None:
    """However many roles are empty, the next held one hears: deputy, head, coordinator, partnership, administrator."""
    await _vacate(loaded, *CLIMB[:empty])
    assert [to for to, _ in await _rung_for(loaded)] == [CLIMB[empty]]


async def test_when_nobody_is_there_the_administrator_hears_and_knows_why(loaded: Driver) -> None:
    """Everybody of the setting and the area away at once, without cover: never nobody."""
    for who in (people.DSL, *CLIMB[:-1]):
        await _away(loaded, who)
    why = "you administer the pathway and nobody nearer could be reached"
    assert await _rung_for(loaded) == [(people.ADMIN, why)]


async def test_everybody_who_holds_a_role_hears(loaded: Driver) -> None:
    """Two deputies: both hear; one of them away: the other alone, not the cover."""
    roster = people.roster()
    second = next(one for one in roster["people"] if one["email"] == people.ASSISTANT)
    second["roles"].append({"role": "deputy_dsl", "setting": people.OAKFIELD})
    await loaded.load(roster)
    assert [to for to, _ in await _rung_for(loaded)] == [people.ASSISTANT, people.DEPUTY]


async def test_the_roster_of_the_day_decides_not_that_of_the_opening(loaded: Driver) -> None:
    """A deputy and a head who came after the concern was opened hear of it; those before them do not."""
    await loaded.log(people.AMIRA, people.TEACHER, OPENED)
    roster = people.roster()
    for email, old in (("ines.vidal@oakfield.example", people.DEPUTY), ("omar.reyes@oakfield.example", people.HEAD)):
        person = next(one for one in roster["people"] if one["email"] == old)
        roster["people"].append(person | {"email": email, "name": "New Colleague"})
        person["left"] = "2026-03-03"
    await loaded.load(roster, "2026-03-03T09:00")
    lines = await timeline(loaded, DUE, "2026-03-04T17:00", letters=("overdue",))
    assert [names for *_, names in lines] == ["ines.vidal", "omar.reyes"]
