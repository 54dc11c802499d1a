"""Signing in: an invitation, a password, an authenticator; then both factors at every door, once each."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
import time_machine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.settings import settings
from config.time import wall
from models.access import Account, Door, RecoveryCode, SignIn
from models.accounts import account_of
from models.attempts import count_attempt, take_back
from models.database import reading, writing
from models.people import Person
from tests import people
from tests.driver import Driver
from tests.integration.pages.door import (
    OTHER,
    PASSWORD,
    Keys,
    deeds,
    first_factor,
    invitation_link,
    join,
    key_on,
    person,
    sign_in,
)
from tests.site import Answer, Site

AT = "2026-03-02T09:00:00Z"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def account(site: Site, email: str) -> Account:
    """Somebody's account as the record has it."""
    who = await person(site, email)
    async with reading(site.engine) as session:
        found = await account_of(session, who.id)
    assert found is not None
    return found


@time_machine.travel(AT, tick=False)
async def test_somebody_joins_and_is_signed_in(site: Site) -> None:
    """Password, authenticator, ten recovery codes; nothing that opens a door is kept as it was given."""
    browser = site.browser()
    keys = await join(site, people.DSL, browser)
    assert len(set(keys.codes)) == 10
    assert (await browser.get("/account")).page.heading == "Your account"
    kept = await account(site, people.DSL)
    assert kept.password is not None
    assert kept.password.startswith("$argon2id$")
    assert keys.seed not in str(kept.totp)
    assert [what for what, _ in await deeds(site)] == [
        Door.INVITED,
        Door.JOINED,
        Door.CODES_MADE,
        Door.SIGNED_IN,
    ]


@on_sqlite
@time_machine.travel(AT, tick=False)
async def test_nobody_is_in_before_the_code(site: Site) -> None:
    """After the right password there is no session yet; a link that was followed half way leaves no account."""
    browser = site.browser()
    link = await invitation_link(site, people.DSL)
    await browser.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert (await browser.get("/account")).status == 303
    who = await person(site, people.DSL)
    async with reading(site.engine) as session:
        assert await account_of(session, who.id) is None
    keys = await join(site, people.DSL)
    other = site.browser()
    half = await first_factor(other, keys)
    assert half.page.heading == "Enter the code of your authenticator"
    assert "set-cookie" not in half.response.headers
    assert (await other.get("/account")).status == 303


async def test_a_code_lets_in_once(site: Site) -> None:
    """The code that was used to enrol, or to sign in, is dead; the next one is not. Its step is taken atomically."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        assert (await sign_in(site, keys, keys.code())).status == 422
        clock.shift(60)
        assert (await sign_in(site, keys, keys.code())).status == 303
        again = await sign_in(site, keys, keys.code())
        assert again.status == 422
        assert "A code counts once" in again.text


async def test_a_code_sent_twice_at_once_lets_in_once(site: Site) -> None:
    """Two browsers, one code, the same moment: the statement that takes the step lets one in."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        clock.shift(60)
        answers = await asyncio.gather(*(sign_in(site, keys, keys.code()) for _ in range(3)))
        assert sorted(one.status for one in answers) == [303, 422, 422]


async def test_a_recovery_code_lets_in_once(site: Site, loaded: Driver) -> None:
    """However it is typed; the audit says that it was one."""
    keys = await join(site, people.DSL)
    code = keys.codes[3]
    assert (await recovered(site, keys, code.lower().replace("-", " "))).status == 303
    assert (await recovered(site, keys, code)).status == 422
    used = await loaded.rows(select(RecoveryCode).where(col(RecoveryCode.used_at).is_not(None)))
    assert len(used) == 1
    assert (Door.SIGNED_IN, {"how": "recovery"}) in await deeds(site)
    somebody = await join(site, people.TEACHER)
    assert (await recovered(site, somebody, keys.codes[4])).status == 422


async def recovered(site: Site, keys: Keys, code: str) -> Answer:
    """Both factors, the second a recovery code."""
    browser = site.browser()
    half = await first_factor(browser, keys)
    return await browser.post("/sign-in/code", {"half": half.page.fields["half"][0], "recovery": code})


