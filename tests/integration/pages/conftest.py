"""A site over the test's record; a module may mark itself to run on SQLite alone, where it asks nothing of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import models.database
from tests.driver import Driver
from tests.site import Site


@pytest.fixture
async def site(engine: AsyncEngine, loaded: Driver, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The pages of a record that holds the tests' roster; Monday 2 March 2026, nine o'clock, unless a test moves on."""
    models.database.engine.cache_clear()
    monkeypatch.setattr(models.database, "make_engine", lambda _url: engine)
    site = Site(engine, monkeypatch)
    site.at("2026-03-02T09:00")
    yield site
    await site.close()
    models.database.engine.cache_clear()
