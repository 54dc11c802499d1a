"""Trying it out: the local mailbox and the sample's doors are of this machine alone, and never of production."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from config.settings import settings
from models.database import writing
from models.trying import mark_as_sample
from notifications.kept_letters import FOLDER
from tests import people
from tests.driver import Driver
from tests.site import HERE, Site
from web.app import make_app

LETTER = """Subject: Your invitation
To: {to}
Date: Mon, 02 Mar 2026 08:00:00 +0000
Content-Type: text/plain; charset="utf-8"

Choose a password: http://127.0.0.1:8340/join/1/abc.
Elsewhere: https://elsewhere.example/<script>
"""


@pytest.fixture
def letters(home: Path) -> Path:
    """A mailbox with two letters."""
    folder = home / FOLDER
    folder.mkdir()
    for number, to in ((1, people.DSL), (2, people.ADMIN)):
        (folder / f"{number:04d}-invitation-{to}.eml").write_text(LETTER.format(to=to), "utf-8")
    return folder


async def test_letters_are_listed_newest_first(site: Site, letters: Path) -> None:
    """Each once, with its reader."""
    page = (await site.browser().get("/mailbox")).page
    assert page.heading == "Mailbox of this machine"
    assert [link for link in page.links if link.startswith("/mailbox/")] == ["/mailbox/2", "/mailbox/1"]
    assert page.text.index(people.ADMIN) < page.text.index(people.DSL)


async def test_a_letter_leads_to_our_pages_alone(site: Site, letters: Path) -> None:
    """Its text, escaped; a link only where it leads here, without the full stop behind it."""
    answer = await site.browser().get("/mailbox/1")
    assert "http://127.0.0.1:8340/join/1/abc" in answer.page.links
    assert not [link for link in answer.page.links if "elsewhere" in link]
    assert "&lt;script&gt;" in answer.response.text
    assert "style-src 'self'" in answer.response.headers["content-security-policy"]


async def test_an_empty_mailbox_says_what_will_come(site: Site) -> None:
    """And a letter that is not there is no page."""
    assert "no letters yet" in (await site.browser().get("/mailbox")).text
    assert (await site.browser().get("/mailbox/7")).status == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATHWAY_SMTP_HOST", "mail.example.org"),
        ("PATHWAY_BASE_URL", "https://pathway.example.org"),
        ("PATHWAY_ENV", "production"),
    ],
)
async def test_no_mailbox_where_letters_are_real(
    site: Site, letters: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """With a mail server, for other machines, or in production there is no such page."""
    monkeypatch.delenv("PATHWAY_NOW")
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    for path in ("/mailbox", "/mailbox/1"):
        assert (await site.browser().get(path)).status == 404


@pytest.mark.parametrize(
    ("client", "host"), [("192.0.2.7", "127.0.0.1:8340"), ("127.0.0.1", "pathway.attacker.example")]
)
async def test_no_mailbox_for_other_machines(site: Site, letters: Path, loaded: Driver, client: str, host: str) -> None:
    """Neither from another address nor under a name that somebody else made lead here."""
    async with writing(loaded.engine) as session:
        await mark_as_sample(session)
    transport = httpx.ASGITransport(make_app(), client=(client, 4000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as other:
        for path in ("/mailbox", "/mailbox/1", "/sample"):
            assert (await other.get(path)).status_code == 404
        answer = await other.post("/sample", data={"person": "priya.ramanathan@hollowmere.example"}, headers=HERE)
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip", "via"])
async def test_no_mailbox_behind_a_proxy(site: Site, letters: Path, loaded: Driver, header: str) -> None:
    """A proxy on this machine that calls the pages by this machine's name still asks for somebody elsewhere."""
    async with writing(loaded.engine) as session:
        await mark_as_sample(session)
    for path in ("/mailbox", "/mailbox/1", "/sample"):
        assert (await site.browser().get(path, headers={header: "127.0.0.1"})).status == 404
        assert (await site.browser().get(path)).status == 200


async def test_a_real_record_has_no_open_doors(site: Site) -> None:
    """Nobody signs in without a password where people are real."""
    browser = site.browser()
    assert (await browser.get("/sample")).status == 404
    assert (await browser.post("/sample", {"person": people.DSL})).status == 404


async def test_a_sample_opens_for_those_it_names_alone(site: Site, loaded: Driver) -> None:
    """A record that is marked lets in whom the page names; anybody else stays outside."""
    async with writing(loaded.engine) as session:
        await mark_as_sample(session)
    browser = site.browser()
    assert (await browser.get("/sample")).page.heading == "Try the sample"
    answer = await browser.post("/sample", {"person": people.DSL})
    assert answer.status == 404
    assert "set-cookie" not in answer.response.headers


async def test_signing_in_as_somebody_of_the_sample(
    site: Site, loaded: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session like any other, said to be the sample's; whoever was signed in here before no longer is."""
    monkeypatch.setattr("web.sample.GUISES", [_guise(people.DSL), _guise(people.TEACHER)])
    async with writing(loaded.engine) as session:
        await mark_as_sample(session)
    browser = site.browser()
    answer = await browser.post("/sample", {"person": people.DSL})
    assert (answer.status, answer.leads_to) == (303, "/")
    before = dict(browser.client.cookies)
    assert (await browser.get("/")).leads_to == "/desk"
    await browser.post("/sample", {"person": people.TEACHER})
    assert (await browser.get("/")).leads_to == "/mine"
    browser.client.cookies.update(before)
    assert (await browser.get("/")).leads_to.startswith("/sign-in")


def _guise(email: str) -> object:
    from web.sample import Guise

    return Guise(email, "Somebody", "Everything.")
