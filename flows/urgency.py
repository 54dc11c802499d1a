"""What is urgent is told by whoever recorded it, where no runner lives to do so; the rest waits for the runner."""

from datetime import datetime

from flows.due import EVENTS, LETTERS, run_due

PASSES = 3


async def tell_here(at: datetime) -> bool:
    """Follow up and send now, in this process; False when a step failed: the next tick or clock tries again."""
    for _ in range(PASSES):
        ran = await run_due(at, (EVENTS, LETTERS))
        if any(one.failed for one in ran):
            return False
    return True
