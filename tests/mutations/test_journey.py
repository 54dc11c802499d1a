"""Eight weeks of an honest record: the reconciler has nothing to say, and every daily statement is clean."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.settings import settings
from models.database import engine
from tests.mutations.journey import travel


async def test_the_reconciler_has_nothing_to_say_of_an_honest_journey(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine children, leave, a leaver, a refused address, Easter and an outage: no finding, nothing red or refused."""
    for name in [name for name in os.environ if name.startswith("PATHWAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATHWAY_HOME", str(tmp_path))
    settings.cache_clear()
    engine.cache_clear()
    assert await travel() == {"findings": [], "red": [], "refused": []}
    engine.cache_clear()
    settings.cache_clear()
