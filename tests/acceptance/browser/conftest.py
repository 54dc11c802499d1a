"""One browser for the process, and the sample served at one instant."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

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
def sample_home(program: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the sample, made once for all processes of the session."""
    chromium()
    everybody = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        everybody = everybody.parent
    home = everybody / "sample"
    with (everybody / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            pathway = Pathway(everybody / "sample.new", Post(), {"PREFECT_API_URL": PREFECT_IS_DOWN, **NO_MAIL})
            pathway.ok("init", "--sample", now=NOW)
            pathway.home.rename(home)
    return home


@pytest.fixture(scope="session")
def sample(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The sample, served."""
    home = Path(shutil.copytree(sample_home, tmp_path_factory.mktemp("served") / "home"))
    with served(Pathway(home, Post(), {"PREFECT_API_URL": PREFECT_IS_DOWN, **NO_MAIL})) as pages:
        pages.at(NOW)
        yield pages
