"""Where a soak takes place: a data folder that can fill up, a record, a Prefect server, and the time it is said to be.

On SQLite all programs share one PATHWAY_HOME. On PostgreSQL there are two, as on two machines: clock and pages here,
another clock there. The data folders are a small file system of their own, where root may mount one.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import httpx

from config.environment import DEFAULTS
from tests.acceptance.program import PREFECT_IS_DOWN, ROOT, environment
from tests.faults.mail import HOST, PATIENCE_SECONDS, Mail
from tests.faults.postgres import Postgres

Database = Literal["sqlite", "postgresql"]
DATA_MEGABYTES = 160
PREFECT_SECONDS = 120.0


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as tried:
        tried.bind((HOST, 0))
        return int(tried.getsockname()[1])


@dataclass
class World:
    """One soak's surroundings; `now` is what the next program is told of the time."""

    folder: Path
    database: Database
    now: datetime
    stack: ExitStack
    mail: Mail = field(init=False)
    postgres: Postgres | None = None
    mounted: bool = False
    latest: datetime = field(init=False)
    down: list[tuple[float, float]] = field(default_factory=list)  # when the record could not be written
    web_port: int = field(default_factory=free_port)
    prefect_port: int = field(default_factory=free_port)
    _prefect: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.latest = self.now
        self.mail = Mail(lambda: self.now)
        self._mount()
        for home in self.homes:
            home.mkdir(parents=True)
        if self.database == "postgresql":
            self.postgres = self.stack.enter_context(Postgres(self.folder / "pg"))
        self.stack.callback(self.stop_prefect)

    @property
    def data(self) -> Path:
        """The file system of the data folders."""
        return self.folder / "data"

    @property
    def homes(self) -> list[Path]:
        """The PATHWAY_HOMEs, one a machine."""
        return [self.data / name for name in (("here", "there") if self.database == "postgresql" else ("here",))]

    @property
    def url(self) -> str:
        """The record, as SQLAlchemy takes it."""
        if self.postgres:
            return self.postgres.url.replace("postgresql://", "postgresql+asyncpg://")
        return f"sqlite+aiosqlite:///{self.homes[0] / 'pathway.db'}"

    def to(self, instant: datetime) -> None:
        """Move the time, forward or back."""
        self.now = instant
        self.latest = max(self.latest, instant)

    def environment(self, machine: int = 0, *, prefect: bool = False, skew: timedelta = timedelta(0)) -> dict[str, str]:
        """What a program is told."""
        instant = self.now + skew
        self.latest = max(self.latest, instant)
        told: Mapping[str, str] = {
            "PATHWAY_HOME": str(self.homes[machine % len(self.homes)]),
            "PATHWAY_NOW": instant.isoformat(),
            "PATHWAY_SMTP_HOST": HOST,
            "PATHWAY_SMTP_PORT": str(self.mail.port),
            "PATHWAY_SMTP_TLS": "none",
            "PATHWAY_SMTP_TIMEOUT": str(PATIENCE_SECONDS),
            "PATHWAY_WEB_PORT": str(self.web_port),
            "PREFECT_API_URL": self.prefect_url if prefect else PREFECT_IS_DOWN,
            "PREFECT_HOME": str(self.folder / "prefect"),
        }
        return environment({**told, **({"PATHWAY_DATABASE_URL": self.postgres.url} if self.postgres else {})})

    def _mount(self) -> None:
        self.data.mkdir()
        if os.geteuid() != 0:
            return
        words = ["mount", "-t", "tmpfs", "-o", f"size={DATA_MEGABYTES}m", "pathway-soak", str(self.data)]
        self.mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
        if self.mounted:
            self.stack.callback(subprocess.run, ["umount", "-l", str(self.data)], check=False)

    def fill(self) -> bool:
        """Fill the data folders' file system to its last byte; False where that cannot be done."""
        if not self.mounted:
            return False
        with suppress(OSError), (self.data / "ballast").open("wb", buffering=0) as ballast:
            while ballast.write(b"\0" * (1 << 20)) == 1 << 20:
                pass
        return True

    def free(self) -> None:
        """Let go of the space."""
        (self.data / "ballast").unlink(missing_ok=True)

    @property
    def prefect_url(self) -> str:
        """The address of the API of Prefect's server."""
        return f"http://{HOST}:{self.prefect_port}/api"

    def start_prefect(self) -> None:
        """Start Prefect's server, and go on at once."""
        told = {**DEFAULTS, "PREFECT_HOME": str(self.folder / "prefect"), "PREFECT_SERVER_API_HOST": HOST}
        told |= {"PREFECT_SERVER_API_PORT": str(self.prefect_port), "PREFECT_API_URL": self.prefect_url}
        words = [sys.executable, "-m", "flows.server_program", str(os.getpid()), HOST, str(self.prefect_port)]
        with (self.folder / "prefect.log").open("ab") as log:
            self._prefect = subprocess.Popen(
                words, cwd=ROOT, env=environment(told), stdout=log, stderr=log, start_new_session=True
            )

    def stop_prefect(self) -> bool:
        """Kill Prefect's server with all its processes; whether there was one."""
        if self._prefect is None:
            return False
        with suppress(ProcessLookupError):
            os.killpg(self._prefect.pid, signal.SIGKILL)
        self._prefect.wait()
        self._prefect = None
        return True

    def await_prefect(self) -> bool:
        """Wait until Prefect's server answers; whether it does."""
        end = time.monotonic() + PREFECT_SECONDS
        while time.monotonic() < end:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.prefect_url}/health", trust_env=False, timeout=2).is_success:
                    return True
            time.sleep(0.2)
        return False
