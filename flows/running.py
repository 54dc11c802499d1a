"""Running a flow: at Prefect where a server answers, else the plain function; each firing a row of the record.

Nothing that is due waits for Prefect. The work is safe to do twice, so it is begun again whenever it is not known to
have ended: a firing that ended well is the only one that is passed over.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncEngine

from config.logs import logger
from flows import dispatch, starting
from flows.containment import Contained, Finish, PrefectLost, contained, watch
from flows.firings import ALONE, DONE, HANDED_OVER, NAMED, Counts, Ending, Plain, Work, close_firing, open_firing
from models.database import engine

__all__ = ["NAMED", "Counts", "Plain", "run"]

log = logger(__name__)
_locks: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]" = WeakKeyDictionary()


async def run(
    flow: str,
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
    work = Work(flow, plain, entrypoint, at, slot, parameters, concerns, size)
    answer = await dispatch.offer(on, work)
    if answer.taken:
        return {}
    async with _one_at_a_time():
        ending = await _fire(on, work, answer.key)
    if ending and ending.failure:
        raise ending.failure
    return ending.counts if ending else None


async def _fire(on: AsyncEngine, work: Work, key: str | None) -> Ending | None:
    work, slot = work.slotted()
    if not await open_firing(on, work.flow, slot, work.at):
        return None
    began = time.monotonic()
    ending = await (_hand_over(work, key) if key else _do(work))
    seconds = round(time.monotonic() - began, 3)
    await close_firing(on, work.flow, slot, ending, ending.at(work.at + timedelta(seconds=seconds)))
    log.info("flow_ended", flow=work.flow, slot=slot, outcome=ending.outcome.partition(" ")[0], seconds=seconds)
    return ending


async def _hand_over(work: Work, key: str) -> Ending:
    run_id = await dispatch.hand_over(work, key)
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
            run_id = await starting.start_flow(url, work)
    # The body's own errors are contained: this one is Prefect's, and whatever it is, the work goes on without Prefect.
    error = caught.error
    if error is not None or (run_id and not (finish.done or finish.failure)):
        log.warning("prefect_lost", flow=work.flow, run=run_id, error=type(error).__name__ if error else "NotStarted")
    return finish, run_id


async def _alone(work: Work) -> Finish:
    finish = watch()
    with Contained():
        await contained(work.flow)(work.plain)(**work.arguments())
    return finish


def _one_at_a_time() -> asyncio.Lock:
    # Two flows in flight stall Prefect's SQLite for half a minute.
    return _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
