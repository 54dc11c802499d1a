"""The fields of every move: those of design.md and no others, and one clear sentence for whatever is wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from config.errors import BadInput
from models.fields import fill
from models.forms import FORMS, TYPES, ObservationForm, form_for
from models.lifecycle import OFFERS, Kind, Move
from models.rules import Outcome

# design.md, "Files and forms": kind, move, its fields; those in brackets are optional. Every move takes `reason`.
TABLE = """
dsl_review acknowledge (reason)
dsl_review monitor reason
dsl_review early_help reason lead
dsl_review refer reason parents_informed
dsl_review dissent reason
dsl_review close summary actions outcome second (reason)
case_review continue reason
case_review early_help reason lead
case_review refer reason parents_informed
case_review close summary actions outcome second (reason)
dsl_decision noted reason
dsl_decision bring_forward reason
dsl_decision early_help reason lead
dsl_decision refer reason parents_informed
gain_consent consent given_by covers (reason)
gain_consent decline reason
gain_consent refer reason parents_informed
assess complete level needs plan child_words (scores) (actions) (reason)
assess refer reason parents_informed
hold_review review outcome evidence engagement child_words (parents_informed) (scores) (actions) (reason)
hold_review postpone to reason (second)
hold_review refer reason parents_informed
hold_review close summary actions outcome second (reason)
action done note (reason)
action not_done reason
confirm_referral add text (reason)
confirm_referral send (reason)
confirm_referral stop reason (second)
countersign agree (reason)
countersign refuse reason
file_referral filed number by (reason)
answer_question answer text (reason)
name_cover name cover last_seen (everywhere) (reason)
first_day seen note (reason)
first_day not_seen reason
await_acknowledgement acknowledge by number (reason)
await_acknowledgement decide decision reason
await_acknowledgement ask question (reason)
await_acknowledgement chase note (reason)
await_decision acknowledge by number (reason)
await_decision decide decision reason
await_decision ask question (reason)
await_decision chase note (reason)
resolve_disagreement resolve decision reason
resolve_disagreement step_up reason
resolve_disagreement acknowledge by number (reason)
resolve_disagreement decide decision reason
resolve_disagreement ask question (reason)
statutory_review continue (reason)
statutory_review record what on note (reason)
statutory_review step_down lead reason
statutory_review close summary actions outcome second (reason)
"""
ROWS = [row.split() for row in TABLE.split("\n") if row]
GOOD: dict[str, Any] = {
    "reason": "Because.",
    "lead": "leon.baptiste@oakfield.example",
    "cover": "colin.adair@derby.example",
    "second": "devan.pillai@oakfield.example",
    "parents_informed": "yes",
    "level": 3,
    "outcome": "improved",
    "to": "2026-05-08",
    "on": "2026-03-04",
    "decision": "s17",
    "what": "conference",
}


def named(form: type[BaseModel]) -> set[str]:
    """A form's fields, optional ones in brackets."""
    return {name if field.is_required() else f"({name})" for name, field in form.model_fields.items()}


def filled(form: type[BaseModel], **other: Any) -> dict[str, Any]:
    """Good fields for a form, all that are required."""
    names = [name for name, field in form.model_fields.items() if field.is_required()]
    return {name: GOOD.get(name, "Something plain.") for name in names} | other


def wrong(form: type[BaseModel], **fields: Any) -> str:
    """The one sentence with which such fields are refused."""
    with pytest.raises(BadInput) as caught:
        fill(form, fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("kind", "move", "fields"), [(row[0], row[1], row[2:]) for row in ROWS])
def test_a_move_has_the_fields_of_design_md(kind: str, move: str, fields: list[str]) -> None:
    """No more, no fewer, and the same ones required; good fields fill it. Each may say when it was done."""
    form = form_for(Kind(kind), Move(move))
    assert named(form) == {*fields, "(done_at)"}
    good = filled(form) if form is not form_for(Kind.HOLD_REVIEW, Move.CLOSE) else filled(form, outcome="Needs met.")
    assert fill(form, good).model_fields_set == set(good)


