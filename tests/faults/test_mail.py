"""The soak's mail server: what it keeps in each of its moods, as an ordinary client meets it."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.mail import GREYLISTED, HOST, MOODS, Mail, caller

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LETTER = (
    "Message-ID: <1@localhost>\r\nX-Pathway-Letter: reminder\r\n\r\nThree lines,\r\n.hidden by a dot,\r\nno more.\r\n"
)
KEEP = ("well", "slow", "keeps-and-drops", "greylists")


@pytest.fixture
def mail() -> Iterator[Mail]:
    """A server in good health, which knows that this process is calling."""
    with Mail(lambda: NOW) as server:
        server.who = lambda port: caller(port, [os.getpid()])
        yield server


def _hand_over(mail: Mail) -> bool:
    """Hand one letter over; whether the server said that it has it."""
    with suppress(smtplib.SMTPException, OSError, ValueError):
        with smtplib.SMTP(HOST, mail.port, timeout=3) as client:
            client.sendmail("pathway@localhost", ["dsl@oakfield.example"], LETTER)
        return True
    return False


@pytest.mark.parametrize("mood", [one for one in MOODS if one not in ("silent", "greylists", "slow")])
def test_what_is_kept_in_each_mood(mood: str, mail: Mail) -> None:
    """What was answered was kept; a line that was cut after the letter leaves it kept and unanswered."""
    mail.mood = mood
    answered = _hand_over(mail)
    assert answered == (mood == "well")
    assert [one.answered for one in mail.taken] == ([mood == "well"] if mood in KEEP else [])


def test_greylisting_ends_after_an_hour_of_the_programs_own_time(mail: Mail) -> None:
    """An address waits for an hour by PATHWAY_NOW, whatever the wall clock says."""
    mail.mood = "greylists"
    assert not _hand_over(mail)
    mail.now = lambda: NOW + GREYLISTED - timedelta(seconds=1)
    assert not _hand_over(mail)
    mail.now = lambda: NOW + GREYLISTED
    assert _hand_over(mail)


def test_who_called_is_known(mail: Mail) -> None:
    """A letter is kept with its Message-ID, its name and the process that handed it over."""
    assert _hand_over(mail)
    kept = mail.taken[0]
    assert (kept.id, kept.letter, kept.pid) == ("<1@localhost>", "reminder", os.getpid())
