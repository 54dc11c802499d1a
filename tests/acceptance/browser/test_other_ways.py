"""Other ways to use the pages: with the keyboard alone, and without scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser

from tests.acceptance.browser.facts import Facts, signed_in_cookie
from tests.acceptance.browser.serving import Served
from tests.acceptance.browser.states import DSL, TEACHER
from tests.browser import DESK, PHONE, Visitor, visiting
from web.viewing import cookie_name

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def somebody(
    browser: Browser, pages: Served, email: str, size: tuple[int, int] = DESK, *, scripts: bool = True
) -> AsyncIterator[Visitor]:
    """Somebody of the sample, signed in."""
    async with visiting(browser, pages.base, size, scripts=scripts) as visitor:
        token = await signed_in_cookie(pages.pathway.record, email)
        await visitor.sign_in(cookie_name(), token, pages.base)
        yield visitor


async def test_a_concern_is_logged_with_the_keyboard_alone(browser: Browser, sample: Served) -> None:
    """From the skip link to the confirmation, each stop where one can see where one is."""
    facts = Facts(sample.pathway)
    async with somebody(browser, sample, TEACHER) as ellen:
        await ellen.open(facts.path("/log/{child:kiran}"))
        await ellen.tab_to("Skip to main content")
        await ellen.enter()
        await ellen.tab_to("At about what time?")
        await ellen.types("0:05")
        await ellen.tab_to("Where?")
        await ellen.types("playground")
        await ellen.tab_to("What did you see or hear?")
        await ellen.types("He ran to the gate and looked for his sister for ten minutes.")
        await ellen.tab_to("The child said something")
        await ellen.keys("Space")
        await ellen.tab_to("The child's own words")
        await ellen.types("She said she would come.")
        await ellen.tab_to("Emotional care")
        await ellen.keys("Space")
        await ellen.tab_to("Hand it in")
        await ellen.enter()
        await ellen.is_at("There is a problem", place="h2")  # whether he is in danger was not said
        await ellen.tab_to("No")
        await ellen.keys("Space")
        await ellen.tab_to("Hand it in")
        await ellen.enter()
        await ellen.is_at("What happens next")


async def test_a_decision_is_made_with_the_keyboard_alone(browser: Browser, sample: Served) -> None:
    """The task, the move, its form, and what comes next."""
    facts = Facts(sample.pathway)
    async with somebody(browser, sample, DSL) as priya:
        await priya.open(facts.path("/tasks/{task:anika/dsl_review}"))
        await priya.tab_to("Watch, and look again")
        await priya.enter()
        await priya.tab_to("Why is watching enough for now?")
        await priya.types("Clean clothes and fruit from today; her mother is spoken to this afternoon.")
        await priya.tab_to("Watch, and look again")
        await priya.enter()
        await priya.sees("Being watched")


async def test_everything_works_without_scripts(browser: Browser, sample: Served) -> None:
    """A concern is found, written down, seen, and decided on with nothing but pages and forms."""
    async with (
        somebody(browser, sample, TEACHER, PHONE, scripts=False) as ellen,
        somebody(browser, sample, DSL, scripts=False) as priya,
    ):
        await ellen.open("/mine")
        await ellen.follow("Log a concern")
        await ellen.fill("Child's name, or a part of it", "rohan")
        await ellen.press("Find the child")
        await ellen.follow("Rohan")
        await ellen.fill("At about what time?", "0:05")
        await ellen.fill("Where?", "playground")
        await ellen.fill("What did you see or hear?", "Shoes without soles, and wet socks.")
        await ellen.choose("The child said something")
        await ellen.fill("The child's own words", "Anika has my other ones.")
        await ellen.choose("Physical: clothing, cleanliness, living conditions")
        await ellen.choose("No")
        await ellen.press("Hand it in")
        await ellen.is_at("What happens next")
        await priya.open("/desk")
        await priya.go(priya.page.locator(".pathway-task__buttons a").filter(has_text="Rohan").first)
        await priya.follow("Offer early help")
        await priya.press("Offer early help")
        await priya.is_at("There is a problem", place="h2")
        await priya.fill("Why early help?", "His sister too: two children, and a mother who is tired.")
        await priya.select("Who leads?", "Imran Sadiq")
        await priya.press("Offer early help")
        await priya.sees("Early help assessment")
