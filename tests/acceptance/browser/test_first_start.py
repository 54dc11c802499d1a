"""A first start: from an empty record to an administrator with an account, each page as everybody can read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from playwright.async_api import Browser

from config.secret import sign
from config.settings import settings
from tests import people
from tests.acceptance.browser.conftest import NO_MAIL, NOW
from tests.acceptance.browser.joining import PASSWORD, Crew, crew
from tests.acceptance.browser.serving import Served, served
from tests.acceptance.browser.states import FIRST_START
from tests.acceptance.post import Post
from tests.acceptance.program import PREFECT_IS_DOWN, Pathway
from tests.browser import Visitor, chromium
from web.office.beginning import FIRST, PURPOSE

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def pages(program: None, tmp_path: Path) -> Iterator[Served]:
    """The pages of an empty record."""
    chromium()
    pathway = Pathway(tmp_path / "home", Post(), {"PREFECT_API_URL": PREFECT_IS_DOWN, **NO_MAIL})
    with served(pathway) as found:
        pathway.ok("init", "--policy", "derby-and-derbyshire")
        found.at(NOW)
        yield found


@pytest.fixture
def welcome(pages: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address that `pathway up` prints for whoever started it."""
    monkeypatch.setenv("PATHWAY_HOME", str(pages.pathway.home))
    settings.cache_clear()
    yield f"/welcome/{sign(PURPOSE, FIRST)}"
    settings.cache_clear()


class Looks:
    """Looks at each page as everybody, and keeps which were looked at."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.seen: set[str] = set()
        self.troubles: list[str] = []

    async def at(self, route: str, path: str = "") -> None:
        """Look at the page that is open, or open one first."""
        if path:
            await self.visitor.open(path)
        self.seen.add(route)
        self.troubles += [f"{self.visitor.path}: {one}" for one in await self.visitor.troubles()]


async def test_the_first_administrator_comes_in(browser: Browser, pages: Served, welcome: str) -> None:
    """From the printed address to an account, an empty office, a roster and a check; then the address opens nothing."""
    async with crew(browser, pages) as everybody:
        looks = Looks(await everybody.arrive(people.ADMIN))
        await looks.at("/mailbox", "/mailbox")
        await _join(everybody, looks, welcome)
        await _own_account(looks)
        for route in ("/admin", "/admin/beginning", "/admin/beginning/policy", "/desk"):
            await looks.at(route, route)
        for part in ("people", "settings", "letters", "statements", "audit", "roster"):
            await looks.at(f"/admin/{part}", f"/admin/{part}")
        await _load(looks)
        assert await looks.visitor.open(welcome) == 404
    assert not looks.troubles, "\n".join(looks.troubles)
    assert looks.seen == FIRST_START


async def _join(everybody: Crew, looks: Looks, welcome: str) -> None:
    """The first person says who they are, and becomes an administrator with a password and a second factor."""
    visitor = looks.visitor
    join = "/join/{invitation}/{signature}"
    await looks.at("/welcome/{signature}", welcome)
    await visitor.fill("Your name", "Ada Winstanley")
    await visitor.fill("Your e-mail address", people.ADMIN)
    await visitor.press("Continue")
    await looks.at(join)
    await visitor.press("Continue")
    await looks.at(join)  # nothing was typed
    await visitor.fill("Password", PASSWORD)
    await visitor.fill("The same password again", PASSWORD)
    await visitor.press("Continue")
    await looks.at(join)
    everybody.seeds[people.ADMIN] = await everybody.seed_shown(visitor)
    await visitor.fill("The six digits that your authenticator shows", everybody.code(people.ADMIN))
    await visitor.press("Continue")
    await looks.at(join)
    await visitor.press("I have kept them")


async def _own_account(looks: Looks) -> None:
    for part in ("", "/password", "/codes", "/authenticator", "/keys"):
        await looks.at(f"/account{part}", f"/account{part}")
    await looks.visitor.open("/account/password")
    await looks.visitor.press("Change")
    await looks.at("/account/password")


async def _load(looks: Looks) -> None:
    """A roster pasted wrongly, then rightly; and a check of the whole."""
    visitor = looks.visitor
    await visitor.open("/admin/roster")
    await visitor.fill("Or paste it here", "people: nobody")
    await visitor.press("Check and load")
    await looks.at("/admin/roster")
    await visitor.fill("Or paste it here", yaml.safe_dump(people.roster(), allow_unicode=True))
    await visitor.press("Check and load")
    await looks.at("/admin/roster/loaded/{called}")
    await visitor.open("/admin")
    await visitor.press("Check")
    await looks.at("/admin/check/{called}")
