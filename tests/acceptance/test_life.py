"""Sixteen weeks by commands, on both databases; the shapes that commands print; the examples as their README says."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.fields import fill
from models.forms import TYPES, form_for
from models.lifecycle import Kind, Move
from tests import people
from tests.acceptance.life import LAST, Life
from tests.acceptance.program import REFERENCE, ROOT, Pathway, side_by_side

EXAMPLES = ROOT / "examples"
RULES = {"immediate_danger", "worse", "persisting", "grade", "pattern", "declined", "joined", "decision"}
STATES = {"waiting", "sent", "refused", "given_up", "withdrawn"}
TASK = {"id", "kind", "concern", "setting", "owner", "due_at", "acknowledge_by", "due_because", "rung", "moves"}
CONCERN = {"reference", "status", "opened_at", "child_clock_days", "open_tasks", "events", "deliveries", "referral"}
EVENT = {"kind", "happened_at", "recorded_at", "by", "because"}
DELIVERY = {"letter", "to", "state", "sent_at", "message_id"}
REFERRAL = {"rule", "raised_at", "hold_until", "sent_at", "stopped_at", "acknowledged_at", "decision"}
STAFF = {person["email"] for person in people.roster()["people"]}
# What is owed after each tick of the life, by whom.
OWED = {
    "2026-03-02T10:00": {("dsl_review", people.DSL)},
    "2026-03-20T14:05": {
        ("dsl_decision", people.DEPUTY),
        ("action", people.ASSISTANT),
        ("hold_review", people.LEAD),
        ("name_cover", people.DEPUTY),
    },
    "2026-04-01T10:00": {
        ("action", people.ASSISTANT),
        ("hold_review", people.ASSISTANT),
        ("name_cover", people.DEPUTY),
    },
    "2026-04-20T08:00": {("hold_review", people.ASSISTANT), ("first_day", people.DSL)},
    "2026-05-21T11:05": {("confirm_referral", people.DSL)},
    "2026-05-22T17:00": {("await_acknowledgement", people.DSL), ("await_decision", people.DSL)},
    "2026-05-27T09:00": {("await_acknowledgement", people.DSL), ("await_decision", people.DSL)},
    LAST: {("statutory_review", people.DSL)},
}
TOLD = [
    ("chase", people.FRONT_DOOR),
    ("chase-copy", people.DSL),
    ("concern-acted-on", people.TEACHER),
    ("concern-received", people.TEACHER),
    ("referral", people.FRONT_DOOR),
    ("referral-raised", people.ASSISTANT),
    ("referral-raised", people.COORDINATOR),
    ("referral-sent", people.ASSISTANT),
    ("referral-sent", people.DSL),
    ("referral-sent", people.HEAD),
]


@pytest.fixture(params=["life_on_sqlite", "life_on_postgresql"])
def life(request: pytest.FixtureRequest) -> Life:
    """The sixteen weeks, on each database."""
    found: Life = request.getfixturevalue(request.param)
    return found


def test_sixteen_weeks_end_with_a_decision_and_nothing_missed(life: Life) -> None:
    """A concern goes from a teacher's worry to a social worker's plan, each step owed by the right person."""
    owed = {now: {(one["kind"], one["owner"]) for one in tasks} for now, tasks in life.owed.items()}
    assert owed == OWED
    assert life.end["status"] == "STATUTORY"
    assert life.end["referral"]["rule"] == "persisting"
    assert life.end["referral"]["decision"] == "s17"
    assert life.check["findings"] == []


def test_sixteen_weeks_told_everybody_once(life: Life) -> None:
    """Every letter of the referral's way went once to whom it concerns; others went, or a list that went names them."""
    told = life.post.named(*{name for name, _ in TOLD})
    assert told == TOLD
    assert len(set(life.post.ids())) == len(life.post.letters)
    unsent = [(one["state"], one["error"]) for one in life.end["deliveries"] if one["state"] != "sent"]
    assert set(unsent) == {("withdrawn", "named in the morning's list")}
    named = {one["letter"] for one in life.end["deliveries"] if one["state"] != "sent"}
    assert not named & {name for name, _ in TOLD}


def test_a_leaver_with_open_tasks_is_refused_until_somebody_takes_them(life: Life) -> None:
    """`left` names what is still owed and what to give; who takes over leads from then on."""
    assert [(one.code, one.err) for one in life.refused] == [
        (2, f"pathway: to: {people.LEAD} still owes 1 open task(s); name who takes them with --to\n")
    ]
    handed_over = [event for event in life.end["events"] if event["kind"] == "reassigned"]
    assert [event["fields"] for event in handed_over] == [{"from": people.LEAD, "to": people.ASSISTANT}]


def test_tasks_print_the_shape_that_was_promised(life: Life) -> None:
    """`tasks --json`: every field, instants with offset, people as addresses, a deadline that explains itself."""
    for task in (one for tasks in life.owed.values() for one in tasks):
        assert set(task) >= TASK
        assert task["concern"] == REFERENCE
        assert task["owner"] in STAFF
        assert _offset(task["due_at"])
        assert task["acknowledge_by"] is None or _offset(task["acknowledge_by"])
        assert task["due_because"].startswith(_said(task["due_at"]))
        assert task["moves"]


