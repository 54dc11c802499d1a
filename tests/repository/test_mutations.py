"""The list of faults stays true: each text that a fault replaces is in the tree exactly once, each test is there."""

from __future__ import annotations

from collections import Counter

from tests.mutations.catalogue import FAULTS
from tests.repository.reading import ROOT


def test_every_fault_can_be_planted() -> None:
    """The text to replace stands in its file exactly once, and the replacement is another."""
    wrong = []
    for number, fault in enumerate(FAULTS, start=1):
        for edit in fault.edits:
            count = (ROOT / edit.file).read_text("utf-8").count(edit.old)
            if count != 1 or edit.old == edit.new:
                wrong.append(f"{number} in {edit.file}: {count} times: {edit.old!r}")
    assert wrong == []


def test_every_fault_has_tests_that_are_there() -> None:
    """Each is caught by files that exist."""
    missing = {test for fault in FAULTS for test in fault.tests if not (ROOT / test.partition("::")[0]).is_file()}
    assert missing == set()
    assert all(fault.tests for fault in FAULTS)


def test_there_are_many_and_each_is_another() -> None:
    """At least thirty, no two of one description."""
    assert len(FAULTS) >= 30
    assert [said for said, count in Counter(fault.what for fault in FAULTS).items() if count > 1] == []


def test_the_printed_list_is_of_these_faults() -> None:
    """docs/mutations.md has a row for each fault, in order, and none that survived."""
    printed = (ROOT / "docs" / "mutations.md").read_text("utf-8")
    rows = [line.split(" | ")[:2] for line in printed.splitlines() if line.startswith("| ")][2:]
    assert [(number.removeprefix("| "), what) for number, what in rows] == [
        (str(number), fault.what) for number, fault in enumerate(FAULTS, start=1)
    ]
    assert f"{len(FAULTS)} of {len(FAULTS)} faults caught" in printed
