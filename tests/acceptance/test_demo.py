"""`pathway demo`: sixteen weeks told in about a minute, run once, beside the other tests."""

from __future__ import annotations

from concurrent.futures import Future
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.acceptance.program import PATIENCE, Result


@pytest.fixture(scope="module")
def demo(demonstration: Future[Result]) -> Result:
    """How it ended."""
    return demonstration.result(2 * PATIENCE)


def test_demo_tells_sixteen_weeks_and_misses_nothing(demo: Result) -> None:
    """It ends well, with a timeline of dates and reasons, and the reconciler's word."""
    assert demo.code == 0, demo.err
    assert "Mon 2 Mar 2026 09:05  Tessa, the class teacher" in demo.out
    assert "The pathway, by itself): rule persisting" in demo.out
    assert "Fri 29 May 2026 15:10  The front door decides" in demo.out
    assert "1 working day from" in demo.out
    assert "Nothing was missed" in demo.out


def test_demo_leaves_its_letters_and_the_referral_to_look_at(demo: Result) -> None:
    """Every letter it speaks of lies in the mailbox as it was sent, with a page; the referral is a document."""
    home = Path(demo.words[-1])
    letters = [message_from_bytes(file.read_bytes(), policy=default) for file in (home / "mailbox").glob("*.eml")]
    assert f"{len(letters)} letters were sent over SMTP" in demo.out
    names = [one["X-Pathway-Letter"] for one in letters]
    assert {"task-opened", "overdue", "referral-raised", "referral", "chase", "morning-digest"} <= set(names)
    assert names.count("referral") == 1
    assert f"{len(letters)} letters" in (home / "mailbox" / "index.html").read_text("utf-8")
    assert "Robin Ashgrove" in (home / "referrals" / "NC-2026-00001.md").read_text("utf-8")
