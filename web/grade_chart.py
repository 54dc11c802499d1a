"""The worst grade over time as a small picture: where its points lie. The figures stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.grading import Grading

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 24, 18, 34
GRADES = range(1, 6)


@dataclass(frozen=True)
class Point:
    """One grading in the picture."""

    x: float
    y: float
    grade: int
    at: datetime


@dataclass(frozen=True)
class Chart:
    """The picture: points from left to right in true time, a line for each grade, grade 5 (worst) at the top."""

    points: tuple[Point, ...]
    lines: tuple[tuple[int, float], ...]
    asks: float  # from this height up the DSL is asked for a decision
    asks_from: int

    @property
    def path(self) -> str:
        """The line through the points, as SVG takes it."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def worst_grades(graded: Sequence[Grading], asks_from: int) -> Chart:
    """The chart of the worst grade of each grading; `graded` holds at least one."""
    first, last = graded[0].at, graded[-1].at
    span = (last - first).total_seconds() or 1.0
    wide = WIDTH - LEFT - RIGHT
    points = tuple(
        Point(_across(one.at, first, span, wide, len(graded)), _height(one.worst), one.worst, one.at) for one in graded
    )
    return Chart(points, tuple((grade, _height(grade)) for grade in GRADES), _height(asks_from), asks_from)


def _across(at: datetime, first: datetime, span: float, wide: int, many: int) -> float:
    """One grading stands in the middle; several from the left margin to the right."""
    return LEFT + wide / 2 if many == 1 else LEFT + wide * (at - first).total_seconds() / span


def _height(grade: int) -> float:
    step = (HEIGHT - TOP - BOTTOM) / (len(GRADES) - 1)
    return HEIGHT - BOTTOM - step * (grade - 1)
