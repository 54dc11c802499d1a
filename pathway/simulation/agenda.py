"""What is still to happen in a simulated year, earliest first."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from heapq import heappop, heappush

Happen = Callable[[datetime], Awaitable[None]]


class Agenda:
    """A queue of instants. What falls on the same instant is ordered by its key, whoever wrote it down first."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str, int, Happen]] = []
        self._written = 0
        self._now: datetime | None = None

    def not_before_now(self, at: datetime) -> datetime:
        """The instant, or now where it is over."""
        return max(at, self._now or at)

    def write(self, at: datetime, key: str, happen: Happen) -> None:
        """Let something happen at `at`, or now where that is over."""
        at = self.not_before_now(at)
        self._written += 1
        heappush(self._heap, (at, key, self._written, happen))

    def next(self) -> datetime | None:
        """When the next thing happens."""
        return self._heap[0][0] if self._heap else None

    async def happen(self, at: datetime) -> int:
        """Let everything happen that falls on or before `at`; returns how much that was."""
        self._now, done = at, 0
        while self._heap and self._heap[0][0] <= at:
            when, _, _, happen = heappop(self._heap)
            await happen(when)
            done += 1
        return done
