"""Commands that run it: tick, up, clock, worker, status, demo, web; and the simulated year."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from pathway.options import Json
from pathway.session import record_is_there, run
from pathway.simulating import simulate


def add_to(app: App) -> None:
    """Add these commands."""
    for command in (tick, up, clock, worker, status, demo, web, simulate):
        app.command(command)


def tick(*, json: Json = False) -> int:
    """Do everything that is due at this instant: follow-ups, deadlines, letters, the digest; until nothing is.

    Doing it again at the same moment does nothing. A second tick waits for the first. Each step is a Prefect run: at
    the server of PREFECT_API_URL or of `pathway up`, else at a temporary one. Exit code 1 when a step failed.
    """
    from pathway import ticking

    return run(ticking.tick(json))


def up(
    *,
    sample: Annotated[
        bool, Parameter(negative="", help="Fill an empty record with an invented partnership, to try things out.")
    ] = False,
) -> None:
    """Run everything on this machine: the pages, Prefect's server, the clock, the runner, a mailbox without SMTP."""
    from pathway import processes

    run(processes.up(sample))


def clock() -> None:
    """Run the clock alone, for many machines: it says when, `pathway worker` does the work."""
    from pathway import processes

    run(_after_check(processes.clock))


def worker() -> None:
    """Run a Prefect worker on the work pool `pathway`, made when it is missing."""
    from pathway import processes

    run(_after_check(processes.worker))


async def _after_check(work: object) -> None:
    await record_is_there()
    await work()  # type: ignore[operator]  # a coroutine function of processes


def status(*, json: Json = False) -> None:
    """Say what is running, what waits, and what failed."""
    from pathway import state

    run(state.status(json))


def demo(
    *,
    home: Annotated[Path | None, Parameter(help="Where its record and letters go; made anew each time.")] = None,
) -> int:
    """Take one fictional child through sixteen weeks in about a minute, with real letters, told as a timeline."""
    from pathway.demo.telling import demo as tell

    return tell(home)


def web() -> None:
    """Serve the pages and the JSON API at PATHWAY_WEB_HOST and PATHWAY_WEB_PORT; any number of these may run."""
    from pathway import processes

    run(_after_check(processes.web))
