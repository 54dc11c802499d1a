"""Acted on within one working day: what counts as in time, what is too early to say, and what an act is for."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest

from config.calendars import calendar_for
from config.time import read_instant
from models.alerts import Act, Acted, Asked, acted_within
from tests.letters import SPACE

ENGLAND = calendar_for()
TASK = uuid5(SPACE, "a task")
OTHER = uuid5(SPACE, "another")


def at(text: str) -> datetime:
    """An instant from London's text."""
    return read_instant(text, "at")


def asked(sent: str, letter: str = "reminder", task: UUID = TASK) -> Asked:
    """A letter about a task."""
    return Asked(letter, task, at(sent))


EDGES = [
    pytest.param("2026-03-02T09:00", "2026-03-02T09:01", True, id="a minute later"),
    pytest.param("2026-03-02T09:00", "2026-03-03T17:00", True, id="five o'clock of the next working day"),
    pytest.param("2026-03-02T09:00", "2026-03-03T17:01", False, id="a minute past it"),
    pytest.param("2026-04-02T09:00", "2026-04-07T16:00", True, id="over Easter"),
    pytest.param("2026-04-02T09:00", "2026-04-07T17:01", False, id="too late after Easter"),
    pytest.param("2026-03-27T16:00", "2026-03-30T17:00", True, id="over the clocks going forward"),
    pytest.param("2026-03-02T09:00", "2026-03-02T09:00", False, id="before the letter, not after it"),
    pytest.param("2026-03-02T09:00", "2026-03-02T08:00", False, id="an hour before"),
]


@pytest.mark.parametrize(("sent", "acted", "in_time"), EDGES)
def test_one_working_day_ends_at_five_of_the_next(sent: str, acted: str, in_time: bool) -> None:
    """A letter counts as acted on up to 17:00 of the next working day, and only by what came after it."""
    found = acted_within([asked(sent)], [Act(TASK, at(acted))], ENGLAND, 1)
    assert found == {"reminder": Acted(1, int(in_time))}


def test_an_act_on_another_task_counts_for_nothing() -> None:
    """Each letter is about one task."""
    assert acted_within([asked("2026-03-02T09:00")], [Act(OTHER, at("2026-03-02T10:00"))], ENGLAND, 1) == {
        "reminder": Acted(1, 0)
    }


def test_an_act_counts_for_every_letter_that_asked_for_it() -> None:
    """A reminder and a rung before the same act were both acted on; kinds of letter are counted apart."""
    letters = [asked("2026-03-02T09:00"), asked("2026-03-03T09:00"), asked("2026-03-03T10:00", "overdue")]
    found = acted_within(letters, [Act(TASK, at("2026-03-03T11:00"))], ENGLAND, 1)
    assert found == {"reminder": Acted(2, 2), "overdue": Acted(1, 1)}
    assert found["overdue"].share == 100


def test_what_is_not_over_is_too_early_to_say() -> None:
    """Before its time is over an unanswered letter is not held against anybody; an answered one counts at once."""
    letters = [asked("2026-03-02T09:00"), asked("2026-03-02T09:00", "overdue", OTHER)]
    found = acted_within(letters, [Act(OTHER, at("2026-03-02T10:00"))], ENGLAND, 1, at("2026-03-02T12:00"))
    assert found == {"reminder": Acted(0, 0, 1), "overdue": Acted(1, 1, 0)}
    assert found["reminder"].share is None


def test_thousands_of_letters_are_judged_in_an_instant() -> None:
    """The figure is shown on a page: 20,000 letters need no more than their days."""
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    letters = [Asked("reminder", uuid5(SPACE, str(number)), start) for number in range(20_000)]
    assert acted_within(letters, [], ENGLAND, 1)["reminder"].letters == 20_000
