"""Trying a tree: the tests chosen for a fault, and the reconciler's journey, each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

TESTS_FAILED, ENDED_WELL = 1, 0
PATIENCE = 900.0
NOT_SQLITE = "not postgresql"  # one database is enough to see a fault, and half the time
FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/\S+)", re.MULTILINE)
PYTEST = ("-m", "pytest", "-x", "-q", "-n0", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-k", NOT_SQLITE)


class CouldNotTry(Exception):
    """The tests or the journey could not be run at all, which is no catch; the text is what was said."""


@dataclass(frozen=True)
class Travelled:
    """What came of the journey: the reconciler's findings, red runs, and what its people were refused."""

    findings: list[str] = field(default_factory=list)
    red: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def run_tests(tree: Path, tests: Sequence[str]) -> str:
    """The first test that fails, empty when all pass. Raises CouldNotTry when they cannot be run."""
    try:
        ended = _python(tree, *PYTEST, *tests)
    except subprocess.TimeoutExpired:
        return f"{tests[0]} (did not end)"
    failed = FAILED.search(ended.stdout)
    if ended.returncode == TESTS_FAILED and failed:
        return failed[1]
    if ended.returncode != ENDED_WELL:
        raise CouldNotTry(f"pytest ended with {ended.returncode}: {(ended.stdout + ended.stderr)[-1500:]}")
    return ""


def travel(tree: Path) -> Travelled:
    """The journey in this tree. Raises CouldNotTry when it breaks off."""
    try:
        ended = _python(tree, "-m", "tests.mutations.journey")
    except subprocess.TimeoutExpired:
        return Travelled(red=["the journey did not end"])
    try:
        said = json.loads(ended.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        last = (ended.stderr.strip().splitlines() or ["nothing"])[-1]
        return Travelled(red=[f"the journey broke off: {last[:200]}"])
    return Travelled(said["findings"], said["red"], said["refused"])


def _python(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # The tree before site-packages, where the program is installed from the repository itself.
    told = {name: value for name, value in os.environ.items() if not name.startswith(("PATHWAY_", "PREFECT_"))}
    told["PYTHONPATH"] = str(tree)
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=tree, env=told, capture_output=True, text=True, timeout=PATIENCE, check=False)
