"""The short soak of the session: a few seconds of everything, kept for the tests to look at."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.faults.soak import Asked, Report, soak
from tests.faults.verdict import Case

SHORT = Asked(
    minutes=0.1,
    concerns=8,
    seed=4,
    database="sqlite",
    prefect=False,
    programs=("clock", "other clock", "tick"),
    pace=0.5,
    days=3,
    mornings=1,
)


@dataclass
class Soaked:
    """What the short soak reported, and what it left: a copy of its record with the mail and the ledger."""

    report: Report
    case: Case
    file: Path

    def case_now(self) -> Case:
        """What it left, with the record where its copy is."""
        return replace(self.case, url=f"sqlite+aiosqlite:///{self.file}")

    def copy(self, folder: Path) -> tuple[Case, Path]:
        """A copy of what it left, to plant lies in; and the record's file."""
        file = Path(shutil.copy(self.file, folder / "lies.db"))
        return replace(self.case, url=f"sqlite+aiosqlite:///{file}", taken=list(self.case.taken)), file


@pytest.fixture(scope="session")
def soaked(tmp_path_factory: pytest.TempPathFactory) -> Soaked:
    """The short soak, run once."""
    folder = tmp_path_factory.mktemp("soaked")
    kept: list[Case] = []

    def keep(case: Case) -> None:
        shutil.copy(case.url.removeprefix("sqlite+aiosqlite:///"), folder / "record.db")
        kept.append(case)

    report = soak(SHORT, look=keep)
    return Soaked(report, kept[0], folder / "record.db")
