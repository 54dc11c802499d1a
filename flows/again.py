"""Doing a failed run's work again because somebody asks for it, in this process and behind their back.

The work finds what is due by itself, and a clock's slot that has ended well meanwhile is passed over: asking twice does
nothing twice.
"""

import asyncio
from datetime import datetime

from config.logs import logger
from flows import starting
from flows.containment import Contained
from flows.due import (
    BRIDGE,
    DEADLINES,
    DIGEST,
    EVENTS,
    LETTERS,
    PACK,
    PURGE,
    RECONCILE,
    STAGES,
    Ran,
    deadlines_job,
    purge_job,
    reconcile_job,
    run_due,
    run_job,
)
from flows.server import known_address

log = logger(__name__)
SLOTTED = {DEADLINES: deadlines_job, RECONCILE: reconcile_job, PURGE: purge_job}
FOUND = {
    DEADLINES: (DEADLINES, EVENTS, LETTERS),
    BRIDGE: (BRIDGE, EVENTS, LETTERS),
    DIGEST: (DIGEST, LETTERS),
    PACK: (PACK, LETTERS),
    LETTERS: (LETTERS,),
}
_going: dict[str, asyncio.Task[None]] = {}


def can_run(flow: str) -> bool:
    """Whether there is such a flow."""
    return flow in STAGES or flow in FOUND or flow in SLOTTED


async def begin_again(flow: str, slot: str, at: datetime, patience: float) -> bool:
    """Start the work of a firing again; whether it ended within `patience` seconds, else it goes on behind the answer.

    One that is going already is not started twice.
    """
    key = f"{flow} {slot}"
    task = _going.get(key)
    if task is None:
        task = _going[key] = asyncio.create_task(_run(flow, slot, at))
        task.add_done_callback(lambda _: _going.pop(key, None))
    done, _ = await asyncio.wait({task}, timeout=patience)
    return bool(done)


async def _run(flow: str, slot: str, at: datetime) -> None:
    if known_address():
        await asyncio.to_thread(starting.warm_up)  # importing Prefect takes seconds, in which pages must be answered
    with Contained() as caught:
        ran = await _do(flow, slot, at)
        log.info("run_again", flow=flow, failed=sum(bool(one.failed) for one in ran))
    if caught.error is not None:
        log.error("run_again_failed", flow=flow, error=type(caught.error).__name__)


async def _do(flow: str, slot: str, at: datetime) -> list[Ran]:
    ran: list[Ran] = []
    if flow in SLOTTED and "/" not in slot:  # the clock's own; one that was found by looking is found by looking
        ran.append(await run_job(SLOTTED[flow](slot), at))
    return ran + await run_due(at, FOUND.get(flow, (EVENTS, LETTERS) if flow in STAGES else ()))


async def all_ended() -> None:
    """Wait for what is still going: before the program ends."""
    while _going:
        await asyncio.wait(set(_going.values()))
