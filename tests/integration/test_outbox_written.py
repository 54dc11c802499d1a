"""What a mail server took is written down although the record cannot be written at that moment."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from models.telling import State
from notifications import sending
from tests import people
from tests.driver import Driver
from tests.mail import MailServer, mail_server
from tests.outbox import outbox, put, send

TIMES = 3


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A mail server in good health."""
    async with mail_server() as server:
        yield server


async def test_what_was_taken_is_written_down_once_the_record_is_back(
    loaded: Driver, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record is locked when a letter has been taken, and three times more: then the letter counts as sent.

    Otherwise it would go a second time.
    """
    monkeypatch.setattr(sending, "AGAIN_SECONDS", 0)
    await put(loaded, people.DSL)
    locked: list[str] = []

    def lock(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "sent_at" in statement and statement.startswith("UPDATE delivery") and len(locked) <= TIMES:
            locked.append(statement)
            raise OperationalError(statement, None, sqlite3.OperationalError("database is locked"))

    event.listen(loaded.engine.sync_engine, "before_cursor_execute", lock)
    with pytest.raises(OperationalError):
        await send(loaded)
    assert len(locked) == 1 + TIMES
    assert {one.state for one in await outbox(loaded)} == {State.SENT}
    assert (await send(loaded)).sent == 0
    assert len(mail.letters) == 1
