"""Reading what a browser sends: from form fields to the fields that casework takes; nothing typed is ever lost.

`Typed` is what was sent, name by name, and fills the form again. `read` makes a move's or an observation's fields.
Days and moments come as parts (`seen_at-day`, `seen_at-time`), repeated groups as `actions-0-what`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from config.errors import BadInput
from models.fields import first_wrong
from web.guard import CannotRead
from web.questions import Question

Typed = Mapping[str, Sequence[str]]
Wrong = dict[str, str]  # a field and what would be right
FORM = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_FIELDS = 400
PARTS = ("day", "month", "year")
SECRET = frozenset({"password", "again", "present", "code", "recovery", "carry", "half", "enrol"})
_GROUP = re.compile(r"actions-(\d{1,2})-")


async def typed_in(request: Request) -> Typed:
    """What the browser sent, each name with its values; raises CannotRead for anything that is no form of text."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORM:
        raise CannotRead
    try:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS)
    except (HTTPException, UnicodeDecodeError, ValueError):
        raise CannotRead from None
    return _texts(form)


def _texts(form: FormData) -> Typed:
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            continue
        if "\0" in value or "\ufffd" in value:
            raise CannotRead
        found.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return found


def one(typed: Typed, name: str) -> str:
    """The value of a field that has one, without spaces around it; empty when it was not sent."""
    values = typed.get(name) or ("",)
    return values[0].strip()


def an_id(text: str) -> UUID | None:
    """The id that a text is, if any."""
    try:
        return UUID(text)
    except ValueError:
        return None


def read(typed: Typed, questions: Sequence[Question]) -> dict[str, Any]:
    """The fields that were answered; what was left empty is left out, so that casework says what is missing."""
    fields: dict[str, Any] = {}
    for question in questions:
        value = _READERS.get(question.ask, _line)(typed, question.name)
        if value not in (None, "", [], {}):
            fields[question.name] = value
    return fields


def _line(typed: Typed, name: str) -> str:
    return one(typed, name)


def _choices(typed: Typed, name: str) -> list[str]:
    return [value for value in typed.get(name, ()) if value]


def _yes(typed: Typed, name: str) -> bool:
    return one(typed, name) == "true"


def _day(typed: Typed, name: str) -> str:
    """A day as ISO text; what is no day stays as it was typed, for casework to refuse."""
    day, month, year = (one(typed, f"{name}-{part}") for part in PARTS)
    if not (day or month or year):
        return one(typed, name)
    return f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"


def _moment(typed: Typed, name: str) -> str:
    """What is only half a moment stays as it was typed, for casework to refuse."""
    day, time = _day(typed, name), one(typed, f"{name}-time")
    return f"{day}T{_hours(time)}" if time else day


def _hours(time: str) -> str:
    """`9:05` and `9.05` as `09:05`; anything else as it was typed."""
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2})", time)
    return f"{found[1].zfill(2)}:{found[2]}" if found else time


def _person(typed: Typed, name: str) -> str:
    """Somebody else's e-mail address goes before a name that was chosen."""
    return one(typed, f"{name}-other") or one(typed, name)


def _informed(typed: Typed, name: str) -> str:
    """`yes`, or the reason why not."""
    answer = one(typed, name)
    return one(typed, f"{name}-why") or "no" if answer == "no" else answer


def _actions(typed: Typed, name: str) -> list[dict[str, str]]:
    numbers = sorted({int(found[1]) for field in typed if (found := _GROUP.match(field))})
    rows = [_action(typed, f"{name}-{number}") for number in numbers]
    return [row for row in rows if row]


def _action(typed: Typed, name: str) -> dict[str, str]:
    row = {
        "what": one(typed, f"{name}-what"),
        "owner": _person(typed, f"{name}-owner"),
        "due": _day(typed, f"{name}-due"),
    }
    return {field: value for field, value in row.items() if value}


def _scores(typed: Typed, name: str) -> dict[str, Any]:
    start = f"{name}-"
    found = {field.removeprefix(start): one(typed, field) for field in typed if field.startswith(start)}
    return {area: int(grade) if grade.isdigit() else grade for area, grade in found.items() if grade}


_READERS = {
    "choices": _choices,
    "yes": _yes,
    "day": _day,
    "moment": _moment,
    "informed": _informed,
    "person": _person,
    "actions": _actions,
    "scores": _scores,
}


def everything_wrong(form: type[BaseModel], fields: Mapping[str, Any]) -> Wrong:
    """All that is wrong with the fields of a form, field by field; empty when nothing is."""
    try:
        form.model_validate(dict(fields))
    except ValidationError as error:
        return dict(_said(error, form, place) for place in range(error.error_count()))
    return {}


def _said(error: ValidationError, form: type[BaseModel], place: int) -> tuple[str, str]:
    wrong = first_wrong(error, form, place)
    return wrong.field, wrong.message


def wrong_by(error: BadInput) -> Wrong:
    """The one thing that casework refused."""
    return {error.field: error.message}


def without_secrets(typed: Typed) -> Typed:
    """What may be kept or shown again: no password and no code."""
    return {name: values for name, values in typed.items() if name not in SECRET}
