"""The check as it runs by the hour: it gives the pathway the policy's quarter of an hour, and what it finds is told."""

from __future__ import annotations

import pytest

from flows.checking import check, tell_administrators
from models.telling import State
from tests import people
from tests.driver import Driver, instant
from tests.integration.timeline import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def _found(driver: Driver, at: str) -> list[str]:
    return [one.what for one in (await check(driver.engine, instant(at))).findings]


async def test_the_pathway_has_a_quarter_of_an_hour_and_no_more(loaded: Driver) -> None:
    """A concern that nobody has followed up is no finding after fourteen minutes, and one after sixteen."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    assert await _found(loaded, "2026-03-02T09:14") == []
    assert "event 1 (logged) was never followed up" in await _found(loaded, "2026-03-02T09:16")


async def test_administrators_are_written_to_once_a_day_while_something_is_not_covered(loaded: Driver) -> None:
    """One letter a day, urgent, however often it is looked at; none while all is covered."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    for at, letters in (("09:10", 0), ("10:20", 1), ("11:20", 0)):
        now = instant(f"2026-03-02T{at}")
        assert await tell_administrators(loaded.engine, await check(loaded.engine, now), now) == letters
    tomorrow = instant("2026-03-03T08:20")
    assert await tell_administrators(loaded.engine, await check(loaded.engine, tomorrow), tomorrow) == 1
    heard = [(one.to, one.urgent, one.state) for one in await told(loaded, "not-covered")]
    assert heard == [(people.ADMIN, True, State.WAITING)] * 2
