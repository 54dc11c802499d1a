"""Reading what is sent: one JSON object, each field once, checked against the same forms that pages and files fill."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel, ValidationError

from config.errors import BadInput
from models.fields import first_wrong
from web.api.callers import Caller, Manager, Reader, Recorder
from web.api.problems import Invalid, Refused
from web.guard import TooLarge

F = TypeVar("F", bound=BaseModel)
LONGEST_NAME = 80
MOST_ERRORS = 50

OnceKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same request within 24 hours gets the same answer; nothing is done twice.",
    ),
]


@dataclass(frozen=True)
class Posted:
    """A request that changes something: who, which fields, its idempotency key, a fingerprint of what was asked."""

    caller: Caller
    fields: Mapping[str, Any]
    once: str | None
    fingerprint: str


async def fields_of(request: Request) -> dict[str, Any]:
    """The object in the body; {} for none. Raises TooLarge, Refused (400, 415) or Invalid."""
    if request.state.refused == "size":
        raise TooLarge
    raw = await request.body()
    kind, _, more = request.headers.get("content-type", "").partition(";")
    if (raw or kind) and (kind.strip().lower() != "application/json" or not _is_utf8(more)):
        raise Refused("not-json")
    value = _parsed(raw) if raw else {}
    if not isinstance(value, dict):
        raise Invalid([("body", "must be one JSON object")])
    return value


def _is_utf8(more: str) -> bool:
    name, _, value = more.partition("=")
    return name.strip().lower() != "charset" or value.strip().strip('"').lower() in ("utf-8", "utf8")


def _parsed(raw: bytes) -> Any:
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field is there twice")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


async def _posted(request: Request, caller: Caller, once: str | None) -> Posted:
    fields = await fields_of(request)
    # The key belongs to it: another key of the same person may reach less, and is not given this one's answer.
    asked = [str(caller.key.id), request.method, request.url.path, request.url.query, fields]
    said = json.dumps(asked, sort_keys=True)
    return Posted(caller, fields, once, hashlib.sha256(said.encode()).hexdigest())


async def _recorded(request: Request, caller: Recorder, once: OnceKey = None) -> Posted:
    return await _posted(request, caller, once)


async def _managed(request: Request, caller: Manager, once: OnceKey = None) -> Posted:
    return await _posted(request, caller, once)


async def _asked(request: Request, caller: Reader) -> Posted:
    return await _posted(request, caller, None)


Recording = Annotated[Posted, Depends(_recorded)]
Managing = Annotated[Posted, Depends(_managed)]
Asking = Annotated[Posted, Depends(_asked)]


def filled(form: type[F], fields: Mapping[str, Any]) -> F:
    """The filled form, JSON's own types strictly; raises Invalid with every field that is wrong."""
    try:
        return form.model_validate_json(json.dumps(fields), strict=True)
    except ValidationError as error:
        places = range(min(error.error_count(), MOST_ERRORS))
        raise Invalid([_said(first_wrong(error, form, place), fields) for place in places]) from None


def _said(wrong: BadInput, fields: Mapping[str, Any]) -> tuple[str, str]:
    return wrong.field[:LONGEST_NAME], unechoed(wrong, fields)


def unechoed(wrong: BadInput, fields: Mapping[str, Any]) -> str:
    """What would be right, without the value that was sent: it may be anybody's words."""
    message = wrong.message.partition(", not '")[0].partition(', not "')[0]
    value = _at(wrong.field.split("."), fields)
    if isinstance(value, str) and value.strip():
        for said in (value, value.strip(), value.strip().lower()):
            message = message.replace(said, "what was sent")
    return message


def _at(path: Sequence[str], value: Any) -> Any:
    for part in path:
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value
