"""Boundaries: one reader of the environment, one reader of the wall clock."""

from __future__ import annotations

from tests.repository.reading import PACKAGES, modules, uses

ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
WALL_CLOCK = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.asctime",
    "sqlalchemy.func.now", "sqlalchemy.func.current_timestamp", "sqlalchemy.func.localtimestamp",
    "sqlmodel.func.now", "sqlmodel.func.current_timestamp", "sqlmodel.func.localtimestamp",
}  # fmt: skip


def places(forbidden: set[str], allowed: str) -> list[str]:
    """Where the program uses one of these names outside the module that may, as "path:line name"."""
    return [
        f"{path}:{line} {name}"
        for path, tree in modules(*PACKAGES).items()
        if path != allowed
        for line, name in uses(tree)
        if name in forbidden
    ]


def test_only_settings_reads_the_environment() -> None:
    """Whatever the environment decides is declared in config/settings.py."""
    assert not places(ENVIRONMENT, allowed="config/settings.py")


def test_only_time_reads_the_wall_clock() -> None:
    """Time is an argument; config/time.py alone, which honours PATHWAY_NOW, asks what it is."""
    assert not places(WALL_CLOCK, allowed="config/time.py")
