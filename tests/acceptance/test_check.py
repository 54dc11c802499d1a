"""`pathway check`, the independent look: each kind of gap is planted behind the program's back and found."""

from __future__ import annotations

import pytest

from tests import people
from tests.acceptance.conftest import Apart
from tests.acceptance.program import REFERENCE, START, Result, side_by_side

LATER = "2026-03-02T11:00"
# What is planted, and what is found (a task by its id's first characters, which vary).
PLANTED = {
    "nothing": ("", ""),
    "a deleted task": ("DELETE FROM task", "LOGGED without an open task"),
    "an event never followed up": (
        "UPDATE event SET followed_up_at = NULL",
        "event 1 (logged) was never followed up",
    ),
    "a stuck letter": (
        "UPDATE delivery SET state = 'waiting', sent_at = NULL WHERE letter = 'task-opened'",
        f"letter task-opened to {people.DSL} is stuck",
    ),
    "a leaver's task": (
        "UPDATE person SET left_on = '2026-03-01' WHERE name = 'Dana Okoro'",
        f"(dsl_review) is owned by {people.DSL}, who has left",
    ),
    "a lost concern": ("DELETE FROM concern", "1 concerns were opened, 0 are there"),
}


@pytest.fixture(scope="module")
def checks(apart_for_module: Apart) -> dict[str, Result]:
    """A concern that everybody was told of; a copy of it for each gap, and what `check` says an hour later."""
    told = apart_for_module("told", "logged")
    told.tick(START)

    def check(name: str) -> Result:
        pathway = apart_for_module(name.replace(" ", "-"), "logged")
        pathway.record.write_bytes(told.record.read_bytes())
        if planted := PLANTED[name][0]:
            assert pathway.plant(planted) == 1
        return pathway.check(LATER)

    return dict(zip(PLANTED, side_by_side(*(lambda name=name: check(name) for name in PLANTED)), strict=True))


def test_check_says_that_nothing_was_missed(checks: dict[str, Result]) -> None:
    """Of a whole record it says what it looked at, with exit code 0."""
    found = checks["nothing"]
    counts = {"concerns": 1, "tasks": 1, "events": 1, "letters": 2}
    assert (found.code, found.json) == (0, {"at": "2026-03-02T11:00:00+00:00", **counts, "findings": []})


@pytest.mark.parametrize("name", [name for name in PLANTED if name != "nothing"])
def test_check_finds(name: str, checks: dict[str, Result]) -> None:
    """What was planted is found, with exit code 1, under the concern's reference."""
    found = checks[name]
    assert found.code == 1
    wanted = PLANTED[name][1]
    assert [one["concern"] for one in found.json["findings"] if wanted in one["what"]] in ([REFERENCE], ["NC-2026"])
