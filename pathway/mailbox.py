"""The local mailbox: an SMTP server on this machine that keeps every letter as a file, with a page to read them.

It stands in where no mail server is configured. A letter is on disk before it is answered for. Whatever a letter says
is escaped on the pages; its own HTML is shown in a frame that may run nothing.
"""

import asyncio
import json
import os
import re
import threading
from email.message import EmailMessage
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from config.errors import PathwayError
from notifications.kept_letters import FOLDER, number_of, parse_letter, part_of, read_letter

HOST = "127.0.0.1"
ADDRESS = "mailbox.json"
LONGEST = 60
INDEX_SECONDS = 0.3  # the list is written again when letters have settled, not once for each
READY_SECONDS = 10.0
_UNSAFE = re.compile(r"[^A-Za-z0-9@.-]+")
_PAGE = """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body style="max-width:1000px;margin:0 auto;padding:16px;font-family:Helvetica,Arial,sans-serif;line-height:1.5">
<h1>{title}</h1>
{body}
</body>
</html>
"""
_CELL = 'style="padding:6px 12px 6px 0;border-bottom:1px solid #b1b4b6;text-align:left;vertical-align:top"'


class LocalMailbox:
    """A context manager: while it lasts, `home`/mailbox.json says where letters are taken (`port` 0: any free one).

    Letters are kept as `home`/mailbox/NNNN-<letter>-<to>.eml, a page beside each, and an index.html of them all.
    """

    def __init__(self, home: Path, port: int = 0) -> None:
        self.folder = home / FOLDER
        self.port = port
        self._address = home / ADDRESS
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="mailbox", daemon=True)

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._thread.start()
        if not self._ready.wait(READY_SECONDS) or self._failed:
            raise PathwayError(f"mailbox: cannot take letters on {HOST}:{self.port}: {self._failed or 'not ready'}")
        left = self._address.with_suffix(f".{os.getpid()}")
        left.write_text(json.dumps({"host": HOST, "port": self.port, "pid": os.getpid()}), "utf-8")
        left.replace(self._address)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._address.unlink(missing_ok=True)
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        shelf = _Shelf(self.folder)
        try:
            # `hostname`: aiosmtpd would look up the machine's full name, which may take seconds.
            server = await self._loop.create_server(lambda: SMTP(shelf, hostname="localhost"), HOST, self.port)
        except OSError as error:
            self._failed = error
            self._ready.set()
            return
        async with server:
            self.port = int(server.sockets[0].getsockname()[1])
            self._ready.set()
            await self._over.wait()
        shelf.write_index()


class _Shelf:
    """Where letters are put, and the list of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows = [_row(file, read_letter(file)) for file in sorted(folder.glob("*.eml"))]
        self._next = max((int(number_of(file)) for file in folder.glob("[0-9]*-*.eml")), default=0) + 1
        self._listed = False
        self.write_index()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        """Keep a letter; it is on disk when this answers."""
        content = envelope.original_content or b""
        letter = parse_letter(content)
        name = _named(self._next, str(letter["X-Pathway-Letter"] or "letter"), ",".join(envelope.rcpt_tos))
        self._next += 1
        file = self._folder / f"{name}.eml"
        unfinished = file.with_suffix(".new")
        unfinished.write_bytes(content)
        unfinished.replace(file)
        file.with_suffix(".html").write_text(_page(letter), "utf-8")
        self._rows.append(_row(file, letter))
        self._index_soon()
        return "250 kept"

    def _index_soon(self) -> None:
        if self._listed:
            self._listed = False
            asyncio.get_running_loop().call_later(INDEX_SECONDS, self.write_index)

    def write_index(self) -> None:
        """The list of letters, newest first."""
        self._listed = True
        titles = "".join(f'<th scope="col" {_CELL}>{title}</th>' for title in ("No.", "Date", "To", "Subject"))
        rows = "\n".join(reversed(self._rows))
        table = f"<thead><tr>{titles}</tr></thead>\n<tbody>\n{rows}\n</tbody>"
        body = f'<table style="width:100%;border-collapse:collapse">\n{table}\n</table>'
        page = _PAGE.format(title=f"{len(self._rows)} letters", body=body)
        (self._folder / "index.html").write_text(page, "utf-8")


def _named(number: int, letter: str, to: str) -> str:
    return f"{number:04d}-{_UNSAFE.sub('-', letter)[:LONGEST]}-{_UNSAFE.sub('-', to)[:LONGEST]}"


def _row(file: Path, letter: EmailMessage) -> str:
    link = f'<a href="{escape(file.with_suffix(".html").name)}">{escape(str(letter["Subject"] or "no subject"))}</a>'
    cells = (escape(number_of(file)), escape(str(letter["Date"] or "")), escape(str(letter["To"] or "")), link)
    return "<tr>" + "".join(f"<td {_CELL}>{cell}</td>" for cell in cells) + "</tr>"


def _page(letter: EmailMessage) -> str:
    headers = "<br>".join(f"<strong>{escape(name)}:</strong> {escape(str(value))}" for name, value in letter.items())
    text, html = part_of(letter, "plain"), part_of(letter, "html")
    frame = 'style="width:100%;height:640px;border:1px solid #b1b4b6"'
    shown = f'<iframe sandbox="" title="The letter" {frame} srcdoc="{escape(html)}"></iframe>' if html else ""
    plain = f'<h2>As plain text</h2>\n<pre style="white-space:pre-wrap">{escape(text)}</pre>' if text else ""
    back = '<p><a href="index.html">All letters</a></p>'
    return _PAGE.format(title=escape(str(letter["Subject"] or "")), body=f"{back}\n<p>{headers}</p>\n{shown}\n{plain}")
