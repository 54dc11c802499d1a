"""The local mailbox: takes every letter that the outbox posts, keeps it, and shows it."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from config.errors import PathwayError
from config.settings import settings
from notifications.composing import compose
from notifications.kept_letters import read_letter
from notifications.mime import Message, write
from notifications.posting import Poster, PostingError, server
from pathway.mailbox import LocalMailbox
from tests import people
from tests.driver import Driver
from tests.letters import a_case, a_delivery, bodies
from tests.outbox import put_about_task, send


async def post(*to: str) -> None:
    """Post a letter to each."""
    async with Poster(server()) as poster:
        for one in to:
            facts = a_case(one)
            await poster.post(compose(a_delivery("overdue", facts), facts))


async def test_letters_are_kept_before_they_are_answered_for(home: Path) -> None:
    """Each is a file named after its number, letter and reader, whole, with a page beside it."""
    with LocalMailbox(home) as mailbox:
        await post(people.DSL, people.HEAD)
        names = [file.name for file in sorted(mailbox.folder.glob("*.eml"))]
        assert names == [f"0001-overdue-{people.DSL}.eml", f"0002-overdue-{people.HEAD}.eml"]
        letter = read_letter(mailbox.folder / names[1])
        assert letter["To"] == people.HEAD
        assert "Overdue by 2 days" in bodies(letter)[0]
        page = (mailbox.folder / names[1]).with_suffix(".html").read_text("utf-8")
        assert "Overdue by 2 days" in page
        assert 'sandbox=""' in page


async def test_the_index_lists_the_newest_first(home: Path) -> None:
    """Every letter once, with a link to its page; numbers go on where the last mailbox ended."""
    with LocalMailbox(home):
        await post(people.DSL)
    with LocalMailbox(home) as again:
        await post(people.HEAD)
        await asyncio.sleep(0.5)
        while_running = (again.folder / "index.html").read_text("utf-8")
    index = (home / "mailbox" / "index.html").read_text("utf-8")
    assert while_running == index
    assert index.index(people.HEAD) < index.index(people.DSL)
    assert f'<a href="0002-overdue-{people.HEAD}.html">Overdue: NC-2026-00042</a>' in index
    assert "2 letters" in index


async def test_what_a_letter_says_cannot_run_on_its_page(home: Path) -> None:
    """Subjects, addresses, names of files and bodies are text, whatever they look like."""
    evil = '<script>alert("x")</script>'
    headers = {"Subject": evil, "From": "a@b.example", "X-Pathway-Letter": "../../etc/passwd"}
    with LocalMailbox(home) as mailbox:
        async with Poster(server()) as poster:
            await poster.post(write("dsl@oakfield.example", headers, evil, evil, "boundary"))
    (kept,) = mailbox.folder.glob("*.eml")
    assert kept.parent == mailbox.folder
    assert kept.name == "0001-..-..-etc-passwd-dsl@oakfield.example.eml"
    for page in mailbox.folder.glob("*.html"):
        assert "<script" not in page.read_text("utf-8")


@pytest.mark.parametrize(
    "content", [b"\r\n", b"no header at all\r\n", b"Content-Type: text/plain; charset=none\r\n\r\n\xff\r\n"]
)
async def test_it_refuses_nothing(home: Path, content: bytes) -> None:
    """What is no proper letter is kept as it came."""
    with LocalMailbox(home) as mailbox:
        async with Poster(server()) as poster:
            await poster.post(Message("a@b.example", content))
        (kept,) = mailbox.folder.glob("*.eml")
        assert kept.read_bytes() == content


async def test_its_address_is_there_while_it_runs(home: Path) -> None:
    """mailbox.json names host, port and process; it goes with the mailbox, and then nobody listens."""
    with LocalMailbox(home) as mailbox:
        left = json.loads((home / "mailbox.json").read_text("utf-8"))
        assert left == {"host": "127.0.0.1", "port": mailbox.port, "pid": os.getpid()}
        was = server()
    assert not (home / "mailbox.json").exists()
    async with Poster(was) as poster:
        facts = a_case()
        with pytest.raises(PostingError) as raised:
            await poster.post(compose(a_delivery("overdue", facts), facts))
    assert raised.value.server_wide


async def test_a_port_that_is_taken_is_said(home: Path) -> None:
    """The error is one clear line."""
    with LocalMailbox(home) as first, pytest.raises(PathwayError, match=f"mailbox: .*127.0.0.1:{first.port}"):
        LocalMailbox(home, first.port).__enter__()


async def test_the_outbox_posts_into_it(loaded: Driver) -> None:
    """Without a configured server, what is told arrives here."""
    await put_about_task(loaded, people.DSL)
    with LocalMailbox(settings().home) as mailbox:
        assert (await send(loaded)).sent == 1
        (kept,) = mailbox.folder.glob("*.eml")
    assert kept.name == f"0001-task-opened-{people.DSL}.eml"
