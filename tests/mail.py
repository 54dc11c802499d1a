"""A real SMTP server in the test's own event loop, and the settings that name it.

async with mail_server() as mail:
    mail.refuse[people.HEAD] = "550 no such person"
    await tell(engine, at)
    assert [letter["To"] for letter in mail.letters] == [...]
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.settings import settings
from notifications.posting import tls_context
from tests.letters import read

USER, PASSWORD = "pathway", "correct horse"


@dataclass
class MailServer:
    """What the server took, and how it is to behave; a behaviour may be changed between letters."""

    letters: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)  # the answer to RCPT, by address
    refuse_all: str | None = None  # … to everybody
    refuse_sender: str | None = None  # … to MAIL
    refuse_content: str | None = None  # … to DATA
    hang_up_on: set[str] = field(default_factory=set)  # closes the connection in the middle of their letter
    hang_up_after: bool = False  # closes the connection after every letter
    slow_for: set[str] = field(default_factory=set)  # never answers for their letter
    seconds: float = 0.0  # for every letter
    most_connections: int | None = None  # at a time; others are turned away
    fifth: asyncio.Event = field(default_factory=asyncio.Event)  # set when the fifth letter is taken
    connections: int = 0
    logins: list[str] = field(default_factory=list)
    port: int = 0
    _open: list[SMTP] = field(default_factory=list)

    @property
    def sent_to(self) -> list[str]:
        """The addresses of the letters taken, in order."""
        return [str(letter["To"]) for letter in self.letters]

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name, as are those below
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to MAIL FROM."""
        envelope.mail_from = address
        return self.refuse_sender or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to RCPT TO."""
        refused = self.refuse.get(address) or self.refuse_all
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter, or misbehave."""
        to = set(envelope.rcpt_tos)
        if to & self.hang_up_on:
            hang_up(server)
        if to & self.slow_for:
            await asyncio.sleep(3600)
        await asyncio.sleep(self.seconds)
        if self.refuse_content or to & self.hang_up_on:
            return self.refuse_content or "421 gone"
        self.letters.append(read(envelope.original_content or b""))
        if len(self.letters) == 5:
            self.fifth.set()
        if self.hang_up_after:
            asyncio.get_running_loop().call_later(0.005, hang_up, server)
        return "250 taken"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        """Let in whoever knows the password."""
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        self.logins.append("in" if good else "refused")
        # `handled` False makes aiosmtpd answer 535; it would leave the client waiting otherwise.
        return AuthResult(success=good, handled=False)

    def hang_up(self) -> None:
        """Close every connection at once, as a server that is restarted does."""
        for one in self._open:
            hang_up(one)

    def greeted_as(self) -> str | None:
        """How the last client called itself."""
        session = self._open[-1].session
        return session.host_name if session else None


def hang_up(connection: SMTP) -> None:
    """Close one connection at once."""
    if isinstance(connection.transport, asyncio.Transport):
        connection.transport.abort()


@contextmanager
def environment(**named: str | float | None) -> Iterator[None]:
    """PATHWAY_… settings (and, with a capital, other variables) for a while; None takes one away."""
    before = dict(os.environ)
    for name, value in named.items():
        full = name if name.isupper() else f"PATHWAY_{name.upper()}"
        os.environ.pop(full, None)
        os.environ.update({} if value is None else {full: str(value)})
    settings.cache_clear()
    tls_context.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()
        tls_context.cache_clear()


@asynccontextmanager
async def mail_server(
    tls: ssl.SSLContext | None = None, *, implicit: bool = False, login: bool = False, **named: Any
) -> AsyncIterator[MailServer]:
    """A server and the settings that name it: in the clear on loopback, or secured by `tls`. `named`: more settings."""
    mail = MailServer()
    options: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": False}
    if tls and not implicit:
        options |= {"tls_context": tls, "require_starttls": True}
    if login:
        # aiosmtpd does not see that the whole conversation is encrypted, and warns of requiring a login in the clear.
        options |= {"authenticator": mail.authenticate, "auth_required": not implicit, "auth_require_tls": not implicit}

    loop = asyncio.get_running_loop()

    def connected() -> SMTP:
        mail.connections += 1
        connection = SMTP(mail, **options)
        if mail.most_connections is not None and mail.connections > mail.most_connections:
            loop.call_soon(hang_up, connection)
        mail._open.append(connection)
        return connection

    server = await loop.create_server(connected, "127.0.0.1", 0, ssl=tls if implicit else None)
    mail.port = int(server.sockets[0].getsockname()[1])
    how = "none" if tls is None else "tls" if implicit else "starttls"
    told: dict[str, Any] = {"smtp_host": "localhost" if tls else "127.0.0.1", "smtp_port": mail.port, "smtp_tls": how}
    try:
        with environment(**{**told, **named}):
            yield mail
    finally:
        server.close()
        mail.hang_up()
        await server.wait_closed()
        await asyncio.sleep(0.01)


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A self-made certificate for localhost: the file that a client must trust, and the server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    at = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return public, context
