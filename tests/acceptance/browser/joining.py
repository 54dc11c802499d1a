"""People who come in for real: a link in a letter, a password, an authenticator; and signing in again with both."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyotp
from playwright.async_api import Browser

from tests.acceptance.browser.serving import Served
from tests.acceptance.post import Post
from tests.browser import DESK, Visitor, visiting

PASSWORD = "violet ladder under nine oaks"
SECONDS = 30
_LINK = re.compile(r"https?://\S+?/join/[\w/.-]+")


@dataclass
class Crew:
    """Everybody who has come in, each with a browser and a seed of their own."""

    browser: Browser
    pages: Served
    stack: AsyncExitStack
    scripts: bool = True
    visitors: dict[str, Visitor] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)

    @property
    def post(self) -> Post:
        """The mail server that letters go to."""
        return self.pages.pathway.post

    def of(self, email: str) -> Visitor:
        """Their browser."""
        return self.visitors[email]

    async def arrive(self, email: str, size: tuple[int, int] = DESK) -> Visitor:
        """A browser in which nobody is signed in yet."""
        opened = visiting(self.browser, self.pages.base, size, scripts=self.scripts)
        self.visitors[email] = await self.stack.enter_async_context(opened)
        return self.visitors[email]

    async def join(self, email: str, size: tuple[int, int] = DESK) -> Visitor:
        """Follow the newest link that somebody was sent, and come in."""
        visitor = await self.arrive(email, size)
        await visitor.open(self.invitation(email))
        await visitor.is_at("Choose a password")
        await visitor.fill("Password", PASSWORD)
        await visitor.fill("The same password again", PASSWORD)
        await visitor.press("Continue")
        await visitor.is_at("Set up your authenticator")
        self.seeds[email] = await self.seed_shown(visitor)
        await visitor.fill("The six digits that your authenticator shows", self.code(email))
        await visitor.press("Continue")
        await visitor.is_at("Keep your recovery codes")
        await visitor.press("I have kept them")
        return visitor

    async def seed_shown(self, visitor: Visitor) -> str:
        """The key that a page shows to whoever cannot scan."""
        await visitor.page.get_by_text("I cannot scan it").click()
        return (await visitor.page.locator(".pathway-key").inner_text()).replace(" ", "")

    async def sign_in_again(self, email: str) -> None:
        """Sign out, and in with password and code."""
        visitor = self.of(email)
        await visitor.press("Sign out")
        await visitor.sees("You are signed out.")
        await visitor.fill("E-mail address", email)
        await visitor.fill("Password", PASSWORD)
        await visitor.press("Continue")
        # A code counts once: the next one is as good, for clocks may be half a minute out.
        await visitor.fill("Code", self.code(email, ahead=1))
        await visitor.press("Sign in")

    def invitation(self, email: str) -> str:
        """The link in the newest letter to somebody."""
        found = [link for letter in self.post.to(email) for link in _LINK.findall(letter.text)]
        assert found, f"{email} was sent no link"
        return str(found[-1])

    def code(self, email: str, ahead: int = 0) -> str:
        """What their authenticator shows, now or `ahead` half minutes later."""
        step = int(datetime.now(UTC).timestamp()) // SECONDS + ahead
        return pyotp.TOTP(self.seeds[email]).at(step * SECONDS)


@asynccontextmanager
async def crew(browser: Browser, pages: Served, *, scripts: bool = True) -> AsyncIterator[Crew]:
    """Nobody yet."""
    async with AsyncExitStack() as stack:
        yield Crew(browser, pages, stack, scripts)
