"""Starting a flow at a Prefect server, in this process; and the temporary server of one command.

Prefect is imported here, when a flow is started, and nowhere earlier: it takes two seconds.
"""

import importlib
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from config.environment import settle_prefect
from config.logs import logger
from flows.firings import Work
from flows.server import PrefectServer, PrefectServerError, answers, known_address

DRAIN_SECONDS = 10.0

log = logger(__name__)


@dataclass
class Spare:
    """The temporary server that a command may start, at most once."""

    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    url: str | None = None
    failed: bool = False


_spare: ContextVar[Spare | None] = ContextVar("spare", default=None)


@asynccontextmanager
async def temporary_server() -> AsyncIterator[None]:
    """For one command: where no Prefect server is known, its first flow run starts one, which ends with the command.

    Nothing is started when there is no work. A server that does not start is tried once; the work is done without it.
    """
    spare = Spare()
    token = _spare.set(spare)
    try:
        async with spare.stack:
            yield
            if spare.url:
                await drain()
    finally:
        _spare.reset(token)


async def server_for_run() -> str | None:
    """The API address at which a flow run is to be recorded now; None when none answers."""
    url = known_address()
    if url is not None:
        return url if await answers(url) else None
    spare = _spare.get()
    return await _spare_address(spare) if spare else None


async def _spare_address(spare: Spare) -> str | None:
    if spare.url is None and not spare.failed:
        try:
            spare.url = (await spare.stack.enter_async_context(PrefectServer())).url
        except PrefectServerError:
            spare.failed = True
            log.warning("prefect_did_not_start")
    return spare.url


async def start_flow(url: str, work: Work) -> str:
    """Run a flow to its end in this process, recorded at `url`; returns its flow run's id.

    A flow that fails does not raise: containment's Finish says how its body ended. Errors of Prefect itself do.
    """
    settle_prefect()
    from prefect.context import AsyncClientContext
    from prefect.flow_engine import run_flow

    flow, parameters = load(work.entrypoint), work.arguments()
    with recorded_at(url):
        async with AsyncClientContext.get_or_create() as context:
            # Made here, so that the tags stay the flow run's own: a task run that has tags asks the server for
            # permission first, one request for each.
            made = await context.client.create_flow_run(
                flow, name=work.run_name(), parameters=flow.serialize_parameters(parameters), tags=work.tags()
            )
            ending: Any = run_flow(flow, flow_run=made, parameters=parameters, return_type="state")
            await ending
    return str(made.id)


def recorded_at(url: str) -> AbstractContextManager[Any]:
    """Within it, Prefect's client talks to the server at `url`."""
    from prefect.context import SettingsContext, get_settings_context

    return SettingsContext(profile=get_settings_context().profile, settings=_settings_at(url))


@cache
def _settings_at(url: str) -> Any:
    # Prefect's own `temporary_settings` reads the whole environment again each time, a fifth of what a run takes.
    from prefect.context import get_settings_context
    from prefect.settings import PREFECT_API_URL

    return get_settings_context().settings.copy_with_update(updates={PREFECT_API_URL: url})


def load(entrypoint: str) -> Any:
    """The flow that `module:function` names."""
    module, _, name = entrypoint.partition(":")
    return getattr(importlib.import_module(module), name)


def warm_up() -> None:
    """Import Prefect and the flows that somebody waits for, so that the first run does not have to; takes seconds."""
    settle_prefect()
    for module in ("flows.stages", "flows.deadlines", "flows.telling", "prefect.flow_engine"):
        importlib.import_module(module)


async def drain() -> None:
    """Send what Prefect's client has in hand (task runs, logs) before the server it goes to is stopped."""
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        drained: Any = worker.drain_all(timeout=DRAIN_SECONDS, at_exit=False)
        await drained
