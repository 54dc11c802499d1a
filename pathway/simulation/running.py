"""Running a simulated year: its parts one by one, on as many processes as there are, and their figures put together.

Each part is lived through by itself, so the report is the same however many processes share the work.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from queue import Empty
from typing import Any

from config.logs import set_up_logs
from flows.parentage import end_with
from pathway.simulation.counting import total
from pathway.simulation.figures import Cost, Load, Report
from pathway.simulation.partnership import parts_of
from pathway.simulation.tally import Tally, spread, spread_of
from pathway.simulation.year import Year

Progress = Callable[[int], None]
LOOK_SECONDS = 0.2
_weeks: Any = None


def run(year: Year, progress: Progress = lambda _: None) -> Report:
    """Live through `year` and say what it found; not to be called within an event loop.

    `progress` hears of weeks that have passed, `year.weeks` times `parts_of(year)` in all. Raises whatever a part does.
    """
    began = time.monotonic()
    parts = parts_of(year)
    processes = min(parts, year.processes or os.cpu_count() or 1)
    if processes == 1:
        tallies = [_live(year, number, progress) for number in range(parts)]
    else:
        tallies = _together(year, parts, processes, progress)
    return _report(year, tallies, processes, time.monotonic() - began)


def _live(year: Year, number: int, progress: Progress) -> Tally:
    from pathway.simulation.living import live  # with everything it drives

    return asyncio.run(live(year, number, progress))


def _together(year: Year, parts: int, processes: int, progress: Progress) -> list[Tally]:
    context = get_context("spawn")
    weeks = context.Queue()
    with ProcessPoolExecutor(processes, context, _begin, (weeks,)) as pool:
        futures = [pool.submit(_part, year, number) for number in range(parts)]
        for passed in _passed(weeks, futures):
            progress(passed)
        return [one.result() for one in futures]


def _passed(weeks: Any, futures: list[Future[Tally]]) -> Iterator[int]:
    """Weeks as they pass, until every part is done, or one has failed."""
    while not all(one.done() for one in futures):
        if any(one.done() and one.exception() for one in futures):
            for one in futures:
                one.cancel()
            return
        with _nothing_yet():
            yield weeks.get(timeout=LOOK_SECONDS)
    while True:
        try:
            yield weeks.get_nowait()
        except Empty:
            return


@contextmanager
def _nothing_yet() -> Iterator[None]:
    try:
        yield
    except Empty:
        return


def _begin(weeks: Any) -> None:
    global _weeks  # noqa: PLW0603  # one queue a process, from its start
    _weeks = weeks
    parent = parent_process()
    if parent is None or parent.pid is None or not end_with(parent.pid, signal.SIGKILL):
        os._exit(1)  # nobody would hear what it found
    set_up_logs("WARNING")


def _part(year: Year, number: int) -> Tally:
    return _live(year, number, _weeks.put)


def _report(year: Year, tallies: list[Tally], processes: int, seconds: float) -> Report:
    whole = total(tallies)
    weeks_and_roles = sorted(set(whole.acts) | set(whole.letters_of))
    return Report(
        year=year,
        policy=year.policies()[-1].key,
        concerns=whole.concerns,
        observations=whole.observations,
        acts=whole.acts.total(),
        days_to={name: spread(values) for name, values in sorted(whole.days_to.items())},
        deadlines={kind: late.figures() for kind, late in sorted(whole.late.items())},
        letters=dict(sorted(whole.letters.items())),
        states=dict(sorted(whole.states.items())),
        composed=whole.composed,
        a_day=spread_of(whole.a_day),
        a_day_routine=spread_of(whole.routine),
        alerts=whole.alerts,
        alerts_acted_on=whole.alerts_acted_on,
        workload=tuple(
            Load(week, role, whole.people[role], whole.acts[week, role], whole.letters_of[week, role])
            for week, role in weeks_and_roles
        ),
        outcomes=dict(sorted(whole.outcomes.items())),
        statuses=dict(sorted(whole.statuses.items())),
        refused=dict(sorted(whole.refused.items())),
        checks=whole.checks,
        findings=tuple(
            f"part {number}: {said}" for number, one in enumerate(tallies, start=1) for said in one.findings
        ),
        cost=_cost(tallies, processes, seconds),
    )


def _cost(tallies: list[Tally], processes: int, seconds: float) -> Cost:
    most = max((max(one.mib, default=0.0) for one in tallies), default=0.0)
    weeks = zip(*(one.mib for one in tallies), strict=True)
    return Cost(seconds, processes, most, tuple(max(week) for week in weeks))
