"""Packages: names that are ours alone, imports that point one way, pure modules that stay pure."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

from tests.repository.reading import PACKAGES, ROOT, modules

PURE = ("models.lifecycle", "models.deadlines", "models.ladder", "models.rules")
VAGUE = {
    "base", "common", "core", "data", "handle", "handler", "handlers", "helper", "helpers", "lib",
    "manager", "managers", "misc", "process", "service", "services", "tools", "util", "utils",
}  # fmt: skip
# govuk-frontend-jinja 4.1 packs tests of its own by mistake. They have no `__init__.py`, so that ours, which have, are
# what is imported wherever the two stand on the path; the tests below see to that.
STRAY = {"tests": {"govuk-frontend-jinja"}}


@pytest.mark.parametrize("name", [*PACKAGES, "templates", "tests"])
def test_top_level_names_belong_to_us_alone(name: str) -> None:
    """No dependency installs a package under one of our names, where it could be imported instead."""
    owners = set(packages_distributions().get(name, ()))
    assert owners - STRAY.get(name, set()) <= {"neglect-pathway"}


def test_stray_packages_are_of_one_release() -> None:
    """The exception ends with the release that it was made for: a later one is looked at again."""
    assert version("govuk-frontend-jinja").startswith("4.1.")


@pytest.mark.parametrize("name", [*STRAY])
def test_a_stray_package_never_hides_ours(name: str) -> None:
    """Ours are imported, even where the other folder comes first: it has no `__init__.py`, and ours has."""
    site = sysconfig.get_path("purelib")
    assert not Path(site, name, "__init__.py").exists()
    found = PathFinder.find_spec(name, [site, str(ROOT)])
    assert found is not None
    assert found.origin == str(ROOT / name / "__init__.py")


def test_imports_point_one_way() -> None:
    """The contracts on layers hold."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_need_only_the_standard_library(name: str) -> None:
    """Lifecycle, deadlines, ladder and rules import the standard library, one another, and nothing else."""
    tree = modules("models")[name.replace(".", "/") + ".py"]
    wanted: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            wanted.add(node.module or "a relative import")
    assert {m for m in wanted if m.partition(".")[0] not in sys.stdlib_module_names} <= set(PURE)


def test_no_module_has_a_vague_name() -> None:
    """A module is named after what it does."""
    vague = [path for path in modules(*PACKAGES, "tests") if VAGUE & set(Path(path).stem.split("_"))]
    assert not vague


def test_every_package_has_an_init() -> None:
    """Each folder of modules is a package, so that no folder elsewhere can add to it."""
    folders = {(ROOT / path).parent for path in modules(*PACKAGES, "tests")}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]
