"""An SMTP server of the test's own: it keeps every letter it answered for, and can be in any kind of trouble.

    with Post() as post:
        post.refuse.add(people.DSL)
        ...
        assert post.to(people.DEPUTY)

It runs in a thread, on a free port of the loopback; before it is entered, it is a mail server that is down.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from types import TracebackType
from typing import Any, AnyStr, Literal, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
READY_SECONDS = 30.0
KEPT = "250 2.0.0 kept"
NO_MAILBOX = "550 5.1.1 no such mailbox"
LATER = "451 4.7.1 greylisted, try again later"
Point = Literal["hello", "letter", "kept"]


@dataclass(frozen=True)
class Letter:
    """One letter as it was taken: who it was for, and its bytes."""

    to: str
    content: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The letter, parsed."""
        return message_from_bytes(self.content, policy=default)

    def header(self, name: str) -> str:
        """One header, decoded; empty without it."""
        return str(self.message[name] or "")

    @property
    def name(self) -> str:
        """Which letter it is, such as "task-opened"."""
        return self.header("X-Pathway-Letter")

    @property
    def message_id(self) -> str:
        """Its Message-ID."""
        return self.header("Message-ID")

    @cached_property
    def text(self) -> str:
        """Everything it says, decoded: headers, text, HTML; and the bytes as they came."""
        headers = [f"{name}: {value}" for name, value in self.message.items()]
        parts = [str(part.get_content()) for part in self.message.walk() if part.get_content_maintype() == "text"]
        return "\n".join([self.to, *headers, *parts, self.content.decode("utf-8", "replace")])


@dataclass
class Post:
    """The server. `letters` are those it said 250 to, in order; a refused or broken conversation leaves none.

    `refuse`: addresses with no mailbox. `greylist`: each address is sent away once. `hang_up`: after a 250 the line is
    dropped. `stop_at`: stand still at that point for ever, once `reached` says so; or, at "kept", call `on_kept`
    directly after the answer 250 is out. `era`: raised when a client was killed, for what it had sent may lie here
    unread; conversations of an earlier one take no letter any more.
    """

    letters: list[Letter] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)
    greylist: bool = False
    hang_up: bool = False
    stop_at: Point | None = None
    era: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    before_kept: Callable[[], None] = lambda: None
    on_kept: Callable[[], None] = lambda: None
    port: int = 9

    def __enter__(self) -> Self:
        self._seen: set[str] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="post", daemon=True)
        self._thread.start()
        assert self._ready.wait(READY_SECONDS), "the test's mail server did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def to(self, email: str) -> list[Letter]:
        """The letters this person had, in order."""
        return [one for one in self.letters if one.to == email]

    def named(self, *names: str) -> list[tuple[str, str]]:
        """The letters of these names (all without any), as (name, to), sorted."""
        return sorted((one.name, one.to) for one in self.letters if not names or one.name in names)

    def ids(self) -> list[str]:
        """Every Message-ID taken, in order."""
        return [one.message_id for one in self.letters]

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: _Conversation(self, self), HOST, 0)
        self.port = int(server.sockets[0].getsockname()[1])
        self._ready.set()
        await self._over.wait()
        server.close()

    async def stop(self, point: Point) -> None:
        """Stand still, if this is the point to do so."""
        if self.stop_at == point:
            self.reached.set()
            await self._over.wait()

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """A client says hello."""
        session.host_name = hostname
        await self.stop("hello")
        return responses

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whom it is for."""
        if address in self.refuse:
            return NO_MAILBOX
        if self.greylist and address not in self._seen:
            self._seen.add(address)
            return LATER
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        """The whole letter is here, and nothing has been answered yet."""
        await self.stop("letter")
        # One was taken, and its sender is being killed: none beside it is.
        if self.stop_at == "kept" or (isinstance(server, _Conversation) and server.era < self.era):
            await self._over.wait()
        self.before_kept()
        self.letters += [Letter(to, envelope.original_content or b"") for to in envelope.rcpt_tos]
        return KEPT


class _Conversation(SMTP):
    """One client's conversation."""

    def __init__(self, post: Post, handler: Any) -> None:
        super().__init__(handler, hostname="localhost", enable_SMTPUTF8=True)
        self._post, self.era = post, post.era

    async def push(self, status: AnyStr) -> None:
        """Answer; then what is to happen directly after a letter was taken."""
        await super().push(status)
        if status == KEPT:
            self._post.on_kept()
            if self._post.hang_up and self.transport is not None:
                self.transport.close()
            await self._post.stop("kept")
