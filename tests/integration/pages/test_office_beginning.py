"""An empty record: who begins, and how; the way in is closed once anybody has an account."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

import models.database
from models.access import Account, Invitation
from models.beginning import first_administrator
from models.errors import NotOffered
from models.people import Person, Role, RoleHeld, Setting
from tests.driver import Driver, instant
from tests.integration.pages.office import deeds_of
from tests.outbox import outbox
from tests.site import Site
from web.office.beginning import welcome_address

AT = "2026-03-02T10:00"
FIRST = {"name": "Ada Winstanley", "email": "Ada.Winstanley@partnership.example"}
EMAIL = FIRST["email"].lower()


@pytest.fixture
async def bare(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The pages of an empty record."""
    models.database.engine.cache_clear()
    monkeypatch.setattr(models.database, "make_engine", lambda _url: engine)
    site = Site(engine, monkeypatch)
    site.at(AT)
    yield site
    await site.close()
    models.database.engine.cache_clear()


async def way_in() -> str:
    """The path of the printed address."""
    address = await welcome_address()
    assert address is not None
    return address.removeprefix("http://127.0.0.1:8340")


async def has_account(driver: Driver) -> None:
    """Somebody went through with it."""
    (person,) = await driver.rows(select(Person))
    async with driver.writing() as session:
        session.add(Account(person_id=person.id, password="kept", totp="sealed", made_at=instant(AT)))


async def test_an_empty_record_says_how_to_begin(bare: Site, driver: Driver) -> None:
    """Whatever page is asked for; with a person in it, the ordinary page asks to sign in."""
    browser = bare.browser()
    for path in ("/", "/desk", "/admin", "/concerns"):
        leads = (await browser.get(path)).leads_to
        answer = await browser.get(leads)
        assert answer.page.heading == "Nobody has begun here yet", path
    async with driver.writing() as session:
        session.add(Person(email=EMAIL, name="Ada Winstanley"))
    assert (await browser.get("/sign-in")).page.heading != "Nobody has begun here yet"


async def test_the_first_administrator(bare: Site, driver: Driver) -> None:
    """Says who they are, is made administrator, and joins as everybody does; again is no second person."""
    browser, path = bare.browser(), await way_in()
    assert (await browser.get(path)).page.heading == "Welcome"
    answer = await browser.post(path, FIRST)
    assert answer.leads_to.startswith("/join/")
    assert (await browser.get(answer.leads_to)).status == 200
    assert (await browser.post(path, FIRST)).leads_to.startswith("/join/")
    assert (await browser.get(answer.leads_to)).status == 410
    (person,) = await driver.rows(select(Person))
    assert person.email == EMAIL
    assert [one.role for one in await driver.rows(select(RoleHeld))] == [Role.ADMINISTRATOR]
    assert await outbox(driver) == []


async def test_the_way_in_is_closed_by_the_first_account(bare: Site, driver: Driver) -> None:
    """For good: neither looked at nor used again, and printed no more."""
    browser, path = bare.browser(), await way_in()
    await browser.post(path, FIRST)
    await has_account(driver)
    assert await welcome_address() is None
    assert (await browser.get(path)).status == 404
    assert (await browser.post(path, {"name": "Mallory", "email": "mallory@elsewhere.example"})).status == 404
    with pytest.raises(NotOffered):  # somebody who had the form open
        await driver.act(first_administrator, {"name": "Mallory", "email": "mallory@elsewhere.example"}, instant(AT))
    assert len(await driver.rows(select(Person))) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_guessed_address_opens_nothing(bare: Site, driver: Driver) -> None:
    """Another signature answers as a page that is not there."""
    path = await way_in()
    for guess in ("/welcome/x", path[:-1], f"{path}x", "/welcome/first"):
        assert (await bare.browser().get(guess)).status == 404
        assert (await bare.browser().post(guess, FIRST)).status == 404
    wrong = await bare.browser().post(path, {"name": "", "email": EMAIL})
    assert (wrong.status, wrong.page.fields["email"]) == (422, [EMAIL])
    assert await driver.rows(select(Person)) == []


async def test_the_steps_from_there(bare: Site, driver: Driver) -> None:
    """Policy, setting, people, invitations: each can be left and come back to, and the list says what is left."""
    await bare.browser().post(await way_in(), FIRST)
    await has_account(driver)
    ada = await bare.signed_in(EMAIL)
    assert "Setting up is not finished" in (await ada.get("/admin")).text
    steps = await ada.get("/admin/beginning")
    assert steps.text.count("To do") == 3
    chosen = await ada.post("/admin/beginning/policy", {"policy": "derby-and-derbyshire"})
    assert chosen.leads_to == "/admin/beginning?done=policy-chosen"
    assert (await ada.post("/admin/beginning/policy", {"policy": "nowhere"})).status == 422
    form = {"name": "Oakfield Primary School", "kind": "school", "area": "derby", "open": "08:30-15:30"}
    await ada.post("/admin/settings/new", form)
    (setting,) = await driver.rows(select(Setting))
    added = await ada.post("/admin/people/new", {"name": "Dana Okoro", "email": "dana@oakfield.example"})
    person_page = added.leads_to.partition("/roles")[0]
    await ada.post(f"{person_page}/roles", {"role": "dsl", "setting": setting.key})
    steps = await ada.get("/admin/beginning")
    assert steps.text.count("To do") == 1
    assert "Look again" in steps.text
    assert "Oakfield Primary School: deputy designated safeguarding lead" in steps.text
    await ada.post("/admin/beginning/invite")
    await ada.post("/admin/beginning/invite")
    assert "To do" not in (await ada.get("/admin/beginning")).text
    assert len(await driver.rows(select(Invitation).where(Invitation.made_by != None))) == 1  # noqa: E711  # SQL's
    assert [one.letter for one in await outbox(driver)] == ["invitation"]
    assert "Setting up is not finished" not in (await ada.get("/admin")).text
    assert [one.about["policy"] for one in await deeds_of(driver, "policy_chosen")] == ["derby-and-derbyshire"]
