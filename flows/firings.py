"""Firings: one row of ours for each run of a flow, whether Prefect saw it or not.

The unique key (flow, slot) is what makes two clocks one. Only a firing that ended well is passed over; one that failed,
or was cut off, is begun again.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
Plain = Callable[..., Awaitable[Counts | None]]

DONE = "done"
ALONE = "done without Prefect"
HANDED_OVER = "handed over to a worker"
REFERENCE = re.compile(r"NC-\d{4}-\d{5,}")
NAMED = 20  # references in the tags of one run


@dataclass(frozen=True)
class Work:
    """One run of a flow, as it can be done at Prefect, by a worker or by the plain function.

    `slot` None is work found by looking, which may come again at the same instant.
    """

    flow: str
    plain: Plain
    entrypoint: str
    at: datetime
    slot: str | None
    parameters: Mapping[str, Any]
    concerns: Sequence[str] = ()
    size: str = ""

    def arguments(self) -> dict[str, Any]:
        """What the flow, or the plain function, is called with."""
        return {"at": self.at, **self.parameters}

    def run_name(self) -> str:
        """`log-concern 2026-03-02T10:00Z 3 events`."""
        return f"{self.flow} {self.at:%Y-%m-%dT%H:%MZ} {self.size}".rstrip()

    def tags(self) -> list[str]:
        """A run's tags: what is not a reference is left out, and of many references all but the first twenty."""
        known = [reference for reference in dict.fromkeys(self.concerns) if REFERENCE.fullmatch(reference)]
        return [f"flow:{self.flow}", *(f"concern:{reference}" for reference in known[:NAMED])]

    def fingerprint(self) -> str:
        """The same for the same work at another time."""
        return sha256(dumps(self.parameters, default=str, sort_keys=True).encode()).hexdigest()[:8]

    def slotted(self) -> tuple["Work", str]:
        """The work with its slot, a fresh one when it has none; and that slot."""
        slot = self.slot or f"{self.at:%Y-%m-%dT%H:%MZ}/{self.fingerprint()}-{uuid4().hex[:8]}"
        return replace(self, slot=slot), slot

    def is_of(self, firing: Firing) -> bool:
        """Whether the firing is of this slot, or, where there is none, of the same work."""
        same = firing.slot == self.slot if self.slot else f"/{self.fingerprint()}-" in firing.slot
        return firing.flow == self.flow and same


@dataclass(frozen=True)
class Ending:
    """How a run ended: what it counted or the error it failed with, and Prefect's run id when there is one."""

    outcome: str
    counts: Counts
    failure: SafeError | None = None
    run_id: str | None = None

    def at(self, instant: datetime) -> datetime | None:
        """When it ended, if it ended well by `instant`; a firing without an end is begun again."""
        return None if self.failure or self.outcome == HANDED_OVER else instant


async def open_firing(on: AsyncEngine, flow: str, slot: str, at: datetime) -> bool:
    """Write down that a firing begins; False when this slot has already ended well."""
    async with writing(on) as session:
        row = insert_or(session)(Firing).values(id=uuid4(), flow=flow, slot=slot, started_at=at, counts={})
        again = row.on_conflict_do_update(
            index_elements=["flow", "slot"], set_={"started_at": at}, where=col(Firing.ended_at).is_(None)
        )
        return (await session.exec(again.returning(col(Firing.id)))).first() is not None


async def close_firing(on: AsyncEngine, flow: str, slot: str, ending: Ending, ended_at: datetime | None) -> None:
    """Write down how a firing stands; without `ended_at` it is unfinished."""
    values = {
        "ended_at": ended_at,
        "outcome": ending.outcome,
        "counts": safe_value(ending.counts),
        "prefect_run_id": ending.run_id,
    }
    async with writing(on) as session:
        await session.exec(update(Firing).where(col(Firing.flow) == flow, col(Firing.slot) == slot).values(**values))


async def handed_over(on: AsyncEngine) -> Sequence[Firing]:
    """Firings that workers have and have not ended, as far as is known."""
    found = select(Firing).where(col(Firing.ended_at).is_(None), Firing.outcome == HANDED_OVER)
    async with reading(on) as session:
        return (await session.exec(found)).all()


async def last_run(on: AsyncEngine, work: Work) -> str:
    """Prefect's id of the newest run of this work within a day, else the day."""
    found = select(Firing).where(Firing.flow == work.flow, col(Firing.started_at) > work.at - timedelta(days=1))
    async with reading(on) as session:
        rows = (await session.exec(found.order_by(col(Firing.started_at).desc()))).all()
    return next((row.prefect_run_id for row in rows if row.prefect_run_id and work.is_of(row)), f"{work.at:%Y-%m-%d}")
