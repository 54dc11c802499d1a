"""At the door: invitations as their letters hold them, and somebody who joins and signs in as people do.

    link = await letter_to(site, people.DSL)
    dana = await join(site, people.DSL)
    browser = await sign_in(site, dana)

An authenticator's codes are those of the wall clock, which tests stop with time-machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pyotp
from sqlmodel import select

from config.settings import settings
from config.time import now, wall
from models.access import Deed, Door
from models.database import reading, writing
from models.people import Person
from models.second_factor import SECONDS
from models.telling import Delivery
from notifications.composing import compose
from notifications.facts import gather
from notifications.inviting import invite
from tests import people
from tests.letters import bodies, read
from tests.site import Answer, Browser, Site

PASSWORD = "lantern tapestry otter"
OTHER = "kettle harbour violin"


@dataclass
class Keys:
    """What somebody needs to sign in: an address, a password, an authenticator, recovery codes."""

    email: str
    seed: str
    codes: list[str] = field(default_factory=list)
    password: str = PASSWORD

    def code(self, later: int = 0) -> str:
        """The authenticator's code, so many half minutes from now."""
        return pyotp.TOTP(self.seed).at(int(wall().timestamp()) + later * SECONDS)


async def person(site: Site, email: str) -> Person:
    """Somebody's row."""
    async with reading(site.engine) as session:
        return (await session.exec(select(Person).where(Person.email == email))).one()


async def invited(site: Site, email: str, by: str | None = people.ADMIN) -> UUID:
    """An administrator invites somebody; the id of the invitation."""
    inviter = await person(site, by) if by else None
    async with writing(site.engine) as session:
        made = await invite(session, await person(site, email), inviter, now())
    return made.id


async def letters_to(site: Site, email: str) -> Sequence[Delivery]:
    """What waits to be sent to somebody, oldest first."""
    reader = await person(site, email)
    async with reading(site.engine) as session:
        found = select(Delivery).where(Delivery.person_id == reader.id)
        return (await session.exec(found.order_by(Delivery.created_at))).all()  # type: ignore[arg-type]  # a column


async def link_of(site: Site, letter: Delivery) -> str:
    """The path of the link in a letter, as it would be posted now."""
    async with reading(site.engine) as session:
        facts = await gather(session, [letter], now())
    text, _ = bodies(read(compose(letter, facts).content))
    base = settings().base_url
    return next(line.removeprefix(base) for line in text.splitlines() if line.startswith(base))


async def invitation_link(site: Site, email: str) -> str:
    """Invite somebody and read the link in their letter."""
    number = await invited(site, email)
    letters = await letters_to(site, email)
    return await link_of(site, next(one for one in letters if one.slot == str(number)))


async def join(site: Site, email: str, browser: Browser | None = None) -> Keys:
    """Somebody accepts an invitation; their browser is signed in afterwards."""
    browser = browser or site.browser()
    link = await invitation_link(site, email)
    scan = await browser.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert scan.page.heading == "Set up your authenticator", scan.text
    keys = Keys(email, key_on(scan))
    done = await browser.post(f"{link}/code", {"enrol": scan.page.fields["enrol"][0], "code": keys.code()})
    assert done.page.heading == "Keep your recovery codes", done.text
    keys.codes = [word for word in done.text.split() if word.count("-") == 3]
    return keys


def key_on(scan: Answer) -> str:
    """The key that the page shows, to be typed by hand."""
    after = scan.text.partition("@")[2].partition(": ")[2].split()
    return "".join(after[:8])


async def first_factor(browser: Browser, keys: Keys, **fields: str) -> Answer:
    """The page after e-mail address and password."""
    return await browser.post("/sign-in", {"email": keys.email, "password": keys.password, **fields})


async def sign_in(site: Site, keys: Keys, code: str, browser: Browser | None = None, **fields: str) -> Answer:
    """The answer to both factors."""
    browser = browser or site.browser()
    half = await first_factor(browser, keys, **fields)
    hidden = {name: half.page.fields[name][0] for name in ("half", "carry")}
    return await browser.post("/sign-in/code", {**hidden, "code": code})


async def deeds(site: Site) -> list[tuple[Door, dict[str, object]]]:
    """The audit, oldest first."""
    async with reading(site.engine) as session:
        rows = (await session.exec(select(Deed))).all()
    return [(one.what, one.about) for one in sorted(rows, key=lambda one: one.at)]
