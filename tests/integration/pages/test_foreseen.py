"""The page "If nobody acts": who may see it, what it says, and that the API says the same."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.access import Look
from tests import people
from tests.driver import Driver
from tests.integration import stories
from tests.site import Site

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-03-02T10:00"


async def test_it_says_what_happens_when_why_then_and_who_would_hear(site: Site, loaded: Driver) -> None:
    """From the first rung to the one that repeats without end, in the pages' words; the look is written down."""
    reference = await stories.logged(loaded)
    dana = await site.signed_in(people.DSL, AT)
    concern = await dana.get(f"/concerns/{reference}")
    assert f"/concerns/{reference}/foresee" in concern.response.text
    answer = await dana.get(f"/concerns/{reference}/foresee")
    assert answer.status == 200
    for said in (
        f"If nobody acts on {reference}",
        "Nobody has said yet that they have seen it: Decide what a concern needs",
        "It is overdue: Decide what a concern needs",
        "Devan Pillai (deputy DSL)",
        "Harriet Lowe (head)",
        "Colin Adair (early help coordinator), Paula Renshaw (partnership contact)",
        "Then every 5 working days",
        "Silence ends nowhere",
        "telephone 999",
    ):
        assert said in answer.text, said
    assert people.CHILDREN[people.AMIRA].name not in answer.text
    assert "foresee" in {look.page for look in await loaded.rows(select(Look))}


async def test_only_those_who_see_the_concern_whole_may(site: Site, loaded: Driver) -> None:
    """Whoever logged it sees it in part: for them, as for another setting, there is no such page."""
    reference = await stories.logged(loaded)
    for who in (people.TEACHER, people.ASHDOWN_DSL, people.FRONT_DOOR, people.ADMIN):
        browser = await site.signed_in(who, AT)
        assert (await browser.get(f"/concerns/{reference}/foresee")).status == 404, who
    colin = await site.signed_in(people.COORDINATOR, AT)
    assert (await colin.get(f"/concerns/{reference}/foresee")).status == 200


async def test_of_a_closed_concern_it_says_that_nothing_is_owed(site: Site, loaded: Driver) -> None:
    """And the concern's own page leads there no longer."""
    reference = await stories.logged(loaded)
    await loaded.do("close", people.DSL, "2026-03-02T09:30", **stories.CLOSING)
    await loaded.do("agree", people.DEPUTY, "2026-03-02T09:40")
    dana = await site.signed_in(people.DSL, AT)
    assert "Nothing is owed on it" in (await dana.get(f"/concerns/{reference}/foresee")).text
    assert "/foresee" not in (await dana.get(f"/concerns/{reference}")).response.text
