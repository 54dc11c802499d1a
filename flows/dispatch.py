"""Many machines: the clock says when, Prefect workers do the work as deployment runs.

A run is handed over only when a worker is there to take it, and not twice: what was handed over and has not ended is
left to the worker for five minutes, then done by the clock itself. So a pool without workers, a worker that died or a
Prefect that is down delay what is due, and stop nothing. Deployments are those of prefect.yaml.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from config.environment import settle_prefect
from config.logs import logger
from flows.containment import Contained
from flows.firings import Ending, Work, close_firing, handed_over, last_run
from flows.server import prefect_address

POOL = "pathway"
BY_WORKER = "done by a worker"
AT_WORKER = "failed at a worker"
PATIENCE = timedelta(minutes=5)

log = logger(__name__)
to_workers: ContextVar[bool] = ContextVar("to_workers", default=False)


@dataclass(frozen=True)
class Offer:
    """What the workers say to a piece of work: they have it already, or may get it under this key, or neither."""

    taken: bool = False
    key: str | None = None


async def offer(on: AsyncEngine, work: Work) -> Offer:
    """Ask whether workers have this work or can take it. What they have ended since is written down on the way."""
    answer = Offer()
    if to_workers.get():
        with Contained() as caught:
            answer = await _offer(on, work)
        if caught.error is not None:
            log.warning("workers_not_asked", flow=work.flow, error=type(caught.error).__name__)
    return answer


async def _offer(on: AsyncEngine, work: Work) -> Offer:
    url = await prefect_address()
    if url is None:
        return Offer()
    await _settle(on, url, work.at)
    going = [one for one in await handed_over(on) if work.is_of(one)]
    if any(one.started_at > work.at - PATIENCE for one in going):
        return Offer(taken=True)
    if going or not await _worker_is_there(url):
        return Offer()
    # Two clocks that look at one moment make one key, and Prefect one run of it; a later run has another.
    return Offer(key=f"{work.flow}:{work.slot or work.fingerprint()}:{await last_run(on, work)}")


async def settle(on: AsyncEngine, at: datetime) -> None:
    """Write down what workers have ended since the last look; where there are no workers, nothing."""
    if not to_workers.get():
        return
    with Contained() as caught:
        if url := await prefect_address():
            await _settle(on, url, at)
    if caught.error is not None:
        log.warning("workers_not_asked", error=type(caught.error).__name__)


async def _settle(on: AsyncEngine, url: str, at: datetime) -> None:
    firings = {one.prefect_run_id or "": one for one in await handed_over(on)}
    if not firings:
        return
    async with _client(url) as client:
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

        wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id) for run_id in firings]))
        runs = await client.read_flow_runs(flow_run_filter=wanted)
    states = {str(run.id): run.state for run in runs}
    for run_id, firing in firings.items():
        state = states.get(run_id)
        if state is not None and not state.is_final():
            continue
        done = state is not None and state.is_completed()
        ending = Ending(BY_WORKER if done else AT_WORKER, {}, run_id=run_id)
        await close_firing(on, firing.flow, firing.slot, ending, at if done else None)


async def _worker_is_there(url: str) -> bool:
    async with _client(url) as client:
        from prefect.exceptions import ObjectNotFound

        try:
            workers = await client.read_workers_for_work_pool(POOL)
        except ObjectNotFound:
            return False
    return any(worker.status == "ONLINE" for worker in workers)


async def hand_over(work: Work, key: str) -> str | None:
    """Create a deployment run for a worker and return its id; None when that failed. One key makes one run."""
    made = None
    with Contained() as caught:
        async with _client(await prefect_address() or "") as client:
            from prefect.deployments import arun_deployment

            made = await arun_deployment(
                f"{work.flow}/{work.flow}",
                client=client,
                parameters=work.arguments(),
                flow_run_name=work.run_name(),
                tags=work.tags(),
                timeout=0,
                idempotency_key=key,
                as_subflow=False,
            )
    if caught.error is not None:
        log.warning("hand_over_failed", flow=work.flow, error=type(caught.error).__name__)
    return str(made.id) if made else None


async def make_pool(url: str) -> None:
    """Make the work pool that prefect.yaml names, unless it is there."""
    async with _client(url) as client:
        from prefect.client.schemas.actions import WorkPoolCreate
        from prefect.exceptions import ObjectAlreadyExists

        with suppress(ObjectAlreadyExists):
            await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Any]:
    settle_prefect()
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: url}):
        async with get_client() as client:
            yield client
