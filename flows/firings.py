"""Firings: one row of ours for each run of a flow, whether Prefect saw it or not.

The unique key (flow, slot) is what makes two clocks one. Only a firing that ended well is passed over; one that failed,
or was cut off, is begun again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select, update

from config.logs import safe_value
from flows.containment import SafeError
from models.database import insert_or, reading, writing
from models.telling import Firing

Counts = Mapping[str, Any]
DONE = "done"
ALONE = "done without Prefect"
HANDED_OVER = "handed over to a worker"


@dataclass(frozen=True)
class Ending:
    """How a run ended: what it counted or the error it failed with, and Prefect's run id when there is one."""

    outcome: str
    counts: Counts
    failure: SafeError | None = None
    run_id: str | None = None


def fresh_slot(at: datetime, parameters: Mapping[str, Any]) -> str:
    """A slot for work that was found by looking: it may be found again at the same instant, and is new each time."""
    return f"{at:%Y-%m-%dT%H:%MZ}/{fingerprint(parameters)}-{uuid4().hex[:8]}"


def fingerprint(parameters: Mapping[str, Any]) -> str:
    """The same for the same work."""
    return sha256(dumps(parameters, default=str, sort_keys=True).encode()).hexdigest()[:8]


async def open_firing(on: AsyncEngine, flow: str, slot: str, at: datetime) -> bool:
    """Write down that a firing begins; False when this slot has already ended well."""
    async with writing(on) as session:
        row = insert_or(session)(Firing).values(id=uuid4(), flow=flow, slot=slot, started_at=at, counts={})
        again = row.on_conflict_do_update(
            index_elements=["flow", "slot"], set_={"started_at": at}, where=col(Firing.ended_at).is_(None)
        )
        return (await session.exec(again.returning(col(Firing.id)))).first() is not None


async def close_firing(on: AsyncEngine, flow: str, slot: str, ending: Ending, ended_at: datetime | None) -> None:
    """Write down how a firing stands; without `ended_at` it counts as unfinished and is begun again."""
    values = {
        "ended_at": ended_at,
        "outcome": ending.outcome,
        "counts": safe_value(ending.counts),
        "prefect_run_id": ending.run_id,
    }
    async with writing(on) as session:
        await session.exec(update(Firing).where(col(Firing.flow) == flow, col(Firing.slot) == slot).values(**values))


async def handed_over(on: AsyncEngine, flow: str, slot: str | None, parameters: Mapping[str, Any]) -> Sequence[Firing]:
    """Unfinished firings of this slot, or without one of the same work, that were handed to a worker."""
    same = col(Firing.slot) == slot if slot else col(Firing.slot).like(f"%/{fingerprint(parameters)}-%")
    found = select(Firing).where(
        Firing.flow == flow, same, col(Firing.ended_at).is_(None), Firing.outcome == HANDED_OVER
    )
    async with reading(on) as session:
        return (await session.exec(found)).all()
