"""Where Prefect answers, and a Prefect server of our own.

`up` leaves its server's address in PATHWAY_HOME/prefect.json, where commands find it; PREFECT_API_URL goes first.
A server that does not answer at once counts as none: nothing that is due waits for Prefect.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import httpx

from config.environment import prefect_api_url, prefect_environment
from config.errors import PathwayError
from config.settings import settings

HOST = "127.0.0.1"
PORT = 4200
ANSWER_SECONDS = 1.0
# The first start makes Prefect's database: 15 s on a quiet machine, much longer on a busy one.
START_SECONDS = 180.0
STOP_SECONDS = 10.0


class PrefectServerError(PathwayError):
    """Prefect's server did not start."""


def address_file() -> Path:
    """Where `up` leaves the address of its server: {"url", "pid"}."""
    return settings().home / "prefect.json"


def known_address() -> str | None:
    """PREFECT_API_URL, else the address that a living `up` left; whether anything answers there is not asked."""
    if told := prefect_api_url():
        return told
    try:
        left = json.loads(address_file().read_text("utf-8"))
        os.kill(left["pid"], 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(left["url"])


async def prefect_address() -> str | None:
    """The API address of the Prefect server that answers now, such as http://127.0.0.1:4200/api; None without one."""
    url = known_address()
    return url if url and await answers(url) else None


async def answers(url: str) -> bool:
    """Whether a Prefect server says within a second that it is well."""
    try:
        async with client(url) as asking:
            return (await asking.get(f"{url}/health")).status_code == httpx.codes.OK
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def client(url: str) -> httpx.AsyncClient:
    """A client that asks the server at `url`, and waits a second for each answer."""
    # Reading the certificates takes longer than the answer; an address without TLS has no use for them.
    verify, trust_env = url.startswith("https:"), not _on_this_machine(url)
    return httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=trust_env, verify=verify)


def _on_this_machine(url: str) -> bool:
    return httpx.URL(url).host in (HOST, "localhost", "::1")


class PrefectServer:
    """Prefect's server as an async context manager; ready when entered, gone with all its processes when left.

    `port` None takes a free one, and a given port that is taken is passed over for a free one. `shared` leaves the
    address for other commands. What the server prints goes to PATHWAY_HOME/logs/prefect-server.log; the log of the
    run before is kept beside it. Raises PrefectServerError naming that log.
    """

    def __init__(self, port: int | None = None, *, shared: bool = False) -> None:
        self.port = port if port and _is_free(port) else _free_port()
        self.shared = shared
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://{HOST}:{self.port}/api"

    @property
    def pages(self) -> str:
        """The address of its pages."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return settings().home / "logs" / "prefect-server.log"

    async def __aenter__(self) -> "PrefectServer":
        self._process = await self._start()
        try:
            await self._await_health(self._process)
        except BaseException:
            await self._stop()
            raise
        if self.shared:
            write_whole(address_file(), json.dumps({"url": self.url, "pid": self._process.pid}))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.shared:
            address_file().unlink(missing_ok=True)
        await self._stop()

    async def ended(self) -> None:
        """Wait until the server's process has ended by itself."""
        if self._process is not None:
            await self._process.wait()

    async def _start(self) -> Process:
        told = {"PREFECT_SERVER_API_HOST": HOST, "PREFECT_SERVER_API_PORT": str(self.port)}
        with fresh_log(self.log) as output:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "flows.server_program", str(os.getpid()), HOST, str(self.port)),
                env={**prefect_environment(self.url, ours=False), **told},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a Ctrl-C at the terminal is for us, who stop the server last
            )

    async def _await_health(self, process: Process) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                while process.returncode is None:
                    if await answers(self.url):
                        return
                    await asyncio.sleep(0.1)
        ended = f"ended with code {process.returncode}" if process.returncode is not None else "does not answer"
        raise PrefectServerError(f"Prefect's server {ended}; what it said is in {self.log}")

    async def _stop(self) -> None:
        if self._process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
                return


def write_whole(file: Path, text: str) -> None:
    """Write a file for its owner alone, so that a reader finds the old content or the new, never half of it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    draft.touch(mode=0o600)
    draft.write_text(text, "utf-8")
    draft.replace(file)


def fresh_log(file: Path) -> BinaryIO:
    """An empty log, opened for writing; the one before is kept beside it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if file.exists():
        file.replace(file.with_suffix(".log.1"))
    return file.open("wb")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])
