"""Somebody's own account: what they see, where they are signed in, and renewing what they sign in with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlmodel import col, select

from config.time import now
from flows.checking import purge
from models.access import Account, Door, RecoveryCode, SignIn
from models.people import Absence
from tests import people
from tests.driver import Driver
from tests.integration.pages.door import OTHER, PASSWORD, Keys, deeds, first_factor, join, key_on, person, sign_in
from tests.site import Site

AT = "2026-03-02T09:00:00Z"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("email", "role", "reach"),
    [
        (people.DSL, "Designated safeguarding lead, Oakfield Primary School", "every concern of this setting"),
        (people.TEACHER, "Member of staff, Oakfield Primary School", "those you logged"),
        (people.COORDINATOR, "Early help coordinator, Derby", "every concern of this area"),
        (people.FRONT_DOOR, "Front door, Derby", "referrals that were sent to this front door"),
        (people.PARTNERSHIP, "Partnership contact, Derby", "disagreements"),
        (people.ADMIN, "Administrator", "no child"),
    ],
)
async def test_the_page_says_what_somebody_sees(site: Site, email: str, role: str, reach: str) -> None:
    """Their role, where, and its reach, in words."""
    page = await (await site.signed_in(email)).get("/account")
    assert page.status == 200
    assert role in page.text
    assert reach in page.text


async def test_whoever_covers_is_told_for_whom(site: Site, loaded: Driver) -> None:
    """While the DSL is away, her cover sees what she sees, and why."""
    dana, harriet = await person(site, people.DSL), await person(site, people.HEAD)
    async with loaded.writing() as session:
        session.add(Absence(person_id=dana.id, first=date(2026, 3, 2), last=date(2026, 3, 6), cover_id=harriet.id))
    page = await (await site.signed_in(people.HEAD)).get("/account")
    assert "For Dana Okoro, who is away." in page.text


async def test_browsers_are_shown_and_one_is_signed_out(site: Site) -> None:
    """Each with its name; ending one ends it there; nobody ends another person's."""
    there = site.browser()
    there.headers["user-agent"] = CHROME
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        clock.shift(60)
        await sign_in(site, keys, keys.code(), there)
        here = await site.signed_in(people.DSL)
        page = await here.get("/account")
        assert "Chrome on Windows" in page.text
        [other] = [one for one in endings(page.response.text) if one.endswith("/end")][:1]
        tessa = await site.signed_in(people.TEACHER)
        assert (await tessa.post(other)).status == 404
        assert (await there.get("/account")).status == 200
        assert (await here.post(other)).leads_to == "/account?done=browser"
        assert (await here.post(other)).status == 404
        assert (await there.get("/account")).status == 303
        assert (await here.get("/account")).status == 200


def endings(html: str) -> list[str]:
    """The addresses that end a browser, the one used last first."""
    return [part.partition('"')[0] for part in html.split('action="')[1:] if part.startswith("/account/browsers/")]


async def test_every_other_browser_is_signed_out(site: Site) -> None:
    """This one stays."""
    browsers = [await site.signed_in(people.DSL) for _ in range(3)]
    done = await browsers[0].post("/account/browsers/end-others")
    assert done.leads_to == "/account?done=browsers"
    assert [(await one.get("/account")).status for one in browsers] == [200, 303, 303]
    assert (Door.SESSIONS_ENDED, {"count": 2}) in await deeds(site)


