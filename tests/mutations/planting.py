"""A copy of the tree, in which faults are planted and taken out again; the working tree is never touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from tests.mutations.fault import Fault

ROOT = Path(__file__).resolve().parents[2]
BUILT = "web/static"  # what `make assets` builds; git does not know it


class NotThere(Exception):
    """The text that a fault replaces is not in its file exactly once: the list is no longer true."""


def copy_tree(to: Path, *, committed: bool) -> None:
    """Copy what git knows (as committed, or as it lies here) and what the pages are built from."""
    to.mkdir(parents=True, exist_ok=True)
    if committed:
        archive = _git("archive", "--format=tar", "HEAD")
        with tarfile.open(fileobj=BytesIO(archive)) as packed:
            packed.extractall(to, filter="data")
    else:
        listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").decode()
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (to / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, to / name)
    if (ROOT / BUILT).is_dir():
        shutil.copytree(ROOT / BUILT, to / BUILT, dirs_exist_ok=True)


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout


class Tree:
    """A copy of the program; Python tells a changed file by its time, so each change has a time of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._changes = 0

    @contextmanager
    def planted(self, fault: Fault) -> Iterator[None]:
        """The tree with one fault in it; raises NotThere when the list is no longer true."""
        before = {edit.file: (self.root / edit.file).read_text("utf-8") for edit in fault.edits}
        after = dict(before)
        for edit in fault.edits:
            if after[edit.file].count(edit.old) != 1:
                raise NotThere(f"{edit.file}: the text to replace is there {after[edit.file].count(edit.old)} times")
            after[edit.file] = after[edit.file].replace(edit.old, edit.new)
        try:
            self._write(after)
            yield
        finally:
            self._write(before)

    def _write(self, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            file = self.root / name
            file.write_text(text, "utf-8")
            self._changes += 2
            changed = file.stat().st_mtime + self._changes
            os.utime(file, (changed, changed))
