"""Two people at once: the database lets one through, and the other tries again and sees what the first did."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from models.errors import AlreadyDone

T = TypeVar("T")
TRIES = 3


async def once_more(work: Callable[[], Awaitable[T]]) -> T:
    """Run a transaction; when another was quicker, run it again, so that it meets the other's result.

    Raises AlreadyDone when it was crossed every time.
    """
    for _ in range(TRIES):
        try:
            return await work()
        except DBAPIError as error:
            if not _crossed(error):
                raise
    raise AlreadyDone("somebody changed this at the same moment; look again and decide again")


def _crossed(error: DBAPIError) -> bool:
    said = str(error.orig).lower()
    return any(word in said for word in ("unique", "duplicate", "deadlock", "locked", "serializ"))
