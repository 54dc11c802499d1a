"""Letters that failed, sent again from the office: once each, to the right address, and never read there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from models.telling import State
from notifications.outbox import Counts
from tests import people
from tests.driver import Driver
from tests.integration.pages.office import ada, deeds_of, person
from tests.mail import MailServer, mail_server
from tests.outbox import AT, outbox, put, put_about_task, send
from tests.site import Site

NO = "550 5.1.1 no such person"
WHEN = "2026-03-02T09:00"
HOUR = timedelta(hours=1)
RIGHT = "harriet.lowe-smith@oakfield.example"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A real server that refuses the head's address."""
    async with mail_server(smtp_timeout=0.5) as running:
        running.refuse[people.HEAD] = NO
        yield running


async def refused(driver: Driver, site: Site) -> str:
    """A letter to the head that was refused; its id."""
    await put(driver, people.HEAD)
    await send(driver)
    site.at(WHEN)
    return next(str(one.id) for one in await outbox(driver, "not-covered") if one.state == State.REFUSED)


async def test_a_refused_letter_goes_again_exactly_once(site: Site, loaded: Driver, mail: MailServer) -> None:
    """With the Message-ID it had; a second press, and a third once it is sent, send nothing."""
    letter = await refused(loaded, site)
    before = next(one for one in await outbox(loaded) if str(one.id) == letter)
    mail.refuse.clear()
    browser = await ada(site)
    listed = await browser.get("/admin/letters")
    assert people.HEAD in listed.text
    assert "There is no such mailbox." in listed.text
    first = await browser.post(f"/admin/letters/{letter}/again")
    assert first.leads_to.endswith("done=letter-again")
    assert (await browser.post(f"/admin/letters/{letter}/again")).leads_to.endswith("done=letter-not-again")
    mail.letters.clear()
    await send(loaded)
    await browser.post(f"/admin/letters/{letter}/again")
    await send(loaded, AT + HOUR)
    assert [(one["To"], one["Message-ID"]) for one in mail.letters] == [(people.HEAD, before.message_id)]
    after = next(one for one in await outbox(loaded) if str(one.id) == letter)
    assert (after.state, after.told_at) == (State.SENT, before.told_at)
    assert len(await deeds_of(loaded, "letter_resent")) == 1


async def test_what_is_done_meanwhile_is_not_asked_for_again(site: Site, loaded: Driver, mail: MailServer) -> None:
    """A letter about a task that was closed since is withdrawn when its turn comes."""
    mail.refuse[people.DSL] = NO
    await put_about_task(loaded, people.DSL)
    await send(loaded)
    letter = next(one for one in await outbox(loaded, "task-opened") if one.state == State.REFUSED)
    mail.refuse.clear()
    await loaded.do("monitor", people.DEPUTY, "2026-03-02T09:30", reason="we keep an eye on it")
    browser = await ada(site, "2026-03-02T09:40")
    await browser.post(f"/admin/letters/{letter.id}/again")
    mail.letters.clear()
    assert (await send(loaded, AT + HOUR)).withdrawn == 1
    assert mail.sent_to == []


async def test_a_corrected_address_gets_what_was_refused(site: Site, loaded: Driver, mail: MailServer) -> None:
    """The address changes, letters reach it, and the deed says who corrected what."""
    letter = await refused(loaded, site)
    browser = await ada(site)
    answer = await browser.post(f"/admin/letters/{letter}/address", {"email": f" {RIGHT.upper()} "})
    assert answer.leads_to.endswith("done=address-corrected")
    mail.letters.clear()
    await send(loaded)
    assert mail.sent_to == [RIGHT]
    assert (await person(loaded, RIGHT)).refused_at is None
    (deed,) = await deeds_of(loaded, "address_corrected")
    assert (deed.about["before"], deed.about["to"]) == (people.HEAD, RIGHT)


@pytest.mark.parametrize(
    "email", ["", "no address", people.DSL, "two@a.example, three@a.example", "a" * 300 + "@b.example"]
)
async def test_a_wrong_address_changes_nothing(site: Site, loaded: Driver, mail: MailServer, email: str) -> None:
    """What was typed is kept and the field says what would be right; another person's address is refused."""
    letter = await refused(loaded, site)
    browser = await ada(site)
    before = await loaded.dump()
    answer = await browser.post(f"/admin/letters/{letter}/address", {"email": email})
    assert answer.status == 422
    assert answer.page.fields["email"] == [email]
    assert "There is a problem" in answer.text
    assert await loaded.dump() == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_given_up_goes_again_too(site: Site, loaded: Driver, mail: MailServer) -> None:
    """Two days without a server, and then an administrator who has mended it."""
    await put(loaded, people.DSL, 3)
    mail.refuse_sender = "530 log in first"
    late = AT + timedelta(hours=49)
    await send(loaded, late)
    mail.refuse_sender = None
    browser = await ada(site, "2026-03-04T10:30")
    listed = await browser.get("/admin/letters?state=given_up")
    assert "Given up: 3 letters" in listed.text
    letters = [link for link in listed.page.links if link.startswith("/admin/letters/")]
    await browser.post(f"{letters[0]}/again")
    mail.letters.clear()
    counts = await send(loaded, late + HOUR)
    assert mail.sent_to.count(people.DSL) == 1
    assert counts.given_up == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_letter_that_waits_cannot_be_sent_twice(site: Site, loaded: Driver, mail: MailServer) -> None:
    """Only what failed can go again; what waits or was sent is left alone."""
    await put(loaded, people.DSL)
    (letter,) = await outbox(loaded)
    browser = await ada(site, WHEN)
    assert (await browser.post(f"/admin/letters/{letter.id}/again")).leads_to.endswith("letter-not-again")
    assert await send(loaded) == Counts(sent=1)
    assert (await browser.get("/admin/letters/none-such")).status == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_fifty_letters_a_page(site: Site, loaded: Driver, mail: MailServer) -> None:
    """The rest is a page further; an odd start is the beginning."""
    await put(loaded, people.DSL, 60)
    browser = await ada(site, WHEN)
    first = await browser.get("/admin/letters?state=waiting&start=-3")
    second = await browser.get("/admin/letters?state=waiting&start=50")
    assert [len(_letters(one.page.links)) for one in (first, second)] == [50, 10]


def _letters(links: list[str]) -> list[str]:
    return [link for link in links if link.startswith("/admin/letters/")]
