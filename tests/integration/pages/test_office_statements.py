"""The pages of daily statements: an empty list that teaches, what each says, whether it is still what was signed."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import col, update

from models.standing import DailyStatement
from models.statements import NotCovered, make_statements
from tests import people
from tests.driver import GRACE, Driver, instant
from tests.integration import journeys
from tests.integration.pages.office import ada
from tests.site import Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-03-04T09:00"


async def stated(driver: Driver) -> None:
    """Nobody swept while a decision fell due: the statement of 3 March says so."""
    await journeys.logged(driver)
    found = NotCovered(2, (("NC-2026-00001", "task (dsl_review) was due for a look and nobody looked"),))
    await driver.act(make_statements, instant(AT), GRACE, found)


async def test_a_record_without_statements_says_when_there_will_be_one(site: Site) -> None:
    """Nothing to show yet, on the watch and in the list."""
    browser = await ada(site, AT)
    assert "No day has a statement yet" in (await browser.get("/admin/statements")).text
    assert "None yet" in (await browser.get("/admin")).text


async def test_a_days_statement_says_what_became_of_what_was_due(site: Site, loaded: Driver) -> None:
    """Listed newest first; a day's own page has its figures and what was missed, by reference."""
    await stated(loaded)
    browser = await ada(site, AT)
    watched = (await browser.get("/admin")).text
    assert "1 obligation was due, and 1 was missed; 2 things were not covered" in watched
    listed = await browser.get("/admin/statements")
    assert "All 2 of them are still what was signed." in listed.text
    days = [link for link in listed.page.links if link.startswith("/admin/statements/")]
    assert days == ["/admin/statements/2026-03-03", "/admin/statements/2026-03-02"]
    one = await browser.get(days[0])
    assert one.page.heading == "Statement of 3 March 2026"
    assert "(dsl_review) was overdue and nobody heard of it" in one.text
    assert "1 more are not listed" in one.text
    assert "It is still what was signed" in one.text


async def test_a_statement_that_was_changed_is_said_in_red_words(site: Site, loaded: Driver) -> None:
    """On its own page, in the list and on the watch."""
    await stated(loaded)
    forged = update(DailyStatement).where(col(DailyStatement.day) == date(2026, 3, 3)).values(counts={}, findings=[])
    await loaded.act(lambda session: session.exec(forged))
    browser = await ada(site, AT)
    assert "It is not what was signed." in (await browser.get("/admin/statements/2026-03-03")).text
    listed = (await browser.get("/admin/statements")).text
    assert "The statement of 2026-03-03 was changed after it was signed" in listed
    assert "pathway-tile--red" in (await browser.get("/admin")).response.text


@pytest.mark.parametrize("day", ["2026-03-09", "nonsense"])
async def test_a_day_without_a_statement_is_not_there(site: Site, loaded: Driver, day: str) -> None:
    """Nor is it anybody's but an administrator's."""
    await stated(loaded)
    assert (await (await ada(site, AT)).get(f"/admin/statements/{day}")).status == 404
    dana = await site.signed_in(people.DSL, at=AT)
    assert (await dana.get("/admin/statements")).status == 404
    assert (await dana.get("/admin/statements/2026-03-03")).status == 404
