"""What the API answers when it cannot: problem+json (RFC 9457). No text that was sent is ever sent back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
MEANINGS = "/api/v1/docs#problem-"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its HTTP status, its title, and what to do about it."""

    status: int
    title: str
    advice: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "malformed": Kind(400, "The body is not JSON", "Send one JSON object, in UTF-8, with each field once."),
        "sign-in": Kind(401, "No key that opens", "Send `Authorization: Bearer` with a key that has not ended."),
        "not-permitted": Kind(403, "Not permitted", "Your role may not do this; the detail says who may."),
        "scope": Kind(403, "The key may not do this", "Make a key with the scope that is named."),
        "not-found": Kind(404, "Nothing here", "It does not exist, or it is out of your reach. We never say which."),
        "method": Kind(405, "Not a method of this address", "The header Allow names those that are."),
        "already-done": Kind(409, "Somebody was first", "Look again, and decide again if it is still needed."),
        "not-offered": Kind(409, "Not offered now", "It has moved on; the detail says what it offers now."),
        "stale": Kind(412, "You have not seen the latest", "Get it again: If-Match names a version that has passed."),
        "too-large": Kind(413, "Too large", "Send less: a body is at most 1 MB, a roster 8 MB."),
        "not-json": Kind(415, "Not JSON", "Send `Content-Type: application/json`."),
        "invalid": Kind(422, "Not valid", "Mend the fields that `errors` names. Nothing was changed."),
        "key-reused": Kind(422, "The key stands for something else", "Use a new Idempotency-Key for a new request."),
        "too-many": Kind(429, "Too many requests", "Wait as many seconds as Retry-After says."),
        "broken": Kind(500, "Something broke", "Nothing was changed. Tell your administrator the incident."),
        "later": Kind(503, "The record cannot be reached", "Nothing was changed. Try again in a minute."),
    }
)


class FieldError(BaseModel):
    """What is wrong with one field, and what would be right."""

    model_config = ConfigDict(extra="forbid")

    field: str
    message: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457). `type` leads to what it means and what to do."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(examples=[f"{MEANINGS}stale"])
    title: str
    status: int
    detail: str
    field: str | None = Field(default=None, description="The first field that is wrong.")
    errors: list[FieldError] | None = Field(default=None, description="Every field that is wrong.")


class Refused(Exception):
    """Something of the API's own is refused: a kind of problem, what to say, and headers to say it with."""

    def __init__(self, kind: str, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.kind, self.detail, self.headers = kind, detail, headers
        super().__init__(kind)


class Invalid(Exception):
    """Fields that are wrong: (field, what would be right)."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        self.errors = list(errors)
        super().__init__("invalid")


def problem(
    kind: str,
    detail: str = "",
    errors: Sequence[tuple[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer for a problem of that kind."""
    known = KINDS[kind]
    said: dict[str, Any] = {"type": f"{MEANINGS}{kind}", "title": known.title, "status": known.status}
    said["detail"] = detail or known.advice
    if errors:
        said["field"] = errors[0][0]
        said["errors"] = [{"field": field, "message": message} for field, message in errors]
    return JSONResponse(said, known.status, dict(headers or {}), media_type=MEDIA_TYPE)
