"""The capacity chart: people down, weeks across, darker where more falls due. Geometry alone; the template draws it.

Every square says its number, leave is hatched and said, and a table holds the same figures: colour is never alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.capacity import Load

NAMES, CELL, ROW, HEAD = 190, 84, 34, 30
SHADES = 4
LONGEST_NAME = 24


@dataclass(frozen=True)
class Square:
    """One person's week (or what is overdue): where it stands, how dark, its number, whether they are away in it."""

    x: int
    y: int
    number: int
    shade: int
    away: bool


@dataclass(frozen=True)
class Line:
    """One person's squares."""

    y: int
    name: str
    squares: list[Square]


@dataclass(frozen=True)
class Chart:
    """The whole chart, `width` by `height`; `heads` are (x, text)."""

    width: int
    height: int
    heads: list[tuple[int, str]]
    lines: list[Line]


def draw(loads: Sequence[Load], mondays: Sequence[date]) -> Chart:
    """The chart of these people."""
    texts = ["Overdue", *(f"{monday.day} {monday:%b}" for monday in mondays)]
    most = max((number for load in loads for number in _numbers(load)), default=0)
    lines = [_line(load, HEAD + place * ROW, mondays, most) for place, load in enumerate(loads)]
    heads = [(NAMES + place * CELL + CELL // 2, text) for place, text in enumerate(texts)]
    return Chart(NAMES + len(texts) * CELL, HEAD + len(lines) * ROW + 4, heads, lines)


def _numbers(load: Load) -> list[int]:
    return [load.overdue, *load.weeks]


def _line(load: Load, y: int, mondays: Sequence[date], most: int) -> Line:
    away = [False, *(load.is_away(monday) for monday in mondays)]
    squares = [
        Square(NAMES + place * CELL, y, number, _shade(number, most), gone)
        for place, (number, gone) in enumerate(zip(_numbers(load), away, strict=True))
    ]
    name = load.person.name
    return Line(y, name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…", squares)


def _shade(number: int, most: int) -> int:
    """From 0 (nothing) to SHADES (the most anybody has in a week)."""
    return -(-number * SHADES // most) if most else 0
