"""How commands print: JSON for programs, tables for people, progress for long work."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from config.time import say_instant

console = Console(soft_wrap=False, highlight=False, markup=False)
progress_console = Console(stderr=True)


def as_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    """Print rows under columns, or one sentence when there are none."""
    if not rows:
        say(nothing)
        return
    made = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*row)
    console.print(made)


def say(line: str) -> None:
    """Print one line as it is."""
    console.print(line, soft_wrap=True)


def when(text: str | None) -> str:
    """An ISO instant as people say it."""
    return say_instant(datetime.fromisoformat(text)) if text else ""


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error for as long as the work takes; silent when nobody looks on."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=progress_console,
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        job = bar.add_task(what, total=total)
        yield lambda done: bar.advance(job, done)
