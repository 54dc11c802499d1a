"""Many machines: the clock says when, Prefect workers do the work as deployment runs.

A run is handed over only when a worker is there to take it, and not twice: what was handed over and not yet ended is
left to the worker for five minutes, then done by the clock itself. So a pool without workers, a worker that died or a
Prefect that is down delay what is due, and stop nothing. Deployments are those of prefect.yaml.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from config.environment import settle_prefect
from config.logs import logger
from flows.containment import Contained
from flows.firings import Ending, close_firing, fingerprint, handed_over
from flows.server import prefect_address
from models.telling import Firing

POOL = "pathway"
PATIENCE = timedelta(minutes=5)

log = logger(__name__)
to_workers: ContextVar[bool] = ContextVar("to_workers", default=False)


class Doer(Enum):
    """Who does a run: this process, a worker that is to get it, or somebody who has it already."""

    HERE = "here"
    WORKER = "worker"
    SOMEBODY = "somebody"


async def who_does_it(
    on: AsyncEngine, flow: str, slot: str | None, at: datetime, parameters: Mapping[str, Any]
) -> Doer:
    """Who is to do this run now. What workers have ended since is written down on the way."""
    if not to_workers.get():
        return Doer.HERE
    doer = Doer.HERE
    with Contained() as caught:
        doer = await _who(on, flow, slot, at, parameters)
    if caught.error is not None:
        log.warning("workers_not_asked", flow=flow, error=type(caught.error).__name__)
    return doer


async def _who(on: AsyncEngine, flow: str, slot: str | None, at: datetime, parameters: Mapping[str, Any]) -> Doer:
    url = await prefect_address()
    if url is None:
        return Doer.HERE
    going = [one for one in await handed_over(on, flow, slot, parameters) if not await _settled(on, url, one, at)]
    if any(one.started_at > at - PATIENCE for one in going):
        return Doer.SOMEBODY
    return Doer.HERE if going or not await _worker_is_there(url) else Doer.WORKER


async def _settled(on: AsyncEngine, url: str, firing: Firing, at: datetime) -> bool:
    async with _client(url) as client:
        state = (await client.read_flow_run(UUID(firing.prefect_run_id or ""))).state
    if state is None or not state.is_final():
        return False
    outcome = "done by a worker" if state.is_completed() else "failed at a worker"
    ending = Ending(outcome, {}, run_id=firing.prefect_run_id)
    await close_firing(on, firing.flow, firing.slot, ending, at if state.is_completed() else None)
    return True


async def _worker_is_there(url: str) -> bool:
    async with _client(url) as client:
        from prefect.exceptions import ObjectNotFound

        try:
            workers = await client.read_workers_for_work_pool(POOL)
        except ObjectNotFound:
            return False
    return any(worker.status == "ONLINE" for worker in workers)


async def hand_over(
    flow: str, run_name: str, tags: Iterable[str], at: datetime, parameters: Mapping[str, Any]
) -> str | None:
    """Create a deployment run of `flow` for a worker and return its id; None when that failed.

    Two clocks that hand over the same work in the same minute make one run.
    """
    made = None
    with Contained() as caught:
        async with _client(await prefect_address() or "") as client:
            from prefect.deployments import arun_deployment

            made = await arun_deployment(
                f"{flow}/{flow}",
                client=client,
                parameters={"at": at, **parameters},
                flow_run_name=run_name,
                tags=tags,
                timeout=0,
                idempotency_key=f"{flow}:{fingerprint(parameters)}:{at:%Y-%m-%dT%H:%MZ}",
                as_subflow=False,
            )
    if caught.error is not None:
        log.warning("hand_over_failed", flow=flow, error=type(caught.error).__name__)
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
