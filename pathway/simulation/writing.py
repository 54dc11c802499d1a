"""Writing a simulated year down: report.md, charts and CSV files in a folder. No person and no child is in any of them.

What another run of the same year may change (its duration, its memory) stands in the report's last part alone.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from config.time import say_day
from pathway.simulation.assumptions import BASIS
from pathway.simulation.charts import bars, lines
from pathway.simulation.figures import FRONT_DOORS, Report

Rows = Sequence[Sequence[Any]]
SPREAD = ("count", "median", "p95", "worst")
DEADLINE = ("due", "missed", "rescued", "open")


def write(report: Report, folder: Path, command: str, note: str = "") -> list[Path]:
    """Write everything into `folder`, which is made; returns the files. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "figures.csv": _csv(("group", "figure", "value", "unit"), _figures(report)),
        "deadlines.csv": _csv(("task", *DEADLINE, "median_days_late", "p95_days_late"), _deadlines(report)),
        "workload.csv": _csv(
            ("week", "role", "people", "acts", "letters"), [tuple(asdict(one).values()) for one in report.workload]
        ),
        "letters.csv": _csv(("letter", "sent"), sorted(report.letters.items())),
        "acts.svg": _acts(report),
        "letters.svg": _letters(report),
        "deadlines.svg": _late(report),
        "report.md": _markdown(report, command, note),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def as_plain(report: Report) -> dict[str, Any]:
    """The report as plain values, for JSON; without the policy's text."""
    found = asdict(report)
    found["year"] = {name: getattr(report.year, name) for name in ("settings", "weeks", "seed")} | {
        "begin": report.year.begin.isoformat()
    }
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


def _figures(report: Report) -> Rows:
    return [(one.group, one.name, f"{one.value:g}", one.unit) for one in report.figures()]


def _deadlines(report: Report) -> Rows:
    return [
        (kind, one.due, one.missed, one.rescued, one.open, one.late_days.median, one.late_days.p95)
        for kind, one in report.deadlines.items()
    ]


def _csv(columns: Sequence[str], rows: Rows) -> str:
    kept = _Kept()
    writer = csv.writer(kept, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return "".join(kept.lines)


class _Kept:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)


def _by_week(report: Report, name: str) -> dict[str, list[float]]:
    """One value a week and person of each role: acts or letters."""
    weeks = range(1, report.year.weeks + 1)
    known = {(one.week, one.role): getattr(one, name) / max(1, one.people) for one in report.workload}
    roles = sorted({one.role for one in report.workload} - {"administrator"})
    return {role.replace("_", " "): [round(known.get((week, role), 0.0), 3) for week in weeks] for role in roles}


def _acts(report: Report) -> str:
    said = "Observations and moves a week, divided by how many hold the role. The figures are in workload.csv."
    return lines("What one person of each role does in a week", said, _by_week(report, "acts"), "acts", "week")


def _letters(report: Report) -> str:
    said = "Letters a week, divided by how many hold the role. The figures are in workload.csv."
    return lines("Letters to one person of each role in a week", said, _by_week(report, "letters"), "letters", "week")


def _late(report: Report) -> str:
    values = {
        kind.replace("_", " "): (float(one.due), float(one.missed))
        for kind, one in report.deadlines.items()
        if kind not in FRONT_DOORS
    }
    said = "For each kind of task how many deadlines came and how many were missed. The figures are in deadlines.csv."
    return bars("Deadlines that came, and those that were missed", said, values, ("deadlines", "missed"))


def _markdown(report: Report, command: str, note: str) -> str:
    year = report.year
    what = f"{year.settings} settings, {year.weeks} weeks from {say_day(year.begin)}, policy {report.policy}"
    said = ["# A simulated year", f"{what}, seed {year.seed}. The same command gives the same figures."]
    said += [f"```\n{command}\n```", INVENTED, _reconciler(report)]
    for group, figures in groupby(report.figures(), lambda one: one.group):
        said += [f"## {group}", _table(("", ""), [(one.name, one.said) for one in figures])]
    said += ["## Deadlines by kind of task", "![Deadlines that came, and those that were missed](deadlines.svg)"]
    columns = ("task", "came due", "missed", "rescued", "still open", "median days late", "p95 days late")
    said += [_table(columns, [(row[0].replace("_", " "), *row[1:]) for row in _deadlines(report)])]
    said += [RESCUED, "## Workload by role", "![Acts a week](acts.svg)", "![Letters a week](letters.svg)"]
    said += [_table(("role", "people", "acts a week", "in the busiest week", "letters a week"), _loads(report))]
    said += ["The same by week is in `workload.csv`.", "## Letters", *_sent(report)]
    said += ["## How concerns stood at the end", _table(("status", "concerns"), list(report.statuses.items()))]
    said += ["## Turned down", TURNED_DOWN, _table(("what", "how often"), list(report.refused.items()))]
    return "\n\n".join([*said, *_cost(report, note)]) + "\n"


INVENTED = (
    f"The people, the children and the front doors are invented, and how they behave is assumed (basis {BASIS}: our "
    "proposal, no source; `pathway/simulation/assumptions.py`). The pathway they meet is the program itself: its "
    "casework, rules, sweeps, letters and digests. Read the figures beside another policy's, not as a forecast."
)
RESCUED = (
    "Missed: overdue. Rescued: done after somebody other than the owner had been told that it was overdue. People have "
    "more chances at a front door's own two clocks (await …), which they can only chase."
)
TURNED_DOWN = (
    "Moves that people tried and the pathway refused, as a page would have said; they did otherwise or came back."
)


def _reconciler(report: Report) -> str:
    if not report.findings:
        return f"**The reconciler looked at everything {report.checks} times and found nothing missing.**"
    listed = "\n".join(f"- {one}" for one in report.findings[:50])
    return f"**The reconciler found {len(report.findings)} things, of {report.checks} looks:**\n\n{listed}"


def _loads(report: Report) -> Rows:
    found = []
    for role in sorted({one.role for one in report.workload}):
        mine = [one for one in report.workload if one.role == role]
        weeks, people = report.year.weeks, max(1, mine[0].people)
        acts, letters = sum(one.acts for one in mine), sum(one.letters for one in mine)
        busiest = max(one.acts for one in mine)
        a_person = [f"{number / people:.2f}" for number in (acts / weeks, busiest, letters / weeks)]
        found.append((role.replace("_", " "), mine[0].people, *a_person))
    return found


def _sent(report: Report) -> Iterable[str]:
    states = ", ".join(f"{count:,} {state}" for state, count in report.states.items())
    yield f"Of {sum(report.states.values()):,} letters addressed: {states}. {report.composed:,} were composed in full."
    yield _table(("letter", "sent"), [(name, f"{count:,}") for name, count in sorted(report.letters.items())])


def _cost(report: Report, note: str) -> Iterable[str]:
    cost = report.cost
    yield "## What this cost"
    yield f"{cost.seconds / 60:.1f} minutes on {cost.processes} process(es); {cost.peak_mib:.0f} MiB a process at most."
    if cost.mib_by_week:
        weeks = sorted({1, len(cost.mib_by_week) // 4, len(cost.mib_by_week) // 2, len(cost.mib_by_week)} - {0})
        yield _table(("after week", "MiB"), [(week, f"{cost.mib_by_week[week - 1]:.0f}") for week in weeks])
    if note:
        yield note


def _table(columns: Sequence[str], rows: Rows) -> str:
    if not rows:
        return "None."
    lines_ = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in lines_)
