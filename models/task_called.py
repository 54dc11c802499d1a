"""Finding a task by what somebody calls it on the command line: its id, or the beginning of its id."""

from contextlib import suppress
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.errors import NotFound
from models.record import Task


async def find_task(session: AsyncSession, name: str) -> UUID:
    """The task of that id, or of an id that starts so (at least six characters); raises NotFound."""
    with suppress(ValueError):
        return UUID(name)
    start = name.strip().lower().replace("-", "")
    if not 6 <= len(start) <= 32 or not set(start) <= set("0123456789abcdef"):
        raise NotFound(f"task: {name} is not a task; `pathway tasks` lists the open ones")
    first, last = UUID(start.ljust(32, "0")), UUID(start.ljust(32, "f"))
    matching = (await session.exec(select(Task.id).where(Task.id >= first, Task.id <= last).limit(2))).all()
    if len(matching) != 1:
        what = "is not a task" if not matching else "fits several tasks; give more of it"
        raise NotFound(f"task: {name} {what}; `pathway tasks` lists the open ones")
    return matching[0]
