"""Which tests stay together when they are spread over several processes."""

from __future__ import annotations

from pathlib import Path

import pytest

OUTSIDE = Path(__file__).parent / "acceptance"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The program from outside is one group, and what needs Prefect's server another: each starts one server."""
    for item in items:
        if OUTSIDE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("outside"))
        elif "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("prefect"))