async def test_a_new_password_asks_for_the_present_one(site: Site) -> None:
    """And ends every other session; the old one is dead at the door."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        keys = await join(site, people.DSL, browser)
        other = await site.signed_in(people.DSL)
        fields = {"password": OTHER, "again": OTHER}
        refused = await browser.post("/account/password", {**fields, "present": "kettle harbour violas"})
        assert (refused.status, "That is not your password" in refused.text) == (422, True)
        done = await browser.post("/account/password", {**fields, "present": PASSWORD})
        assert done.leads_to == "/account?done=password"
        assert (await browser.get("/account")).status == 200
        assert (await other.get("/account")).status == 303
        clock.shift(60)
        assert (await first_factor(site.browser(), keys)).status == 422
        keys.password = OTHER
        assert (await sign_in(site, keys, keys.code())).status == 303


async def test_guessing_at_the_present_password_closes_the_account(site: Site) -> None:
    """A browser left open is no way to try passwords."""
    with time_machine.travel(AT, tick=False):
        browser = site.browser()
        await join(site, people.DSL, browser)
        for _ in range(5):
            assert (await browser.post("/account/codes", {"present": OTHER})).status == 422
        assert (await browser.post("/account/codes", {"present": PASSWORD})).status == 422
        assert Door.LOCKED in [what for what, _ in await deeds(site)]


async def test_new_recovery_codes_end_the_old(site: Site, loaded: Driver) -> None:
    """Ten again, shown once."""
    browser = site.browser()
    keys = await join(site, people.DSL, browser)
    shown = await browser.post("/account/codes", {"present": PASSWORD})
    assert shown.page.heading == "Keep your recovery codes"
    codes = [word for word in shown.text.split() if word.count("-") == 3]
    assert len(codes) == 10
    assert not set(codes) & set(keys.codes)
    assert len(await loaded.rows(select(RecoveryCode).where(col(RecoveryCode.used_at).is_(None)))) == 10
    half = await first_factor(site.browser(), keys)
    fields = {"half": half.page.fields["half"][0], "recovery": keys.codes[0]}
    assert (await site.browser().post("/sign-in/code", fields)).status == 422


async def test_another_authenticator_counts_once_it_has_shown_a_code(site: Site) -> None:
    """Until then the old one does; a key that another person was shown is not taken."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        keys = await join(site, people.DSL, browser)
        scan = await browser.post("/account/authenticator", {"present": PASSWORD})
        new = Keys(people.DSL, key_on(scan))
        fields = {"enrol": scan.page.fields["enrol"][0], "code": new.code()}
        clock.shift(60)
        assert (await sign_in(site, keys, keys.code())).status == 303
        assert (await browser.post("/account/authenticator/code", {**fields, "code": "000000"})).status == 422
        tessa = await site.signed_in(people.TEACHER)
        assert (await tessa.post("/account/authenticator/code", fields)).leads_to == "/account/authenticator"
        clock.shift(60)
        done = await browser.post("/account/authenticator/code", {**fields, "code": new.code()})
        assert done.leads_to == "/account?done=authenticator"
        clock.shift(60)
        assert (await sign_in(site, keys, keys.code())).status == 422
        assert (await sign_in(site, new, new.code())).status == 303


@pytest.mark.parametrize("path", ["/account/password", "/account/codes", "/account/authenticator"])
async def test_each_form_shows_and_says_what_is_missing(site: Site, path: str) -> None:
    """A page with one heading, and an error summary when nothing was typed."""
    dana = await site.signed_in(people.DSL)
    assert (await dana.get(path)).status == 200
    empty = await dana.post(path, {"present": ""})
    assert empty.status == 422
    assert "There is a problem" in empty.text


async def test_an_account_is_read_in_a_few_statements(site: Site, loaded: Driver) -> None:
    """However many browsers: no statement for each."""
    dana = await site.signed_in(people.DSL)
    with site.statements() as few:
        await dana.get("/account")
    for _ in range(20):
        await site.signed_in(people.DSL)
    with site.statements() as many:
        await dana.get("/account")
    assert len(few) == len(many)
    assert len(few) <= 14
    assert not await loaded.rows(select(Account))


async def test_old_sessions_are_forgotten(site: Site, loaded: Driver) -> None:
    """A month after they ended at the latest; the audit keeps who came in."""
    with time_machine.travel(AT, tick=False) as clock:
        await site.signed_in(people.DSL)
        clock.shift(timedelta(days=20))
        await site.signed_in(people.DSL)
        assert (await purge(site.engine, now()))["sessions"] == 0
        clock.shift(timedelta(days=11))
        assert (await purge(site.engine, now()))["sessions"] == 1
        assert len(await loaded.rows(select(SignIn))) == 1
