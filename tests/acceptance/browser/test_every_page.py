"""Every page in every state, as everybody can read it: axe finds nothing, nothing is too wide, nothing too small.

WCAG 2.2 AA: axe's rules at their own tags; 1.4.10 (reflow at 320 pixels) and 1.4.4 (text at 200 per cent).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.acceptance.browser.facts import Facts, signed_in_cookie
from tests.acceptance.browser.serving import Served
from tests.acceptance.browser.states import NOBODY, PLAIN, REFUSED, State
from tests.browser import Visitor, visiting
from web.viewing import cookie_name

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Walk:
    """Everybody's browser, opened when it is first needed."""

    def __init__(self, browser: Browser, pages: Served, stack: AsyncExitStack) -> None:
        self.pages, self.facts = pages, Facts(pages.pathway)
        self._browser, self._stack = browser, stack
        self._visitors: dict[str, Visitor] = {}

    async def visitor(self, who: str) -> Visitor:
        """Somebody, signed in."""
        if who not in self._visitors:
            found = await self._stack.enter_async_context(visiting(self._browser, self.pages.base))
            if who != NOBODY:
                token = await signed_in_cookie(self.pages.pathway.record, who)
                await found.sign_in(cookie_name(), token, self.pages.base)
            self._visitors[who] = found
        return self._visitors[who]

    async def troubles(self, state: State) -> list[str]:
        """What is wrong with a state of a page."""
        visitor = await self.visitor(state.who)
        status = await visitor.open(self.facts.path(state.path))
        found = []
        if state.steps is not None:
            await state.steps(visitor)
        elif status != state.status:
            found.append(f"answers {status}")
        found += await visitor.troubles()
        return [f"{state}: {one}" for one in [*found, *visitor.wrong]]


@pytest_asyncio.fixture(loop_scope="session")
async def walk(browser: Browser, sample: Served) -> AsyncIterator[Walk]:
    """A walk through the sample."""
    async with AsyncExitStack() as stack:
        yield Walk(browser, sample, stack)


async def _all(walk: Walk, states: Sequence[State]) -> None:
    _must_be_none([one for state in states for one in await walk.troubles(state)])


def _must_be_none(troubles: Sequence[str]) -> None:
    if troubles:
        pytest.fail("\n".join(troubles))


async def test_pages(walk: Walk) -> None:
    """Pages as people open them."""
    await _all(walk, PLAIN)


async def test_refusals(walk: Walk) -> None:
    """What is refused, and forms that were filled in wrongly, say so to everybody."""
    await _all(walk, REFUSED)


async def test_forms_of_moves(walk: Walk) -> None:
    """The form of every move that somebody in the sample may make, empty and refused."""
    rows = walk.pages.pathway.rows(
        "SELECT task.id, task.kind, email FROM task JOIN person ON person.id = owner_id WHERE closed_at IS NULL"
    )
    seen: set[tuple[str, str]] = set()
    found: list[str] = []
    for number, kind, email in rows:
        visitor = await walk.visitor(email)
        await visitor.open(f"/tasks/{number}")
        links = await visitor.page.get_by_role("main").get_by_role("link").all()
        paths = [str(await one.get_attribute("href")) for one in links]
        for path in paths:
            move = re.fullmatch(r"/tasks/[\w-]+/(?!reassign|snooze)(\w+)", path)
            if move and (kind, move[1]) not in seen:
                seen.add((kind, move[1]))
                found += await walk.troubles(State("/tasks/{task_id}/{move}", email, path, what=f"{kind} {move[1]}"))
    _must_be_none(found)
    assert len(seen) > 30
