"""Programs of named people: each holds a personal key, and calls the API over ASGI against the record of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import models.database
from tests.caller import Callers
from tests.driver import Driver


@pytest.fixture
async def api(engine: AsyncEngine, loaded: Driver, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callers]:
    """The API of a record that holds the tests' roster; Monday 2 March 2026, nine o'clock, unless a test moves on."""
    models.database.engine.cache_clear()
    monkeypatch.setattr(models.database, "make_engine", lambda _url: engine)
    callers = Callers(engine, monkeypatch)
    callers.at("2026-03-02T09:00")
    yield callers
    await callers.close()
    models.database.engine.cache_clear()
