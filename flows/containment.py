"""Containment: whatever goes wrong in a flow or task leaves as a class name and an id, and nothing else.

Prefect keeps an exception's text, its causes and a pickled copy; a database error's text is the row it could not write.
So the original goes no further than here: our own log gets its class, the place in the code and an id, and Prefect gets
SafeError("IntegrityError:3f2a9c01d4e7"), whose id finds that line in the log.
"""

import inspect
import traceback
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar
from uuid import uuid4

from config.logs import OURS, logger

P = ParamSpec("P")
R = TypeVar("R")

HERE = Path(__file__).resolve()
ROOT = HERE.parents[1]
# Errors of reaching Prefect, met inside a flow's body: the work itself did not fail.
PREFECTS = ("prefect", "httpx", "httpcore", "websockets")

log = logger(__name__)


class SafeError(Exception):
    """Something failed; the text is the class of what it was and the id under which the log has it."""

    @property
    def kind(self) -> str:
        """The class name of the error that was contained."""
        return str(self).partition(":")[0]


class PrefectLost(SafeError):
    """Prefect itself could not be reached while the work went on; the work may be done without it."""


@dataclass
class Finish:
    """How the outermost contained body ended, for whoever started it; Prefect may fail after the work is done."""

    done: bool = False
    result: Any = None
    failure: SafeError | None = None
    depth: int = 0


_finish: ContextVar[Finish | None] = ContextVar("finish", default=None)


class Contained:
    """A context manager which swallows any exception and keeps it: no `except` block is open afterwards.

    Cancellation, interrupts and other BaseExceptions pass.
    """

    error: Exception | None = None

    def __enter__(self) -> "Contained":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return isinstance(error, Exception)


def contained(name: str) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Decorate an async flow body or task `name`: any exception leaves it as SafeError (or PrefectLost), alone.

    It goes below Prefect's own decorator: `@flow(...)`, then `@contained("refer")`, then the function.
    """

    def decorate(body: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        @wraps(body)
        async def run(*args: P.args, **kwargs: P.kwargs) -> R:
            finish = _finish.get() or Finish()
            result: R
            finish.depth += 1
            with Contained() as caught:
                result = await body(*args, **kwargs)
            finish.depth -= 1
            if caught.error is not None:
                failure = safe(caught.error, name)
                finish.failure = failure if finish.depth == 0 else finish.failure
                caught.error = None
                raise failure
            if finish.depth == 0:
                finish.done, finish.result = True, result
            return result

        # Prefect looks for the names of annotations in this module instead of the body's: leave it none to look for.
        run.__signature__ = inspect.signature(body, eval_str=True)  # type: ignore[attr-defined]
        return run

    return decorate


def watch() -> Finish:
    """From here on, in this context: how the next contained body ends."""
    finish = Finish()
    _finish.set(finish)
    return finish


def safe(error: Exception, name: str) -> SafeError:
    """The error to show instead of `error`, which goes to the log as its class, its place and a new id."""
    if isinstance(error, SafeError):
        return type(error)(str(error))
    incident = uuid4().hex[:12]
    kind = type(error).__name__
    log.error("flow_failed", flow=name, error=kind, incident=incident, where=place(error))
    lost = type(error).__module__.partition(".")[0] in PREFECTS
    return (PrefectLost if lost else SafeError)(f"{kind}:{incident}")


def place(error: BaseException) -> str:
    """Where it was raised, as the innermost line of ours: `models/casework.py:120`; `library` when none is ours."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file == HERE or not file.is_relative_to(ROOT):
            continue
        if (ours := file.relative_to(ROOT)).parts[0] in OURS:
            return f"{ours}:{frame.lineno}"
    return "library"
