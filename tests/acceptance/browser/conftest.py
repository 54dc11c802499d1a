"""One browser for the process, and the sample served at one instant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.acceptance.browser.serving import Served, served
from tests.acceptance.post import Post
from tests.acceptance.program import PREFECT_IS_DOWN, Pathway
from tests.browser import browsing, chromium

# A Wednesday in term: everything in the sample lies at its most usual distance.
NOW = "2026-06-17T10:40"
NO_MAIL = {"PATHWAY_SMTP_HOST": "", "PATHWAY_SMTP_PORT": "", "PATHWAY_SMTP_TLS": ""}


@pytest.fixture(scope="session", autouse=True)
def long_ones(program: None) -> None:
    """The long scenarios of the other acceptance tests are not begun where only pages are tried."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser; without one the tests that ask for it are skipped, or fail where changes are checked."""
    async with browsing() as found:
        yield found


@pytest.fixture(scope="session")
def sample(program: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The sample, served."""
    chromium()
    told = {"PREFECT_API_URL": PREFECT_IS_DOWN, **NO_MAIL}
    pathway = Pathway(tmp_path_factory.mktemp("sample") / "home", Post(), told)
    with served(pathway) as pages:
        pathway.ok("init", "--sample", now=NOW)
        pages.at(NOW)
        yield pages
