"""A scratch record for one part of a simulated year: a file of its own in a folder that is deleted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.ext.asyncio import AsyncEngine

from models.scratch import scratch_record

# What a simulated record may lose when the power fails is nothing anybody wants back.
PRAGMAS = (
    "locking_mode=EXCLUSIVE",
    "journal_mode=MEMORY",
    "synchronous=OFF",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "cache_size=-32000",
)


@asynccontextmanager
async def simulated_record() -> AsyncIterator[AsyncEngine]:
    """An empty record with every table, gone when the block ends."""
    with TemporaryDirectory(prefix="pathway-simulated-") as folder:
        file = Path(folder) / "scratch.db"
        async with scratch_record(f"sqlite+aiosqlite:///{file}", PRAGMAS) as engine:
            yield engine