def test_every_offered_move_is_in_the_table() -> None:
    """What a task offers has its fields written down."""
    assert {(kind, move) for kind, moves in OFFERS.items() for move in moves} == {(row[0], row[1]) for row in ROWS}


@pytest.mark.parametrize("form", sorted(set(FORMS[None].values()), key=str))
def test_each_missing_field_is_named_and_an_unknown_one_names_the_known(form: type[BaseModel]) -> None:
    """Leave one out: `x: is missing`; add one: which fields there are."""
    good = filled(form) | ({"outcome": "Needs met."} if "summary" in form.model_fields else {})
    for name in [name for name, field in form.model_fields.items() if field.is_required()]:
        assert wrong(form, **{key: value for key, value in good.items() if key != name}) == f"{name}: is missing"
    known = ", ".join(form.model_fields)
    assert wrong(form, **good, wether=1) == f"wether: is not a field here; the fields are {known}"


WORDS = "child_words: give the child's own words, or child_words_missing: the reason there are none"
SEEN: dict[str, Any] = {
    "child": "amira",
    "seen_at": "2026-03-02T08:50",
    "place": "hall",
    "what": "No coat.",
    "child_words": "Cold.",
    "types": ["physical"],
}
TEXTS: list[tuple[type[BaseModel], dict[str, Any], str]] = [
    (ObservationForm, {"child_words": None}, WORDS),
    (ObservationForm, {"child_words": ""}, "child_words: string should have at least 1 character"),
    (ObservationForm, {"what": "x" * 20_001}, "what: string should have at most 20000 characters"),
    (ObservationForm, {"what": " \t "}, "what: string should have at least 1 character"),
    (ObservationForm, {"what": 7}, "what: input should be a valid string"),
    (ObservationForm, {"what": "a\0b"}, "what: holds a character that no text may hold"),
    (ObservationForm, {"child": "x" * 201}, "child: string should have at most 200 characters"),
    (ObservationForm, {"types": []}, "types: list should have at least 1 item after validation, not 0"),
    (ObservationForm, {"types": "physical"}, "types: input should be a valid list"),
    (ObservationForm, {"immediate_danger": "perhaps"}, "immediate_danger: input should be a valid boolean, unable …"),
    (ObservationForm, {"seen_at": "2026-03-02"}, "seen_at: write a day and time such as 2026-03-02T08:50 …"),
    (ObservationForm, {"seen_at": "0206-03-02T08:50"}, "seen_at: the year 206 cannot be meant; write a day and …"),
    (ObservationForm, {"seen_at": None}, "seen_at: write a day and time such as 2026-03-02T08:50 …"),
    (FORMS[None][Move.ASK], {"question": " \n "}, "question: string should have at least 1 character"),
    (FORMS[None][Move.ANSWER], {"text": "x" * 20_001}, "text: string should have at most 20000 characters"),
    (FORMS[None][Move.POSTPONE], {"to": "24.4."}, "to: write a day such as 2026-03-02, not '24.4.'"),
    (FORMS[None][Move.RECORD], {"on": "2026-02-30"}, "on: write a day such as 2026-03-02, not '2026-02-30'"),
    (FORMS[None][Move.RECORD], {"what": "tea"}, "what: input should be 'strategy_discussion', 's47', 'conference', …"),
    (
        FORMS[None][Move.REFER],
        {"parents_informed": "No"},
        "parents_informed: say yes, or why the parents were not informed",
    ),
    (
        FORMS[None][Move.REFER],
        {"parents_informed": False},
        "parents_informed: say yes, or why the parents were not informed",
    ),
    (
        FORMS[None][Move.EARLY_HELP],
        {"lead": "leon"},
        "lead: value is not a valid email address: An email address must …",
    ),
    (
        FORMS[None][Move.EARLY_HELP],
        {"lead": "a@b.example\nBcc: c@d.example"},
        "lead: value is not a valid email address: …",
    ),
    (FORMS[None][Move.COMPLETE], {"level": 5}, "level: input should be less than or equal to 4"),
    (FORMS[None][Move.COMPLETE], {"level": True}, "level: must be a number"),
    (FORMS[None][Move.COMPLETE], {"level": "high"}, "level: input should be a valid integer, unable to parse string …"),
    (
        FORMS[None][Move.COMPLETE],
        {"scores": {"housing": 0}},
        "scores.housing: input should be greater than or equal to 1",
    ),
    (FORMS[None][Move.COMPLETE], {"scores": [3]}, "scores: input should be a valid dictionary"),
    (FORMS[None][Move.COMPLETE], {"actions": [{"what": "x", "owner": "a@b.example"}]}, "actions.0.due: is missing"),
    (FORMS[None][Move.COMPLETE], {"actions": [{"whom": 1}]}, "actions.0.what: is missing"),
    (FORMS[None][Move.REVIEW], {"outcome": "better"}, "outcome: input should be 'improved', 'unchanged' or 'worse'"),
    (FORMS[None][Move.DECIDE], {"decision": "S17"}, "decision: input should be 's17', 's47', 'early_help' or 'nfa'"),
    (
        FORMS[None][Move.FILED],
        {"number": "1\r\n2"},
        "number: must be one line, without line breaks or control characters",
    ),
]


