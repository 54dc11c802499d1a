"""Single sign-on, against a provider on this machine: who is linked comes in, and no e-mail address links anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from config.settings import settings
from models.access import Account, Door, Draft, Identity, SignIn
from models.sessions import LONGEST
from tests import people
from tests.driver import Driver
from tests.integration.pages.door import Keys, deeds, invitation_link, join, key_on, person
from tests.provider import Provider, key
from tests.site import Answer, Browser, Site

AT = "2026-03-02T09:00:00Z"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def provider(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that this installation uses."""
    with Provider() as provider:
        for name, value in provider.environment().items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield provider


async def round_trip(provider: Provider, browser: Browser, start: str = "/sign-in/single") -> Answer:
    """To the provider and back."""
    away = await browser.get(start)
    assert away.status == 303, away.text
    return await browser.get(await provider.visit(away.leads_to))


async def linked(site: Site, provider: Provider, email: str = people.DSL) -> Browser:
    """Somebody signed in who has linked their account."""
    browser = await site.signed_in(email)
    await join(site, email, browser)
    back = await round_trip(provider, browser, "/account/single")
    assert back.leads_to == "/account?done=linked"
    return browser


async def test_whoever_is_linked_comes_in(site: Site, provider: Provider) -> None:
    """On the page they asked for, and never to another site's; the audit says how."""
    await linked(site, provider)
    browser = site.browser()
    back = await round_trip(provider, browser, "/sign-in/single?next=/account")
    assert (back.status, back.leads_to) == (303, "/account")
    assert (await browser.get("/account")).page.heading == "Your account"
    assert (Door.SIGNED_IN, {"how": "single"}) in await deeds(site)
    elsewhere = await round_trip(provider, site.browser(), "/sign-in/single?next=//evil.example")
    assert elsewhere.leads_to == "/"


async def test_no_other_site_links_anybody(site: Site, provider: Provider) -> None:
    """A browser sent to the link by another site is refused before anything begins; by hand or from here it is not."""
    browser = await site.signed_in(people.DSL)
    for sent_by, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 303), ("none", 303)):
        answer = await browser.get("/account/single", headers={"sec-fetch-site": sent_by})
        assert (answer.status, "set-cookie" in answer.response.headers) == (status, status == 303)


async def test_an_email_address_links_nobody(site: Site, loaded: Driver, provider: Provider) -> None:
    """The provider says Dana's address, and nobody has linked its subject: refused, and nothing made."""
    await join(site, people.DSL)
    provider.bend = {"email": people.DSL, "email_verified": True}
    browser = site.browser()
    back = await round_trip(provider, browser)
    assert back.status == 403
    assert "nobody here is linked" in back.text
    assert (await browser.get("/account")).status == 303
    assert (Door.REFUSED, {"why": "single"}) in await deeds(site)


WRONG: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "another's"},
    "no nonce": {"nonce": None},
    "audience": {"aud": "another program"},
    "several audiences": {"aud": ["pathway", "another program"]},
    "issuer": {"iss": "https://issuer.example"},
    "expired": {"exp": 1_700_000_000, "iat": 1_699_999_000},
    "no expiry": {"exp": None},
    "from the future": {"iat": 4_000_000_000},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_not_proven_opens_nothing(site: Site, provider: Provider, wrong: str) -> None:
    """Whatever the provider's answer lacks, nobody is signed in, and the page says to begin again."""
    await linked(site, provider)
    provider.bend = WRONG[wrong]
    browser = site.browser()
    back = await round_trip(provider, browser)
    assert (back.status, back.page.heading) == (403, "That could not be checked")
    assert (await browser.get("/account")).status == 303


async def test_a_signature_of_another_key_opens_nothing(site: Site, provider: Provider) -> None:
    """It says it is the provider's key, and is not."""
    await linked(site, provider)
    provider.key = key("a forger's")
    assert (await round_trip(provider, site.browser())).status == 403


async def test_state_belongs_to_one_browser(site: Site, provider: Provider) -> None:
    """An answer in a browser that did not ask, with another state, or twice, opens nothing."""
    await linked(site, provider)
    browser = site.browser()
    address = await provider.visit((await browser.get("/sign-in/single")).leads_to)
    assert (await site.browser().get(address)).status == 403
    assert (await browser.get(address.replace("state=", "state=x"))).status == 403
    assert (await browser.get(address)).status == 303
    assert (await browser.get(address)).status == 403


async def test_a_question_is_forgotten_after_ten_minutes(site: Site, provider: Provider) -> None:
    """Whoever comes back later begins again."""
    with time_machine.travel(AT, tick=False) as clock:
        await linked(site, provider)
        browser = site.browser()
        address = await provider.visit((await browser.get("/sign-in/single")).leads_to)
        clock.shift(601)
        assert (await browser.get(address)).status == 403


