"""Signing in: an invitation, a password, an authenticator; then both factors at every door, once each."""

from __future__ import annotations

import pytest
import time_machine

from models.access import Account, Door
from models.accounts import account_of
from models.database import reading
from tests import people
from tests.integration.pages.door import PASSWORD, deeds, first_factor, invitation_link, join, person, sign_in
from tests.site import Site

AT = "2026-03-02T09:00:00Z"


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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
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
