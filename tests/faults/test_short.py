"""The short form of `make soak`: seconds of kills and a bad mail server, and each chosen point of killing once."""

from __future__ import annotations

from tests.faults.conftest import Soaked
from tests.faults.points import POINTS, RECORDING


def test_nothing_is_missed_and_nothing_told_twice(soaked: Soaked) -> None:
    """After kills at random and at every chosen point and every kind of mail trouble, all that was owed was done."""
    assert soaked.report.findings == []
    assert soaked.report.counts["acts"]["log acknowledged"] >= soaked.report.counts["concerns"] > 0


def test_each_chosen_point_was_met(soaked: Soaked) -> None:
    """A `tick` was killed at every point there is, and a keyboard at each where somebody records."""
    met = set(soaked.report.counts["kills_by"])
    assert {f"tick, {point}" for point in POINTS} | {f"keyboard, {point}" for point in RECORDING} <= met


def test_a_repeat_is_counted(soaked: Soaked) -> None:
    """A letter that was accepted just before its sender died goes again, with the same Message-ID, and is counted."""
    assert soaked.report.allowed["killed between 250 and commit"] >= 1
