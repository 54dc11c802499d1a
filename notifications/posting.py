"""Posting letters over SMTP: the only module that knows aiosmtplib.

STARTTLS is asked for and the certificate verified, unless the settings say `tls` (implicit) or, on this machine alone,
`none`. A private certificate authority is trusted through OpenSSL's own SSL_CERT_FILE. Every trouble leaves as a
PostingError that says whether trying again makes sense, and whether it is the letter's trouble or the server's.
"""

import json
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Literal, Self

import aiosmtplib

from config.errors import SettingsError
from config.settings import settings
from notifications.addressing import mail_domain, sender_address
from notifications.mime import Message

MAILBOX = "mailbox.json"
LONGEST = 300
CLOSING_DOWN = 421
# RFC 5321, 4.2.1: only what begins with 4 or 5 refuses, for now or for good. Anything else is no answer to a letter.
REFUSALS = range(400, 600)
# Answers about us rather than about the letter: closing down, log in first, no such encryption.
ABOUT_US = frozenset({CLOSING_DOWN, 454, 530, 534, 535, 538})
# RFC 3463: class 1 is about the address and 2 about the mailbox; the others blame us, the system or a policy.
_ENHANCED = re.compile(r"\s*[45]\.(\d{1,3})\.\d{1,3}\b")
_ADDRESS = re.compile(r"[^\s@<>\"\x00-\x1f\x7f]+@[^\s@<>\"\x00-\x1f\x7f]+")
Trouble = (aiosmtplib.SMTPException, OSError, ValueError)


class PostingError(Exception):
    """A letter could not be posted; the text is the server's answer in one line.

    `permanent`: trying again is no use. `doubtful`: unless the refusal is about us ("relaying denied"), not the letter.
    `bad_address`: it is the recipient's address itself that is refused. `server_wide`: no other letter would fare
    better now. `answered`: the server said so, it did not merely fall silent.
    """

    def __init__(
        self,
        said: str,
        *,
        permanent: bool = False,
        doubtful: bool = False,
        bad_address: bool = False,
        server_wide: bool = False,
        answered: bool = False,
    ) -> None:
        super().__init__(" ".join(said.split())[:LONGEST])
        self.permanent = permanent
        self.doubtful = doubtful
        self.bad_address = bad_address
        self.server_wide = server_wide
        self.answered = answered


