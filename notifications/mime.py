"""Writing a letter as the bytes that are posted: multipart/alternative, text before HTML (RFC 5322, 2045, 2046).

By hand, because the standard library's EmailMessage takes 4 ms a letter, more than posting it; its parser reads every
letter back in the tests. Everything is seven bits, so that every mail server takes it as it is.
"""

from base64 import encodebytes
from collections.abc import Mapping
from dataclasses import dataclass
from email.policy import SMTP
from functools import cache

LONGEST_LINE = 998
_CRLF = "\r\n"


@dataclass(frozen=True)
class Message:
    """A letter ready to post: its one recipient, and the whole of it as bytes."""

    to: str
    content: bytes


def write(to: str, headers: Mapping[str, str], text: str, html: str, boundary: str) -> Message:
    """A message of these headers and two bodies; `boundary` must occur in neither, which a fresh UUID ensures.

    Raises ValueError for a header with a line break or another control character: no header can be smuggled in.
    """
    lines = [_header(name, value) for name, value in {"To": to, **headers}.items()]
    lines += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    for kind, body in (("plain", text), ("html", html)):
        lines += [f"--{boundary}", *_part(kind, body)]
    lines += [f"--{boundary}--", ""]
    return Message(to, _CRLF.join(lines).encode("utf-8"))


def _header(name: str, value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"{name}: a header may hold no line break")
    # An address with other letters travels as it is, to servers that take such addresses (RFC 6532).
    return f"{name}: {value}" if value.isascii() or name == "To" else _encoded(name, value)


@cache
def _encoded(name: str, value: str) -> str:
    """A header with other letters than ASCII's: the same few for every letter."""
    return str(SMTP.fold(name, SMTP.header_factory(name, value))).rstrip()


def _part(kind: str, body: str) -> list[str]:
    lines = body.splitlines()
    plain = body.isascii() and max(map(len, lines), default=0) < LONGEST_LINE
    if not plain:
        lines = encodebytes(_CRLF.join([*lines, ""]).encode("utf-8")).decode("ascii").splitlines()
    encoding = "7bit" if plain else "base64"
    return [f"Content-Type: text/{kind}; charset=utf-8", f"Content-Transfer-Encoding: {encoding}", "", *lines, ""]
