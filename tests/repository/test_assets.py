"""Assets: locked for anybody, of the release that the macros were written for, built before pages are served."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from importlib.metadata import version
from typing import Any

import pytest

from tests.repository.reading import ROOT

STATIC = ROOT / "web" / "static"
MACROS = {"4.1": "6.3"}  # govuk-frontend-jinja: the GOV.UK Frontend whose markup it writes, by its own table


def lock() -> dict[str, dict[str, Any]]:
    """Every package of package-lock.json, by the folder it is installed in."""
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    return packages


def prerequisites(target: str) -> set[str]:
    """What the Makefile makes before this target."""
    found = re.search(rf"^{target}:([^#\n]*)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return set(found[1].split())


def test_styles_are_of_the_release_that_the_macros_write() -> None:
    """GOV.UK Frontend renames classes and attributes between releases, and a macro's old name is silently unstyled."""
    macros = version("govuk-frontend-jinja").rpartition(".")[0]
    styles = lock()["node_modules/govuk-frontend"]["version"]
    assert styles.rpartition(".")[0] == MACROS[macros]


def test_every_wanted_package_is_pinned_and_locked() -> None:
    """package.json names exact releases, and the lock holds just those."""
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
    assert wanted == lock()[""]["devDependencies"]
    assert wanted == {name: lock()[f"node_modules/{name}"]["version"] for name in wanted}


def test_node_lock_names_no_registry() -> None:
    """`npm ci` asks the registry that its user has configured, and takes only what has the locked contents."""
    packages = {folder: package for folder, package in lock().items() if folder}
    assert not [folder for folder, package in packages.items() if "resolved" in package]
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    # Whom to thank for a package is no place that it comes from.
    sources = [{**package, "funding": None} for package in packages.values()]
    assert "://" not in json.dumps(sources)


@pytest.mark.parametrize("path", ["web/static/pathway.css", "node_modules/sass/sass.js"])
def test_git_ignores_what_is_built_or_fetched(path: str) -> None:
    """Built files never stand in the history, where they would be out of date."""
    assert subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("target", ["assets", "up", "test", "bench", "coverage", "pictures"])
def test_make_builds_assets_before_it_needs_them(target: str) -> None:
    """Whoever starts or tests the pages has their styles, without knowing that they are built."""
    assert "$(ASSETS)" in prerequisites(target)


def test_demo_needs_no_assets() -> None:
    """The demonstration shows no page, and starts without node."""
    assert "$(ASSETS)" not in prerequisites("demo")


def test_wheel_carries_what_git_ignores() -> None:
    """The built files travel although Git ignores them, through a source distribution as well."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert build["artifacts"] == ["web/static/**"]


def test_every_part_of_the_style_sheet_is_used() -> None:
    """A partial that nothing names would be written in vain."""
    styles = ROOT / "web" / "styles"
    written = "\n".join(path.read_text("utf-8") for path in styles.glob("*.scss"))
    used = set(re.findall(r'^@use "(\w+)"', written, re.MULTILINE))
    assert {path.stem.removeprefix("_") for path in styles.glob("_*.scss")} <= used


def test_assets_are_built_whole() -> None:
    """Styles, scripts, the icon, the licence of what is not ours, and the version that pages link to."""
    names = {
        "pathway.css",
        "pathway.js",
        "govuk-frontend.min.js",
        "govuk-frontend.LICENSE.txt",
        "favicon.svg",
        "version.txt",
    }
    assert names <= {path.name for path in STATIC.iterdir()}
    assert re.fullmatch(r"[0-9a-f]{12}\n", (STATIC / "version.txt").read_text("utf-8"))


def test_pages_load_nothing_that_is_only_for_gov_uk() -> None:
    """Outside GOV.UK its typeface and crest may not be used; the style sheet loads no picture or font at all."""
    styles = (STATIC / "pathway.css").read_text("utf-8")
    assert not re.findall(r"url\(|@font-face|@import|GDS Transport", styles)
    assert "system-ui" in styles
