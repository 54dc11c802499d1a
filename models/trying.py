"""Whether the record is a sample, for trying things out: one row, which nothing but filling it with a sample writes."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.record import Counter

SAMPLE = "sample"


async def mark_as_sample(session: AsyncSession) -> None:
    """Say of this record that everybody in it is invented."""
    session.add(Counter(name=SAMPLE, value=1))


async def is_sample(session: AsyncSession) -> bool:
    """Whether everybody in this record is invented."""
    return await session.get(Counter, SAMPLE) is not None
