"""The programs that run for ever: `up` (everything on one machine), `clock` and `worker` (many machines).

One runner does all that is due, one thing after the other: the clock and those who record only say what to look for.
"""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress

from config.environment import prefect_api_url, prefect_environment
from config.errors import PathwayError
from config.logs import logger, set_up_logs
from config.settings import settings
from config.time import now
from flows import clock as clocks
from flows import dispatch
from flows.containment import Contained
from flows.due import EVENTS, EVERYTHING, LETTERS
from flows.server import PORT, PrefectServer, PrefectServerError, prefect_address
from flows.starting import drain, warm_up
from flows.wake import Waker
from models.database import engine
from models.schema import migrate
from pathway import beginning
from pathway.keeping import first, kept
from pathway.letterbox import letterbox
from pathway.pages import Pages, PagesError
from pathway.printing import say

# What somebody who recorded something wakes the runner for.
RECORDED = frozenset({EVENTS, LETTERS})
GRACE_SECONDS = 20.0
QUIET_SECONDS = 60.0
# Whoever records on another machine cannot wake this one: it looks by itself, two indexed queries.
CLOCK_QUIET_SECONDS = 5.0
RESTART_SECONDS = 30.0
PAGES_RESTART_SECONDS = 1.0

log = logger(__name__)
Serve = Callable[[asyncio.Event], Awaitable[None]]
Started = Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]


