"""Which tests stay together when they are spread over several processes, and what the collector need not look at."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Each starts a Prefect server, which takes half a minute: once is enough.
OUTSIDE = "tests/acceptance/"
# A real browser in each: they need no Prefect server, and are spread over the cores.
BROWSER = "tests/acceptance/browser/"
LONG = "test_lifecycle.py"
PREFECT = ("tests/integration/test_prefect_server.py", "tests/integration/test_running.py")


class Together(LoadScopeScheduling):  # type: ignore[misc]  # it carries no types
    """The program from outside in one process, the tests of Prefect's server in one, and every other file whole.

    Each life through the pages is long enough for a group of its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(BROWSER):
            return nodeid if file.endswith(LONG) else file
        if file in PREFECT:
            return "prefect"
        return OUTSIDE if file.startswith(OUTSIDE) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Asked by pytest-xdist when tests are spread."""
    return Together(config, log)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looked through again and again, it costs a session a minute or more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