@pytest.mark.parametrize(("form", "fields", "said"), TEXTS)
def test_a_wrong_value_is_refused_in_one_sentence(form: type[BaseModel], fields: dict[str, Any], said: str) -> None:
    """It names the field and what would be right."""
    good = SEEN if form is ObservationForm else filled(form)
    text = wrong(form, **(good | fields))
    assert (text[: len(said) - 1] + "…" if said.endswith("…") else text) == said


@given(st.text(max_size=30), st.sampled_from("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\0\x7f"), st.text(max_size=30))
def test_no_line_break_of_any_script_gets_into_a_line(before: str, sign: str, after: str) -> None:
    """What Python, a mail header or a reader would take for a new line is refused wherever it stands inside."""
    form = FORMS[None][Move.FILED]
    with pytest.raises(BadInput):
        fill(form, {"by": "Dana", "number": f"a{before}{sign}{after}b"})


@given(st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=200))
def test_names_of_every_language_are_taken(name: str) -> None:
    """Łódź, Nuñez, 李: a line is any text without breaks."""
    assert fill(FORMS[None][Move.FILED], {"by": name, "number": "1"}).model_dump()["by"] == name


def test_values_are_made_plain() -> None:
    """White space around goes, addresses are in small letters, instants are UTC, `yes` stays yes, days are days."""
    seen = fill(ObservationForm, SEEN | {"what": "  No coat. \n", "seen_at": "2026-06-02T08:50"})
    assert (seen.what, seen.seen_at.isoformat()) == ("No coat.", "2026-06-02T07:50:00+00:00")
    helped = fill(form_for(Kind.DSL_REVIEW, Move.EARLY_HELP), {"reason": "r", "lead": " Leon@Oakfield.example "})
    assert helped.model_dump()["lead"] == "leon@oakfield.example"
    referred = fill(form_for(Kind.DSL_REVIEW, Move.REFER), {"reason": "r", "parents_informed": True})
    assert referred.model_dump()["parents_informed"] == "yes"
    put_off = fill(form_for(Kind.HOLD_REVIEW, Move.POSTPONE), {"reason": "r", "to": "2026-05-08"})
    assert put_off.model_dump()["to"] == date(2026, 5, 8)


def test_what_is_refused_is_not_repeated() -> None:
    """A sentence about a wrong text never holds the text: it may be a child's."""
    said = wrong(ObservationForm, **(SEEN | {"types": ["the marmalade fox"]}))
    assert "marmalade" not in said


def test_the_types_and_outcomes_are_those_of_the_field() -> None:
    """Nine types of neglect, three outcomes."""
    assert len(TYPES) == len(set(TYPES)) == 9
    assert [outcome.value for outcome in Outcome] == ["improved", "unchanged", "worse"]
