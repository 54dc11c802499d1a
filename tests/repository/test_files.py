"""Files: docstrings everywhere, a lock that anybody can use, nothing of one machine."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.repository.reading import PACKAGES, ROOT, modules, public_definitions

FOLDERS = (*PACKAGES, "templates", "tests", "docs", "examples", ".ci")
MACHINE = re.compile(r"(?<![\w.-])/(?:opt|root|work|home|Users)/")


def texts() -> Iterator[tuple[str, str]]:
    """Every text file of the repository, as (path from the root, content)."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    found += [path for path in ROOT.iterdir() if not path.name.startswith(".coverage")]
    for path in found:
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in {".db", ".png", ".ico", ".ttf"}:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def test_everything_public_has_a_docstring() -> None:
    """Modules, public functions, classes and methods, those of the tests too, say what they are for."""
    bare = []
    for path, tree in modules(*PACKAGES, "tests").items():
        bare += [path] if not ast.get_docstring(tree) else []
        bare += [f"{path}:{node.lineno}" for node in public_definitions(tree) if not ast.get_docstring(node)]
    assert not bare


def test_lock_holds_public_addresses_only() -> None:
    """`uv sync --frozen` works for everybody: no index, folder or proxy of one machine is in the lock."""
    lock = (ROOT / "uv.lock").read_text("utf-8")
    hosts = set(re.findall(r"\w+://[^/\"\s]+", lock))
    sources = {next(iter(package["source"].items())) for package in tomllib.loads(lock)["package"]}
    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}
    assert sources == {("registry", "https://pypi.org/simple"), ("editable", ".")}


def test_no_file_names_a_machine() -> None:
    """Nothing written here depends on, or gives away, where it was written."""
    assert not [path for path, text in texts() if MACHINE.search(text)]


def test_wheel_ships_every_package() -> None:
    """What the program imports or reads at run time is in the list of what is built."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    built = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(built) == {*PACKAGES, "templates"}
    assert all(Path(ROOT, name).is_dir() for name in built)
