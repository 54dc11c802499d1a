"""What is due now, and doing it: the record is asked first, and a flow is started only when there is work.

Used by the clock, by the runner that `up` keeps awake, and by `tick`, which repeats it until nothing is due.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from flows import bridging, checking, digesting, evenings, following, posting, running, sweeping
from flows.containment import SafeError
from models.bridge import anything_to_bridge
from models.database import engine, reading
from models.record import Concern, Event, Stage
from notifications.outbox import waiting

BRIDGE = "holiday-bridge"
EVENTS = "events"
DEADLINES = "check-deadlines"
DIGEST = digesting.FLOW
LETTERS = "tell-people"
PACK = evenings.FLOW
RECONCILE = "reconcile"
PURGE = "purge"
# Closures first: what is followed up and swept then already has its cover.
EVERYTHING = (BRIDGE, EVENTS, DEADLINES, DIGEST, PACK, LETTERS)
STAGES = tuple(one.value for one in Stage)
FLOWS = (*STAGES, DEADLINES, LETTERS, DIGEST, PACK, BRIDGE, RECONCILE, PURGE)


@dataclass(frozen=True)
class Job:
    """A flow that has work now."""

    flow: str
    plain: running.Plain
    entrypoint: str
    slot: str | None = None
    concerns: Sequence[str] = ()
    size: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ran:
    """A flow that ran: its counts, or None when it failed or somebody else had fired the slot."""

    flow: str
    counts: running.Counts | None
    failed: str = ""

    @property
    def did_something(self) -> bool:
        """Whether anything changed."""
        counts = self.counts or {}
        return any(
            count for name, count in counts.items() if isinstance(count, int) and name not in ("failed", "later")
        )


async def run_due(at: datetime, only: Collection[str] = EVERYTHING) -> list[Ran]:
    """One pass: do everything of `only` that is due at `at` (UTC). A failed flow is told, and stops no other."""
    ran: list[Ran] = []
    for part in (one for one in EVERYTHING if one in only):
        jobs = await _jobs(engine(), part, at)
        ran += [await run_job(job, at) for job in jobs]
    return ran


async def run_job(job: Job, at: datetime) -> Ran:
    """Run one flow through Prefect where a server answers, else without."""
    try:
        counts = await running.run(
            job.flow,
            job.plain,
            job.entrypoint,
            at=at,
            slot=job.slot,
            concerns=job.concerns,
            size=job.size,
            **job.parameters,
        )
    except SafeError as error:
        return Ran(job.flow, None, str(error))
    return Ran(job.flow, counts)


async def _jobs(on: AsyncEngine, part: str, at: datetime) -> list[Job]:
    async with reading(on) as session:
        if part == BRIDGE and await anything_to_bridge(session, at):
            return [Job(BRIDGE, bridging.bridge_now, "flows.holiday_bridge:holiday_bridge")]
        if part == EVENTS:
            return [job async for job in _stage_jobs(session)]
        if part == DEADLINES and await sweeping.deadlines_due(session, at):
            return [deadlines_job()]
        if part == LETTERS and await waiting(session, at):
            return [letters_job()]
        if part == DIGEST:
            return [_digest_job(morning) for morning in await digesting.mornings_due(session, at)]
        if part == PACK:
            return [_pack_job(evening) for evening in await evenings.evenings_due(session, at)]
    return []


async def _stage_jobs(session: AsyncSession) -> AsyncIterator[Job]:
    for stage in Stage:
        ids = await following.waiting_events(session, stage)
        if not ids:
            continue
        named = select(Concern.reference).join(Event, col(Event.concern_id) == col(Concern.id)).distinct()
        references = (await session.exec(named.where(col(Event.id).in_(ids[: running.NAMED])))).all()
        module = stage.value.replace("-", "_")
        yield Job(
            stage.value,
            following.follow_up_all,
            f"flows.{module}:{module}",
            concerns=references,
            size=f"{len(ids)} event{'s' if len(ids) > 1 else ''}",
            parameters={"event_ids": [str(one) for one in ids]},
        )


def deadlines_job(slot: str | None = None) -> Job:
    """The sweep; a clock gives its slot."""
    return Job(DEADLINES, _sweep, "flows.deadlines:check_deadlines", slot)


def letters_job() -> Job:
    """The outbox."""
    return Job(LETTERS, posting.post_waiting, "flows.telling:tell_people")


def _digest_job(morning: digesting.Morning) -> Job:
    parameters = {"day": morning.day, "zone": morning.zone}
    return Job(DIGEST, _digest, "flows.digest:morning_digest", morning.slot, parameters=parameters)


def _pack_job(evening: evenings.Evening) -> Job:
    parameters = {"day": evening.day, "as_of": evening.as_of}
    return Job(PACK, _packs, "flows.outage_pack:outage_pack", evening.slot, parameters=parameters)


def reconcile_job(slot: str) -> Job:
    """The reconciler, once a slot."""
    return Job(RECONCILE, checking.reconcile_alone, "flows.reconcile:reconcile", slot)


def purge_job(slot: str) -> Job:
    """The nightly purge, once a slot."""
    return Job(PURGE, _purge, "flows.purge:purge", slot)


async def _sweep(at: datetime) -> dict[str, int]:
    return await sweeping.sweep(engine(), at)


async def _digest(at: datetime, day: Any, zone: str) -> dict[str, int]:
    return await digesting.digest(engine(), digesting.Morning(day, zone), at)


async def _packs(at: datetime, day: Any, as_of: datetime) -> dict[str, int]:
    return await evenings.address_packs(engine(), evenings.Evening(day, as_of), at)


async def _purge(at: datetime) -> dict[str, int]:
    return await checking.purge(engine(), at)
