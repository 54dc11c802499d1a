"""Sending what waits as a plain function: fold storms, then tell."""

from datetime import datetime

from models.database import engine, writing
from notifications.folding import fold
from notifications.outbox import tell


async def post_waiting(at: datetime) -> dict[str, int]:
    """Fold and send everything that is due at `at` (UTC); returns counts by end state."""
    async with writing(engine()) as session:
        folded = await fold(session, at)
    counts = await tell(engine(), at)
    said = {name: count for name, count in vars(counts).items() if isinstance(count, int)}
    return {"folded": folded, **said}
