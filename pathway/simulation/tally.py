"""What one area's year came to, as plain numbers that add up with another area's."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from pathway.simulation.figures import Deadlines, Spread


@dataclass
class Late:
    """The deadlines of one kind of task; see figures.Deadlines."""

    due: int = 0
    missed: int = 0
    rescued: int = 0
    open: int = 0
    days: list[float] = field(default_factory=list)

    def figures(self) -> Deadlines:
        """As they stand in a report."""
        return Deadlines(self.due, self.missed, self.rescued, self.open, spread(self.days))


@dataclass
class Tally:
    """Counts and measured values of one area; `people` by role, `acts` and `letters_of` by (week, role).

    `a_day` counts days of a person by how many letters came on it, `routine` the same outside the critical class.
    """

    concerns: int = 0
    observations: int = 0
    composed: int = 0
    alerts: int = 0
    alerts_acted_on: int = 0
    checks: int = 0
    days_to: dict[str, list[float]] = field(default_factory=dict)
    late: dict[str, Late] = field(default_factory=dict)
    letters: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    a_day: Counter[int] = field(default_factory=Counter)
    routine: Counter[int] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    acts: Counter[tuple[int, str]] = field(default_factory=Counter)
    letters_of: Counter[tuple[int, str]] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Put another area's to these."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, dict) and not isinstance(mine, Counter):
                _join(mine, theirs)
            elif isinstance(mine, Counter):
                mine.update(theirs)
            elif one.name != "mib":
                setattr(self, one.name, mine + theirs)


def _join(mine: dict[str, list[float]] | dict[str, Late], theirs: dict[str, list[float]] | dict[str, Late]) -> None:
    for name, more in theirs.items():
        if isinstance(more, Late):
            had = mine.setdefault(name, Late())  # type: ignore[arg-type]  # a dict of either kind
            had.due, had.missed = had.due + more.due, had.missed + more.missed  # type: ignore[union-attr]  # same
            had.rescued, had.open = had.rescued + more.rescued, had.open + more.open  # type: ignore[union-attr]  # same
            had.days += more.days  # type: ignore[union-attr]  # same
        else:
            mine[name] = [*mine.get(name, []), *more]  # type: ignore[misc, assignment]  # same


def spread(values: Sequence[float]) -> Spread:
    """Median, 95th percentile (nearest rank) and worst of some values."""
    return spread_of(Counter(values))


def spread_of(counted: Counter[float] | Counter[int]) -> Spread:
    """The same of values that have been counted."""
    total = counted.total()
    if not total:
        return Spread()
    return Spread(total, _rank(counted.items(), total, 50), _rank(counted.items(), total, 95), float(max(counted)))


def _rank(counted: Iterable[tuple[float, int]], total: int, percent: int) -> float:
    wanted, seen = -(-total * percent // 100), 0
    for value, count in sorted(counted):
        seen += count
        if seen >= wanted:
            return float(value)
    return 0.0
