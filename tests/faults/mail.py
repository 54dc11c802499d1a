"""An SMTP server on a real socket that can be in every kind of trouble, and remembers what it took and from whom.

A letter counts as taken when its whole text is here and the server means to keep it, whether or not the client heard
the answer; that it did is known once it says anything more. Which process it was is found by the port it called from.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
MOODS = ("well", "slow", "silent", "refuses", "closing", "down", "drops", "keeps-and-drops", "greylists", "nonsense")
GREYLISTED = timedelta(hours=1)
# What the program is told to wait for an answer; a slow server takes longer now and then.
PATIENCE_SECONDS = 2.0
SLOW_SECONDS = 2.6
NONSENSE = (
    b"\x00\xff\xfe\r\n",
    b"999 what?\r\n",
    b"25\r\n",
    b"250-half\r\n",
    b"<html>504</html>\r\n",
    b"354\r\n",
    b"\r\n",
)


@dataclass(frozen=True)
class Taken:
    """One letter the server took: when (wall clock), from which process, whether that heard so, and its bytes."""

    to: str
    at: float
    pid: int
    answered: bool
    content: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The letter, parsed."""
        return message_from_bytes(self.content, policy=default)

    @property
    def id(self) -> str:
        """Its Message-ID."""
        return str(self.message["Message-ID"])

    @property
    def letter(self) -> str:
        """Which letter it is."""
        return str(self.message["X-Pathway-Letter"])

    @cached_property
    def text(self) -> str:
        """Its plain text."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""


@dataclass
class Mail:
    """The server, a context manager. `mood` may be changed at any time; `now` is PATHWAY_NOW's, for greylisting."""

    now: Callable[[], datetime]
    who: Callable[[int], int] = lambda port: 0
    chance: random.Random = field(default_factory=random.Random)
    mood: str = "well"
    no_mailbox: set[str] = field(default_factory=set)
    taken: list[Taken] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    port: int = 0
    _greylist: dict[str, datetime] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="mail", daemon=True)
        self._thread.start()
        assert self._ready.wait(30), "the mail server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, HOST, 0, limit=1 << 20)
        self.port = int(server.sockets[0].getsockname()[1])
        self._ready.set()
        await self._over.wait()
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await Conversation(self, reader, writer).hold()
        writer.transport.abort()

    def greylisted(self, address: str) -> bool:
        """Whether an address has still to wait; its first letter starts the hour."""
        until = self._greylist.setdefault(address, self.now() + GREYLISTED)
        return self.now() < until


class Conversation:
    """One client's conversation, from the greeting to its end."""

    def __init__(self, mail: Mail, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.mail, self.reader, self.writer = mail, reader, writer
        self.to: list[str] = []
        self._unheard: list[int] = []  # places of letters whose answer the client has not shown to have heard
        self.pid = mail.who(writer.get_extra_info("peername")[1])

    async def hold(self) -> None:
        """Greet, and answer until somebody hangs up."""
        if self._in("down"):
            return
        if self._in("closing"):
            await self._say("421 4.3.2 closing down")
            return
        await self._say("220 mail.example ESMTP")
        while line := await self.reader.readline():
            if not await self._answer(line.decode("utf-8", "replace").strip()):
                return

    async def _answer(self, line: str) -> bool:
        """Answer one command; False hangs up."""
        verb = line[:4].upper()
        for place in self._unheard:
            self.mail.taken[place] = replace(self.mail.taken[place], answered=True)
        self._unheard.clear()
        if verb == "QUIT":
            await self._say("221 bye")
            return False
        if self._in("silent"):
            await asyncio.sleep(PATIENCE_SECONDS * 5)
            return False
        if self._in("nonsense"):
            self.writer.write(self.mail.chance.choice(NONSENSE))
            return self.mail.chance.random() < 0.7
        if self._in("slow"):
            await asyncio.sleep(self.mail.chance.random() * 0.5)
        if verb == "DATA" and self.to:
            return await self._data()
        await self._say(self._reply(verb, line))
        return True

    def _reply(self, verb: str, line: str) -> str:
        if verb in ("EHLO", "HELO"):
            return "250 mail.example"
        if verb in ("MAIL", "RSET"):
            self.to = []
        if verb == "RCPT":
            return self._recipient(line[line.find("<") + 1 : line.find(">")].lower())
        return "250 2.0.0 OK" if verb in ("MAIL", "RSET", "NOOP") else "503 5.5.1 not now"

    def _recipient(self, address: str) -> str:
        if address in self.mail.no_mailbox:
            self.mail.troubles["no-mailbox"] += 1
            return "550 5.1.1 no such mailbox"
        if self.mail.mood == "greylists" and self.mail.greylisted(address):
            self.mail.troubles["greylists"] += 1
            return "451 4.7.1 greylisted, try again in an hour"
        if self._in("refuses"):
            return self.mail.chance.choice(("450 4.2.1 mailbox busy", "452 4.3.1 out of memory", "421 4.3.2 closing"))
        self.to.append(address)
        return "250 2.1.5 OK"

    async def _data(self) -> bool:
        await self._say("354 go on")
        if self._in("drops"):
            await self.reader.read(200)
            return False
        content = await self.reader.readuntil(b"\r\n.\r\n")
        keeps = self._in("keeps-and-drops")
        if self._in("slow"):
            await asyncio.sleep(self.mail.chance.random() * SLOW_SECONDS)
        for to in self.to:
            self._unheard.append(len(self.mail.taken))
            self.mail.taken.append(Taken(to, time.time(), self.pid, False, content[:-3]))
        self.to = []
        if keeps:
            return False
        await self._say("250 2.0.0 kept")
        return True

    def _in(self, mood: str) -> bool:
        there = self.mail.mood == mood
        self.mail.troubles[mood] += there
        return there

    async def _say(self, line: str) -> None:
        self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()


def caller(port: int, pids: list[int]) -> int:
    """Which of these processes holds the connection from `port` of this machine; 0 when none is found."""
    wanted = f"0100007F:{port:04X}"
    inode = ""
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        parts = line.split()
        if parts[1] == wanted and parts[9] != "0":
            inode = f"socket:[{parts[9]}]"
    for pid in pids if inode else ():
        with suppress(OSError):
            for fd in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if str(fd.readlink()) == inode:
                        return pid
    return 0
