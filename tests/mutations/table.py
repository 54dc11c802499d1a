"""The list of faults and who caught them: lines for the terminal, a table for the documents, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.mutations.fault import Caught

HEAD = ("", "fault", "file", "caught by a test", "caught by the reconciler", "seconds")


def line(one: Caught) -> str:
    """One fault's line for the terminal."""
    verdict = "SURVIVED" if one.survived else "caught"
    notes = "".join(f"\n     {note}" for note in one.notes)
    said = f"{one.number:3} {verdict}: {one.fault.what} ({one.fault.files}); {one.seconds:.0f} s"
    return f"{said}\n     test: {one.test or '-'}\n     reconciler: {_reconciler(one)}{notes}"


def _reconciler(one: Caught) -> str:
    return "not asked" if one.reconciler is None else one.reconciler or "-"


def summary(caught: Sequence[Caught]) -> str:
    """How many of how many were caught, and by whom."""
    survived = [one.number for one in caught if one.survived]
    tests, asked = sum(bool(one.test) for one in caught), [one for one in caught if one.reconciler is not None]
    found = sum(bool(one.reconciler) for one in asked)
    said = (
        f"{len(caught) - len(survived)} of {len(caught)} faults caught: {tests} by tests,"
        f" {found} of {len(asked)} by the reconciler alone; {sum(one.seconds for one in caught):.0f} seconds"
    )
    return said + (f"; survived: {', '.join(map(str, survived))}" if survived else "")


def markdown(caught: Sequence[Caught]) -> str:
    """The table as it stands in docs/mutations.md."""
    rows = [HEAD, ("---",) * len(HEAD)]
    rows += [
        (
            str(one.number),
            one.fault.what,
            f"`{one.fault.files}`",
            f"`{_short(one.test)}`" if one.test else "no",
            _cell(_reconciler(one)) if one.reconciler else ("no" if one.reconciler == "" else "not asked"),
            f"{one.seconds:.0f}",
        )
        for one in caught
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _short(test: str) -> str:
    file, _, name = test.partition("::")
    return f"{file.rpartition('/')[2]}::{name}"


def _cell(text: str) -> str:
    return text.replace("|", "/")


def as_json(caught: Sequence[Caught]) -> str:
    """Everything, for machines."""
    rows: list[dict[str, Any]] = [
        {
            "number": one.number,
            "fault": one.fault.what,
            "files": one.fault.files,
            "test": one.test,
            "reconciler": one.reconciler,
            "survived": one.survived,
            "seconds": round(one.seconds, 1),
            "notes": one.notes,
        }
        for one in caught
    ]
    return json.dumps({"said": summary(caught), "faults": rows}, indent=2) + "\n"
