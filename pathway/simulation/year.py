"""What a simulated year is made from: a policy, how many settings and weeks, a seed."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache

from config.errors import BadInput
from config.policy import Policy
from config.policy_file import parse_policy
from config.time import london
from pathway.simulation.assumptions import Assumptions

MOST_SETTINGS, MOST_WEEKS, MOST_PROCESSES = 2_000, 520, 64
BEGINS = date(2025, 9, 1)


@dataclass(frozen=True)
class Year:
    """One simulated year. The same year (all but `processes`) gives the same report, figure by figure.

    `policy` is the text of a policy file. `begin` is a Monday. `processes` 0 is one for each core. Raises BadInput
    naming the option, PolicyError for a policy that does not validate.
    """

    policy: str
    settings: int = 200
    weeks: int = 52
    seed: int = 1
    begin: date = BEGINS
    processes: int = 0
    assumed: Assumptions = field(default_factory=Assumptions)
    file: str = "policy"

    def __post_init__(self) -> None:
        _within("--settings", self.settings, 1, MOST_SETTINGS)
        _within("--weeks", self.weeks, 1, MOST_WEEKS)
        _within("--seed", self.seed, 0, 2**63 - 1)
        _within("--processes", self.processes, 0, MOST_PROCESSES)
        if self.begin.weekday() != 0 or not 2015 <= self.begin.year <= 2055:
            raise BadInput("--begin", "must be a Monday between 2015 and 2055")
        self.policies()

    def policies(self) -> list[Policy]:
        """The versions of the policy."""
        return _parsed(self.policy, self.file)

    @property
    def starts(self) -> datetime:
        """The first instant (UTC)."""
        return london(self.begin, time(6))

    @property
    def ends(self) -> datetime:
        """The instant at which the year is over (UTC)."""
        return london(self.begin + timedelta(weeks=self.weeks), time(6))


@cache
def _parsed(text: str, file: str) -> list[Policy]:
    return parse_policy(text, file)


def _within(option: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not low <= value <= high:
        raise BadInput(option, f"must be a whole number from {low:,} to {high:,}, not {value!r}")