@dataclass(frozen=True)
class SmtpServer:
    """Where letters are handed over, and how the conversation is secured; `timeout` in seconds for each answer."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 20.0


def server() -> SmtpServer:
    """The mail server of the settings, else the local mailbox that `pathway up` left the address of.

    Raises SettingsError when there is neither.
    """
    told = settings()
    if not told.smtp_host:
        return _local_mailbox(told.smtp_timeout)
    password = told.smtp_password.get_secret_value() if told.smtp_password else None
    return SmtpServer(told.smtp_host, told.mail_port(), told.smtp_tls, told.smtp_username, password, told.smtp_timeout)


def _local_mailbox(timeout: float) -> SmtpServer:
    try:
        left = json.loads((settings().home / MAILBOX).read_text("utf-8"))
        return SmtpServer(str(left["host"]), int(left["port"]), "none", timeout=timeout)
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError(
            "PATHWAY_SMTP_HOST: letters wait and there is no mail server to hand them to; set it,"
            " or run `pathway up`, which has a mailbox of its own"
        ) from None


@cache
def tls_context() -> ssl.SSLContext:
    """One verifying context for all connections: reading the certificate authorities takes 45 ms each time."""
    return ssl.create_default_context()


class Poster:
    """One connection, opened at the first letter, used again for the next, and opened again when it was lost."""

    def __init__(self, to: SmtpServer) -> None:
        self._patience = to.timeout
        self._smtp = aiosmtplib.SMTP(
            hostname=to.host,
            port=to.port,
            username=to.username,
            password=to.password,
            use_tls=to.tls == "tls",
            # Never None: that would go on in plain text with a server that offers no STARTTLS.
            start_tls=to.tls == "starttls",
            tls_context=None if to.tls == "none" else tls_context(),
            timeout=to.timeout,
            # Not the machine's own name: looking that up can take seconds, and it is nobody's business.
            local_hostname=mail_domain(),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_connected and kind is None:
            with suppress(aiosmtplib.SMTPException, OSError):  # every letter's fate is known by now
                await self._smtp.quit(timeout=min(5.0, self._patience))
        self._smtp.close()

    @property
    def is_connected(self) -> bool:
        """Whether a conversation is under way."""
        return self._smtp.is_connected

    async def post(self, letter: Message) -> str:
        """Hand one letter over to its one recipient; returns the server's answer. Raises PostingError."""
        recipient = letter.to
        if not _ADDRESS.fullmatch(recipient):
            raise PostingError("not an address that can be written to", permanent=True, bad_address=True)
        used_before = self.is_connected
        try:
            await self._open_envelope(recipient)
        except PostingError:
            # A server may end a well-used conversation at any time: that is no trouble until a new one fails too.
            if not used_before or self.is_connected:
                raise
            await self._open_envelope(recipient)
        return await self._hand_over(letter)

    async def _open_envelope(self, recipient: str) -> None:
        await self._connect()
        encoding: Literal["ascii", "utf-8"] = "ascii" if recipient.isascii() else "utf-8"
        if encoding == "utf-8" and not self._smtp.supports_extension("smtputf8"):
            said = "the mail server takes no addresses with letters such as é"
            raise PostingError(said, permanent=True, bad_address=True, answered=True)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if encoding == "utf-8" else []
        try:
            await self._smtp.mail(sender_address(), options=options, encoding=encoding)
            await self._smtp.rcpt(recipient, encoding=encoding)
        except Trouble as error:
            raise await self._after(error) from None

    async def _connect(self) -> None:
        if self.is_connected:
            return
        try:
            await self._smtp.connect()
            if self._smtp.is_ehlo_or_helo_needed:
                await self._smtp.ehlo()
        except Trouble as error:
            self._smtp.close()
            raise PostingError(_in_words(error), server_wide=True) from None

    async def _hand_over(self, letter: Message) -> str:
        try:
            answer = await self._smtp.data(letter.content)
        except Trouble as error:
            raise await self._after(error) from None
        return answer.message

    async def _after(self, error: Exception) -> PostingError:
        """What went wrong, once the conversation is fit for the next letter or ended."""
        what = _classified(error)
        if not what.answered or what.server_wide:
            self._smtp.close()
        elif self.is_connected:
            try:
                await self._smtp.rset()
            except (aiosmtplib.SMTPException, OSError):
                self._smtp.close()
        return what


def _classified(error: Exception) -> PostingError:
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        malformed = isinstance(error, ValueError) and not isinstance(error, OSError)
        return PostingError(_in_words(error), permanent=malformed, bad_address=malformed, answered=malformed)
    if error.code not in REFUSALS:
        return PostingError(_in_words(error))
    server_wide = isinstance(error, aiosmtplib.SMTPSenderRefused) or error.code in ABOUT_US
    permanent = error.code >= 500 and not server_wide
    enhanced = _ENHANCED.match(error.message)
    # "Relaying denied" to everybody must not make everybody unreachable.
    doubtful = enhanced is not None and enhanced[1] not in ("1", "2")
    return PostingError(
        _in_words(error),
        permanent=permanent,
        doubtful=permanent and doubtful,
        bad_address=permanent and not doubtful and isinstance(error, aiosmtplib.SMTPRecipientRefused),
        server_wide=server_wide,
        answered=True,
    )


def _in_words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the mail server's certificate was not accepted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return f"the mail server did not answer in time: {error}"
    return str(error) or type(error).__name__
