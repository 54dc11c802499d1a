"""After a page has recorded something: the runner is woken; what is urgent and has no runner is told by this process.

Never inside the person's request: they are answered as soon as the record is written.
"""

import asyncio
from datetime import datetime

from config.logs import logger
from flows.containment import Contained
from flows.wake import runner_lives, wake

log = logger(__name__)
_going: set[asyncio.Task[None]] = set()


def recorded(urgent: bool, at: datetime) -> None:
    """Tell of what was just recorded, behind the answer."""
    wake()
    if urgent and not runner_lives():
        task = asyncio.create_task(_tell(at))
        _going.add(task)
        task.add_done_callback(_going.discard)


async def all_told() -> None:
    """Wait for what is still being told: before the program ends."""
    while _going:
        await asyncio.wait(set(_going))


async def _tell(at: datetime) -> None:
    from flows.urgency import tell_here  # it loads what a page otherwise never needs

    with Contained() as caught:
        if not await tell_here(at):
            log.error("urgent_not_told")
    if caught.error is not None:
        log.error("urgent_not_told", error=type(caught.error).__name__)
