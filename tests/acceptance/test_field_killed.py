"""The third of the field's tests: `kill -9` of a tick at five points; then the next tick."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.acceptance.crowd import refer_many
from tests.acceptance.post import Point
from tests.acceptance.program import PATIENCE, PREFECT_IS_DOWN, START, Pathway, eventually

MANY = 60
SILENCE = "2026-03-05T17:00"  # three working days after the referrals were sent
# Neither sent nor named in a list that went, as what is told late may be.
UNTOLD = """SELECT count(*) FROM delivery WHERE state <> 'sent' AND (named_in IS NULL OR named_in NOT IN
    (SELECT id FROM delivery WHERE state = 'sent' AND letter IN ('round-up', 'morning-digest')))"""


def _kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=PATIENCE)


def _start(pathway: Pathway, now: str = START) -> subprocess.Popen[str]:
    return pathway.start("tick", now=now)


def _kill_when(pathway: Pathway, process: subprocess.Popen[str], found: str) -> None:
    """Kill it as soon as a row is there, before it can write anything more."""

    def look() -> bool:
        with pathway.held_still() as record:
            there = bool(record.execute(found).fetchone()[0])
            if there:
                _kill(process)
            return there

    eventually(look, found)


def _after_the_follow_up(pathway: Pathway) -> None:
    """The event's consequences are committed, nothing has been sent."""
    pathway.post.stop_at = "hello"
    _kill_when(pathway, _start(pathway), "SELECT count(*) FROM delivery")


def _at_the_mail_servers_hello(pathway: Pathway) -> None:
    """Letters are claimed, the mail server has not said hello."""
    _when_it_stands_still(pathway, "hello")


def _before_the_answer(pathway: Pathway) -> None:
    """A letter's whole text is at the mail server, which has not answered for it."""
    _when_it_stands_still(pathway, "letter")


def _when_it_stands_still(pathway: Pathway, point: Point) -> None:
    pathway.post.stop_at = point
    process = _start(pathway)
    assert pathway.post.reached.wait(PATIENCE)
    _kill(process)


def _after_the_answer(pathway: Pathway) -> None:
    """The mail server has said 250, and that is not written down: the record is held still meanwhile."""
    still, post = ExitStack(), pathway.post

    def hold() -> None:
        if post.stop_at is None:
            post.stop_at = "kept"
            still.enter_context(pathway.held_still())

    def kill() -> None:
        _kill(process)
        still.close()

    post.before_kept, post.on_kept = hold, kill
    process = _start(pathway)
    assert post.reached.wait(PATIENCE)
    post.before_kept = post.on_kept = lambda: None
    waiting = pathway.rows("SELECT state, tries FROM delivery WHERE message_id = ?", post.ids()[0])
    assert waiting == [("waiting", 1)], "the outbox does not say that it was perhaps sent"


def _in_the_sweep(pathway: Pathway) -> None:
    """Of many referrals that nobody answered, some have lapsed into dispute and some have not."""
    refer_many(pathway.record, MANY, START)
    lapsed = "SELECT count(*) FROM concern WHERE status = 'DISPUTED'"
    process = _start(pathway, SILENCE)
    # Only looked at: a sweep leaves the write lock to others for too short a time.
    eventually(lambda: pathway.rows(lapsed) > [(0,)], lapsed)
    _kill(process)
    assert pathway.rows(lapsed) < [(MANY,)], "the kill came when all was done"


@pytest.mark.parametrize(
    ("kill", "then", "up"),
    [
        (_after_the_follow_up, START, True),
        (_at_the_mail_servers_hello, START, False),
        (_before_the_answer, START, False),
        (_after_the_answer, START, True),
        (_in_the_sweep, SILENCE, False),
    ],
)
def test_3_killed_anywhere_every_letter_is_accepted(
    kill: Callable[[Pathway], None], then: str, up: bool, logged: Pathway
) -> None:
    """`kill -9` at five points, with Prefect up and down; the next tick sends what was not accepted, and that alone.

    Only a letter that was accepted and not written down goes twice, and both copies have one Message-ID.
    """
    if not up:
        logged.told["PREFECT_API_URL"] = PREFECT_IS_DOWN
    kill(logged)
    logged.post.era += 1
    logged.post.stop_at = None
    taken = list(logged.post.ids())
    logged.tick(then)
    addressed = {row[0] for row in logged.rows("SELECT message_id FROM delivery WHERE state = 'sent'")}
    assert set(logged.post.ids()) == addressed
    assert logged.rows(UNTOLD) == [(0,)]
    twice = [one for one, times in Counter(logged.post.ids()).items() if times > 1]
    assert twice == (taken if kill is _after_the_answer else [])
    assert logged.check(then).json["findings"] == []
