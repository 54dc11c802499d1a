"""From what goes wrong to the problem that says so."""

from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from config.errors import BadInput, PathwayError
from config.logs import logger
from flows.containment import place
from models.answers_kept import OtherRequest
from models.errors import AlreadyDone, NotFound, NotOffered, NotPermitted
from web.api.problems import Invalid, Refused, problem
from web.guard import TooLarge
from web.viewing import NotYours

log = logger(__name__)


def add_problems(app: FastAPI) -> None:
    """Answer everything that goes wrong as a problem."""
    for error in (NotYours, NotFound):
        app.add_exception_handler(error, _not_found)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Invalid, _invalid)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(NotPermitted, _not_permitted)
    app.add_exception_handler(AlreadyDone, _already_done)
    app.add_exception_handler(NotOffered, _not_offered)
    app.add_exception_handler(PathwayError, _not_offered)
    app.add_exception_handler(OtherRequest, _other_request)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(OperationalError, _later)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


async def _not_found(request: Request, error: Exception) -> Response:
    return problem("not-found")


async def _refused(request: Request, error: Exception) -> Response:
    found = error if isinstance(error, Refused) else Refused("broken")
    return problem(found.kind, found.detail, headers=found.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    return problem("invalid", errors=error.errors if isinstance(error, Invalid) else [])


async def _bad_input(request: Request, error: Exception) -> Response:
    wrong = error if isinstance(error, BadInput) else BadInput("", "is refused")
    return problem("invalid", errors=[(wrong.field, wrong.message)])


async def _parameters(request: Request, error: Exception) -> Response:
    """A path that cannot be one leads nowhere; a query or a header is named with what would be right."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    if any(one["loc"][0] == "path" for one in found):
        return problem("not-found")
    return problem("invalid", errors=[(str(one["loc"][-1]), one["msg"]) for one in found])


async def _not_permitted(request: Request, error: Exception) -> Response:
    return problem("not-permitted", str(error).removeprefix("as: "))


async def _already_done(request: Request, error: Exception) -> Response:
    return problem("already-done", str(error))


async def _not_offered(request: Request, error: Exception) -> Response:
    return problem("not-offered", str(error))


async def _other_request(request: Request, error: Exception) -> Response:
    return problem("key-reused")


async def _too_large(request: Request, error: Exception) -> Response:
    return problem("too-large")


async def _later(request: Request, error: Exception) -> Response:
    log.error("record_unreachable", error=type(error).__name__)
    return problem("later", headers={"Retry-After": "60"})


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    return problem({404: "not-found", 405: "method"}.get(status, "malformed"), headers=headers)


async def _broken(request: Request, error: Exception) -> Response:
    incident = uuid4().hex[:12]
    log.error("api_failed", error=type(error).__name__, incident=incident, where=place(error))
    return problem("broken", f"Nothing was changed. Tell your administrator the incident: {incident}.")
