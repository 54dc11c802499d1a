"""Invitations and forgotten passwords: one letter, one use, seven days; a second factor outlives a password."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from uuid import uuid4

import pytest
import time_machine
from sqlmodel import select

from config.secret import sign
from config.time import now, wall
from models.access import Account, ApiKey, CalendarKey, Door, Identity, Invitation
from models.accounts import accounts_of, end_sessions, reset_second_factor
from models.database import reading
from models.invitations import invitation_path
from tests import people
from tests.driver import Driver
from tests.integration.pages.door import (
    OTHER,
    PASSWORD,
    Keys,
    deeds,
    first_factor,
    invitation_link,
    invited,
    join,
    key_on,
    letters_to,
    link_of,
    person,
    sign_in,
)
from tests.site import Site

AT = "2026-03-02T09:00:00Z"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CHOSEN = {"password": PASSWORD, "again": PASSWORD}


@on_sqlite
async def test_the_letter_holds_the_only_link(site: Site, loaded: Driver) -> None:
    """The signature is made when the letter is composed: whoever reads the record cannot follow it."""
    link = await invitation_link(site, people.DSL)
    assert (await site.browser().get(link)).page.heading == "Choose a password"
    assert link.rpartition("/")[2] not in str(await loaded.dump())
    assert (Door.INVITED, people.ADMIN) in [(what, people.ADMIN) for what, _ in await deeds(site)]


@on_sqlite
async def test_a_link_that_is_not_ours_opens_nothing(site: Site) -> None:
    """Another id, another signature, another purpose's, nonsense: the same page, and nothing about anybody."""
    link = await invitation_link(site, people.DSL)
    _, _, number, signature = link.split("/")
    other = str(uuid4())
    for broken in (
        f"/join/{other}/{signature}",
        f"/join/{number}/{signature[:-1]}",
        f"/join/{number}/{sign('another purpose', number)}",
        f"/join/{other}/{sign('invitation', other)}",
        "/join/nonsense/é",
    ):
        for answer in (await site.browser().get(broken), await site.browser().post(broken, CHOSEN)):
            assert (answer.status, answer.page.heading) == (410, "This link opens nothing")
            assert "Dana" not in answer.text


@on_sqlite
async def test_an_invitation_ends_after_seven_days(site: Site) -> None:
    """In the record's own time, at every step."""
    link = await invitation_link(site, people.DSL)
    scan = await site.browser().post(link, CHOSEN)
    site.at("2026-03-09T08:59")
    assert (await site.browser().get(link)).status == 200
    site.at("2026-03-09T09:00")
    keys = Keys(people.DSL, key_on(scan))
    fields = {"enrol": scan.page.fields["enrol"][0], "code": keys.code()}
    assert (await site.browser().get(link)).status == 410
    assert (await site.browser().post(f"{link}/code", fields)).status == 410


@on_sqlite
async def test_a_second_invitation_ends_the_first(site: Site) -> None:
    """The newest letter is the one that counts; the older one is not even sent any more."""
    first = await invitation_link(site, people.DSL)
    second = await invitation_link(site, people.DSL)
    assert (await site.browser().get(first)).status == 410
    assert (await site.browser().get(second)).status == 200


@on_sqlite
async def test_somebody_who_left_cannot_join(site: Site, loaded: Driver) -> None:
    """Their link opens nothing from the day of their leaving."""
    link = await invitation_link(site, people.DSL)
    async with loaded.writing() as session:
        who = await person(site, people.DSL)
        who.left_on = date(2026, 3, 2)
        session.add(who)
    assert (await site.browser().get(link)).status == 410


@time_machine.travel(AT, tick=False)
async def test_an_invitation_works_once_however_often_it_is_sent(site: Site, loaded: Driver) -> None:
    """Two people with one link at one moment: one of them joins."""
    link = await invitation_link(site, people.DSL)
    scan = await site.browser().post(link, CHOSEN)
    fields = {"enrol": scan.page.fields["enrol"][0], "code": Keys(people.DSL, key_on(scan)).code()}
    answers = await asyncio.gather(*(site.browser().post(f"{link}/code", fields) for _ in range(3)))
    assert sorted(one.status for one in answers) == [200, 410, 410]
    assert len(await loaded.rows(select(Account))) == 1
    assert (await site.browser().get(link)).status == 410


