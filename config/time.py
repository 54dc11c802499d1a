"""The only reader of the wall clock; everything else takes the time as an argument, `at` (aware, UTC)."""

from datetime import UTC, datetime

from config.instants import LONDON, london, read_day, read_instant, say_day, say_instant, to_london
from config.settings import settings

__all__ = ["LONDON", "london", "now", "read_day", "read_instant", "say_day", "say_instant", "to_london", "wall"]


def now() -> datetime:
    """This instant (UTC), or the one that PATHWAY_NOW freezes for the whole command."""
    return settings().now or datetime.now(UTC)


def wall() -> datetime:
    """The wall clock (UTC), whatever PATHWAY_NOW says: leases are about processes, which live in real time.

    No rule may ask it; the record takes its instants from `now`.
    """
    return datetime.now(UTC)
