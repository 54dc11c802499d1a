"""What must always hold (design.md), a scenario for each guarantee, from outside.

The seventh, that everybody sees only the children of their own setting, area or duty, is kept by the pages and the API,
which are to come: the command line is the operator's.
"""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from pickle import dumps
from typing import Any

import pytest

from tests import people
from tests.acceptance.conftest import Prefect, Shelf
from tests.acceptance.life import ASSESSMENT, REVIEW, Life
from tests.acceptance.post import Post
from tests.acceptance.program import PATIENCE, PREFECT_IS_DOWN, REFERENCE, START, Pathway, side_by_side
from tests.acceptance.traces import in_folder, leaks, readable
from tests.postgres import new_database

STAFF = {person["email"] for person in people.roster()["people"]}
# Who is not there on which days of the life, both included.
AWAY = {people.DSL: (date(2026, 3, 16), date(2026, 3, 27)), people.LEAD: (date(2026, 4, 1), date.max)}
BACK = "2026-03-10T11:00"  # a Tuesday, a week and a day after the concerns were logged
WORSE_AT = "2026-04-20T10:00"  # the first day of term
HELD_UNTIL = "2026-04-20T17:00"


# 1. An open concern has an open task with a present, reachable owner and a deadline.


@pytest.mark.parametrize("database", ["life_on_sqlite", "life_on_postgresql"])
def test_1_there_is_always_a_next_step_an_owner_and_a_deadline(database: str, request: pytest.FixtureRequest) -> None:
    """Through sixteen weeks with leave and a leaver, each look finds a task whose owner is at work, and a deadline."""
    life: Life = request.getfixturevalue(database)
    for now, tasks in life.owed.items():
        assert [one for one in tasks if one["concern"] == REFERENCE], f"nothing is owed on {now}"
        for task in tasks:
            assert task["owner"] in STAFF
            assert _at_work(task["owner"], date.fromisoformat(now[:10])), f"{task['owner']} owes {task['kind']}"
            assert datetime.fromisoformat(task["due_at"]).tzinfo
            assert task["due_because"]
    assert life.check["findings"] == []


def _at_work(email: str, day: date) -> bool:
    first, last = AWAY.get(email, (date.max, date.max))
    return not first <= day <= last


LISTS = ("round-up", "morning-digest")


# 2. What was due while anything was down is done once when it is back, newest first, without a storm.


