"""The short form of `make soak`, and whether its verdict would notice: lies planted one at a time in what it left.

Seconds of kills and a bad mail server, and each chosen point of killing once. One file, so that it is run once.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.conftest import Soaked
from tests.faults.ledger import Ledger
from tests.faults.mail import Taken
from tests.faults.points import POINTS, RECORDING
from tests.faults.programs import Death
from tests.faults.verdict import Case, judge, repeats

Lie = Callable[[Case, Path], None]


def _told_to_the_record(statement: str) -> Lie:
    def lie(case: Case, file: Path) -> None:
        with closing(sqlite3.connect(file)) as record, record:
            assert record.execute(statement).rowcount >= 1, "the lie found nothing to be told about"

    return lie


def _lost(letter: str) -> Lie:
    def lie(case: Case, file: Path) -> None:
        gone = next(one.id for one in case.taken if one.letter == letter)
        case.taken[:] = [one for one in case.taken if one.id != gone]

    return lie


def _unaddressed(letter: str, whose: str = "") -> Lie:
    """Neither in the record nor in the mail: only what should have been can tell."""

    def lie(case: Case, file: Path) -> None:
        gone = next(one.id for one in case.taken if one.letter == letter and one.to.startswith(whose))
        case.taken[:] = [one for one in case.taken if one.id != gone]
        with closing(sqlite3.connect(file)) as record, record:
            record.execute("DELETE FROM delivery WHERE message_id = ?", [gone])

    return lie


def _twice(case: Case, file: Path) -> None:
    first = next(one for one in case.taken if one.answered and one.letter == "task-opened")
    case.taken.append(replace(first, at=first.at + 1000, pid=0))
    case.deaths = []
    case.down = []


def _another_id(case: Case, file: Path) -> None:
    first = next(one for one in case.taken if one.letter == "task-opened")
    case.taken.append(_with_id(first, "<other@localhost>"))


def _with_id(letter: Taken, number: str) -> Taken:
    content = letter.content.replace(letter.id.encode(), number.encode())
    return Taken(letter.to, letter.at, letter.pid, letter.answered, content)


LIES: dict[str, tuple[Lie, str]] = {
    "a letter that no server took": (_lost("task-opened"), "is called sent and no server took it"),
    "a letter taken twice": (_twice, "was taken twice"),
    "a letter under two Message-IDs": (_another_id, "is in no record"),
    "two letters about one event": (
        _told_to_the_record(
            "UPDATE delivery SET letter = 'referral-sent', slot = 'event-1', subject = 'x' || id"
            " WHERE letter IN ('referral-sent', 'telephone-now')"
        ),
        "2 times (NC-2026",
    ),
    "a receipt never addressed": (_unaddressed("concern-received"), "receipts"),
    "a referral never addressed": (_unaddressed("referral"), "letters at the front door"),
    "an alarm never addressed": (_unaddressed("telephone-now", "dsl@"), "was not told to telephone"),
    "an event not followed up": (
        _told_to_the_record("UPDATE event SET followed_up_at = NULL WHERE number = 1"),
        "is not followed up",
    ),
    "a letter that waits": (
        _told_to_the_record("UPDATE delivery SET state = 'waiting' WHERE letter = 'concern-received'"),
        "still waits",
    ),
    "a refusal untold": (
        _told_to_the_record("UPDATE delivery SET state = 'given_up', told_at = NULL WHERE letter = 'concern-received'"),
        "nobody was told",
    ),
    "a line of history changed": (
        _told_to_the_record("UPDATE event SET hash = 'x' WHERE number = 1"),
        "its history",
    ),
    "an observation lost": (
        _told_to_the_record("DELETE FROM observation WHERE key = 'drill-001'"),
        "was acknowledged and is there 0 times",
    ),
    "a concern lost": (
        _told_to_the_record("UPDATE concern SET reference = 'NC-2026-09999' WHERE reference = 'NC-2026-00001'"),
        "missing from the year's numbers",
    ),
    "a deadline a day late": (
        _told_to_the_record(
            "UPDATE task SET due_at = datetime(due_at, '+1 day') || '.000000' WHERE kind = 'dsl_review'"
        ),
        "is due",
    ),
    "a task nobody looked at": (
        _told_to_the_record("UPDATE task SET next_at = '2026-01-01 00:00:00.000000' WHERE closed_at IS NULL"),
        "was due for a look",
    ),
    "an open concern without a task": (
        _told_to_the_record("UPDATE task SET closed_at = opened_at WHERE closed_at IS NULL"),
        "nobody owes anything",
    ),
    "a rung that was skipped": (
        _told_to_the_record("DELETE FROM delivery WHERE letter = 'overdue'"),
        "never heard",
    ),
    "silence that lapsed into nothing": (
        _told_to_the_record("UPDATE concern SET status = 'REFERRED' WHERE status = 'DISPUTED'"),
        "it is REFERRED still",
    ),
}


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


def test_a_repeat_is_excused_by_what_its_sender_could_know() -> None:
    """Killed after 250, or with the letter still on the line, before or after another took it up; not otherwise."""
    letter = b"Message-ID: <1@localhost>\r\n\r\n"
    by_7, by_8 = (Taken("dsl@x.example", 100.0 + pid, pid, True, letter) for pid in (7, 8))
    verdicts: list[tuple[Death | None, str | None]] = [
        (Death("tick", 7, 107.2, "after-250"), "killed between 250 and commit"),
        (Death("tick", 7, 106.5, "at random"), "on the line when its sender was killed"),
        (Death("tick", 8, 106.9, "at random"), "on the line when its sender was killed"),
        (Death("tick", 8, 107.7, "at random"), None),
        (Death("tick", 8, 108.2, "after-250"), None),
        (None, None),
    ]
    for death, why in verdicts:
        case = Case("", datetime.now(UTC), [by_7, by_8], [], Ledger(), [death] if death else [])
        allowed: Counter[str] = Counter()
        assert bool(repeats(case, allowed)) == (why is None)
        assert allowed == Counter([why] if why else [])


def test_the_truth_is_clean(soaked: Soaked) -> None:
    """Without a lie there is no finding, or no lie below would prove anything."""
    assert judge(soaked.case_now()).findings == []


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_noticed(name: str, soaked: Soaked, tmp_path: Path) -> None:
    """Each lie is told by a finding that names it."""
    lie, said = LIES[name]
    case, file = soaked.copy(tmp_path)
    lie(case, file)
    assert any(said in finding for finding in judge(case).findings)
