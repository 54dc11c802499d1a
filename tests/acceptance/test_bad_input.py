"""Bad input: exit code 2, one clear line on standard error that names the field, and nothing changed.

A ladder that names a role nobody holds is a warning only: see the sixth of the field's tests.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import people
from tests.acceptance.conftest import Apart
from tests.acceptance.program import START, Pathway, Result, side_by_side

LOG = ("log", "--file", "-", "--as", people.TEACHER)
SEEN: dict[str, Any] = {
    "child": people.DANIEL,
    "seen_at": "2026-03-02T08:50",
    "place": "classroom",
    "what": "No coat, wet shoes.",
    "child_words": "I am cold.",
    "types": ["physical"],
}


INPUT, ROSTER = "standard input", "roster.yaml"


@dataclass(frozen=True)
class Bad:
    """A command with something wrong: the file whose line and column are named, if any, and words of the one line."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    stdin: str = ""
    place: str = ""
    told: tuple[tuple[str, str], ...] = ()


def _observation(*names: str, **fields: Any) -> Bad:
    form = {name: value for name, value in {**SEEN, **fields}.items() if value is not None}
    return Bad(LOG, names, json.dumps(form), INPUT)


def _move(move: str, *names: str, by: str = people.DSL, place: str = INPUT, **fields: Any) -> Bad:
    return Bad(("do", "TASK", move, "--file", "-", "--as", by), names, json.dumps(fields), place)


def _roster(*names: str, place: str = ROSTER, **parts: list[dict[str, Any]]) -> Bad:
    return Bad(("load", "FILE"), names, json.dumps(parts), place)


CHILD = {"key": "new", "name": "Sam Newbold", "born": "2018-01-01", "household": "h1", "setting": people.OAKFIELD}
UNBORN = {name: value for name, value in CHILD.items() if name != "born"}
PERSON = {"email": "new@oakfield.example", "name": "Nell New", "roles": []}
LEAVE = ("leave", people.DSL, "--from", "2026-03-09", "--to", "2026-03-06")
STRANGER = ("log", "--file", "-", "--as", "who@oakfield.example")
SHIPPED = "england-default"
CASES: dict[str, Bad] = {
    # Unknown things.
    "unknown child": _observation("child: nobody is not a child", child="nobody"),
    "unknown person": Bad(STRANGER, ("as: who@oakfield.example is not a person",), json.dumps(SEEN)),
    "unknown setting": _roster("children.setting: nowhere", place="", children=[CHILD | {"setting": "nowhere"}]),
    "unknown task": Bad(("do", "0123456789", "monitor", "--as", people.DSL), ("task: 0123456789 is not a task",)),
    "unknown policy": Bad(("init", "--policy", "nowhere"), ("policy: nowhere is neither a file nor", SHIPPED)),
    "unknown concern": Bad(("show", "NC-2026-09999"), ("NC-2026-09999",)),
    "unknown variable": Bad(
        ("tasks",), ("PATHWAY_SMPT_HOST:", "did you mean PATHWAY_SMTP_HOST?"), told=(("PATHWAY_SMPT_HOST", "x"),)
    ),
    # Moves.
    "a move the status does not allow": _move(
        "complete", "move: 'complete' is not offered", "acknowledge, monitor, early_help, refer, close", place=""
    ),
    "a person who may not make it": _move(
        "monitor", f"as: {people.TEACHER} may not monitor", people.DSL, people.DEPUTY, by=people.TEACHER, place=""
    ),
    "a reason that is missing": _move("monitor", "reason: is missing"),
    "a reason of blanks": _move("monitor", "reason: string should have at least 1 character", reason="  "),
    "an unknown lead": _move("early_help", "lead: who@oakfield.example", reason="Help.", lead="who@oakfield.example"),
    # Files that cannot be read.
    "malformed form": Bad(LOG, ("line 3, column 6: not valid YAML",), "child: amira\nplace: [one\ntypes: x\n", INPUT),
    "malformed roster": Bad(
        ("load", "FILE"), ("line 3, column 9: not valid YAML",), "people:\n  - {email: x\nsettings: []\n", ROSTER
    ),
    "a form that is none": Bad(LOG, ("a form is `field: value` lines",), "- one\n- two\n"),
    "a file that is not there": Bad(("load", "nowhere.yaml"), ("nowhere.yaml",)),
    # Fields.
    "an unknown field": _observation("mood: is not a field here", "seen_at", mood="sad"),
    "a missing field": _observation("place: is missing", place=None),
    "a wrong type": _observation("types:", "list", types="physical"),
    "a wrong word": _observation("types.0:", "'physical'", "'adolescent'", types=["boredom"]),
    "a time in the future": _observation("seen_at: lies in the future", seen_at="2026-03-02T10:01"),
    "a time before birth": _observation("seen_at: is before the child was born", seen_at="2016-10-22T10:00"),
    "no words and no reason": _observation("child_words:", "child_words_missing", child_words=None),
    "a text too long": _observation("what:", "20000", what="x" * 20_001),
    # Rosters.
    "an unborn child without a due date": _roster("children.0: give born, or for an unborn child", children=[UNBORN]),
    "a line break in a name": _roster("people.0.name: must be one line", people=[PERSON | {"name": "Nell\nBcc: x"}]),
    "a line break in an address": _roster(
        "people.0.email:", "address", people=[PERSON | {"email": "nell@oakfield.example\nBcc: x@y.example"}]
    ),
    "two people of one address": _roster("people.email: new@oakfield.example is there twice", people=[PERSON] * 2),
    "a household without children": _roster("h-empty has no children", place="", households=[{"key": "h-empty"}]),
    "leave that ends before it begins": Bad(LEAVE, ("to: is before from",)),
    "an option that does not exist": Bad(("tasks", "--nonsense"), ("--nonsense",)),
    "a policy that is none": Bad(("policy", "check", "FILE"), ("roster.yaml",), "key: x\n"),
}