@on_sqlite
async def test_a_wrong_first_code_keeps_the_key(site: Site) -> None:
    """The same picture and key again; a key of another invitation is not taken."""
    link = await invitation_link(site, people.DSL)
    scan = await site.browser().post(link, CHOSEN)
    again = await site.browser().post(f"{link}/code", {"enrol": scan.page.fields["enrol"][0], "code": "000000"})
    assert (again.status, key_on(again)) == (422, key_on(scan))
    other = await invitation_link(site, people.TEACHER)
    fields = {"enrol": scan.page.fields["enrol"][0], "code": Keys("", key_on(scan)).code()}
    assert (await site.browser().post(f"{other}/code", fields)).leads_to == other


@on_sqlite
@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("", "", "Enter an answer to “Password”"),
        ("short", "short", "Use 12 characters or more"),
        (PASSWORD, OTHER, "The two passwords are not the same"),
        ("dana.okoro2026", "dana.okoro2026", "not made of your name"),
        ("password12345", "password12345", "this is one of those that are tried first"),
        ("x" * 201, "x" * 201, "Use 200 characters or fewer"),
    ],
)
async def test_a_password_that_will_not_do_is_said(site: Site, password: str, again: str, said: str) -> None:
    """In the summary and at the field; what was typed is not sent back, and the link stays good."""
    link = await invitation_link(site, people.DSL)
    answer = await site.browser().post(link, {"password": password, "again": again})
    assert answer.status == 422
    assert said in answer.text
    assert "There is a problem" in answer.text
    assert answer.page.fields["password"] == [""]
    assert (await site.browser().get(link)).status == 200


@on_sqlite
@time_machine.travel(AT, tick=False)
async def test_forgetting_a_password_is_answered_alike(site: Site) -> None:
    """A stranger's address and a colleague's: the same page; a letter goes to the colleague alone."""
    await join(site, people.DSL)
    before = len(await letters_to(site, people.DSL))
    site.at("2026-03-02T10:00")
    answers = [
        await site.browser().post("/sign-in/forgotten", {"email": email})
        for email in ("nobody@oakfield.example", people.DSL.upper(), people.TEACHER)
    ]
    assert len({(one.status, one.text) for one in answers}) == 1
    letters = await letters_to(site, people.DSL)
    assert [one.letter for one in letters[before:]] == ["password-reset"]
    assert [one.letter for one in await letters_to(site, people.TEACHER)] == ["invitation"]
    assert (await site.browser().post("/sign-in/forgotten", {"email": ""})).status == 422


@on_sqlite
async def test_letters_for_the_forgetful_are_a_quarter_of_an_hour_apart(site: Site, loaded: Driver) -> None:
    """Nobody fills a colleague's mailbox, nor ends their link by asking again; leavers get none."""
    for at in ("2026-03-02T09:00", "2026-03-02T09:14", "2026-03-02T09:15"):
        site.at(at)
        await site.browser().post("/sign-in/forgotten", {"email": people.DSL})
    assert len(await letters_to(site, people.DSL)) == 2
    async with loaded.writing() as session:
        who = await person(site, people.HEAD)
        who.left_on = date(2026, 3, 1)
        session.add(who)
    await site.browser().post("/sign-in/forgotten", {"email": people.HEAD})
    assert not await letters_to(site, people.HEAD)


