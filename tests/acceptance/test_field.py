"""Ten tests which other systems would fail, by their numbers in the study of the field.

(1) a missed morning, (2) two schedulers, (3) killed at five points (test_field_killed.py), (4) both clock changes,
(5) what is overdue reaches a mail server, (6) nobody in the role, (7) the DSL leaves, (8) three hundred overdue,
(9) nothing of a child in a letter, (10) a deleted timer is found.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import people
from tests.acceptance.conftest import Apart, Prefect, Shelf
from tests.acceptance.crowd import log_many
from tests.acceptance.life import Life
from tests.acceptance.post import Post
from tests.acceptance.program import (
    PATIENCE,
    REFERENCE,
    START,
    Pathway,
    eventually,
    side_by_side,
)
from tests.acceptance.traces import leaks, readable

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


def test_1_a_missed_morning_is_made_up_for_once(missed: dict[str, Any]) -> None:
    """The 08:00 run is missed; at 11:00 each person has the one digest, which says also what was to be said alone."""
    told = [(one.name, one.to) for one in missed["letters"]]
    assert sorted(told) == [("morning-digest", people.DSL), ("morning-digest", people.DEPUTY)]
    assert missed["again"].out == "Nothing is due at Wed 4 Mar 2026 11:15.\n"


def test_5_what_is_overdue_reaches_a_mail_server(missed: dict[str, Any]) -> None:
    """All that `tasks --overdue` lists was told by mail: a mistake in the query of either cannot empty both."""
    assert [one["concern"] for one in missed["overdue"]] == [REFERENCE]
    told = [one for one in missed["letters"] if one.to == people.DEPUTY]
    assert [REFERENCE in one.text for one in told] == [True]
    assert missed["overdue"][0]["due_because"].startswith("Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar;")
    assert "Tue 3 Mar 2026 17:00" in told[0].text
    assert "Overdue" in told[0].text


# 2: two schedulers.


def test_2_two_clocks_send_one_mail(logged: Pathway) -> None:
    """Two clocks start at the same moment over one record: each letter goes once, and each slot is fired once."""
    clocks = [logged.start("clock", now=LATE) for _ in range(2)]
    try:
        eventually(lambda: len(logged.post.letters) >= 4, "both clocks have told what is due")
        eventually(lambda: not _begun(logged), "no run is under way")
    finally:
        for clock in clocks:
            clock.send_signal(signal.SIGTERM)
        said = [clock.communicate(timeout=PATIENCE) for clock in clocks]
    assert [clock.returncode for clock in clocks] == [0, 0], said
    assert all(out.startswith("The clock goes.") for out, _ in said)
    assert logged.post.named() == [
        ("concern-received", people.TEACHER),
        ("morning-digest", people.DSL),
        ("morning-digest", people.DEPUTY),
        ("task-opened", people.DSL),
    ]


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


def test_7_a_dsl_who_leaves_hands_over_or_stays(apart: Apart) -> None:
    """With open tasks and nobody named, `left` is refused and says so; with somebody named, it is theirs at once."""
    pathway = apart("leaver", "logged")
    refused = pathway.run("left", people.DSL)
    assert (refused.code, refused.err) == (
        2,
        f"pathway: to: {people.DSL} still owes 1 open task(s); name who takes them with --to\n",
    )
    pathway.ok("left", people.DSL, "--to", people.DEPUTY)
    pathway.tick(START)
    (task,) = pathway.tasks(START)
    assert (task["owner"], task["owed_by"]) == (people.DEPUTY, people.DEPUTY)
    assert pathway.post.named() == [("concern-received", people.TEACHER), ("task-opened", people.DEPUTY)]


# 8: three hundred overdue.

MANY = 300
FRIDAY = "2026-03-06T11:00"


def test_8_three_hundred_overdue_are_one_letter_each_and_what_is_urgent_goes(loaded: Pathway) -> None:
    """Every person has one list, whatever was missed; immediate danger passes them all."""
    log_many(loaded.record, MANY, START)
    loaded.tick(START)
    seen = len(loaded.post.letters)
    loaded.log(people.DANIEL, people.ASSISTANT, FRIDAY, immediate_danger=True)
    urgent = loaded.post.letters[seen:]
    loaded.tick(FRIDAY)
    routine = loaded.post.letters[seen + len(urgent) :]
    everybody = {people.DSL, people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP}
    assert {one.to for one in urgent if one.name == "telephone-now"} == everybody
    told = Counter((one.to, one.name) for one in routine)
    assert set(told.values()) == {1}, told
    assert set(told) == {(to, "morning-digest") for to in everybody}
    assert len(loaded.ok("tasks", "--overdue", "--json", now=FRIDAY).json) == MANY


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
