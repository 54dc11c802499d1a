"""What a benchmark hands back, how long things took, and on what kind of machine."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median
from typing import Any

RUNS = 7


@dataclass
class Lap:
    """How long one run took, in seconds of real time."""

    seconds: float = 0.0


@contextmanager
def lap() -> Iterator[Lap]:
    """Time a block."""
    taken = Lap()
    began = time.perf_counter()
    yield taken
    taken.seconds = time.perf_counter() - began


def tell(text: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def figure(
    what: str, unit: str, ours: list[float], beside: list[float], target: str, met: bool, **more: Any
) -> dict[str, Any]:
    """A benchmark's result: medians, their ratio (ours to the other), every run, and whether the target is met."""
    mine, other = median(ours), median(beside)
    return {
        "what": what,
        "unit": unit,
        "ours": mine,
        "beside": other,
        "ratio": mine / other,
        "target": target,
        "met": met,
        "runs": {"ours": ours, "beside": beside},
        **more,
    }


def machine() -> dict[str, Any]:
    """Where it was measured."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "prefect": version("prefect"),
    }


def load() -> float:
    """The load average of the last minute."""
    return round(os.getloadavg()[0], 2)
