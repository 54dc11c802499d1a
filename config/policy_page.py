"""The tables of docs/policy.md, made from the shipped policies; `python -m config.policy_page` writes them.

The page's prose is written by hand; each table stands between two marks, and only what is between them is replaced.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from config.figures import FIGURES, Value
from config.policy import TASK_KINDS, TERMS, Figure, Ladder, Policy, Reminder, Rung
from config.policy_book import shipped

PAGE = Path(__file__).resolve().parents[1] / "docs" / "policy.md"
DEFAULT = "england-default"
PART = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end of table -->\n)", re.DOTALL)


def policy_page(page: str) -> str:
    """The page's text with every table made anew; raises KeyError for a mark that names no table."""
    tables = {"figures": _figures, "differences": _differences, "ladders": _ladders, "terms": _terms}
    return PART.sub(lambda found: f"{found[1]}{tables[found[2]]()}\n{found[3]}", page)


def _default() -> Policy:
    return shipped()[DEFAULT][-1]


def _figures() -> str:
    heads = ("figure", "default", "unit", "basis", "source", "meaning")
    figures = _default().figures
    return _table(heads, ([f"`{name}`", *_cells(figures[name]), FIGURES[name].meaning] for name in FIGURES))


def _differences() -> str:
    return _table(("figure", "policy", "value", "unit", "basis", "source"), _different())


def _different() -> Iterator[list[str]]:
    for key, versions in shipped().items():
        for policy in versions:
            yield from _beside(f"`{key}` from {policy.in_force_from}", policy.figures, _default().figures)
            for area in policy.areas.values():
                yield from _beside(f"`{key}`, area `{area.key}`", area.overrides, {})


def _beside(where: str, figures: Mapping[str, Figure], usual: Mapping[str, Figure]) -> Iterator[list[str]]:
    for name, figure in figures.items():
        if figure != usual.get(name):
            yield [f"`{name}`", where, *_cells(figure)]


def _cells(figure: Figure) -> list[str]:
    return [say_value(figure.value), figure.unit, figure.basis, figure.source]


def say_value(value: Value) -> str:
    """A figure's value as its file writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ladders() -> str:
    heads = ("task", "reminders", "working days overdue: who hears", "told again every", "basis")
    rows = ((kind, _default().ladders[kind]) for kind in TASK_KINDS)
    return _table(heads, ([f"`{kind}`", *_ladder(ladder)] for kind, ladder in rows))


def _ladder(ladder: Ladder) -> list[str]:
    reminders = " · ".join(map(_reminder, ladder.reminders)) or "none"
    rungs = " · ".join(map(_rung, ladder.rungs))
    return [reminders, rungs or "it lapses", f"{ladder.repeat_after} working days", ladder.basis]


def _reminder(reminder: Reminder) -> str:
    days = f" {reminder.working_days}" if reminder.working_days else ""
    return f"{reminder.when.replace('_', ' ')}{days}: {', '.join(reminder.to)}"


def _rung(rung: Rung) -> str:
    return f"{rung.after}: {', '.join(rung.to)}"


def _terms() -> str:
    return _table(("term", "label"), ([f"`{term}`", _default().label(term)] for term in TERMS))


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the tables into the page."""
    PAGE.write_text(policy_page(PAGE.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
