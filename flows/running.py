"""Running a flow: at Prefect where a server answers, else the plain function; each firing a row of the record.

Nothing that is due waits for Prefect. The work is safe to do twice, so it is begun again whenever it is not known to
have ended: a firing that ended well is the only one that is passed over.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from config.logs import logger
from flows import dispatch, starting
from flows.containment import Contained, Finish, PrefectLost, contained, watch
from flows.firings import ALONE, DONE, HANDED_OVER, Counts, Ending, close_firing, fresh_slot, open_firing
from models.database import engine

__all__ = ["NAMED", "Counts", "Plain", "run"]

Plain = Callable[..., Awaitable[Counts | None]]

REFERENCE = re.compile(r"NC-\d{4}-\d{5,}")
NAMED = 20  # references in the tags of one run

log = logger(__name__)
_locks: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]" = WeakKeyDictionary()


@dataclass(frozen=True)
class Work:
    """One run of a flow, as it can be done with Prefect or without."""

    name: str
    plain: Plain
    entrypoint: str
    at: datetime
    parameters: Mapping[str, Any]
    concerns: Sequence[str] = ()
    size: str = ""

    def arguments(self) -> dict[str, Any]:
        """What the flow, or the plain function, is called with."""
        return {"at": self.at, **self.parameters}


async def run(
    name: str,
    plain: Plain,
    entrypoint: str,
    *,
    at: datetime,
    slot: str | None = None,
    on: AsyncEngine | None = None,
    concerns: Sequence[str] = (),
    size: str = "",
    **parameters: Any,
) -> Counts | None:
    """Run one flow once for one slot, and write down that it ran.

    `entrypoint` is the flow as prefect.yaml names it ("flows.refer:refer"), imported only when a server answers. The
    flow and the plain function both get `at` and `parameters`: ids and instants only. `slot` None is work found by
    looking, which may come again at the same instant; a clock's slot that ended well is passed over (returns None).
    `concerns` are references for the tags, `size` is for the run's name ("3 events").
    Returns the counts; raises SafeError when the work itself failed, and leaves the firing unfinished.
    """
    on = on or engine()
    work = Work(name, plain, entrypoint, at, parameters, concerns, size)
    handing = await dispatch.who_does_it(on, name, slot, at, parameters)
    if handing is dispatch.Doer.SOMEBODY:
        return {}
    slot = slot or fresh_slot(at, parameters)
    if not await open_firing(on, name, slot, at):
        return None
    began = time.monotonic()
    async with _one_at_a_time():
        ending = await (_hand_over(work) if handing is dispatch.Doer.WORKER else _do(work))
    seconds = round(time.monotonic() - began, 3)
    unfinished = ending.failure or ending.outcome == HANDED_OVER
    await close_firing(on, name, slot, ending, None if unfinished else at + timedelta(seconds=seconds))
    log.info("flow_ended", flow=name, slot=slot, outcome=ending.outcome.partition(" ")[0], seconds=seconds)
    if ending.failure:
        raise ending.failure
    return ending.counts


async def _hand_over(work: Work) -> Ending:
    called, tagged = run_name(work.name, work.size, work.at), tags(work.name, work.concerns)
    run_id = await dispatch.hand_over(work.name, called, tagged, work.at, work.parameters)
    return Ending(HANDED_OVER, {}, run_id=run_id) if run_id else await _do(work)


async def _do(work: Work) -> Ending:
    finish, run_id = await _at_prefect(work)
    outcome = DONE if run_id else ALONE
    if not finish.done and (finish.failure is None or isinstance(finish.failure, PrefectLost)):
        finish, outcome = await _alone(work), ALONE
    if finish.done:
        return Ending(outcome, finish.result or {}, run_id=run_id)
    return Ending(f"failed {finish.failure}", {}, finish.failure, run_id)


async def _at_prefect(work: Work) -> tuple[Finish, str | None]:
    run_id = None
    finish = watch()
    with Contained() as caught:
        if url := await starting.server_for_run():
            called, tagged = run_name(work.name, work.size, work.at), tags(work.name, work.concerns)
            run_id = await starting.start_flow(url, work.entrypoint, called, tagged, work.arguments())
    if caught.error is not None:
        # Prefect's, since the body's own errors are contained: whatever it is, the work goes on without Prefect.
        log.warning("prefect_lost", flow=work.name, error=type(caught.error).__name__)
    return finish, run_id


async def _alone(work: Work) -> Finish:
    finish = watch()
    with Contained():
        await contained(work.name)(work.plain)(**work.arguments())
    return finish


def run_name(name: str, size: str, at: datetime) -> str:
    """`log-concern 2026-03-02T10:00Z 3 events`."""
    return f"{name} {at:%Y-%m-%dT%H:%MZ} {size}".rstrip()


def tags(name: str, concerns: Sequence[str]) -> list[str]:
    """A run's tags; what is not a reference is left out, and of many references all but the first twenty."""
    known = [reference for reference in dict.fromkeys(concerns) if REFERENCE.fullmatch(reference)]
    return [f"flow:{name}", *(f"concern:{reference}" for reference in known[:NAMED])]


def _one_at_a_time() -> asyncio.Lock:
    # Two flows in flight stall Prefect's SQLite for half a minute.
    return _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
