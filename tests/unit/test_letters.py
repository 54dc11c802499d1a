"""The catalogue of letters, what each kind of task asks, and how long a letter that failed waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from config.policy_book import shipped
from models.lifecycle import Kind
from notifications.asks import ASKS
from notifications.letters import LETTERS
from notifications.outcomes import wait
from notifications.words import because

DERBY = shipped()["derby-and-derbyshire"][-1]


def test_a_letter_is_called_by_its_name() -> None:
    """The catalogue's keys are the letters' names, in kebab-case, short enough for their column."""
    assert all(name == letter.name for name, letter in LETTERS.items())
    assert all(name == name.lower() and set(name) <= set("abcdefghijklmnopqrstuvwxyz-") for name in LETTERS)
    assert max(map(len, LETTERS)) <= 60


def test_what_is_about_a_task_links_to_it() -> None:
    """A letter that is withdrawn with its task opens that task's page."""
    assert {letter.page for letter in LETTERS.values() if letter.about_task} == {"task"}


def test_what_is_urgent() -> None:
    """Danger, referrals and disagreements bypass every queue; a task's letter is urgent when its task is."""
    urgent = {name for name, letter in LETTERS.items() if letter.urgent}
    front_doors = {"referral", "chase", "chase-copy", "disagreement", "question-answered"}
    assert front_doors | {"telephone-now", "referral-raised"} == urgent


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_task_asks_something(kind: Kind) -> None:
    """Each kind has words, whole sentences without a gap, short enough for a list."""
    ask = ASKS[kind].under(DERBY)
    assert ask.asked.endswith(".")
    assert ask.otherwise.endswith(".")
    assert not ask.short.endswith(".")
    assert len(ask.short) <= 60
    assert not set("{}_") & set(ask.short + ask.asked + ask.otherwise)


def test_asks_use_the_policys_words() -> None:
    """A partnership that says Family Help reads Family Help."""
    policy = replace(DERBY, labels={**DERBY.labels, "early_help_assessment": "Family Help plan"})
    assert ASKS[Kind.ASSESS].under(policy).short == "Complete the Family Help plan"


def test_why_then_leaves_out_the_instant_and_the_figure() -> None:
    """The instant is said in the reader's zone beside it, and a figure's name might give a rule away."""
    said = (
        "Fri 6 Mar 2026 15:30: 4 opening hours from Fri 6 Mar 09:00; policy england-default, hold_worse_opening_hours"
    )
    assert because(said) == "4 opening hours from Fri 6 Mar 09:00; policy england-default"
    assert because("Mon 9 Mar 2026 17:00: the day agreed for this action") == "the day agreed for this action"


@pytest.mark.parametrize(
    ("tries", "minutes", "urgent"),
    [(0, 1, 1), (1, 1, 1), (2, 5, 5), (3, 15, 15), (4, 60, 15), (5, 240, 15), (6, 240, 15), (99, 240, 15)],
)
def test_how_long_a_letter_waits(tries: int, minutes: int, urgent: int) -> None:
    """1, 5, 15, 60 minutes, then every 4 hours; urgent letters a quarter of an hour at most."""
    assert wait(tries, urgent=False) == timedelta(minutes=minutes)
    assert wait(tries, urgent=True) == timedelta(minutes=urgent)
