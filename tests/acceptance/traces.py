"""Where a child's details could have got to: everything that was written outside the record, made readable.

What is encoded is decoded first: a search that does not decode base64 and pickles reads falsely clean.
"""

from __future__ import annotations

import re
import sqlite3
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from tests import people

_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_DATABASE = b"SQLite format 3\0"
Trace = tuple[str, str]


def readable(text: str, depth: int = 2) -> str:
    """A text with what its base64 runs hold, and its escapes, beside it. Texts inside pickles are plain UTF-8."""
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if depth == 0:
        return plain
    return "\n".join([plain, *(readable(one, depth - 1) for one in _decoded(text))])


def _decoded(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        whole = run + "=" * (-len(run) % 4)
        try:
            yield (urlsafe_b64decode if set("-_") & set(run) else b64decode)(whole).decode("utf-8", "replace")
        except ValueError:
            continue


def in_folder(folder: Path, but: Iterable[str] = ()) -> Iterator[Trace]:
    """Every file of a folder as (its path, its readable content); databases are dumped; `but` are names left out."""
    left_out = set(but)
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not left_out & set(file.relative_to(folder).parts):
            yield str(file.relative_to(folder)), readable(f"{file.name}\n{_content(file)}")


def _content(file: Path) -> str:
    content = file.read_bytes()
    if not content.startswith(_DATABASE):
        return content.decode("utf-8", "replace")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=60)) as database:
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return "\n".join(database.iterdump())


def leaks(traces: Iterable[Trace]) -> list[str]:
    """Where a planted name was found, and which: empty when there is none."""
    return [f"{where}: {name}" for where, text in traces for name in people.planted_in(text)]
