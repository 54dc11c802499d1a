"""The outbox: what waits to be told, and telling it.

Each delivery is claimed just before it is sent and always ends: sent, refused, given up or withdrawn. See
notifications.claiming for how two senders never send one letter, and notifications.outcomes for what failing means.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.settings import settings
from models.database import reading, writing
from models.telling import Delivery
from notifications.addressing import Addressed, address
from notifications.budget import the_budget
from notifications.claiming import Sender, dead_senders, forget, free, free_claims
from notifications.outcomes import Counts
from notifications.posting import server
from notifications.sending import Progress, Sending

__all__ = ["Addressed", "Counts", "Progress", "address", "tell", "waiting"]
CONNECTIONS = 4


async def waiting(session: AsyncSession, at: datetime) -> int:
    """How many deliveries `tell` could take up at `at` (UTC): due, and claimed by nobody who lives."""
    due = select(func.count()).select_from(Delivery).where(free(at, dead_senders()))
    return (await session.exec(due)).one()


async def tell(
    engine: AsyncEngine, at: datetime, connections: int = CONNECTIONS, progress: Progress = lambda _: None
) -> Counts:
    """Send everything that is due at `at` (UTC), urgent first, then oldest; `progress` hears of each few that are done.

    Any number may run at once, in any number of processes. Raises SettingsError when letters wait and there is no
    mail server to hand them to; nothing has been changed then.
    """
    async with reading(engine) as session:
        if not await waiting(session, at):
            return Counts()
        budget = await the_budget(session, at)
    to = server()
    with Sender(settings().home) as sender:
        await _free_the_dead(engine)
        return await Sending(engine, sender, to, at, connections, budget, progress).run()


async def _free_the_dead(engine: AsyncEngine) -> None:
    """What a killed sender had claimed was perhaps sent: it goes again now, with the same Message-ID."""
    if dead := dead_senders():
        async with writing(engine) as session:
            await free_claims(session, dead)
        forget(dead)
