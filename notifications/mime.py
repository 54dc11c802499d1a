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


@dataclass(frozen=True)
class Attached:
    """A file that goes with a letter. Its name stands in the open: it says nothing of anybody."""

    name: str
    kind: str
    content: bytes


def write(
    to: str, headers: Mapping[str, str], text: str, html: str, boundary: str, attached: Attached | None = None
) -> Message:
    """A message of these headers and two bodies, and a file where there is one.

    `boundary` must occur in neither body, which a fresh UUID ensures.

    Raises ValueError for a header with a line break or another control character: no header can be smuggled in.
    """
    lines = [_header(name, value) for name, value in {"To": to, **headers}.items()]
    lines += ["MIME-Version: 1.0"]
    bodies = [f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    for kind, body in (("plain", text), ("html", html)):
        bodies += [f"--{boundary}", *_part(kind, body)]
    bodies += [f"--{boundary}--", ""]
    lines += _with_file(bodies, attached, f"with-{boundary}") if attached else bodies
    return Message(to, _CRLF.join(lines).encode("utf-8"))


def _with_file(bodies: list[str], attached: Attached, boundary: str) -> list[str]:
    return [
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "",
        f"--{boundary}",
        *bodies,
        f"--{boundary}",
        f"Content-Type: {attached.kind}",
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{attached.name}"',
        "",
        *encodebytes(attached.content).decode("ascii").splitlines(),
        "",
        f"--{boundary}--",
        "",
    ]


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