class Runner:
    """Does what is due, one thing after the other; rung by the clock, woken by those who record."""

    def __init__(self, bell: Waker, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._bell = bell
        self._quiet_seconds = quiet_seconds
        self._wanted: set[str] = set(EVERYTHING)  # at the start, whatever became due while nothing ran

    def ring(self, names: Collection[str]) -> None:
        """Look for these as soon as what is going on has ended."""
        self._wanted |= set(names)
        self._bell.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what is going on then is finished first. A failure is logged, and the next look comes."""
        while not stop.is_set():
            wanted, self._wanted = self._wanted or set(RECORDED), set()
            with Contained() as caught:
                await clocks.fire(wanted, now())
            if caught.error is not None:
                log.error("look_failed", flow="+".join(sorted(wanted)), error=type(caught.error).__name__)
            if not self._wanted:
                await self._bell.wait(self._quiet_seconds)


async def up(sample: bool = False) -> None:
    """Run everything on this machine until SIGINT or SIGTERM: Prefect's server, clock, runner, pages, mailbox.

    Makes the record, or brings it up to date; `sample` fills it with an invented partnership when it is empty.
    Raises PathwayError when another `up` runs in this PATHWAY_HOME, or where a sample would do harm.
    """

    async def run_it(stop: asyncio.Event) -> None:
        await _up(stop, sample)

    with only_one():
        await until_stopped(run_it)


async def _up(stop: asyncio.Event, sample: bool) -> None:
    await migrate()
    say(f"Record: {settings().home.absolute()}")
    async with letterbox():
        await beginning.begin(sample)
        async with kept(stop, _keep_pages), _prefect(stop):
            say("Ready. Stop it with Ctrl-C.")
            await _run(stop, heard=True)


async def clock() -> None:
    """Run the clock until SIGINT or SIGTERM; the work is handed to Prefect's workers, or done here without them."""
    await until_stopped(_clock)


async def _clock(stop: asyncio.Event) -> None:
    dispatch.to_workers.set(True)
    url = await prefect_address()
    say(f"The clock goes. {f'Prefect: {url}' if url else 'No Prefect server answers: the work is done here.'}")
    async with letterbox():
        await _run(stop, heard=False)


async def web() -> None:
    """Serve the pages until SIGINT or SIGTERM. Raises PathwayError when the port is taken."""
    await until_stopped(_web)


async def _web(stop: asyncio.Event) -> None:
    from web.running import serve  # the other programs need none of it

    async with letterbox():
        say(f"Pages: {settings().base_url}")
        await serve(stop)


async def worker() -> None:
    """Become a Prefect worker on the work pool `pathway`, which is made when it is missing.

    Raises PathwayError when no Prefect server answers.
    """
    url = await prefect_address()
    if url is None:
        raise PathwayError("worker: no Prefect server answers; set PREFECT_API_URL to the address of one")
    await dispatch.make_pool(url)
    words = [sys.executable, "-m", "prefect", "worker", "start", "--pool", dispatch.POOL, "--type", "process"]
    os.execve(sys.executable, words, prefect_environment(url))  # noqa: S606  # signals then reach the worker itself


async def _run(stop: asyncio.Event, *, heard: bool) -> None:
    bell = Waker()
    runner = Runner(bell, QUIET_SECONDS if heard else CLOCK_QUIET_SECONDS)
    scheduler = clocks.make_clock(runner.ring)
    async with AsyncExitStack() as stack:
        if heard:
            await stack.enter_async_context(bell)
        scheduler.start()
        stack.callback(scheduler.shutdown, wait=False)
        running = asyncio.create_task(runner.run(stop))
        await first(asyncio.wait({running}), stop.wait())
        bell.wake()
        with suppress(TimeoutError):
            await asyncio.wait_for(running, GRACE_SECONDS)
    await drain()


@asynccontextmanager
async def _prefect(stop: asyncio.Event) -> AsyncIterator[None]:
    """Prefect's server, started again when it dies; none of ours when PREFECT_API_URL names one."""
    if told := prefect_api_url():
        say(f"Prefect: {told.removesuffix('/api')}")
        yield
        return
    warming = asyncio.create_task(asyncio.to_thread(warm_up))
    async with kept(stop, _keep_prefect):
        await warming
        yield


async def _keep_prefect(settled: asyncio.Event) -> None:
    while True:
        try:
            async with PrefectServer(PORT, shared=True) as server:
                say(f"Prefect: {server.pages}")
                settled.set()
                await server.ended()
            log.error("prefect_server_ended")
        except PrefectServerError as error:
            say(f"{error}. What is due is done without it.")
            settled.set()
        await asyncio.sleep(RESTART_SECONDS)


async def _keep_pages(settled: asyncio.Event) -> None:
    while True:
        try:
            async with Pages() as pages:
                await beginning.say_where()
                settled.set()
                await pages.ended()
            log.error("pages_ended")
            await asyncio.sleep(PAGES_RESTART_SECONDS)
            continue
        except PagesError as error:
            say(f"{error}. What is due is done without pages; they are tried again.")
            settled.set()
        await asyncio.sleep(RESTART_SECONDS)


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the lock of `up` in PATHWAY_HOME, which the system lets go whatever happens to this process."""
    file = settings().home / "up.lock"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip()
            raise PathwayError(f"up: already running in {settings().home} (process {pid or 'unknown'})") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


async def until_stopped(serve: Serve) -> None:
    """Await `serve(stop)` in a thread and event loop of its own; SIGINT or SIGTERM here sets `stop` there.

    Prefect puts a handler of its own on SIGTERM while a flow runs, which tears down the event loop; it can do so in the
    main thread only. Raises whatever `serve` raises.
    """
    set_up_logs()
    await _put_away()  # connections belong to the loop that made them
    started: Started = Future()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, started.add_done_callback, _tell)
    await asyncio.to_thread(asyncio.run, _serving(serve, started))


async def _serving(serve: Serve, started: Started) -> None:
    stop = asyncio.Event()
    started.set_result((asyncio.get_running_loop(), stop))
    try:
        await serve(stop)
    finally:
        await _put_away()


async def _put_away() -> None:
    if engine.cache_info().currsize:
        await engine().dispose()


def _tell(started: Started) -> None:
    inner, stop = started.result()
    with suppress(RuntimeError):  # it has ended already
        inner.call_soon_threadsafe(stop.set)
