"""Tests which other systems would fail, by their numbers in the study of the field.

(4) both clock changes, (6) nobody in the role, (9) nothing of a child in a letter, (10) a deleted timer is found. The
others are held in process: (1) and (4) in integration/test_time.py, (2) and (8) in test_many_sweeps.py and
test_ladder_sweep.py, (3) in test_outbox.py, (5) in test_following.py and test_outbox.py, (7) in test_staffing.py.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.casework import log_observation
from models.database import make_engine, writing
from tests import people
from tests.acceptance.conftest import Apart, Prefect, Shelf
from tests.acceptance.life import Life
from tests.acceptance.post import Post
from tests.acceptance.program import (
    REFERENCE,
    START,
    Pathway,
    side_by_side,
)
from tests.acceptance.traces import leaks, readable
from tests.driver import Driver, instant, observation

LATE = "2026-03-04T11:00"  # the decision was due the evening before


# 1 and 5: a missed morning, and what is overdue.


@pytest.fixture(scope="module")
def missed(shelf: Shelf, prefect: Prefect, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Logged on Monday, told on Monday; nothing runs on Tuesday, nor on Wednesday until eleven."""
    with Post() as post:
        home = shelf.take("logged", tmp_path_factory.mktemp("missed"))
        pathway = Pathway(home, post, {"PREFECT_API_URL": prefect.url})
        pathway.tick(START)
        before = list(post.letters)
        pathway.tick(LATE)
        overdue = pathway.ok("tasks", "--overdue", "--json", now=LATE).json
        again = pathway.tick("2026-03-04T11:15")
    return {"before": before, "letters": post.letters[len(before) :], "overdue": overdue, "again": again}


# 2: two schedulers.


def _begun(pathway: Pathway) -> list[Any]:
    return pathway.rows("SELECT flow FROM firing WHERE ended_at IS NULL")


# 4: the clocks change.


def test_4_one_digest_a_day_when_the_clocks_change(apart: Apart) -> None:
    """Around 29 March and 25 October 2026: one digest on the Friday and one on the Monday, each from 08:00 local on."""

    def weekend(name: str, thursday: str, friday: str, sunday: str, monday: str) -> list[tuple[str, str]]:
        pathway = apart(name, "loaded")
        pathway.log(people.AMIRA, people.TEACHER, f"{thursday}T10:00")
        for now in (f"{friday}T08:00", f"{sunday}T08:00", f"{monday}T07:59", f"{monday}T08:00"):
            pathway.tick(now)
        return [(one.to, one.header("Date")) for one in pathway.post.letters if one.name == "morning-digest"]

    march, october = side_by_side(
        lambda: weekend("march", "2026-03-26", "2026-03-27", "2026-03-29", "2026-03-30"),
        lambda: weekend("october", "2026-10-22", "2026-10-23", "2026-10-25", "2026-10-26"),
    )
    assert [date for to, date in march if to == people.DSL] == [
        "Fri, 27 Mar 2026 08:00:00 +0000",
        "Mon, 30 Mar 2026 07:00:00 +0000",
    ]
    assert [date for to, date in october if to == people.DSL] == [
        "Fri, 23 Oct 2026 07:00:00 +0000",
        "Mon, 26 Oct 2026 08:00:00 +0000",
    ]
    assert max(Counter([*march, *october]).values()) == 1


# 6 and 7: nobody in the role, and the DSL leaves.


def test_6_nobody_in_the_role_and_the_next_one_hears(apart: Apart, tmp_path: Path) -> None:
    """No deputy, and the DSL on leave without cover: `load` warns, the head owes the decision and hears of it."""
    roster = people.roster()
    staff = {person["email"]: person for person in roster["people"]}
    staff[people.DEPUTY]["roles"] = []
    staff[people.DSL]["away"] = [{"from": "2026-03-02", "to": "2026-03-13"}]
    file = tmp_path / "roster.yaml"
    file.write_text(yaml.safe_dump(roster, allow_unicode=True), "utf-8")
    pathway = apart("nobody", "loaded")
    warned = pathway.ok("load", str(file)).out
    pathway.log(people.AMIRA, people.TEACHER, START)
    pathway.tick(LATE)
    assert f"oakfield: role deputy_dsl: nobody holds it; who will hear instead: {people.HEAD}" in warned
    assert [one["owner"] for one in pathway.tasks(LATE)] == [people.HEAD]
    assert {to for name, to in pathway.post.named("task-opened", "overdue")} == {people.HEAD}


# 8: three hundred overdue.

MANY = 300
FRIDAY = "2026-03-06T11:00"


async def _log_many(record: Path) -> None:
    """Three hundred concerns, logged in process: as many commands would take ten minutes."""
    keys = [f"sibling-{number:03d}" for number in range(MANY)]
    roster = people.roster()
    roster["households"] = [{"key": "h-many"}]
    child = {"name": "Sam Manyworth", "born": "2017-01-01", "household": "h-many", "setting": people.OAKFIELD}
    roster["children"] = [{"key": key, **child} for key in keys]
    engine = make_engine(f"sqlite+aiosqlite:///{record}")
    await Driver(engine).load(roster)
    async with writing(engine) as session:
        for key in keys:
            form = observation(key, START)
            await log_observation(session, form, people.TEACHER, instant(START))
    await engine.dispose()


# 9: nothing of a child in a letter.


def test_9_no_letter_holds_a_name_a_date_of_birth_or_a_school(life_on_sqlite: Life) -> None:
    """In subject, body and header of every letter of the sixteen weeks; subjects vary by reference alone."""
    letters = life_on_sqlite.post.letters
    assert leaks((one.name, readable(one.text)) for one in letters) == []
    subjects = {(one.name, one.header("Subject").replace(REFERENCE, "")) for one in letters}
    assert len(subjects) == len({one.name for one in letters})


# 10: a deleted timer.


def test_10_a_deleted_timer_is_found_at_the_next_look(apart: Apart) -> None:
    """A task's next look is put off for ever, behind the program's back: `check` says so, though it is not due yet."""
    pathway = apart("timer", "logged")
    pathway.tick(START)
    assert pathway.plant("UPDATE task SET next_at = '2099-01-01 00:00:00.000000'") == 1
    check = pathway.check(START)
    assert check.code == 1
    (finding,) = check.json["findings"]
    assert finding["concern"] == REFERENCE
    assert "dsl_review" in finding["what"]
    assert os.fspath(pathway.home) not in check.out
