"""The pages as a child of `up`: a process of their own, so that no flow ever holds up a page; gone when `up` is gone.

Started as `python -m pathway.pages PARENT`. What it prints goes to PATHWAY_HOME/logs/web.log; the log of the run before
is kept beside it.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import httpx

from config.environment import prefect_environment
from config.errors import PathwayError
from config.settings import settings
from flows.parentage import end_with
from flows.server import fresh_log

START_SECONDS = 120.0
STOP_SECONDS = 15.0
ANSWER_SECONDS = 5.0
# An address to listen on that stands for all of this machine, and where it is then found.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # not listened on here


class PagesError(PathwayError):
    """The pages are not served."""


class Pages:
    """The pages as an async context manager: they answer when it is entered, and are gone when it is left."""

    def __init__(self) -> None:
        self._process: Process | None = None

    @property
    def log(self) -> Path:
        """Where their output goes."""
        return settings().home / "logs" / "web.log"

    async def __aenter__(self) -> "Pages":
        with fresh_log(self.log) as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "pathway.pages", str(os.getpid())),
                env=prefect_environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a Ctrl-C at the terminal is for us, who stop the pages
            )
        try:
            await self._await_answer(self._process)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def ended(self) -> None:
        """Wait until they have ended by themselves."""
        if self._process is not None:
            await self._process.wait()

    async def _await_answer(self, process: Process) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                while process.returncode is None:
                    if await answer():
                        return
                    await asyncio.sleep(0.1)
        raise PagesError(self._why(process))

    def _why(self, process: Process) -> str:
        """What the program said last, which is one line when it was refused; else where to look."""
        last = self.log.read_text("utf-8", "replace").strip().rpartition("\n")[2]
        if process.returncode == 2 and last.startswith("pathway: "):
            return last.removeprefix("pathway: ")
        ended = "do not answer" if process.returncode is None else f"ended with code {process.returncode}"
        return f"web: the pages {ended}; what they said is in {self.log}"

    async def _stop(self) -> None:
        if self._process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
                return


async def answer() -> bool:
    """Whether pages answer on this machine, and find their record."""
    host = EVERYWHERE.get(settings().web_host, settings().web_host)
    url = httpx.URL(scheme="http", host=host, port=settings().web_port, path="/health")
    try:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False, verify=False) as client:  # noqa: S501  # plain HTTP to this machine
            return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def main() -> None:
    """Become `pathway web`, unless the parent is gone already."""
    if not end_with(int(sys.argv[1])):
        return
    from pathway.cli import main as command

    command(["web"])


if __name__ == "__main__":
    main()