async def test_a_new_password_keeps_the_second_factor(site: Site) -> None:
    """It ends every session and opens a closed account; the old password is dead, the authenticator is not."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        keys = await join(site, people.DSL, browser)
        for _ in range(5):
            await first_factor(site.browser(), Keys(people.DSL, "", [], OTHER))
        site.at("2026-03-02T10:00")
        await site.browser().post("/sign-in/forgotten", {"email": people.DSL})
        link = await link_of(site, (await letters_to(site, people.DSL))[-1])
        assert (await site.browser().get(link)).page.heading == "Choose a new password"
        done = await site.browser().post(link, {"password": OTHER, "again": OTHER})
        assert done.leads_to == "/sign-in?done=new-password"
        assert (await browser.get("/account")).status == 303
        clock.shift(60)
        assert (await first_factor(site.browser(), keys)).status == 422
        keys.password = OTHER
        assert (await sign_in(site, keys, keys.code())).status == 303
        assert (await site.browser().post(link, CHOSEN)).status == 410


async def test_an_administrator_ends_sessions_and_second_factors(site: Site, loaded: Driver) -> None:
    """A stolen bag: signed out everywhere, no way in with the old authenticator, a new one through a new letter."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        keys = await join(site, people.DSL, browser)
        dana, ada = await person(site, people.DSL), await person(site, people.ADMIN)
        async with loaded.writing() as session:
            assert await end_sessions(session, dana, ada, now(), wall()) == 1
        assert (await browser.get("/account")).status == 303
        async with loaded.writing() as session:
            session.add(ApiKey(person_id=dana.id, name="x", token="1", made_at=wall(), until=wall()))
            session.add(CalendarKey(person_id=dana.id, token="2", made_at=wall()))
            session.add(Identity(person_id=dana.id, issuer="https://id.example", subject="3", made_at=now()))
        async with loaded.writing() as session:
            await reset_second_factor(session, dana, ada, now(), wall())
        assert [one.ended_at for one in await loaded.rows(select(ApiKey))] == [wall()]
        assert [one.ended_at for one in await loaded.rows(select(CalendarKey))] == [wall()]
        assert await loaded.rows(select(Identity)) == []
        clock.shift(60)
        assert (await first_factor(site.browser(), keys)).status == 422
        clock.shift(60)
        again = await join(site, people.DSL)
        clock.shift(60)
        assert again.seed != keys.seed
        assert (await sign_in(site, again, keys.code())).status == 422
        assert (await sign_in(site, again, again.code())).status == 303
        old = await first_factor(site.browser(), again)
        fields = {"half": old.page.fields["half"][0], "recovery": keys.codes[0]}
        assert (await site.browser().post("/sign-in/code", fields)).status == 422
        assert Door.SECOND_FACTOR_RESET in [what for what, _ in await deeds(site)]


async def test_an_administrators_list_says_how_accounts_stand(site: Site) -> None:
    """Who can sign in, who is invited and until when, whose account is closed; in four queries."""
    with time_machine.travel(AT, tick=False):
        await join(site, people.DSL)
        await invited(site, people.TEACHER)
        for _ in range(5):
            await first_factor(site.browser(), Keys(people.DSL, "", [], OTHER))
        names = (people.DSL, people.TEACHER, people.HEAD)
        ids = {(await person(site, name)).id: name for name in names}
        with site.statements() as statements:
            async with reading(site.engine) as session:
                found = {ids[one.person_id]: one for one in (await accounts_of(session, ids, now(), wall())).values()}
        assert len([one for one in statements if one.startswith("SELECT")]) == 4
        dana, tessa, harriet = (found[name] for name in names)
        assert (dana.is_live, tessa.is_live, harriet.is_live) == (True, False, False)
        assert (dana.browsers, tessa.browsers) == (1, 0)
        assert dana.locked_until is not None
        assert tessa.invited_until == datetime.fromisoformat("2026-03-09T09:00:00+00:00")
        assert (harriet.invited_until, dana.invited_until) == (None, None)


@on_sqlite
async def test_the_first_administrator_needs_no_letter(site: Site, loaded: Driver) -> None:
    """Whoever sets the pathway up is led to the same pages by the link itself."""
    number = await invited(site, people.ADMIN, by=None)
    [row] = await loaded.rows(select(Invitation).where(Invitation.id == number))
    assert (await site.browser().get(invitation_path(row.id))).page.heading == "Choose a password"
