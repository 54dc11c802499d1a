"""The form of an observation: its questions, and what a browser sent as the fields that casework takes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from config.time import to_london
from models.forms import ObservationForm
from web.answers import Typed, Wrong, everything_wrong, one, read
from web.questions import Option, Question
from web.saying import TYPES

DAYS = {"today": 0, "yesterday": 1}
WORDS = Question("child_words", "What did the child say?", "choice")
SEEN = Question("seen_at", "When did you see it?", "choice")
PLACE = Question("place", "Where?", "line", "For example: classroom, home visit, on the telephone")
WHAT = Question(
    "what",
    "What did you see or hear?",
    "text",
    "Facts, in the order they happened. Keep what you think about it for the end, and say that it is what you think.",
    rows=8,
)
KINDS = Question(
    "types",
    "What kind of neglect might it be?",
    "choices",
    "Tick all that may fit. You need not be sure.",
    tuple(Option(value, text) for value, text in TYPES.items()),
)
DANGER = Question(
    "immediate_danger",
    "Is the child in immediate danger?",
    "choice",
    "",
    (
        Option("false", "No"),
        Option(
            "true",
            "Yes, send a referral now",
            "A referral goes to children's social care at once, and those responsible are told to telephone.",
        ),
    ),
)
OBSERVER = Question("observer", "Who saw it?", "choice")
ASKED = (OBSERVER, SEEN, PLACE, WHAT, WORDS, KINDS, DANGER)
_READ = (PLACE, WHAT, KINDS)


def fields_of(typed: Typed, child_key: str, at: datetime) -> dict[str, Any]:
    """The fields of ObservationForm as they were answered; what was left empty is left out."""
    fields = read(typed, _READ) | _words(typed)
    if seen := _seen_at(typed, to_london(at).date()):
        fields["seen_at"] = seen
    if danger := one(typed, "immediate_danger"):
        fields["immediate_danger"] = danger == "true"
    if key := one(typed, "key"):
        fields["key"] = key
    return {"child": child_key, **fields}


def dated(typed: Typed, today: date) -> Typed:
    """What was typed with `today` and `yesterday` as the dates they were on the day it was typed."""
    when, on = one(typed, "seen_at-when"), _iso_day(one(typed, "seen_at-on")) or today
    if when not in DAYS:
        return typed
    day = on - timedelta(days=DAYS[when])
    parts = {"day": day.day, "month": day.month, "year": day.year}
    return {**typed, **{f"seen_at-{name}": [str(number)] for name, number in parts.items()}}


def on_another_day(typed: Typed, today: date) -> Typed:
    """A draft of an earlier day, whose `today` is no longer today's: its dates are written out."""
    on = _iso_day(one(typed, "seen_at-on"))
    if on in (None, today):
        return typed
    when = "other" if one(typed, "seen_at-when") in DAYS else one(typed, "seen_at-when")
    return {**dated(typed, today), "seen_at-when": [when], "seen_at-on": [today.isoformat()]}


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _seen_at(typed: Typed, today: date) -> str:
    """A day chosen by its name, or given as day, month and year; with its time."""
    seen: str = read(dated(typed, today), (Question("seen_at", "", "moment"),)).get("seen_at", "")
    return seen if not seen.startswith("T") else ""  # a time alone says nothing of when


def _words(typed: Typed) -> dict[str, str]:
    """The child's own words, or why there are none; without an answer to which, whichever was written."""
    said, missing = one(typed, "child_words"), one(typed, "child_words_missing")
    which = one(typed, "words") or ("own" if said else "none")
    found = {"child_words": said} if which == "own" else {"child_words_missing": missing}
    return {name: text for name, text in found.items() if text}


def wrong_in(fields: dict[str, Any], typed: Typed) -> Wrong:
    """All that is wrong, field by field, each in words that say what would be right."""
    found = everything_wrong(ObservationForm, fields)
    wrong = {field.partition(".")[0]: message for field, message in found.items()}
    if any(field.startswith("types.") for field in found):
        wrong["types"] = "choose from the kinds of neglect that are listed"
    if "child_words" not in fields and "child_words_missing" not in fields:
        wrong["child_words"] = _no_words(one(typed, "words"))
    if "child_words_missing" in wrong:
        wrong["child_words"] = wrong.pop("child_words_missing")
    if "seen_at" in fields and "T" not in fields["seen_at"]:
        wrong["seen_at"] = "enter the time as well, for example 8:50: about when is enough"
    elif "seen_at" in wrong and wrong["seen_at"] != "is missing":
        wrong["seen_at"] = "enter a day and a time that exist, for example 2 3 2026 and 8:50"
    if "immediate_danger" not in fields:
        wrong["immediate_danger"] = "say whether the child is in immediate danger"
    if one(typed, "observer") == "colleague" and not one(typed, "colleague"):
        wrong["observer"] = "choose the colleague who saw it"
    return wrong


def _no_words(which: str) -> str:
    if which == "own":
        return "write down what the child said, in the child's own words"
    if which == "none":
        return "say why there are no words of the child's"
    return "write down what the child said, or say why there is nothing"


def observer_of(typed: Typed) -> str | None:
    """The e-mail address of the colleague whose note it is; None when it is the writer's own."""
    return one(typed, "colleague") or None if one(typed, "observer") == "colleague" else None


def mend(wrong: Wrong) -> Wrong:
    """What casework found, under the questions that this page asks."""
    names = {"child_words_missing": "child_words", "key": "what", "child": "what"}
    return {names.get(field, field): message for field, message in wrong.items()}


def shown_wrong(wrong: Wrong, questions: Sequence[Question]) -> Wrong:
    """In the order in which the page asks."""
    return {question.name: wrong[question.name] for question in questions if question.name in wrong} | wrong
