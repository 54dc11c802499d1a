"""docs/lifecycle.md: the page says what the table of moves says, all of it and nothing else."""

from __future__ import annotations

import re

import pytest

from models.diagram import PAGE, lifecycle_page
from models.lifecycle import MOVES, OFFERS, Kind, Status

ARROW = re.compile(r"^    (\w+) --> (\w+): (.+)$", re.MULTILINE)
ONE = re.compile(r"(\w+)(?: \(([^)]*)\))?(?:, |$)")


def drawn() -> set[tuple[str, str, str, str]]:
    """The arrows of the diagram, read back: (status, move, answer, status)."""
    found = set()
    for start, end, said in ARROW.findall(lifecycle_page()):
        for move, answers in ONE.findall(said):
            found |= {(start, move, answer, end) for answer in answers.split(" or ")}
    return found


def row(first: str) -> list[str]:
    """The cells of the table row that begins with `first`."""
    lines = [line for line in lifecycle_page().splitlines() if line.startswith(f"| {first} |")]
    assert len(lines) == 1, f"{first} has {len(lines)} rows"
    return [cell.strip() for cell in lines[0].strip("|").split("|")]


def test_page_is_what_the_table_gives() -> None:
    """Whoever changes the table runs `python -m models.diagram` as well."""
    assert PAGE.read_text("utf-8") == lifecycle_page()


def test_diagram_draws_every_move_and_no_other() -> None:
    """Read back from the page, the arrows are the table of moves."""
    table = {(start, move, answer, end) for (start, move), ways in MOVES.items() for answer, end in ways.items()}
    assert drawn() == table


@pytest.mark.parametrize("status", Status)
def test_each_status_says_where_it_leads(status: Status) -> None:
    """A status's row names every status that a move leads to, and every move."""
    _, _, leads = row(status)
    ways = {move: set(ends.values()) for (start, move), ends in MOVES.items() if start == status}
    assert set(re.findall(r"→ (\w+)", leads)) == {end for ends in ways.values() for end in ends}
    assert set(ways) <= set(re.findall(r"\w+", leads))


@pytest.mark.parametrize("kind", Kind)
def test_each_task_says_what_it_offers(kind: Kind) -> None:
    """A task's row names the moves of its kind, in the order of its form."""
    assert row(kind)[2] == " · ".join(OFFERS[kind])
