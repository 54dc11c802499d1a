"""`make soak`: faults for minutes on end, then the verdict; the counts are printed.

    python -m tests.faults --minutes 20 --concerns 300 --seed 7 --database sqlite|postgresql [--record FILE]

Exit code 1 when anything was found.
"""

from __future__ import annotations

import argparse
import json
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.acceptance.program import ROOT
from tests.faults.breaking import BREAKS
from tests.faults.rows import read
from tests.faults.soak import Asked, Report, soak
from tests.faults.verdict import Case


def main() -> int:
    """Run the soak that is asked for."""
    asked = _asked()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was mounted and started is put away
    report = soak(
        Asked(asked.minutes, asked.concerns, asked.seed, asked.database, asked.broken, not asked.no_prefect),
        _say,
        _keeping(asked.keep),
    )
    _say(_told(report))
    if asked.record:
        with asked.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(_line(report), default=str) + "\n")
    return 1 if report.findings else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Faults while concerns move.")
    parser.add_argument("--minutes", type=float, default=10.0, help="of trouble; the quiet after it comes on top")
    parser.add_argument("--concerns", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--no-prefect", action="store_true", help="without Prefect's server")
    parser.add_argument("--broken", choices=sorted(BREAKS), help="break the product first, to see that it is noticed")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep what was judged, for another look (a pickle)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="append the counts to FILE, a line of JSON each")
    return parser.parse_args()


def _keeping(file: Path | None) -> Callable[[Case], None]:
    def keep(case: Case) -> None:
        if file:
            file.write_bytes(pickle.dumps((case, read(case.url))))

    return keep


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _told(report: Report) -> str:
    lines = [f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in report.counts.items()]
    lines += [f"excused: {why}: {count}" for why, count in report.allowed.items()]
    lines += [f"odd end, {count} times: {what}" for what, count in report.odd.items()]
    lines += [f"FOUND: {line}" for line in report.findings] or ["nothing was missed, nothing was told twice"]
    return "\n".join([f"{report.minutes} minutes in all", *lines])


def _plain(value: Any) -> str:
    return ", ".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else str(value)


def _line(report: Report) -> dict[str, Any]:
    words = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return {"at": datetime.now(UTC).isoformat(timespec="minutes"), "commit": commit, **asdict(report)}


if __name__ == "__main__":
    sys.exit(main())
