"""The product broken on purpose, in a copy of the program: a harness that does not notice is worth nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.faults.points import put


def _commit_before_address() -> None:
    """An event counts as followed up in one transaction, its letters are addressed in the next."""
    from flows import following
    from models.database import writing

    kept: list[Any] = []

    async def keep(session: Any, letters: Any, at: Any) -> int:
        kept.extend(letters)
        return len(letters)

    async def follow_then_address(engine: Any, ids: Any, at: Any, **named: Any) -> Any:
        counts = await follow_up(engine, ids, at, **named)
        letters, kept[:] = list(kept), []
        async with writing(engine) as session:
            await address(session, letters, at)
        return counts

    address = put(following, "address", keep)
    follow_up = put(following, "follow_up", follow_then_address)


def _no_lease() -> None:
    """Who claims a letter does not ask whether somebody else has it."""
    from sqlmodel import and_, col

    from models.telling import WAITING, Delivery
    from notifications import claiming, outbox, outcomes

    def free(at: Any, dead: Any = ()) -> Any:
        return and_(WAITING, col(Delivery.try_after) <= at)

    for module in (claiming, outbox, outcomes):
        put(module, "free", free)  # as each of them has imported it


def _sent_before_250() -> None:
    """A letter counts as sent when it is about to be posted."""
    from models.telling import State
    from notifications.connections import Connections
    from notifications.outcomes import Outcome
    from notifications.posting import PostingError

    async def posted(self: Any, poster: Any, ready: Any) -> PostingError | None:
        delivery, letter = ready
        self.accepted += 1
        self._finish(Outcome(delivery, State.SENT, address=letter.to))
        try:
            await poster.post(letter)
        except PostingError as error:
            return error
        return None

    put(Connections, "_post", posted)


def _holds_forgotten() -> None:
    """A hold that ends is looked at, and nothing is sent."""
    from flows import sweeping

    async def forgotten(*_: Any) -> None:
        return None

    put(sweeping, "_lapse", forgotten)


def _fresh_message_id() -> None:
    """A letter that goes again goes under another Message-ID."""
    from uuid import uuid4

    from notifications import sending

    def composed(delivery: Any, facts: Any) -> Any:
        if delivery.tries > 1:
            delivery.message_id = f"<{uuid4()}@localhost>"
        return real(delivery, facts)

    real = put(sending, "compose", composed)


BREAKS: dict[str, Callable[[], None]] = {
    "commit-before-address": _commit_before_address,
    "no-lease": _no_lease,
    "sent-before-250": _sent_before_250,
    "holds-forgotten": _holds_forgotten,
    "fresh-message-id": _fresh_message_id,
}
