"""Waking the runner of `up` from another process, so that what was just recorded is followed up within a second.

A datagram to a port of this machine, named in PATHWAY_HOME/runner.json. It is lost without harm: the clock finds the
work within the minute. It says nothing and may come from anybody; all it does is make the runner look.
"""

import asyncio
import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from config.settings import settings
from flows.server import HOST, write_whole


def runner_file() -> Path:
    """Where the runner leaves its port: {"port", "pid"}."""
    return settings().home / "runner.json"


def runner_lives() -> bool:
    """Whether a living process has left the port of its runner."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        os.kill(json.loads(runner_file().read_text("utf-8"))["pid"], 0)
        return True
    return False


def runner_since() -> datetime | None:
    """Since when the living runner of this PATHWAY_HOME listens (UTC, wall clock); None when there is none."""
    if not runner_lives():
        return None
    with suppress(OSError):
        return datetime.fromtimestamp(runner_file().stat().st_mtime, UTC)
    return None


def runner_address() -> tuple[str, int] | None:
    """Where a living runner of this PATHWAY_HOME listens; None when there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError, OverflowError):
        left = json.loads(runner_file().read_text("utf-8"))
        os.kill(left["pid"], 0)
        return HOST, int(left["port"])
    return None


def wake() -> None:
    """Make the runner look now, if one runs here; never fails and never waits."""
    address = runner_address()
    if address is None:
        return
    with suppress(OSError, OverflowError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto(b"wake", address)


class Waker(asyncio.DatagramProtocol):
    """The runner's ear, an async context manager; a wake that comes while nobody waits is kept for the next wait."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> "Waker":
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(HOST, 0))
        port = self._transport.get_extra_info("sockname")[1]
        write_whole(runner_file(), json.dumps({"port": port, "pid": os.getpid()}))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        runner_file().unlink(missing_ok=True)
        if self._transport is not None:
            self._transport.close()
            await asyncio.sleep(0)  # lets the loop close the socket

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        """Something was sent: what it says does not matter."""
        self._woken.set()

    def wake(self) -> None:
        """Wake it from this process."""
        self._woken.set()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109  # a quiet minute is no error
        """Wait for a wake, at most `timeout` seconds; whether one came. Several wakes are one."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), timeout)
        came = self._woken.is_set()
        self._woken.clear()
        return came
