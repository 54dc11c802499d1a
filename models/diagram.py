"""The page docs/lifecycle.md, made from the table of moves; `python -m models.diagram` writes it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from models.lifecycle import (
    MAIN_KINDS,
    MOVES,
    OFFERS,
    REVIEWED_STATUSES,
    UNMANNED,
    Kind,
    Move,
    Status,
)

PAGE = Path(__file__).resolve().parents[1] / "docs" / "lifecycle.md"

TOP = """\
# The lifecycle of a concern

<!-- Made by `python -m models.diagram` from models/lifecycle.py: change the table there, then run it. -->

An observation opens a concern, which from then on is in exactly one status. Moves lead from one status to
the next; there are no others, and whoever tries one is told which there are. What stands in brackets is the
answer that comes with a move."""

STATUSES = """\
## What is owed in each status

An open concern has at least one of its status's tasks open; without one it cannot be saved."""

TASKS = """\
## What each task offers

A task offers those moves of its kind that the concern's status allows. Of the tasks beside the main one, early_help
and refer change the status, agree does whatever was proposed (a close, a stop), and the others leave it."""

NOBODYS = {
    Move.LAPSE: "is made by the clock when the time of a task that lapses has run out",
    Move.ALARM: "is made by an observation of immediate danger: in any open status, a referral goes at once",
}


def lifecycle_page() -> str:
    """The whole page: Markdown with a Mermaid diagram, ending in a line break."""
    parts = [TOP, _diagram(), STATUSES, _statuses(), _unmanned(), TASKS, _tasks(), _conditions()]
    return "\n\n".join(parts) + "\n"


def _diagram() -> str:
    arrows = [f"    {start} --> {end}: {said}" for (start, end), said in _arrows().items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {Status.LOGGED}: log", *arrows, "```"])


def _arrows() -> dict[tuple[Status, Status], str]:
    """What leads from one status to another: every pair has one arrow. Statuses and moves in the table's order."""
    found: dict[tuple[Status, Status], list[str]] = {}
    for start, move, end, answers in _ways():
        found.setdefault((start, end), []).append(_said(move, answers))
    return {pair: ", ".join(said) for pair, said in found.items()}


def _ways() -> Iterator[tuple[Status, Move, Status, list[str]]]:
    """Each move with each status it leads to, and the answers that lead there."""
    for (start, move), ways in sorted(MOVES.items(), key=lambda one: list(Status).index(one[0][0])):
        for end in dict.fromkeys(ways.values()):
            yield start, move, end, [answer for answer, where in ways.items() if where == end]


def _said(move: Move, answers: Iterable[str]) -> str:
    said = " or ".join(filter(None, answers))
    return f"{move} ({said})" if said else str(move)


def _statuses() -> str:
    rows = [(status, _owed(status), _leads(status)) for status in Status]
    return _table(("status", "task owed", "moves → status"), rows)


def _owed(status: Status) -> str:
    return ", ".join(kind for kind in Kind if kind in MAIN_KINDS[status]) or "none"


def _leads(status: Status) -> str:
    return " · ".join(f"{said} → {end}" for (start, end), said in _arrows().items() if start == status)


def _unmanned() -> str:
    return "\n".join(f"- `{move}` {NOBODYS[move]}. No person makes it." for move in Move if move in UNMANNED)


def _tasks() -> str:
    rows = [(kind, _carries(kind), " · ".join(OFFERS[kind])) for kind in Kind]
    return _table(("task", "carries", "moves"), rows)


def _carries(kind: Kind) -> str:
    return next((status for status in Status if kind in MAIN_KINDS[status]), "beside the main task")


def _conditions() -> str:
    reviewed = f"{', '.join(REVIEWED_STATUSES[:-1])} and {REVIEWED_STATUSES[-1]}"
    notes = (
        f"- `{Move.DISSENT}` is offered only after a front door's answer was nfa, no further action.",
        f"- `{Move.CLOSE}` is offered in {Status.SUPPORTING} only after sustained improvement.",
        f"- `{Move.BRING_FORWARD}` is offered only where a review is owed: {reviewed}.",
    )
    return "\n".join(notes)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(lifecycle_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
