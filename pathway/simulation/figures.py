"""What a simulated year found, as plain figures: to print, to write, and to lay beside another year's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pathway.simulation.year import Year


@dataclass(frozen=True)
class Spread:
    """A distribution in four numbers; all but `count` are 0 when there was nothing to measure."""

    count: int = 0
    median: float = 0.0
    p95: float = 0.0
    worst: float = 0.0


@dataclass(frozen=True)
class Deadlines:
    """Of the tasks of one kind: how many came due, were done late or not at all, and what became of the late ones.

    `rescued`: done after somebody else than the owner had been told. `open`: overdue and not done when the year ended.
    """

    due: int = 0
    missed: int = 0
    rescued: int = 0
    open: int = 0
    late_days: Spread = Spread()


@dataclass(frozen=True)
class Load:
    """One week of one role: how many people hold it, what they did, the letters they had."""

    week: int
    role: str
    people: int
    acts: int
    letters: int


@dataclass(frozen=True)
class Cost:
    """What the year cost to simulate; the only part of a report that another run may change."""

    seconds: float = 0.0
    processes: int = 1
    peak_mib: float = 0.0
    mib_by_week: tuple[float, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One figure to lay beside another year's: `group` and `name` are the same in every report."""

    group: str
    name: str
    value: float
    unit: str

    @property
    def said(self) -> str:
        """The value with its unit."""
        number = f"{self.value:,.0f}" if self.value == round(self.value) else f"{self.value:,.1f}"
        return f"{number} {self.unit}".strip()


@dataclass(frozen=True)
class Report:
    """A simulated year's figures. `findings` are the reconciler's: none, or something was missed."""

    year: Year
    policy: str
    concerns: int = 0
    observations: int = 0
    acts: int = 0
    days_to: Mapping[str, Spread] = field(default_factory=dict)
    deadlines: Mapping[str, Deadlines] = field(default_factory=dict)
    letters: Mapping[str, int] = field(default_factory=dict)
    composed: int = 0
    a_day: Spread = Spread()
    a_day_routine: Spread = Spread()
    alerts: int = 0
    alerts_acted_on: int = 0
    workload: tuple[Load, ...] = ()
    outcomes: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    checks: int = 0
    findings: tuple[str, ...] = ()
    cost: Cost = Cost()

    def figures(self) -> list[Figure]:
        """The figures in the order in which they are read, every one of them whatever the year found."""
        return []
