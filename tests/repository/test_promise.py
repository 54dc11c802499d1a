"""What docs/promise.md promises is shown by tests that are there, and its links lead somewhere."""

from __future__ import annotations

import ast
import re

from tests.repository.reading import ROOT

PROMISE = ROOT / "docs" / "promise.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
LINK = re.compile(r"\]\(([^)#]+)\)")


def test_every_test_it_names_is_there() -> None:
    """Files and functions, by name; no promise stands without one."""
    named = NAMED.findall(PROMISE.read_text("utf-8"))
    assert len(named) > 30
    assert [f"{file}::{test}" for file, test in named if not _is_there(file, test)] == []


def _is_there(file: str, test: str) -> bool:
    path = ROOT / file
    if not path.is_file():
        return False
    functions = ast.walk(ast.parse(path.read_text("utf-8")))
    return not test or test in {
        one.name for one in functions if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_line_of_the_table_names_one() -> None:
    """What is guaranteed has a last column with a test in it."""
    rows = [line for line in PROMISE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert len(rows) > 12
    assert [row for row in rows[1:] if not NAMED.search(row.rsplit("|", 2)[1])] == []


def test_every_link_leads_somewhere() -> None:
    """To a file or folder beside it."""
    links = LINK.findall(PROMISE.read_text("utf-8"))
    assert [link for link in links if not (PROMISE.parent / link).exists()] == []
