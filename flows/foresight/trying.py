"""Trying a policy on every open concern: what would differ. The record is only read; all else happens in memory."""

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from config.errors import BadInput
from config.policy_trial import changed_besides, changed_figures, changed_ladders
from flows.foresight.comparing import Compared
from flows.foresight.foreseen import Step
from flows.foresight.happening import read_lives, steps_of
from flows.foresight.living import live
from flows.foresight.trial import Trial, make_batch, make_trial
from models.database import reading
from models.excerpt import Excerpt
from models.people import Setting
from models.policies import areas_of_policies, policy_book
from models.record import Concern
from models.scratch import scratch_record

WEEKS = 12
BATCH = 100
OF_CLOSURES = frozenset({"name_cover", "first_day"})
Futures = dict[UUID, list[Step]]


@dataclass(frozen=True)
class Change:
    """What differs in the policy itself for one area: figures (name, old, new), ladders, and what moves no clock."""

    area: str
    instead_of: str
    figures: list[tuple[str, str, str]]
    ladders: list[str]
    besides: list[str]

    @property
    def is_none(self) -> bool:
        """Whether nothing differs that any clock or letter follows."""
        return not (self.figures or self.ladders or "extra bank holidays" in self.besides or self.channel)

    @property
    def channel(self) -> bool:
        """Whether referrals would be taken in another way, which decides what must be filed."""
        return "how referrals are taken" in self.besides

    @property
    def moves_all(self) -> bool:
        """Whether every concern's future can differ: other days count, or closures are bridged in another way."""
        closures = any(name.startswith("closure_") for name, _, _ in self.figures)
        return "extra bank holidays" in self.besides or closures or bool(OF_CLOSURES & set(self.ladders))


@dataclass
class Tried:
    """What trying a policy found, on all open concerns (of one area, or of all)."""

    key: str
    at: datetime
    weeks: int
    open: int = 0
    elsewhere: int = 0
    changes: list[Change] = field(default_factory=list)
    compared: Compared = field(default_factory=Compared)


async def try_policy(
    engine: AsyncEngine,
    text: str,
    file: str,
    at: datetime,
    area: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
    weeks: int = WEEKS,
) -> Tried:
    """How the open concerns would stand under the policy in `text`, and their next weeks if nobody acts, under both.

    Raises PolicyError for a policy that does not validate, BadInput for an area that nobody knows.
    """
    async with reading(engine) as session:
        trial = make_trial(text, file, await policy_book(session), at)
        if area is not None:
            known = await areas_of_policies(session) | set((await session.exec(select(Setting.area).distinct())).all())
            if area not in known:
                raise BadInput("--area", f"{area} is no area of the record; known are {', '.join(sorted(known))}")
    concerns = await _open_concerns(engine, area)
    tried = Tried(trial.key, at, weeks, sum(len(of) for of in concerns.values()))
    batches: list[list[UUID]] = []
    for where, ids in sorted(concerns.items()):
        if not trial.applies_to(where):
            tried.elsewhere += len(ids)
            continue
        tried.changes.append(_change(trial, where))
        tried.compared.concerns += len(ids)
        if not tried.changes[-1].is_none:
            batches += [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    await _try_all(engine, batches, trial, tried, progress)
    tried.compared = tried.compared.in_order()
    return tried


async def _try_all(
    engine: AsyncEngine, batches: Sequence[Sequence[UUID]], trial: Trial, tried: Tried, progress: Callable[[int], None]
) -> None:
    """Batch by batch; several at once, each in a process of its own, where there are enough to pay for those."""
    if sum(len(ids) for ids in batches) <= BATCH:
        for ids in batches:
            await _try(engine, ids, trial, tried, progress, None)
        return
    workers = min(len(batches), os.cpu_count() or 1)
    at_once = asyncio.Semaphore(workers + 1)  # what waits is held in memory
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:

        async def one(ids: Sequence[UUID]) -> None:
            async with at_once:
                await _try(engine, ids, trial, tried, progress, pool)

        await asyncio.gather(*(one(ids) for ids in batches))


async def _open_concerns(engine: AsyncEngine, area: str | None) -> dict[str, list[UUID]]:
    """The open concerns by area, those of one setting together."""
    found = select(Concern.id, Concern.area).where(col(Concern.closed_at).is_(None))
    if area is not None:
        found = found.where(Concern.area == area)
    by_area: dict[str, list[UUID]] = defaultdict(list)
    async with reading(engine) as session:
        for concern_id, where in (await session.exec(found.order_by(col(Concern.setting_id), col(Concern.id)))).all():
            by_area[where].append(concern_id)
    return by_area


def _change(trial: Trial, area: str) -> Change:
    old, new = trial.in_force(area), trial.new(area)
    return Change(area, old.key, changed_figures(old, new), changed_ladders(old, new), changed_besides(old, new, area))


async def _try(
    engine: AsyncEngine,
    ids: Sequence[UUID],
    trial: Trial,
    tried: Tried,
    progress: Callable[[int], None],
    pool: ProcessPoolExecutor | None,
) -> None:
    async with reading(engine) as session:
        concerns = (await session.exec(select(Concern).where(col(Concern.id).in_(ids)))).all()
        every = any(one.moves_all for one in tried.changes if one.area == concerns[0].area)
        batch = await make_batch(session, concerns, tried.at, trial, every=every)
    until = tried.at + timedelta(weeks=tried.weeks)
    chosen = [one.id for one in batch.concerns]
    progress(2 * (len(ids) - len(chosen)))
    if not chosen:
        return
    futures: list[Futures] = []
    for taken in (batch.as_is, batch.tried):
        if pool is None:
            futures.append(await _live(taken, chosen, tried.at, until))
        else:
            running = asyncio.get_running_loop().run_in_executor(pool, _live_apart, taken, chosen, tried.at, until)
            futures.append(await running)
        progress(len(chosen))
    tried.compared.moved += batch.moved
    for concern in batch.concerns:
        tried.compared.compare(concern.reference, concern.area, *(lived[concern.id] for lived in futures))


def _live_apart(taken: Excerpt, ids: Sequence[UUID], at: datetime, until: datetime) -> Futures:
    return asyncio.run(_live(taken, ids, at, until))


async def _live(taken: Excerpt, ids: Sequence[UUID], at: datetime, until: datetime) -> Futures:
    async with scratch_record() as scratch:
        await taken.unpack(scratch)
        await live(scratch, at, until)
        async with reading(scratch) as session:
            lives = await read_lives(session, ids, at, taken)
        return {concern_id: steps_of(lived) for concern_id, lived in lives.items()}
