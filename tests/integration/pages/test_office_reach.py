"""The office is the administrators', who see no child: every address of it, by every role, with a full record."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from models.looks import note_looks
from models.people import Person
from models.reach import viewer_for
from models.record import Concern
from models.telling import Firing
from tests import people
from tests.driver import Driver, instant
from tests.integration.pages.office import ada, children_in, number_of
from tests.outbox import outbox
from tests.site import Site

AT = "2026-03-02T10:00"
OFFICE = Path(__file__).resolve().parents[3] / "web" / "office"
ROUTE = re.compile(r'@router\.(get|post)\("(/admin[^"]*)"')


def addresses() -> list[tuple[str, str]]:
    """Every method and address that the office's modules serve."""
    found = [one for file in sorted(OFFICE.glob("*.py")) for one in ROUTE.findall(file.read_text("utf-8"))]
    return [*found, ("get", "/admin/audit"), ("get", "/admin/audit/looks"), ("post", "/admin/audit")]


async def full(driver: Driver) -> dict[str, str]:
    """A record with a concern, letters, a failed run and a view; returns what addresses need filled in."""
    await driver.log(people.AMIRA, people.TEACHER, AT, immediate_danger=True)
    await driver.follow(AT)
    concern: Concern = (await driver.rows(select(Concern)))[0]
    firing = Firing(flow="refer", slot="2026-03-02T10:00Z/x-1", started_at=instant(AT), outcome="failed OSError:abc123")
    async with driver.writing() as session:
        session.add(firing)
        dsl = (await session.exec(select(Person).where(Person.email == people.DSL))).one()
        viewer = await viewer_for(session, dsl, instant(AT))
        await note_looks(session, viewer, "concern", [(concern.child_id, concern.id)], instant(AT))
    letter = (await outbox(driver))[0]
    setting = str(concern.setting_id)
    return {
        "run": str(firing.id),
        "letter": str(letter.id),
        "person": str(await number_of(driver, people.DSL)),
        "setting": setting,
        "reference": concern.reference,
    }


def filled(path: str, known: dict[str, str]) -> str:
    """An address with its ids filled in."""
    called = known["setting" if path.startswith("/admin/settings") else "person"]
    held = known["setting"]
    parts = {
        "run": known["run"],
        "letter": known["letter"],
        "called": called,
        "held": held,
        "absence": held,
        "day": "2026-03-01",
    }
    return path.format(**parts)


@pytest.mark.parametrize("email", [people.DSL, people.HEAD, people.TEACHER, people.COORDINATOR, people.FRONT_DOOR])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_else_finds_the_office(site: Site, loaded: Driver, email: str) -> None:
    """Every address of it answers 404 to everybody but administrators, and changes nothing."""
    known = await full(loaded)
    browser = await site.signed_in(email, AT)
    before = await loaded.dump()
    assert len(addresses()) > 35
    for method, path in addresses():
        answer = await getattr(browser, method)(filled(path, known))
        assert answer.status == 404, path
    assert await loaded.dump() == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_signed_in_is_asked_to(site: Site) -> None:
    """No page of the office answers a stranger."""
    for path in ("/admin", "/admin/letters", "/admin/people", "/admin/audit.csv", "/admin/beginning"):
        answer = await site.browser().get(path)
        assert (answer.status, answer.leads_to.partition("?")[0]) == (303, "/sign-in")


async def test_no_page_of_the_office_names_a_child(site: Site, loaded: Driver) -> None:
    """Not a name, a birthday or a word of theirs on any page, in any file, nor in where one leads."""
    known = await full(loaded)
    browser = await ada(site, AT)
    reference = known["reference"]
    check = (await browser.post("/admin/check")).leads_to
    pages = [filled(path, known) for method, path in addresses() if method == "get" and "loaded" not in path]
    # Of a day that has no statement there is no page; tests of the statements look at those that have.
    pages = [path for path in pages if not any(part in path for part in ("/check/", "/held", "/statements/"))]
    searched = [f"/admin/audit{part}?reference={reference}" for part in ("", "/looks", ".csv", "/looks.csv")]
    states = [
        f"/admin/letters?state={state}" for state in ("waiting", "sent", "refused", "given_up", "stuck", "withdrawn")
    ]
    seen = ""
    for path in [*pages, *searched, *states, check, "/admin/policy?key=derby-and-derbyshire"]:
        answer = await browser.get(path)
        assert answer.status == 200, path
        assert not children_in(answer.response.text), path
        seen += answer.response.text
    assert reference in seen
    assert people.DSL in seen


async def test_the_watch_asks_as_much_of_few_as_of_many(site: Site, loaded: Driver) -> None:
    """The number of statements does not grow with what there is to show."""
    await loaded.log(people.NOORIYAH, people.HEALTH_VISITOR, AT)
    browser = await ada(site, AT)
    asked = ("/admin", "/admin/letters?state=waiting", "/admin/people", "/admin/settings", "/admin/audit")
    few = [await _statements(site, browser, path) for path in asked]
    for child in (people.AMIRA, people.DANIEL, people.IFEOMA, people.JEROME, people.ELSIE):
        await loaded.log(
            child, people.TEACHER if child in (people.AMIRA, people.DANIEL, people.IFEOMA) else people.ADMIN, AT
        )
    await loaded.follow(AT)
    async with loaded.writing() as session:
        session.add_all(
            Firing(
                flow=flow, slot=f"x/{number}", started_at=instant(AT) - timedelta(hours=number), outcome="failed X:1"
            )
            for number in range(5)
            for flow in ("refer", "review", "tell-people")
        )
    many = [await _statements(site, browser, path) for path in asked]
    assert few == many
    assert max(many) <= 16


async def _statements(site: Site, browser: object, path: str) -> int:
    with site.statements() as seen:
        assert (await browser.get(path)).status == 200  # type: ignore[attr-defined]  # a Browser
    return len([one for one in seen if not one.startswith(("PRAGMA", "BEGIN"))])
