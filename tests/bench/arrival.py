"""From `pathway log` to the DSL's letter taken by an SMTP server, with `pathway up` running: the programs themselves.

It is counted from the observation's `recorded_at`, the instant just before its transaction begins, so a little more
than what passes after the commit; and until the server has the letter and answers for it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import yaml
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import select

from config.settings import settings
from config.time import now
from models.database import engine, reading
from models.record import Concern, Observation
from tests.bench.figures import tell
from tests.bench.partnership import child, roster, staff

LOGS = 40
READY_SECONDS, LETTER_SECONDS = 240.0, 60.0
AT_MOST = 2.0
SEEN = {
    "place": "classroom",
    "what": "Came without a coat and asked twice whether there was anything to eat.",
    "child_words": "There was no bread left.",
    "types": ["physical"],
}


class Postbox:
    """An SMTP server's ear: when which letter was taken, by who gets it and the concern's reference."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, str], float] = {}
        self._came = asyncio.Condition()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        """Take a letter."""
        subject = str(message_from_bytes(envelope.original_content or b"", policy=default)["Subject"])
        reference = re.search(r"NC-\d{4}-\d{5,}", subject)
        async with self._came:
            for address in envelope.rcpt_tos if reference else ():
                self.taken.setdefault((address, reference[0]), time.time())  # type: ignore[index]  # there is one
            self._came.notify_all()
        return "250 taken"

    async def wait_for(self, address: str, reference: str) -> float:
        """When that letter was taken (seconds of the wall clock); raises TimeoutError when none comes."""
        async with asyncio.timeout(LETTER_SECONDS), self._came:
            await self._came.wait_for(lambda: (address, reference) in self.taken)
        return self.taken[address, reference]


async def run() -> dict[str, Any]:
    """Log one observation after the other, each of another child, and wait for its letter."""
    postbox = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postbox, hostname="localhost"), "127.0.0.1", 0)
    async with server:
        program = Program(settings().home, server.sockets[0].getsockname()[1])
        tell("arrival: starting `pathway up`")
        await program.call("init")
        await program.call("load", str(_written(settings().home / "roster.yaml", roster(LOGS + 1))))
        async with program.up():
            taken = [await _log(program, postbox, number) for number in range(LOGS + 1)]
    recorded = await _recorded()
    seconds = [at - recorded[reference] for reference, at in taken][1:]  # the first is to warm up
    return _figure(seconds)


def _figure(seconds: list[float]) -> dict[str, Any]:
    p95 = quantiles(seconds, n=20)[-1]
    return {
        "what": f"from `pathway log` to the DSL's letter taken, {len(seconds)} single logs",
        "unit": "seconds",
        "ours": median(seconds),
        "beside": None,
        "ratio": None,
        "p95": p95,
        "target": f"p95 under {AT_MOST:g} s",
        "met": p95 < AT_MOST,
        "runs": {"ours": seconds, "beside": []},
    }


async def _log(program: Program, postbox: Postbox, household: int) -> tuple[str, float]:
    """The concern's reference, and when the DSL's letter was taken."""
    seen = {"child": child(household), "seen_at": (now() - timedelta(minutes=10)).isoformat(), **SEEN}
    file = _written(settings().home / "observation.yaml", seen)
    said = await program.call("log", "--file", str(file), "--as", staff(household, "practitioner"), "--json")
    reference = str(json.loads(said)["reference"])
    at = await postbox.wait_for(staff(household, "dsl"), reference)
    await postbox.wait_for(staff(household, "practitioner"), reference)
    tell(f"arrival: {reference} told")
    return reference, at


async def _recorded() -> dict[str, float]:
    async with reading(engine()) as session:
        rows = await session.exec(select(Concern.reference, Observation.recorded_at).join(Observation))
        found = {reference: at.timestamp() for reference, at in rows.all()}
    await engine().dispose()
    return found


def _written(file: Path, content: dict[str, Any]) -> Path:
    file.write_text(yaml.safe_dump(content), "utf-8")
    return file


class Program:
    """The program `pathway` with a home and a mail server of the benchmark's own."""

    def __init__(self, home: Path, port: int) -> None:
        told = {"HOME": str(home), "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TLS": "none"}
        self.home = home
        self.environment = {**os.environ, **{f"PATHWAY_{name}": value for name, value in told.items()}}

    async def call(self, *words: str) -> str:
        """Run one command; what it says on standard output."""
        started = await self._start(*words, stdout=PIPE)
        said, _ = await started.communicate()
        if started.returncode:
            raise RuntimeError(f"pathway {words[0]} ended with code {started.returncode}")
        return said.decode()

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """`pathway up`, ready."""
        with (self.home / "up.log").open("wb") as log:
            started = await self._start("up", stdout=log, stderr=log)
        try:
            async with asyncio.timeout(READY_SECONDS):
                while not (self.home / "runner.json").exists():
                    if started.returncode is not None:
                        raise RuntimeError(f"pathway up ended: {(self.home / 'up.log').read_text()[-500:]}")
                    await asyncio.sleep(0.1)
            yield
        finally:
            with suppress(ProcessLookupError):
                started.send_signal(signal.SIGTERM)
            await started.wait()

    async def _start(self, *words: str, **output: Any) -> Process:
        command = (sys.executable, "-m", "pathway", *words)
        return await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, env=self.environment, **output)
