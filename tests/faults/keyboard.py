"""A keyboard: one process in which somebody gives one command of the program after the other, until it is killed.

Each is the program's own `main` with its words, its time and its standard input; the answer is a line of JSON, written
when the command has ended. What was answered was acknowledged.
"""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from config.settings import settings
from pathway.cli import main


def serve() -> None:
    """Run commands from standard input, a line of JSON each, and answer each with its exit code and what it said."""
    given, answers = sys.stdin, sys.stdout
    for line in given:
        answers.write(json.dumps(_run(json.loads(line))) + "\n")
        answers.flush()


def _run(asked: dict[str, Any]) -> dict[str, Any]:
    os.environ["PATHWAY_NOW"] = asked["now"]
    settings.cache_clear()
    sys.stdin = io.StringIO(asked["stdin"])
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = _ended(asked["words"])
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


def _ended(words: list[str]) -> int:
    try:
        main(words)
    except SystemExit as end:
        return int(end.code or 0)
    except Exception as error:  # noqa: BLE001  # what a command printed a traceback of is told like one
        sys.stderr.write(f"Traceback: {type(error).__name__}: {error}")
        return 1
    return 0
