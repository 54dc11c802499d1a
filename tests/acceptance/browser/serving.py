"""The real `pathway web` over a home of its own, at one instant after another.

Time moves by ending it and starting it again with another PATHWAY_NOW; people stay signed in, for sessions live in real
time.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.acceptance.post import HOST
from tests.acceptance.program import PATIENCE, Pathway, Result, eventually


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])


class Served:
    """The pages of one record; `base` is where they are."""

    def __init__(self, pathway: Pathway) -> None:
        self.pathway = pathway
        port = free_port()
        self.base = f"http://{HOST}:{port}"
        pathway.told |= {"PATHWAY_WEB_PORT": str(port)}
        self._ended: list[Result] = []
        self._running: threading.Thread | None = None

    def at(self, now: str | None) -> None:
        """From here on it is that instant of London's (None: the wall clock's)."""
        self.stop()
        self._running = threading.Thread(target=self._serve, args=[now])
        self._running.start()
        eventually(self._answers, "the pages answer")

    def _serve(self, now: str | None) -> None:
        self._ended.append(self.pathway.run("web", now=now, seconds=None))

    def _answers(self) -> bool:
        assert not self._ended, self._ended
        try:
            return httpx.get(f"{self.base}/health", trust_env=False, timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """End them, which must go well."""
        if self._running is None:
            return
        os.kill(json.loads((self.pathway.home / "web.json").read_text("utf-8"))["pid"], signal.SIGTERM)
        self._running.join(PATIENCE)
        assert [one.code for one in self._ended] == [0], self._ended
        self._ended.clear()
        self._running = None


@contextmanager
def served(pathway: Pathway) -> Iterator[Served]:
    """The pages, not started yet; ended afterwards."""
    found = Served(pathway)
    yield found
    found.stop()
