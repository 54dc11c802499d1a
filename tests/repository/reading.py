"""Reading the repository: its modules as syntax trees, and the names they use in full."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("pathway", "web", "flows", "notifications", "models", "config")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def modules(*folders: str) -> dict[str, ast.Module]:
    """Every Python file under these folders, by its path from the root, parsed."""
    found = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in found}


def imported(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for, wherever it is imported: {"dt": "datetime.datetime"}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """The dotted name that an expression stands for, as its module imports it; empty when it is none."""
    if isinstance(node, ast.Attribute):
        start = full_name(node.value, names)
        return f"{start}.{node.attr}" if start else ""
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name that a module uses, as (line, full dotted name)."""
    names = imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and (name := full_name(node, names)):
            yield node.lineno, name


def public_definitions(tree: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """Public functions and classes, and the public methods of those classes.

    A body of `...` alone is left out: a protocol's members are described by the protocol.
    """
    for node in tree.body:
        if not isinstance(node, Definition) or node.name[0] == "_":
            continue
        if ast.unparse(node.body[0]) != "...":
            yield node
        if isinstance(node, ast.ClassDef):
            yield from public_definitions(node)
