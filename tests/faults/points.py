"""Points at which a program kills itself with SIGKILL: hooks put into a copy of the program, none into the product.

`arm({"point": "after-250", "nth": 3})` before the program's own `main`: the third time that point is passed is its end.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

Passed = Callable[[], None]


def arm(told: Mapping[str, Any]) -> None:
    """Put the hook of one point into this process, and break the product where that is asked for."""
    if broken := told.get("broken"):
        from tests.faults.breaking import BREAKS

        BREAKS[broken]()
    if point := told.get("point"):
        POINTS[point](_countdown(int(told["nth"])))


def put(where: Any, name: str, hook: Any) -> Any:
    """Put a hook in the place of something; returns what was there."""
    before = getattr(where, name)
    setattr(where, name, hook)
    return before


def _countdown(nth: int) -> Passed:
    left = [nth]

    def passed() -> None:
        left[0] -= 1
        if left[0] <= 0:
            _die()

    return passed


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives SIGKILL")


def _before_commit(passed: Passed) -> None:
    event.listen(Session, "before_commit", lambda _: passed())


def _after_commit(passed: Passed) -> None:
    event.listen(Session, "after_commit", lambda _: passed())


def _in_transaction(passed: Passed) -> None:
    """Between two statements that write."""

    def executed(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            passed()

    event.listen(Engine, "after_cursor_execute", executed)


def _before_data(passed: Passed) -> None:
    """The letter is claimed and its envelope is open; the letter itself was not handed over."""
    _around_post("_hand_over", passed, after=False)


def _after_250(passed: Passed) -> None:
    """The mail server has said 250; that is not written down."""
    _around_post("_hand_over", passed, after=True)


def _around_post(name: str, passed: Passed, *, after: bool) -> None:
    from notifications.posting import Poster

    real: Any = None

    async def posted(self: Any, letter: Any) -> Any:
        if not after:
            passed()
        answer = await real(self, letter)
        if after:
            passed()
        return answer

    real = put(Poster, name, posted)


def _before_commit_of_250(passed: Passed) -> None:
    """Letters were accepted, and the transaction that says so is about to be committed."""
    from notifications import sending

    real: Any = None

    async def settled(session: Any, outcomes: Any, at: Any, counts: Any) -> None:
        await real(session, outcomes, at, counts)
        if any(one.state == "sent" for one in outcomes):
            passed()

    real = put(sending, "settle", settled)


def _mid_batch(passed: Passed) -> None:
    """Some letters of a batch have been posted, others are in the queue still."""
    from notifications.connections import Connections

    real: Any = None

    async def posted(self: Any, poster: Any, ready: Any) -> Any:
        error = await real(self, poster, ready)
        if self.accepted and not self.queue.empty():
            passed()
        return error

    real = put(Connections, "_post", posted)


def _mid_sweep(passed: Passed) -> None:
    """Some of the tasks that lapse have lapsed, others have not."""
    from flows import sweeping

    real: Any = None

    async def lapsed(*given: Any) -> None:
        await real(*given)
        passed()

    real = put(sweeping, "_lapse", lapsed)


POINTS: dict[str, Callable[[Passed], None]] = {
    "before-commit": _before_commit,
    "after-commit": _after_commit,
    "in-transaction": _in_transaction,
    "before-data": _before_data,
    "after-250": _after_250,
    "before-commit-of-250": _before_commit_of_250,
    "mid-batch": _mid_batch,
    "mid-sweep": _mid_sweep,
}
# Which of them somebody who records can pass.
RECORDING = ("before-commit", "after-commit", "in-transaction")
