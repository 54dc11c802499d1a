"""Everybody sees only the children of their own setting, area or duty: every route and role, a child of each setting.

A page of a child out of reach is 404, whatever is asked of it, and no page ever holds such a child's name.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests import people
from tests.driver import Driver
from tests.integration.reach import (
    ABOUT_A_CHILD,
    AT,
    REFERRED,
    WHOLE,
    Known,
    address,
    concerns_everywhere,
    may,
    may_be_named,
    names_of,
)
from tests.site import Browser, Site, routes

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def known(loaded: Driver) -> list[Known]:
    """A concern in each setting."""
    return await concerns_everywhere(loaded)


async def test_nobody_sees_a_child_out_of_reach(site: Site, known: list[Known]) -> None:
    """Pages about a child out of reach are 404 to GET and POST alike, and hold nothing of the child."""
    wrong: list[str] = []
    asked = 0
    about = [(method, path) for method, path in routes() if any(one in path for one in ABOUT_A_CHILD)]
    assert len(about) > 10
    for who in WHOLE:
        browser = await site.signed_in(who, AT)
        for (method, template), one in product(about, known):
            if may(who, one.setting, template):
                continue
            answer = await _ask(browser, method, address(template, one))
            asked += 1
            sent_on = answer.status == 303 and one.setting in REFERRED.get(who, ()) and "/referrals/" in answer.leads_to
            if answer.status not in (404, 405) and not sent_on:
                wrong.append(f"{who} {method} {template} of {one.setting}: {answer.status}")
            if leaked := [name for name in names_of(one.setting) if name in answer.response.text]:
                wrong.append(f"{who} {method} {template} shows {leaked}")
    assert not wrong, "\n".join(wrong)
    assert asked > 500


async def test_no_page_of_ones_own_holds_a_child_out_of_reach(site: Site, known: list[Known]) -> None:
    """Desk, lists, tracker, office: every page without a child in its address, as every role."""
    wrong: list[str] = []
    plain = [path for method, path in routes() if method == "GET" and not any(one in path for one in ABOUT_A_CHILD)]
    for who in WHOLE:
        browser = await site.signed_in(who, AT)
        hidden = [one for one in known if not may_be_named(who, one.setting)]
        for template in plain:
            answer = await _ask(browser, "GET", address(template, known[0]))
            if answer.status >= 500:
                wrong.append(f"{who} GET {template}: {answer.status}")
            shown = [one.setting for one in hidden if any(name in answer.text for name in names_of(one.setting))]
            wrong += [f"{who} GET {template} shows the child of {setting}" for setting in shown]
    assert not wrong, "\n".join(wrong)


async def test_whoever_may_see_a_child_does(site: Site, known: list[Known]) -> None:
    """The concern's own page, so that the test above cannot pass because nothing is shown to anybody."""
    for who, settings in WHOLE.items():
        browser = await site.signed_in(who, AT)
        for one in known:
            if one.setting in settings:
                answer = await browser.get(f"/concerns/{one.values['reference']}")
                assert answer.status == 200, (who, one.setting)
                assert names_of(one.setting)[0] in answer.text


async def test_every_page_asks_who_is_there(site: Site, known: list[Known]) -> None:
    """Without a session: to the sign-in page, or nothing at all; never a child."""
    wrong: list[str] = []
    nobody = site.browser()
    site.at(AT)
    for method, template in routes():
        answer = await _ask(nobody, method, address(template, known[0]))
        if answer.status >= 500 or [name for one in known for name in names_of(one.setting) if name in answer.text]:
            wrong.append(f"{method} {template}: {answer.status}")
        if any(one in template for one in ABOUT_A_CHILD) and answer.status not in (303, 401, 404, 405):
            wrong.append(f"{method} {template}: {answer.status}")
    assert not wrong, "\n".join(wrong)


async def test_a_form_of_another_site_is_refused(site: Site, known: list[Known]) -> None:
    """Every POST, whatever it asks: the browser says where it came from, and nothing is changed."""
    dana = await site.signed_in(people.DSL, AT)
    for method, template in routes():
        if method != "POST":
            continue
        for headers in (
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "", "origin": "https://elsewhere.example"},
        ):
            answer = await dana.post(address(template, known[0]), {"reason": "x"}, headers=headers)
            assert answer.status == 403, (template, headers)


async def _ask(browser: Browser, method: str, address: str) -> Any:
    return await (browser.get(address) if method == "GET" else browser.post(address, {"reason": "x"}))


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"reason=" + b"x" * 9_000_000, "application/x-www-form-urlencoded", 413),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "application/octet-stream", 400),
        (b"reason=%00%ff", "application/x-www-form-urlencoded", 400),
        (b'{"reason": "x"}', "application/json", 400),
    ],
    ids=["oversized", "binary", "not text", "no form"],
)
async def test_no_form_takes_what_is_no_form(
    site: Site, known: list[Known], content: bytes, kind: str, status: int
) -> None:
    """Whatever is sent to any form: the right status, a page that helps, and no trace of the child."""
    dana = await site.signed_in(people.DSL, AT)
    one = next(one for one in known if one.setting == people.OAKFIELD)
    wrong: list[str] = []
    for template in [path for method, path in routes() if method == "POST" and path != "/sign-out"]:
        answer = await dana.send(address(template, one, "noted"), content, kind)
        # Forms without a field read nothing of what is sent; what is not this person's is 404 before it is read.
        fine = (
            answer.status in (status, 404)
            or template in ("/tracker/feed", "/account/pack")
            or (status == 400 and answer.status == 303)
        )
        shown = [name for name in names_of(one.setting) if name in answer.response.text]
        if not fine or (answer.status == status and shown):
            wrong.append(f"{template}: {answer.status} {shown}")
    assert not wrong, "\n".join(wrong)
