"""A form whose session had ended comes back with its text, to its writer alone; and how often one may try."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from models.access import Draft, SignIn
from tests import people
from tests.driver import Driver
from tests.integration.pages.door import OTHER, Keys, first_factor, join, sign_in
from tests.site import Answer, Browser, Site

AT = "2026-03-02T09:00:00Z"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TYPED = {
    "what": "A cold flat again.\r\nNo food.",
    "types": ["physical", "nutritional"],
    "child_words": people.CHILD_WORDS,
}
EMPTY = {"email": ""}


async def ended(site: Site, loaded: Driver, browser: Browser, fields: Mapping[str, object] = TYPED) -> Answer:
    """What somebody sees who hands in a form half an hour after their last page."""
    async with loaded.writing() as session:
        for one in (await session.exec(select(SignIn))).all():
            one.seen_at -= timedelta(minutes=31)
    return await browser.post("/log", fields)


async def come_in(browser: Browser, keys: Keys, carry: str) -> Answer:
    """Both factors, with what is carried."""
    half = await first_factor(browser, keys, carry=carry)
    hidden = {name: half.page.fields[name][0] for name in ("half", "carry")}
    return await browser.post("/sign-in/code", {**hidden, "code": keys.code()})


async def test_text_comes_back_to_its_form(site: Site, loaded: Driver) -> None:
    """Through a wrong password and a wrong code too; as a draft, with a sentence, and nothing handed in."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        keys = await join(site, people.DSL, browser)
        clock.shift(60)
        page = await ended(site, loaded, browser)
        assert (page.status, page.page.heading) == (401, "Sign in")
        assert "what you typed comes with you" in page.text
        assert people.CHILD_WORDS not in page.response.text
        wrong = await first_factor(browser, Keys(people.DSL, "", [], OTHER), carry=page.page.fields["carry"][0])
        half = await first_factor(browser, keys, carry=wrong.page.fields["carry"][0])
        hidden = {name: half.page.fields[name][0] for name in ("half", "carry")}
        wrong = await browser.post("/sign-in/code", {**hidden, "code": "000000"})
        assert (wrong.status, wrong.page.fields["carry"]) == (422, [hidden["carry"]])
        assert (await browser.post("/sign-in/code", {**hidden, "code": keys.code()})).leads_to == "/log?done=back"


async def test_the_whole_way_back(site: Site, loaded: Driver) -> None:
    """What was typed is a draft of the form's path, name by name, and the browser is led there."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        keys = await join(site, people.DSL, browser)
        clock.shift(60)
        page = await ended(site, loaded, browser)
        back = await come_in(browser, keys, page.page.fields["carry"][0])
        assert (back.status, back.leads_to) == (303, "/log?done=back")
        [draft] = await loaded.rows(select(Draft))
        assert (draft.form, draft.fields) == (
            "/log",
            {
                "what": ["A cold flat again.\nNo food."],
                "types": ["physical", "nutritional"],
                "child_words": [people.CHILD_WORDS],
            },
        )
        form = await browser.get(back.leads_to)
        assert form.status == 200
        assert "What you typed is here again" in form.text


async def test_another_person_does_not_get_it(site: Site, loaded: Driver) -> None:
    """At a shared computer: what Dana typed is dropped when Tessa signs in."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        await join(site, people.DSL, browser)
        tessa = await join(site, people.TEACHER)
        clock.shift(60)
        page = await ended(site, loaded, browser)
        back = await come_in(browser, tessa, page.page.fields["carry"][0])
        assert (back.status, back.leads_to) == (303, "/")
        assert not await loaded.rows(select(Draft))


async def test_without_a_cookie_it_is_whoever_signs_in_next(site: Site, loaded: Driver) -> None:
    """A browser that has forgotten the session: nobody knows whose it was, and the text is not lost."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        clock.shift(60)
        browser = site.browser()
        page = await browser.post("/log", TYPED)
        back = await come_in(browser, keys, page.page.fields["carry"][0])
        assert back.leads_to == "/log?done=back"
        assert len(await loaded.rows(select(Draft))) == 1


async def test_what_is_not_of_our_making_is_not_carried(site: Site, loaded: Driver) -> None:
    """A crafted field is no draft, and leads nowhere."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        clock.shift(60)
        back = await sign_in(site, keys, keys.code(), carry="gAAAAABcrafted")
        assert (back.status, back.leads_to) == (303, "/")
        assert not await loaded.rows(select(Draft))


async def test_passwords_are_never_carried(site: Site, loaded: Driver) -> None:
    """A form of nothing but passwords has nothing to carry; the page asks to do it once more."""
    browser = site.browser()
    await join(site, people.DSL, browser)
    page = await ended(
        site, loaded, browser, {"password": "lantern", "present": "otter", "again": "x", "code": "123456"}
    )
    assert (page.status, page.page.fields["carry"]) == (401, [""])
    assert "do it once more" in page.text


async def test_what_is_too_long_to_carry_is_said(site: Site, loaded: Driver) -> None:
    """More than 200 kilobytes: the page says to copy it by hand. A little less goes with them."""
    browser = site.browser()
    await join(site, people.DSL, browser)
    page = await ended(site, loaded, browser, {"what": "é" * 120_000})
    assert (page.status, page.page.fields["carry"]) == (401, [""])
    assert "too long to come with you" in page.text
    fits = await ended(site, loaded, browser, {"what": "e" * 190_000})
    assert len(fits.page.fields["carry"][0]) > 190_000


async def test_a_script_that_keeps_drafts_is_told_briefly(site: Site) -> None:
    """No page is shown to it."""
    answer = await site.browser().post("/drafts", {"form": "/log", "what": "x"})
    assert (answer.status, answer.response.content) == (401, b"")


async def test_a_form_from_another_site_is_not_carried(site: Site) -> None:
    """It is refused before anybody is asked to sign in."""
    answer = await site.browser().post("/log", TYPED, headers={"sec-fetch-site": "cross-site"})
    assert answer.status == 403
    assert "carry" not in answer.page.fields


@pytest.mark.parametrize(
    ("path", "often", "minutes"), [("/sign-in", 60, 10), ("/sign-in/code", 60, 10), ("/sign-in/forgotten", 20, 60)]
)
async def test_one_address_may_not_knock_for_ever(site: Site, path: str, often: int, minutes: int) -> None:
    """429 in plain words, with when to come back; another address is not held up, and time heals it."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        for _ in range(often):
            assert (await browser.post(path, EMPTY)).status in (401, 422)
        answer = await browser.post(path, EMPTY)
        assert (answer.status, answer.page.heading) == (429, "Too many attempts")
        assert answer.response.headers["retry-after"] == str(minutes * 60)
        assert f"Wait {minutes} minutes" in answer.text
        assert (await site.browser("10.0.0.9").post(path, EMPTY)).status in (401, 422)
        clock.shift(minutes * 60 + 1)
        assert (await browser.post(path, EMPTY)).status in (401, 422)