@on_sqlite
async def test_a_clock_may_be_half_a_minute_out(site: Site) -> None:
    """The code before and the one after count, and no others."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        for steps, status in ((-2, 422), (-1, 303), (1, 303), (2, 422)):
            clock.shift(300)
            assert (await sign_in(site, keys, keys.code(steps))).status == status, steps


def plain(answer: Answer, typed: str) -> tuple[int, str]:
    """A page without the address that was typed."""
    return answer.status, answer.response.text.replace(typed, "").partition("<body")[2]


@on_sqlite
@time_machine.travel(AT, tick=False)
async def test_refusals_tell_nobody_who_is_there(site: Site, loaded: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown, no account, wrong password, closed, left, no second factor: one answer, to the letter."""
    for name in (people.DSL, people.HEAD, people.LEAD, people.DEPUTY):
        await join(site, name)
    async with loaded.writing() as session:
        head = await person(site, people.HEAD)
        head.left_on = date(2026, 3, 2)
        session.add(head)
        await close(session, await person(site, people.LEAD))
        await forget_factor(session, await person(site, people.DEPUTY))
    asked = {
        "nobody@oakfield.example": PASSWORD,
        people.TEACHER: PASSWORD,
        people.DSL: OTHER,
        people.HEAD: PASSWORD,
        people.LEAD: PASSWORD,
        people.DEPUTY: PASSWORD,
    }
    monkeypatch.setattr("web.guard.secrets.token_urlsafe", lambda _size: "one nonce")
    answers = [
        plain(await first_factor(site.browser(), Keys(email, "", [], said)), email) for email, said in asked.items()
    ]
    assert len(set(answers)) == 1
    assert answers[0][0] == 422
    assert [about["why"] for what, about in await deeds(site) if what == Door.REFUSED] == [
        "unknown",
        "no account",
        "wrong",
        "left",
        "closed",
        "no account",
    ]


async def close(session: AsyncSession, who: Person) -> None:
    """As if many had guessed at them."""
    found = await account_of(session, who.id)
    assert found
    found.failures, found.locked_until = 9, wall() + timedelta(minutes=5)
    session.add(found)


async def forget_factor(session: AsyncSession, who: Person) -> None:
    """As if an administrator had taken their authenticator away."""
    found = await account_of(session, who.id)
    assert found
    found.totp = None
    session.add(found)


async def test_five_wrong_passwords_close_an_account_for_a_minute(site: Site) -> None:
    """The right one is not even looked at meanwhile; afterwards it counts, and all is forgotten at success."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        guess = Keys(people.DSL, "", [], OTHER)
        for _ in range(5):
            assert (await first_factor(site.browser(), guess)).status == 422
        assert (await first_factor(site.browser(), keys)).status == 422
        clock.shift(59)
        assert (await first_factor(site.browser(), keys)).status == 422
        clock.shift(2)
        assert (await sign_in(site, keys, keys.code())).status == 303
        kept = await account(site, people.DSL)
        assert (kept.failures, kept.locked_until) == (0, None)
        assert [about for what, about in await deeds(site) if what == Door.LOCKED] == [{"failures": 5}]


async def test_guesses_at_once_are_counted_before_they_are_looked_at(site: Site) -> None:
    """A dozen at one moment are five guesses and seven that no password was compared for."""
    with time_machine.travel(AT, tick=False):
        await join(site, people.DSL)
        guess = Keys(people.DSL, "", [], OTHER)
        answers = await asyncio.gather(*(first_factor(site.browser(), guess) for _ in range(12)))
        assert {one.status for one in answers} == {422}
        whys = [about["why"] for what, about in await deeds(site) if what == Door.REFUSED]
        assert (whys.count("wrong"), whys.count("closed")) == (5, 7)
        assert (await account(site, people.DSL)).failures == 5


async def test_wrong_codes_close_an_account_too(site: Site) -> None:
    """Somebody with the password cannot try a million codes; the page says until when."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        clock.shift(60)
        answers = [await sign_in(site, keys, "000000") for _ in range(5)]
        assert "Wait until 09:02" in answers[-1].text
        assert (await first_factor(site.browser(), keys)).status == 422
        clock.shift(61)
        assert (await sign_in(site, keys, "000000")).status == 422
        assert (await account(site, people.DSL)).failures == 6
        clock.shift(121)
        assert (await sign_in(site, keys, keys.code())).status == 303


