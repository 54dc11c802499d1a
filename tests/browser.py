"""A real browser for the tests: Chromium of the system, one for a process, a context (cookies, screen) for each person.

    async with browsing() as browser, visiting(browser, base) as dana:
        await dana.open("/sign-in")
        await dana.fill("E-mail address", people.DSL)
        await dana.press("Continue")

Whoever visits does what a person does: opens addresses, reads labels, presses buttons by their names. Where there is no
Chromium these tests are skipped, and say so; where changes are checked (CI is set) they fail.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it carries no types
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
DESK = (1280, 900)
PHONE = (390, 844)
NARROW = (320, 640)
PATIENCE_MS = 20_000
MOST_STOPS = 80
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What passes is not told node by node: that is most of what would be carried over.
AXE = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}
# The smallest text that somebody reads: 16 pixels (GOV.UK type scale). A chart's figures stand in a table beside it.
SMALLEST_TEXT = 16
expect.set_options(timeout=PATIENCE_MS)
_TOO_SMALL = """smallest => [...document.querySelectorAll('body *')]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
    .filter(one => one.checkVisibility())
    .filter(one => !one.closest('.govuk-visually-hidden, .govuk-skip-link, option, noscript, svg'))
    .filter(one => parseFloat(getComputedStyle(one).fontSize) < smallest)
    .map(one => `${one.tagName.toLowerCase()}.${one.className}: ${one.textContent.trim().slice(0, 40)}`)"""
# Where the focus is: what it is called, the buttons of its group, and whether anything shows that it is there.
_STOP = """() => {
    const one = document.activeElement
    const called = each => (each.labels?.[0] ?? each).innerText?.trim() ?? ''
    const radios = one.type === 'radio' ? [...document.getElementsByName(one.name)].map(called) : []
    const style = getComputedStyle(one)
    const drawn = [style, getComputedStyle(one, '::before'), getComputedStyle(one.labels?.[0] ?? one, '::before')]
    const shown = drawn.some(each => each.outlineStyle !== 'none' && parseFloat(each.outlineWidth) > 0
        || each.boxShadow !== 'none')
    return { name: called(one), radios, shown }
}"""
_WIDTH = "() => document.documentElement.scrollWidth"


def chromium() -> str:
    """Where Chromium is; skips the test, or fails it where changes are checked, when there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        said = "no Chromium here, so no page was tried in a real browser; as root: apt-get install -y chromium"
        if os.environ.get("CI"):
            pytest.fail(said)
        pytest.skip(said)
    return found


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """A browser without a window."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@asynccontextmanager
async def visiting(
    browser: Browser, base: str, size: tuple[int, int] = DESK, *, scripts: bool = True
) -> AsyncIterator[Visitor]:
    """Somebody with a browser of their own, signed in nowhere; afterwards nothing may have gone wrong in it."""
    width, height = size
    context = await browser.new_context(
        base_url=base,
        viewport={"width": width, "height": height},
        java_script_enabled=scripts,
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(await context.new_page())
    yield visitor
    await context.close()
    assert not visitor.wrong, visitor.wrong


class Visitor:
    """Somebody's page, and what they do with it. `wrong`: errors of scripts, and what the policy of a page refused."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.wrong.append(f"{self.path}: {error}"))

    def _note(self, message: ConsoleMessage) -> None:
        # An answer that says no (422, 409) is an error to the browser, and none here.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"{self.path}: {message.text}")

    @property
    def path(self) -> str:
        """Where they are."""
        return urlsplit(self.page.url).path

    async def open(self, path: str) -> int:
        """Open an address; the status of the answer that is shown."""
        answer = await self.page.goto(path)
        return answer.status if answer else 0

    async def sign_in(self, cookie: str, token: str, base: str) -> None:
        """Give their browser the cookie of a session, as the sign-in page does."""
        await self.page.context.add_cookies([{"name": cookie, "value": token, "url": base}])

    async def go(self, by: Locator) -> None:
        """Click a link or a button and wait for where it leads: a click alone returns before the next page is there."""
        async with self.page.expect_navigation():
            await by.click()

    async def follow(self, link: str, *, nth: int = 0) -> None:
        """Follow a link by its words."""
        await self.go(self.page.get_by_role("link", name=link).nth(nth))

    async def press(self, button: str, *, nth: int = 0) -> None:
        """Press a button by its words."""
        await self.go(self.page.get_by_role("button", name=button).nth(nth))

    async def fill(self, label: str, text: str) -> None:
        """Type into the field of that label."""
        await self.page.get_by_label(label, exact=True).first.fill(text)

    async def choose(self, label: str | re.Pattern[str]) -> None:
        """Choose the radio button or tick the box of that label, or of the first that fits."""
        await self.page.get_by_label(label, exact=True).first.check()

    async def select(self, label: str, option: str) -> None:
        """Choose from a list; the option whose words begin so."""
        found = self.page.get_by_label(label, exact=True).first
        values = await found.locator("option").all()
        for one in values:
            if (await one.inner_text()).strip().startswith(option):
                await found.select_option(value=await one.get_attribute("value"))
                return
        raise AssertionError(f"{label}: no option begins with {option!r}")

    async def sees(self, text: str) -> None:
        """The page says so."""
        await expect(self.page.get_by_text(text).first).to_be_visible()

    async def is_at(self, heading: str, place: str = "h1") -> None:
        """The page's main heading, or another."""
        await expect(self.page.locator(place).filter(has_text=heading).first).to_be_visible()

    async def keys(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def enter(self) -> None:
        """Press Enter on a link or a button, and wait for where it leads."""
        async with self.page.expect_navigation():
            await self.keys("Enter")

    async def types(self, text: str) -> None:
        """Type where the focus is."""
        await self.page.keyboard.type(text)

    async def tab_to(self, name: str) -> None:
        """Go from stop to stop until one is called so; each stop must show that the focus is there.

        Within a group of radio buttons, as everywhere, the arrows go from one to the next.
        """
        for _ in range(MOST_STOPS):
            await self.keys("Tab")
            stop = await self.page.evaluate(_STOP)
            assert stop["shown"], f"{self.path}: nobody sees that the focus is at {stop['name']!r}"
            if name in stop["radios"]:
                while (await self.page.evaluate(_STOP))["name"] != name:
                    await self.keys("ArrowDown")
                return
            if stop["name"].startswith(name):
                return
        raise AssertionError(f"{self.path}: the keyboard does not come to {name!r}")

    def main(self) -> Locator:
        """The page's own part."""
        return self.page.get_by_role("main")

    async def resize(self, size: tuple[int, int]) -> None:
        """Another screen."""
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})

    async def width(self) -> int:
        """How wide the page is, with what sticks out of the screen."""
        return int(await self.page.evaluate(_WIDTH))

    async def enlarge(self, percent: int) -> None:
        """Text at so much of its size, as somebody sets it in their browser."""
        await self.page.evaluate("percent => { document.documentElement.style.fontSize = `${percent}%` }", percent)

    async def too_small(self) -> list[str]:
        """Texts smaller than anybody should have to read."""
        return list(await self.page.evaluate(_TOO_SMALL, SMALLEST_TEXT))

    async def troubles(self) -> list[str]:
        """What keeps anybody from reading the page as it is: on a desk, on a narrow screen, with large text."""
        found = await self.barriers()
        found += [f"text below {SMALLEST_TEXT} pixels: {one}" for one in await self.too_small()]
        await self.resize(NARROW)
        if (width := await self.width()) > NARROW[0]:
            found.append(f"{width} pixels wide on a screen of {NARROW[0]}")
        await self.resize(DESK)
        await self.enlarge(200)
        if (width := await self.width()) > DESK[0]:
            found.append(f"{width} pixels wide with text at 200 per cent on a screen of {DESK[0]}")
        await self.enlarge(100)
        if (titles := await self.page.locator("h1").count()) != 1:
            found.append(f"{titles} main headings")
        return found

    async def barriers(self) -> list[str]:
        """What axe finds in the page as it is: each rule, how bad, and where."""
        found = await Axe().run(self.page, options=AXE)
        return [_said(one) for one in found.response["violations"]]


def _said(violation: dict[str, Any]) -> str:
    places = [" ".join(map(str, node["target"])) for node in violation["nodes"][:4]]
    return f"{violation['id']} ({violation['impact']}): {violation['help']}; at {', '.join(places)}"