@pytest.fixture(scope="module")
def outage(shelf: Shelf, prefect: Prefect, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Three concerns; the mail server and Prefect are down, then the machine for a week; then all are back at once."""
    pathway = Pathway(shelf.take("logged", tmp_path_factory.mktemp("outage")), Post(), {})
    pathway.told["PREFECT_API_URL"] = PREFECT_IS_DOWN
    for child in (people.DANIEL, people.IFEOMA):
        pathway.log(child, people.TEACHER, START)
    during = pathway.tick(START)
    pathway.told["PREFECT_API_URL"] = prefect.url
    with Post() as post:
        pathway.post = post
        first, tasks, second = pathway.tick(BACK), pathway.tasks(BACK), pathway.tick(BACK)
    return {"during": during, "first": first, "second": second, "tasks": tasks, "post": post, "pathway": pathway}


def test_2_an_outage_is_made_up_for_once(outage: dict[str, Any]) -> None:
    """What waited goes when mail is back, and each rung that was passed meanwhile reaches its people, all once."""
    post: Post = outage["post"]
    assert "later" in outage["during"].out
    assert post.named("concern-received") == [("concern-received", people.TEACHER)] * 3
    assert post.named("task-opened") == [("task-opened", people.DSL)] * 3
    rungs = {people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP}
    assert {to for name, to in post.named("overdue", *LISTS)} >= rungs
    assert len(set(post.ids())) == len(post.letters)
    assert outage["second"].out == "Nothing is due at Tue 10 Mar 2026 11:00.\n"


def test_2_an_outage_is_followed_by_no_storm(outage: dict[str, Any]) -> None:
    """Six mornings were missed and three rungs of three tasks: one digest a person, of each task only the newest."""
    post: Post = outage["post"]
    assert {one["rung"] for one in outage["tasks"]} == {3}
    digests = Counter(to for _, to in post.named("morning-digest"))
    assert set(digests.values()) == {1}
    assert people.DSL in digests
    mornings = outage["pathway"].rows("SELECT DISTINCT slot FROM firing WHERE flow = 'morning-digest'")
    assert mornings == [("2026-03-10 Europe/London",)]
    for email in sorted({one.to for one in post.letters}):
        told = Counter(one.name for one in post.to(email))
        assert not told["overdue"], f"{email} hears in more than a list of what was missed"
        assert sum(told[name] for name in LISTS) <= 1
        assert not told["reminder"]
        assert not told["unacknowledged"]


# 3. Persist or worsen leads to a sent referral or a recorded stop, whatever else happens.


@pytest.fixture(scope="module")
def worse(apart_for_module: Callable[[str, str], Pathway]) -> dict[str, dict[str, Any]]:
    """Two children's reviews find things worse. One stop is asked for and never countersigned, the other is agreed.

    Prefect and the mail server are down all the while. Each concern has a record of its own, so that the two can go
    side by side.
    """

    def stopped(name: str, agrees: bool) -> dict[str, Any]:
        pathway = apart_for_module(name, "logged")
        pathway.post = Post()
        _to_a_review(pathway)
        pathway.do("confirm_referral", "stop", people.DSL, WORSE_AT, reason="A slip.", second=people.DEPUTY)
        if agrees:
            pathway.do("countersign", "agree", people.DEPUTY, WORSE_AT)
        pathway.tick(HELD_UNTIL)
        return {**pathway.show(HELD_UNTIL), "document": (pathway.home / "referrals" / f"{REFERENCE}.md").exists()}

    sent, stop = side_by_side(lambda: stopped("unanswered", False), lambda: stopped("agreed", True))
    return {"unanswered": sent, "agreed": stop}


def _to_a_review(pathway: Pathway) -> None:
    """Early help, consent, assessment, and a review which finds things worse."""
    review = REVIEW | {"outcome": "worse"}
    pathway.do("dsl_review", "early_help", people.DSL, "2026-03-03T10:00", reason="Help.", lead=people.LEAD)
    pathway.do("gain_consent", "consent", people.LEAD, "2026-03-05T15:00", given_by="mother", covers="all")
    assessment = ASSESSMENT | {"scores": {}, "actions": []}
    pathway.do("assess", "complete", people.LEAD, "2026-03-20T14:00", **assessment)
    pathway.do("hold_review", "review", people.LEAD, WORSE_AT, **review)


def test_3_persisting_leads_to_a_sent_referral_with_nobody_acting(life_on_sqlite: Life) -> None:
    """Two reviews without improvement: the referral is raised by rule, and sent when its hold ends."""
    referral = life_on_sqlite.end["referral"]
    assert (referral["rule"], referral["hold_until"]) == ("persisting", "2026-05-22T17:00:00+01:00")
    assert referral["sent_at"] == referral["hold_until"]
    by = {event["kind"]: event["by"] for event in life_on_sqlite.end["events"] if event["kind"].startswith("referral_")}
    assert (by["referral_raised"], by["referral_sent"]) == ("pathway", "pathway")
    assert (life_on_sqlite.pathway.home / "referrals" / f"{REFERENCE}.md").stat().st_mode & 0o777 == 0o600


def test_3_worse_leads_to_a_sent_referral_when_a_stop_is_not_countersigned(worse: dict[str, dict[str, Any]]) -> None:
    """A stop that nobody agrees to holds nothing up: the referral goes when its hold ends, Prefect and mail down."""
    concern = worse["unanswered"]
    assert concern["status"] == "REFERRED"
    assert (concern["referral"]["rule"], concern["referral"]["stopped_at"]) == ("worse", None)
    assert concern["referral"]["sent_at"] == "2026-04-20T17:00:00+01:00"
    assert concern["document"]
    assert [one["state"] for one in concern["deliveries"] if one["letter"] == "referral"] == ["waiting"]


def test_3_worse_leads_to_a_recorded_stop_when_two_agree(worse: dict[str, dict[str, Any]]) -> None:
    """A stop with a reason, countersigned, ends the referral; the history says who, and the next review is near."""
    concern = worse["agreed"]
    assert concern["status"] == "SUPPORTING"
    assert (concern["referral"]["sent_at"], concern["document"]) == (None, False)
    assert concern["referral"]["stopped_at"] == "2026-04-20T10:00:00+01:00"
    stopped = [event for event in concern["events"] if event["kind"] == "referral_stopped"]
    assert [event["because"] for event in stopped] == ["A slip."]
    assert "Tue 5 May 2026 17:00" in concern["open_tasks"][0]["due_because"]


# 4. A person is told a thing once; two clocks, two workers or eight sweeps change nothing.

ONCE = [("concern-received", people.TEACHER), ("task-opened", people.DSL)]


def _at_once(*pathways: Pathway) -> list[str]:
    """Tick in each home, all at the same time; what they said."""
    going = [pathway.start("tick", now=START) for pathway in pathways]
    said = [process.communicate(timeout=PATIENCE) for process in going]
    assert [process.returncode for process in going] == [0] * len(going), said
    return [out for out, _ in said]


def test_4_eight_ticks_at_once_tell_once(logged: Pathway) -> None:
    """Eight ticks on one machine: one does the work, seven wait for it and find nothing."""
    said = _at_once(*[logged] * 8)
    assert logged.post.named() == ONCE
    assert sorted(one.startswith("Nothing is due") for one in said) == [False, *[True] * 7]


def test_4_two_ticks_on_two_machines_tell_once(shelf: Shelf, postgres_server: str, post: Post, tmp_path: Path) -> None:
    """Two machines share a database and no lock file; the mail server sends everybody away once and drops the line."""
    told = {"PREFECT_API_URL": PREFECT_IS_DOWN, "PATHWAY_DATABASE_URL": new_database(postgres_server, "machines")}
    one, other = Pathway(tmp_path / "one", post, told), Pathway(tmp_path / "other", post, told)
    one.ok("init", "--policy", "derby-and-derbyshire")
    one.ok("load", str(shelf.folder / "roster.yaml"))
    one.log(people.AMIRA, people.TEACHER, START)
    post.greylist = post.hang_up = True
    _at_once(one, other)
    assert post.letters == []
    side_by_side(lambda: one.tick("2026-03-02T10:01"), lambda: other.tick("2026-03-02T10:01"))
    assert post.named() == ONCE


# 5. Nothing of a child in any subject, body, header, address, flow parameter, run name, log or artifact.


def test_5_nothing_of_a_child_leaves_the_record(life_on_sqlite: Life, prefect: Prefect) -> None:
    """Names, dates of birth, schools and words were in every text that people wrote; they are in nothing else.

    Searched: each letter's bytes, decoded; all that Prefect's server keeps; every file of PATHWAY_HOME besides the
    record and the referral; what each tick and check said.
    """
    life = life_on_sqlite
    letters = [(f"{one.name} to {one.to}", readable(one.text)) for one in life.post.letters]
    said = [(" ".join(one.words), one.out + one.err) for one in life.pathway.said if one.words[0] in ("tick", "check")]
    kept = in_folder(life.pathway.home, but=("pathway.db", "pathway.db-wal", "pathway.db-shm", "referrals"))
    assert len(letters) > 20
    assert len(said) > 7
    assert leaks([*letters, *said, *kept, *in_folder(prefect.home), ("log", prefect.log.read_text("utf-8"))]) == []


def test_5_the_search_would_find_them(life_on_sqlite: Life, prefect: Prefect, tmp_path: Path) -> None:
    """The record and the referral hold the names, Prefect's database holds the runs, and what is encoded is decoded."""
    life = life_on_sqlite
    (tmp_path / "storage").write_text(json.dumps({"data": b64encode(dumps(["Amira Quillonby"])).decode()}), "utf-8")
    assert leaks(in_folder(tmp_path))
    found = leaks(in_folder(life.pathway.home))
    assert {line.partition(":")[0] for line in found} == {"pathway.db", f"referrals/{REFERENCE}.md"}
    runs = dict(in_folder(prefect.home))["prefect.db"]
    assert f"concern:{REFERENCE}" in runs
    assert "log-concern 2026-03-02T10:00Z 1 event" in runs


# 6. Every change names who, when it happened, when it was recorded, and why; an edited history shows.


def test_6_every_change_says_who_when_and_why(life_on_sqlite: Life) -> None:
    """Each line of the history names a person or the pathway, both instants, and a reason; nothing is out of order."""
    events = life_on_sqlite.end["events"]
    assert len(events) > 15
    for event in events:
        assert event["by"] in STAFF | {"pathway"}
        assert event["because"]
        assert datetime.fromisoformat(event["happened_at"]) <= datetime.fromisoformat(event["recorded_at"])
    recorded = [event["recorded_at"] for event in events]
    assert sorted(recorded, key=datetime.fromisoformat) == recorded
    acted = {event["by"] for event in events}
    assert acted == {
        people.TEACHER,
        people.DSL,
        people.LEAD,
        people.DEPUTY,
        people.ASSISTANT,
        people.FRONT_DOOR,
        "pathway",
    }


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("UPDATE event SET because = 'all is well' WHERE number = 3", "event 3 was changed after it was recorded"),
        (
            "UPDATE event SET recorded_at = '2020-01-01 09:00:00.000000' WHERE number = 6",
            "event 6 was changed after it was recorded",
        ),
        ("DELETE FROM event WHERE number = 4", "event 4 is missing"),
    ],
    ids=["reworded", "back-dated", "removed"],
)
def test_6_an_edited_history_is_found(life_on_sqlite: Life, tmp_path: Path, planted: str, found: str) -> None:
    """Who edits the history behind the program's back breaks its chain: `check` says where, with exit code 1."""
    pathway = Pathway(shutil.copytree(life_on_sqlite.pathway.home, tmp_path / "home"), Post())
    assert pathway.plant(planted) == 1
    check = pathway.check("2026-06-17T10:00")
    assert check.code == 1
    assert {"concern": REFERENCE, "what": found} in check.json["findings"]