@on_sqlite
async def test_the_way_between_the_factors_is_ten_minutes_long(site: Site) -> None:
    """And ends when the password changes; a word that is not ours is none."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        clock.shift(60)
        browser = site.browser()
        half = (await first_factor(browser, keys)).page.fields["half"][0]
        for broken in ("", "x", half[:-4], half.swapcase()):
            answer = await browser.post("/sign-in/code", {"half": broken, "code": keys.code()})
            assert (answer.status, answer.page.heading) == (401, "Sign in")
        clock.shift(601)
        assert (await browser.post("/sign-in/code", {"half": half, "code": keys.code()})).status == 401
        half = (await first_factor(browser, keys)).page.fields["half"][0]
        link = await invitation_link(site, people.DSL)
        await browser.post(link, {"password": OTHER, "again": OTHER})
        assert (await browser.post("/sign-in/code", {"half": half, "code": keys.code()})).status == 422


@on_sqlite
async def test_each_sign_in_is_a_new_session(site: Site, loaded: Driver) -> None:
    """A token that was in the browser before counts no more: nobody can plant one."""
    with time_machine.travel(AT, tick=False) as clock:
        browser = site.browser()
        keys = await join(site, people.DSL, browser)
        before = browser.client.cookies["pathway"]
        clock.shift(60)
        assert (await sign_in(site, keys, keys.code(), browser)).status == 303
        assert browser.client.cookies["pathway"] != before
        sessions = await loaded.rows(select(SignIn))
        assert [one.ended_at is None for one in sorted(sessions, key=lambda one: one.began_at)] == [False, True]
        assert before not in str(sessions)


ELSEWHERE = (
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/account\r\nSet-Cookie: x",
    "/\t/evil.example",
    "/" + "a" * 600,
    " //evil.example",
)


@on_sqlite
async def test_nobody_is_led_to_another_site(site: Site) -> None:
    """`next` is an address of ours or nothing, wherever it is given."""
    with time_machine.travel(AT, tick=False) as clock:
        keys = await join(site, people.DSL)
        clock.shift(60)
        assert (await sign_in(site, keys, keys.code(), next="/account")).leads_to == "/account"
        for address in ELSEWHERE:
            clock.shift(60)
            assert (await sign_in(site, keys, keys.code(), next=address)).leads_to == "/", address
            asked = await site.browser().get("/sign-in", params={"next": address})
            assert asked.page.fields["next"] == [""], address


@on_sqlite
@time_machine.travel(AT, tick=False)
async def test_the_cookie_is_careful(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """No script reads it, no other site's form sends it, and over HTTPS it belongs to this host alone."""
    monkeypatch.setenv("PATHWAY_BASE_URL", "https://pathway.example.org")
    settings.cache_clear()
    browser = site.browser()
    link = await invitation_link(site, people.DSL)
    scan = await browser.post(link, {"password": PASSWORD, "again": PASSWORD})
    keys = Keys(people.DSL, key_on(scan))
    done = await browser.post(f"{link}/code", {"enrol": scan.page.fields["enrol"][0], "code": keys.code()})
    cookie = done.response.headers["set-cookie"]
    assert cookie.startswith("__Host-pathway=")
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/;"))
    assert "Domain" not in cookie


@on_sqlite
async def test_signing_out_ends_the_session(site: Site) -> None:
    """For whoever has copied the cookie too; again changes nothing."""
    dana = await site.signed_in(people.DSL)
    token = dana.client.cookies["pathway"]
    out = await dana.post("/sign-out")
    assert out.leads_to == "/sign-in?done=signed-out"
    assert 'pathway=""' in out.response.headers["set-cookie"]
    thief = site.browser()
    thief.client.cookies.set("pathway", token, domain="127.0.0.1")
    assert (await thief.get("/account")).status == 303
    assert (await thief.post("/sign-out")).status == 303
    assert [what for what, _ in await deeds(site)] == [Door.SIGNED_OUT]


@on_sqlite
async def test_whoever_is_signed_in_is_not_asked_again(site: Site) -> None:
    """The sign-in page leads on."""
    dana = await site.signed_in(people.DSL)
    assert (await dana.get("/sign-in?next=/account")).leads_to == "/account"
    assert (await site.browser().get("/sign-in")).page.heading == "Sign in"


@on_sqlite
@time_machine.travel(AT, tick=False)
async def test_nothing_that_opens_a_door_is_kept_or_logged(
    site: Site, loaded: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    """No password, seed, code, cookie or signature lies in the record or in a log."""
    browser = site.browser()
    keys = await join(site, people.DSL, browser)
    link = await invitation_link(site, people.TEACHER)
    await first_factor(site.browser(), Keys(people.DSL, "", [], OTHER))
    everything = str(await loaded.dump()) + caplog.text
    secrets = [PASSWORD, OTHER, keys.seed, browser.client.cookies["pathway"], link.rpartition("/")[2], *keys.codes]
    assert not [one for one in secrets if one in everything]


@on_sqlite
async def test_what_is_missing_is_said(site: Site) -> None:
    """Empty fields, an empty code: the same page, the address kept, and no attempt counted."""
    empty = await site.browser().post("/sign-in", {"email": people.DSL, "password": ""})
    assert (empty.status, empty.page.fields["email"]) == (422, [people.DSL])
    assert "Enter an answer to “Password”" in empty.text
    keys = await join(site, people.DSL)
    half = await first_factor(site.browser(), keys)
    answer = await site.browser().post("/sign-in/code", {"half": half.page.fields["half"][0], "code": ""})
    assert (answer.status, "Enter the code" in answer.text) == (422, True)
    assert (await account(site, people.DSL)).failures == 0


async def test_a_right_password_opens_nothing_that_was_closed_meanwhile(site: Site) -> None:
    """While a password is being looked at, wrong codes close the account: the password cannot open it again."""
    with time_machine.travel(AT, tick=False):
        await join(site, people.DSL)
        dana = await person(site, people.DSL)
        async with writing(site.engine) as session:
            before = [await count_attempt(session, dana.id, wall()) for _ in range(4)][-1]
            assert await count_attempt(session, dana.id, wall()) == 5
            await take_back(session, dana.id, before or 0)
        kept = await account(site, people.DSL)
        assert (kept.failures, kept.locked_until) == (4, wall() + timedelta(minutes=1))
        async with writing(site.engine) as session:
            assert await count_attempt(session, dana.id, wall()) is None
