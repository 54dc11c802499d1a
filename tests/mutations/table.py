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


INTRODUCTION = """# Planted faults

`make mutations` plants the faults below in a copy of the program, one at a time, and asks that each is caught: by a
test chosen for it, or by the reconciler at the end of a scripted journey (nine children, four settings, eight weeks
with leave, a leaver, a refused address, Easter, a change of clocks and an outage). Without a fault the same tests
pass, and of the same journey the reconciler says nothing. This is what it printed; `python -m tests.mutations
--markdown FILE` writes it anew.

"Caught by the reconciler" means: by it alone, from the record, in the very copy that has the fault. What it cannot
see is mostly what leaves no trace in a record: a letter that our own sender wrongly took for accepted, two processes
that got in each other's way, what happens only when something breaks. It takes bank holidays from the same list as
everybody else. Where it was not asked, the journey does not lead past the fault.
"""


def document(caught: Sequence[Caught]) -> str:
    """docs/mutations.md: what is done, what came of it, and the table."""
    return f"{INTRODUCTION}\n**{summary(caught)}.**\n\n{_table(caught)}\n"


def _table(caught: Sequence[Caught]) -> str:
    rows = [HEAD, ("---",) * len(HEAD)]
    rows += [_row(one) for one in caught]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(one: Caught) -> tuple[str, ...]:
    test = f"`{_short(one.test)}`" if one.test else "no"
    found = _cell(one.reconciler) if one.reconciler else {"": "no", None: "not asked"}[one.reconciler]
    return str(one.number), one.fault.what, f"`{one.fault.files}`", test, found, f"{one.seconds:.0f}"


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