def test_show_prints_the_shape_that_was_promised(life: Life) -> None:
    """`show --json`: the concern whole, with events, deliveries and referrals of the promised fields and words."""
    end = life.end
    assert set(end) >= CONCERN | {"referrals"}
    assert end["child_clock_days"] == 107
    assert end["referrals"] == [end["referral"]]
    assert set(end["referral"]) >= REFERRAL
    assert end["referral"]["rule"] in RULES
    for event in end["events"]:
        assert set(event) >= EVENT
        assert _offset(event["happened_at"])
        assert _offset(event["recorded_at"])
    for delivery in end["deliveries"]:
        assert set(delivery) >= DELIVERY
        assert delivery["state"] in STATES
        assert delivery["to"] in STAFF
        went = delivery["state"] == "sent"
        assert bool(delivery["sent_at"] and _offset(delivery["sent_at"])) == went
        assert (delivery["message_id"] in life.post.ids()) == went


def test_moves_print_what_comes_next(life: Life) -> None:
    """`do --json` says where the concern stands and what was opened, so that nobody has to look for it."""
    decided = life.moved["2026-03-03T10:00"]
    assert decided["status"] == "ASSESSING"
    assert [one["kind"] for one in decided["opened"]] == ["gain_consent"]


def test_reviews_list_what_is_to_come(life: Life) -> None:
    """`reviews --json` has the statutory review, the outcomes of the reviews held, and the days without improvement."""
    (review,) = life.reviews
    assert review["kind"] == "statutory_review"
    assert review["last_outcomes"] == ["unchanged", "unchanged"]
    assert review["days_without_improvement"] == 107


def _offset(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


def _said(instant: str) -> str:
    at = datetime.fromisoformat(instant)
    return f"{at:%a} {at.day} {at:%b %Y %H:%M}: "


LOGGED = re.compile(r"^log (\S+) +(\S+) +(\S+)$", re.MULTILINE)
README = (EXAMPLES / "observations" / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def examples(apart_for_module: Any) -> dict[str, Any]:
    """The examples' roster loaded and all observations logged, as their README says, then ticked twice and checked."""
    pathway: Pathway = apart_for_module("examples", "empty")
    pathway.ok("init", "--policy", "derby-and-derbyshire")
    loaded = pathway.ok("load", str(EXAMPLES / "roster.yaml"), "--json").json
    lines = LOGGED.findall(README)
    households: dict[str, list[tuple[str, str, str]]] = {}
    for line in lines:
        households.setdefault(_household(line[1]), []).append(line)
    # Households know nothing of each other, so that two may be logged at once; each in the order of time.
    logged = side_by_side(*(lambda of=of: [_log(pathway, *line) for line in of] for of in households.values()))
    last = lines[-1][0]
    first, second, check = pathway.tick(last), pathway.tick(last), pathway.check(last)
    found = {name: one for of in logged for name, one in of}
    return {"loaded": loaded, "logged": found, "ticks": [first, second], "check": check, "pathway": pathway}


def _household(name: str) -> str:
    children = yaml.safe_load((EXAMPLES / "roster.yaml").read_text("utf-8"))["children"]
    homes = {child["key"]: child["household"] for child in children}
    return str(homes[_form(name)["child"]])


def _form(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((EXAMPLES / "observations" / f"{name}.yaml").read_text("utf-8")))


def _log(pathway: Pathway, now: str, name: str, who: str) -> tuple[str, dict[str, Any]]:
    words = ("log", "--file", f"examples/observations/{name}.yaml", "--as", who, "--json")
    return name, dict(pathway.ok(*words, now=now).json)


def test_examples_load_and_log_as_their_readme_says(examples: dict[str, Any]) -> None:
    """All eighteen observations are taken, and together they show every type of neglect."""
    files = {file.stem for file in (EXAMPLES / "observations").glob("*.yaml")}
    assert set(examples["logged"]) == files
    assert {kind for name in files for kind in _form(name)["types"]} == set(TYPES)
    assert examples["loaded"]["warnings"] == []
    assert [name for name, one in examples["logged"].items() if one["urgent"]] == ["16-brother-alone-now"]
    assert {name for name, one in examples["logged"].items() if one["joined"]} == {"03-hungry-at-lunch", "06-toothache"}


def test_examples_show_the_patterns_they_promise(examples: dict[str, Any]) -> None:
    """Three observations of one child, and three of three siblings, each ask a DSL for a decision."""
    fired = examples["pathway"].rows(
        "SELECT concern.reference FROM event JOIN concern ON concern.id = event.concern_id"
        " WHERE event.kind = 'rule_fired' AND event.because LIKE 'rule pattern%'"
    )
    wanted = {examples["logged"][name]["reference"] for name in ("06-toothache", "13-nowhere-to-work")}
    assert wanted <= {row[0] for row in fired}


def test_a_second_tick_at_the_same_moment_does_nothing(examples: dict[str, Any]) -> None:
    """The first tick does everything; the second finds nothing; nothing was missed."""
    first, second = examples["ticks"]
    assert "sent" in first.out
    assert second.out == "Nothing is due at Wed 20 May 2026 10:30.\n"
    assert (examples["check"].code, examples["check"].json["findings"]) == (0, [])


@pytest.mark.parametrize("file", sorted((EXAMPLES / "moves").glob("*.yaml")), ids=lambda file: file.stem)
def test_example_moves_are_forms_that_are_taken(file: Path) -> None:
    """Each form of examples/moves fills the form of the move it is named after."""
    kind, _, move = file.stem.partition("-")
    fill(form_for(Kind(kind), Move(move)), yaml.safe_load(file.read_text("utf-8")))