@pytest.fixture(scope="module")
def refused(apart_for_module: Apart, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every bad input, one after the other, on one record; how the record was before and after."""
    pathway = apart_for_module("bad", "logged")
    task = pathway.task("dsl_review")
    before = pathway.dump()
    results = side_by_side(
        *(partial(_refuse, pathway, one, task, tmp_path_factory.mktemp("bad")) for one in CASES.values())
    )
    return {"results": dict(zip(CASES, results, strict=True)), "before": before, "after": pathway.dump()}


def _refuse(pathway: Pathway, bad: Bad, task: str, folder: Path) -> Result:
    file = folder / ROSTER
    file.write_text(bad.stdin, "utf-8")
    words = [{"TASK": task, "FILE": str(file)}.get(word, word) for word in bad.words]
    return Pathway(pathway.home, pathway.post, dict(bad.told)).run(*words, stdin=bad.stdin)


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_one_clear_line(name: str, refused: dict[str, Any]) -> None:
    """Exit code 2, nothing on standard output, and one line that says where, which field and what would be right."""
    result, bad = refused["results"][name], CASES[name]
    assert (result.code, result.out) == (2, "")
    place = rf"{bad.place} line \d+, column \d+: " if bad.place else ""
    assert re.fullmatch(rf"pathway: {place}.+\n", result.err), result.err
    assert all(one in result.err for one in bad.names), result.err


def test_bad_input_changes_nothing(refused: dict[str, Any]) -> None:
    """After all of it every row of every table is as it was."""
    assert refused["after"] == refused["before"]


def test_the_same_observation_again_is_told_its_reference(apart: Apart) -> None:
    """By its own key, or by child, observer, time and text: the same reference, told so, and nothing changed."""
    pathway = apart("again", "loaded")
    form = json.dumps(SEEN | {"key": "oakfield-1"})
    first = pathway.ok(*LOG, "--json", stdin=form).json
    before = pathway.dump()
    other_text, no_key = SEEN | {"key": "oakfield-1", "what": "Another text."}, SEEN
    again = side_by_side(*(partial(pathway.ok, *LOG, stdin=json.dumps(one)) for one in (other_text, no_key)))
    assert [one.out for one in again] == [
        f"{first['reference']}\nThis observation was here already; nothing was changed.\n"
    ] * 2
    assert pathway.dump() == before


def test_without_a_record_each_command_says_what_to_do_first(apart: Apart) -> None:
    """An empty PATHWAY_HOME is told as such, and stays empty."""
    pathway = apart("nothing", "empty")
    result = pathway.run("tasks", now=START)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"pathway: PATHWAY_HOME: no record in {pathway.home}; run `pathway init` first\n"
    assert not pathway.home.exists()