async def test_the_cookie_on_the_way_is_careful(site: Site, provider: Provider, monkeypatch: Any) -> None:
    """No script reads it, no other site sends it with a form, and over HTTPS it is this host's alone."""
    monkeypatch.setenv("PATHWAY_BASE_URL", "https://pathway.example.org")
    settings.cache_clear()
    cookie = (await site.browser().get("/sign-in/single")).response.headers["set-cookie"]
    assert cookie.startswith("__Host-pathway-single=")
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"))


async def test_an_invitation_may_be_accepted_with_it(site: Site, loaded: Driver, provider: Provider) -> None:
    """No password and no authenticator here: the provider's count. The link is used up."""
    link = await invitation_link(site, people.DSL)
    browser = site.browser()
    assert f"{link}/single" in (await browser.get(link)).page.links
    back = await round_trip(provider, browser, f"{link}/single")
    assert (back.status, back.leads_to) == (303, "/")
    assert (await browser.get("/account")).page.heading == "Your account"
    assert (await browser.get(link)).status == 410
    who = await person(site, people.DSL)
    [account] = await loaded.rows(select(Account))
    assert (account.person_id, account.password, account.totp) == (who.id, None, None)
    assert (await site.browser().post("/sign-in", {"email": people.DSL, "password": ""})).status == 422


async def test_somebody_elses_subject_is_not_taken(site: Site, loaded: Driver, provider: Provider) -> None:
    """One account at the provider is one person here, whichever way it is linked."""
    await linked(site, provider)
    tessa = await site.signed_in(people.TEACHER)
    assert (await round_trip(provider, tessa, "/account/single")).status == 409
    link = await invitation_link(site, people.DEPUTY)
    assert (await round_trip(provider, site.browser(), f"{link}/single")).status == 409
    assert len(await loaded.rows(select(Identity))) == 1


async def test_where_it_is_not_strong_a_code_is_asked_for(
    site: Site, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PATHWAY_OIDC_STRONG=false: joining sets up an authenticator, and signing in asks for its code."""
    monkeypatch.setenv("PATHWAY_OIDC_STRONG", "false")
    settings.cache_clear()
    with time_machine.travel(AT, tick=False) as clock:
        link, browser = await invitation_link(site, people.DSL), site.browser()
        scan = await round_trip(provider, browser, f"{link}/single")
        assert scan.page.heading == "Set up your authenticator"
        keys = Keys(people.DSL, key_on(scan))
        done = await browser.post(f"{link}/code", {"enrol": scan.page.fields["enrol"][0], "code": keys.code()})
        assert done.page.heading == "Keep your recovery codes"
        clock.shift(60)
        other = site.browser()
        half = await round_trip(provider, other)
        assert half.page.heading == "Enter the code of your authenticator"
        assert (await other.get("/account")).status == 303
        let_in = await other.post("/sign-in/code", {"half": half.page.fields["half"][0], "code": keys.code()})
        assert let_in.status == 303


async def test_somebody_who_left_is_not_let_in(site: Site, loaded: Driver, provider: Provider) -> None:
    """Whatever the provider still says of them."""
    await linked(site, provider)
    async with loaded.writing() as session:
        who = await person(site, people.DSL)
        who.left_on = date(2026, 3, 1)
        session.add(who)
    assert (await round_trip(provider, site.browser())).status == 403


async def test_a_provider_that_does_not_answer_is_said(site: Site, provider: Provider) -> None:
    """Not an error of ours: the page says so, and a password still works."""
    provider.down = True
    back = await site.browser().get("/sign-in/single")
    assert (back.status, back.page.heading) == (503, "Derby Schools does not answer")


async def test_text_is_kept_on_the_way(site: Site, loaded: Driver, provider: Provider) -> None:
    """A form whose session had run out is a draft of its writer before the browser leaves for the provider."""
    browser = await linked(site, provider)
    async with loaded.writing() as session:
        for one in (await session.exec(select(SignIn))).all():
            one.seen_at -= LONGEST
    ended = await browser.post("/log", {"what": "A cold flat again."})
    assert ended.status == 401
    kept = await browser.post("/sign-in/single", {"carry": ended.page.fields["carry"][0]})
    assert kept.page.heading == "What you typed is kept"
    [onward] = [one for one in kept.page.links if one.startswith("/sign-in/single?next=")]
    assert (await round_trip(provider, browser, onward)).leads_to == "/log?done=back"
    drafts = await loaded.rows(select(Draft))
    assert [(one.form, one.fields) for one in drafts] == [("/log", {"what": ["A cold flat again."]})]


async def test_nothing_is_offered_where_there_is_none(site: Site) -> None:
    """Without settings there is no button, and the addresses lead nowhere."""
    browser = site.browser()
    assert "Sign in with" not in (await browser.get("/sign-in")).text
    assert (await browser.get("/sign-in/single")).status == 404
