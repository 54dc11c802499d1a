"""Two policies' simulated years side by side: the same people and children, once under each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pathway.printing import say, table
from pathway.simulation import Year, run


@dataclass(frozen=True)
class Beside:
    """One figure of both years; None where only the other year has it."""

    group: str
    name: str
    unit: str
    old: float | None
    new: float | None

    @property
    def difference(self) -> float:
        """How much more it is under the new policy."""
        return (self.new or 0.0) - (self.old or 0.0)


@dataclass(frozen=True)
class Years:
    """How large and how long the simulated years are."""

    settings: int = 20
    weeks: int = 26
    seed: int = 1

    def of(self, text: str, file: str) -> Year:
        """The year under one policy; raises BadInput naming the option, PolicyError."""
        return Year(policy=text, settings=self.settings, weeks=self.weeks, seed=self.seed, file=file)


def side_by_side(old: Year, new: Year, progress: Callable[[int], None] = lambda _: None) -> list[Beside]:
    """Live through both years; their figures in the order in which they are read."""
    before = {(one.group, one.name): one for one in run(old, progress).figures()}
    after = {(one.group, one.name): one for one in run(new, progress).figures()}
    found = []
    for key in {**before, **after}:
        then, now = before.get(key), after.get(key)
        unit = (then or now).unit if then or now else ""  # type: ignore[union-attr]  # one of them is there
        found.append(Beside(*key, unit, then.value if then else None, now.value if now else None))
    return found


def print_beside(rows: list[Beside], years: Years, new: str) -> None:
    """Print the figures in a table."""
    head = (
        f"\nSimulated: {years.settings} settings, {years.weeks} weeks, seed {years.seed}, invented people and children"
    )
    say(f"{head}; the same year under both policies.")
    said = [(one.group, one.name, _said(one.old), _said(one.new), f"{one.difference:+,.1f}", one.unit) for one in rows]
    columns = ("", "figure", "in force", new, "difference", "unit")
    table("Side by side", columns, said, "The simulated years gave no figures.")


def _said(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def as_rows(rows: list[Beside]) -> list[dict[str, Any]]:
    """The figures for programs."""
    return [{"group": one.group, "name": one.name, "unit": one.unit, "old": one.old, "new": one.new} for one in rows]
