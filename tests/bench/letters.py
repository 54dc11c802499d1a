"""Bench (a): 1,000 letters through the outbox, beside a bare aiosmtplib loop with as many connections.

Both talk to one server, in a process of its own, that takes 10 ms a message. The bare loop posts letters composed
beforehand; the outbox claims, composes, posts and writes down. Letters a second.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes
from email.message import Message
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, delete, select

from config.settings import settings
from models.database import make_engine, reading, writing
from models.people import Person
from models.record import Concern, Task
from models.schema import migrate
from models.telling import Delivery
from notifications.composing import compose
from notifications.facts import gather
from notifications.outbox import CONNECTIONS, Addressed, address, tell
from tests import people
from tests.bench.figures import RUNS, figure, lap
from tests.bench.figures import tell as say
from tests.driver import Driver, instant

LETTERS = 1_000
LOGGED_AT = "2026-06-02T10:00"
AT = instant("2026-06-02T10:05")
READERS = 250
READERS_AT = "@readers.example"
SECONDS_A_MESSAGE = 0.01
TARGET = 0.8


class SlowServer:
    """Takes every letter, in 10 ms."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        """Take one letter."""
        await asyncio.sleep(SECONDS_A_MESSAGE)
        return "250 taken"


async def serve() -> None:
    """Be the server until standard input ends; the port is printed."""
    loop = asyncio.get_running_loop()
    slow = await loop.create_server(lambda: SMTP(SlowServer(), hostname="localhost"), "127.0.0.1", 0)
    print(slow.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@asynccontextmanager
async def slow_server() -> AsyncIterator[int]:
    """A server in a process of its own; gives its port."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE)
    try:
        assert child.stdout is not None
        yield int(await child.stdout.readline())
    finally:
        assert child.stdin is not None
        child.stdin.close()
        await child.wait()


@contextmanager
def configured(home: Path, port: int) -> Iterator[None]:
    """Settings that name the server and a home of the benchmark's own."""
    named = {"HOME": str(home), "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_TLS": "none"}
    before = dict(os.environ)
    os.environ.update({f"PATHWAY_{name}": value for name, value in named.items()})
    settings.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()


async def make_record(file: Path) -> AsyncEngine:
    """A record with 1,000 open tasks, each of a concern of its own, and 250 people to read of them."""
    url = f"sqlite+aiosqlite:///{file}"
    await migrate(url)
    engine = make_engine(url)
    driver = Driver(engine)
    await driver.load()
    await driver.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    async with writing(engine) as session:
        concern, task = (await session.exec(select(Concern))).one(), (await session.exec(select(Task))).one()
        session.add_all(Person(email=f"reader{number}{READERS_AT}", name="reader") for number in range(READERS))
        for number in range(LETTERS - 1):
            # Closed, since a child has one open concern: a letter does not ask.
            as_new = {"id": uuid4(), "reference": f"NC-2026-{number + 10_000}", "closed_at": AT}
            session.add(Concern(**concern.model_dump() | as_new))
            session.add(Task(**task.model_dump() | {"id": uuid4(), "concern_id": as_new["id"]}))
            await session.flush()
    return engine


async def fill_outbox(engine: AsyncEngine) -> list[Message]:
    """Put 1,000 letters about 1,000 tasks into the outbox; returns them composed, for the bare loop.

    Four to a reader, so that each is counted against a budget and none is held back.
    """
    async with writing(engine) as session:
        await session.exec(delete(Delivery))
        readers = (await session.exec(select(Person.id).where(col(Person.email).like(f"%{READERS_AT}")))).all()
        tasks = (await session.exec(select(Task).where(col(Task.closed_at).is_(None)).limit(LETTERS))).all()
        why = "you owe this task"
        letters = [
            Addressed("task-opened", reader, str(task.id), "once", why, task.concern_id, task.id)
            for task, reader in zip(tasks, cycle(readers), strict=False)
        ]
        assert await address(session, letters, AT) == LETTERS
    async with reading(engine) as session:
        deliveries = (await session.exec(select(Delivery))).all()
        facts = await gather(session, deliveries, AT)
    return [message_from_bytes(compose(delivery, facts).content) for delivery in deliveries]


async def bare(port: int, letters: list[Message]) -> None:
    """Post letters over as many connections as the outbox has, and nothing else."""
    left = iter(letters)

    async def connection() -> None:
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1", port=port, start_tls=False, local_hostname="localhost"
        ) as smtp:
            for letter in left:
                await smtp.send_message(letter)

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))


async def run(runs: int = RUNS) -> dict[str, Any]:
    """Measure both in turn; the figures are letters a second."""
    ours: list[float] = []
    beside: list[float] = []
    with tempfile.TemporaryDirectory(prefix="pathway-bench-") as folder:
        engine = await make_record(Path(folder) / "pathway.db")
        async with slow_server() as port:
            with configured(Path(folder), port):
                for number in range(runs):
                    letters = await fill_outbox(engine)
                    with lap() as taken:
                        counts = await tell(engine, AT)
                    assert counts.sent == LETTERS
                    ours.append(LETTERS / taken.seconds)
                    with lap() as taken:
                        await bare(port, letters)
                    beside.append(LETTERS / taken.seconds)
                    say(f"letters, run {number + 1}: {ours[-1]:.0f}/s through the outbox, {beside[-1]:.0f}/s bare")
        await engine.dispose()
    met = sorted(ours)[len(ours) // 2] >= TARGET * sorted(beside)[len(beside) // 2]
    what = f"{LETTERS:,} letters, {CONNECTIONS} connections, a server that takes 10 ms a message"
    return figure(what, "letters/s", ours, beside, f"at least {TARGET} of the bare rate", met)


if __name__ == "__main__":
    asyncio.run(serve())
