"""`make bench`: what the README quotes, measured here and now; ours and the comparison side by side in one run.

    python -m tests.bench [--only a,b,c,d,e] [--json FILE]

Progress goes to standard error. A target that is missed is said, and is no error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from config.environment import live_in
from config.settings import settings
from models.database import engine
from tests.bench.figures import RUNS, load, machine, tell

# By the letters under which the work was asked for.
BENCHMARKS = {"a": "letters", "b": "deadlines", "c": "concerns", "d": "arrival", "e": "pages"}
HEAD = ("", "measured", "ours", "beside it", "ratio", "target", "met")

Figures = dict[str, dict[str, Any]]


def main() -> None:
    """Run the benchmarks that are asked for and print what they measured."""
    asked = _asked()
    where: dict[str, Any] = {**machine(), "load_before": load()}
    found: Figures = {}
    for letter in asked.only:
        with _alone():
            found[letter] = asyncio.run(import_module(f"tests.bench.{BENCHMARKS[letter]}").run())
        tell("  ".join(_row(letter, found[letter])))
    where["load_after"] = load()
    print(table(where, found))
    if asked.json:
        asked.json.write_text(json.dumps({"machine": where, "runs": RUNS, "figures": found}, indent=2) + "\n", "utf-8")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure what the README quotes.")
    parser.add_argument("--only", type=_letters, default=list(BENCHMARKS), metavar="a,b", help="these benchmarks alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run as JSON as well")
    return parser.parse_args()


def _letters(text: str) -> list[str]:
    letters = [one.strip() for one in text.split(",")]
    if unknown := set(letters) - set(BENCHMARKS):
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; there are {','.join(BENCHMARKS)}")
    return letters


@contextmanager
def _alone() -> Iterator[None]:
    """A home that is thrown away, and no setting of this program or of Prefect but that."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("PREFECT_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="pathway-bench-") as home:
        live_in(Path(home))
        engine.cache_clear()
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            settings.cache_clear()
            engine.cache_clear()


def table(where: dict[str, Any], found: Figures) -> str:
    """The figures with the state of the machine, as plain text."""
    rows = [HEAD, *(_row(letter, one) for letter, one in found.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    said = (
        f"{where['cores']} cores, load {where['load_before']} before and {where['load_after']} after, "
        f"Python {where['python']}, SQLite {where['sqlite']}, Prefect {where['prefect']}; "
        f"medians of {RUNS} interleaved runs"
    )
    return "\n".join([said, "", *lines])


def _row(letter: str, one: dict[str, Any]) -> tuple[str, ...]:
    ours = f"{_number(one['ours'])} {one['unit']}" + (f", p95 {_number(one['p95'])}" if "p95" in one else "")
    beside = "" if one["beside"] is None else _number(one["beside"])
    ratio = "" if one["ratio"] is None else f"{one['ratio']:.2f}"
    return letter, one["what"], ours, beside, ratio, one["target"], "yes" if one["met"] else "NO"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


if __name__ == "__main__":
    main()
