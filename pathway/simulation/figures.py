"""What a simulated year found, as plain figures: to print, to write, and to lay beside another year's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pathway.simulation.year import Year

CASES, TIME, DEADLINES, LETTERS, CHILDREN, CHECKS = (
    "What happened",
    "From the first observation to",
    "Deadlines of people",
    "Letters",
    "Children",
    "The reconciler",
)
TIMES = (
    "a decision",
    "help (the assessment stands)",
    "a referral that is sent",
    "the front door's answer",
)
CLOCKS = (
    "stopped by sustained improvement",
    "running for up to 90 days",
    "running for 91 to 180 days",
    "running for more than 180 days",
)
# Tasks that stand for the front door's clocks: whoever owes them can only chase.
FRONT_DOORS = ("await_acknowledgement", "await_decision")


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


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
    """A simulated year's figures. `findings` are the reconciler's: none, or something was missed.

    `letters` counts those that were sent by name, `states` every letter addressed by what became of it. `a_day` is over
    the days on which somebody had any, `a_day_routine` the same outside the critical class. `refused` are moves that
    people tried and the pathway turned down, by error, move and kind of task.
    """

    year: Year
    policy: str
    concerns: int = 0
    observations: int = 0
    acts: int = 0
    days_to: Mapping[str, Spread] = field(default_factory=dict)
    deadlines: Mapping[str, Deadlines] = field(default_factory=dict)
    letters: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
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
        return [*self._cases(), *self._times(), *self._late(), *self._told(), *self._ends()]

    def _cases(self) -> Iterator[Figure]:
        yield Figure(CASES, "concerns opened", self.concerns, "")
        yield Figure(CASES, "observations", self.observations, "")
        yield Figure(CASES, "things that people did", self.acts, "")

    def _times(self) -> Iterator[Figure]:
        for name in TIMES:
            spread = self.days_to.get(name, Spread())
            yield Figure(TIME, f"{name}: how many", spread.count, "")
            yield Figure(TIME, f"{name}: median", spread.median, "days")
            yield Figure(TIME, f"{name}: 95 in 100 within", spread.p95, "days")

    def _late(self) -> Iterator[Figure]:
        whole = self.all_deadlines()
        yield Figure(DEADLINES, "deadlines that came", whole.due, "")
        yield Figure(DEADLINES, "missed", whole.missed, "")
        yield Figure(DEADLINES, "missed, in a hundred", _share(whole.missed, whole.due), "")
        yield Figure(DEADLINES, "of the missed, rescued after somebody else was told", whole.rescued, "")
        yield Figure(DEADLINES, "of the missed, still open at the end", whole.open, "")

    def all_deadlines(self) -> Deadlines:
        """The deadlines of people, all kinds together; those of front doors are theirs (FRONT_DOORS)."""
        ours = [one for kind, one in self.deadlines.items() if kind not in FRONT_DOORS]
        sums = (sum(getattr(one, name) for one in ours) for name in ("due", "missed", "rescued", "open"))
        return Deadlines(*sums)

    def _told(self) -> Iterator[Figure]:
        yield Figure(LETTERS, "letters", sum(self.letters.values()), "")
        yield Figure(LETTERS, "letters a person and day: median", self.a_day.median, "")
        yield Figure(LETTERS, "letters a person and day: 95 in 100 at most", self.a_day.p95, "")
        yield Figure(LETTERS, "letters a person and day: the worst", self.a_day.worst, "")
        yield Figure(LETTERS, "outside the critical class: 95 in 100 at most", self.a_day_routine.p95, "")
        yield Figure(LETTERS, "outside the critical class: the worst", self.a_day_routine.worst, "")
        yield Figure(LETTERS, "letters that ask something", self.alerts, "")
        yield Figure(LETTERS, "of these acted on in time, in a hundred", _share(self.alerts_acted_on, self.alerts), "")

    def _ends(self) -> Iterator[Figure]:
        for name in CLOCKS:
            yield Figure(CHILDREN, f"child's clock {name}", self.outcomes.get(name, 0), "children")
        yield Figure(CHECKS, "times the reconciler looked at everything", self.checks, "")
        yield Figure(CHECKS, "findings of the reconciler", len(self.findings), "")
