"""ETag, If-None-Match, If-Match: a tag holds the concern's version, and a fingerprint of what was answered.

The version is what a change is checked against; the fingerprint tells whether an answer is still the same, since a
clock or a letter changes what is shown without changing the concern.
"""

import hashlib
import re
from typing import Annotated

from fastapi import Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from models.errors import AlreadyDone
from web.api.problems import Invalid, Refused

TAG = re.compile(r'(?:W/)?"(\d{1,9})(?:\.[0-9a-f]{16})?"')
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        description="The ETag of the task or concern as you saw it: if it has changed since, you are refused (412).",
    ),
]


def tagged(request: Request, answer: BaseModel, version: int) -> Response:
    """The answer with its ETag; 304 without a body when the caller has the same one."""
    body = answer.model_dump_json(by_alias=True).encode()
    tag = f'W/"{version}.{hashlib.sha256(body).hexdigest()[:16]}"'
    had = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if tag in had or "*" in had:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, media_type="application/json", headers={"ETag": tag})


def version_in(given: str | None) -> int | None:
    """The version that If-Match names; None for none or for any. Raises Invalid for what is no tag of ours."""
    if given is None or given.strip() == "*":
        return None
    found = TAG.fullmatch(given.strip())
    if found is None:
        raise Invalid([("If-Match", "is not an ETag that was given out here")])
    return int(found[1])


def stale(error: AlreadyDone, version: int | None) -> Exception:
    """What somebody is told who came second: 412 where they said which version they had seen, else 409."""
    return error if version is None else Refused("stale", str(error))
