"""What somebody reads when a page cannot be had: what happened, what to do now, and nothing about any child."""

from urllib.parse import urlencode
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput, PathwayError
from config.logs import logger
from flows.containment import place
from models.errors import AlreadyDone, NotFound, NotOffered, NotPermitted
from web.guard import SAFE_METHODS, CannotRead, FromElsewhere, TooLarge
from web.rendering import page
from web.signing.asking import sign_in_page
from web.signing.carrying import TooMuch, take_up
from web.signing.limiting import TooMany
from web.viewing import NotYours, SignInNeeded

log = logger(__name__)


def add_refusals(app: FastAPI) -> None:
    """Add the pages for what goes wrong."""
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(NotYours, _not_found)
    app.add_exception_handler(NotFound, _not_found)
    app.add_exception_handler(RequestValidationError, _not_found)  # an address of the wrong shape
    app.add_exception_handler(NotPermitted, _not_permitted)
    app.add_exception_handler(AlreadyDone, _conflict)
    app.add_exception_handler(NotOffered, _conflict)
    app.add_exception_handler(TooMany, _too_many)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(FromElsewhere, _from_elsewhere)
    app.add_exception_handler(CannotRead, _cannot_read)
    app.add_exception_handler(BadInput, _bad_input)
    app.add_exception_handler(PathwayError, _cannot)
    app.add_exception_handler(OperationalError, _no_record)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


async def _sign_in(request: Request, error: Exception) -> Response:
    """A page to look at is come back to; a form that was handed in is carried through signing in with its text."""
    if request.method in SAFE_METHODS:
        return RedirectResponse(f"/sign-in?{urlencode({'next': request.url.path})}", 303)
    if request.url.path == "/drafts":  # a page's script, which shows no page
        return Response(status_code=401)
    try:
        carry = await take_up(request, error.person_id if isinstance(error, SignInNeeded) else None)
    except TooMuch:
        return sign_in_page(request, status=401, why="too-much")
    return sign_in_page(request, status=401, carry=carry, why="carried" if carry else "ended")


async def _too_many(request: Request, error: Exception) -> Response:
    seconds = error.seconds if isinstance(error, TooMany) else 60
    answer = page(request, "refusals/too-many", status=429, minutes=-(-seconds // 60))
    answer.headers["Retry-After"] = str(seconds)
    return answer


async def _not_found(request: Request, error: Exception) -> Response:
    return page(request, "refusals/not-found", getattr(request.state, "viewer", None), status=404)


async def _not_permitted(request: Request, error: Exception) -> Response:
    return page(request, "refusals/not-permitted", getattr(request.state, "viewer", None), status=403)


async def _conflict(request: Request, error: Exception) -> Response:
    return page(request, "refusals/conflict", getattr(request.state, "viewer", None), status=409, said=str(error))


async def _too_large(request: Request, error: Exception) -> Response:
    return page(request, "refusals/too-large", status=413)


async def _from_elsewhere(request: Request, error: Exception) -> Response:
    return page(request, "refusals/cannot-read", status=403)


async def _cannot_read(request: Request, error: Exception) -> Response:
    return page(request, "refusals/cannot-read", status=400)


async def _bad_input(request: Request, error: Exception) -> Response:
    return page(request, "refusals/cannot-read", getattr(request.state, "viewer", None), status=422, said=str(error))


async def _cannot(request: Request, error: Exception) -> Response:
    return page(request, "refusals/conflict", getattr(request.state, "viewer", None), status=409, said=str(error))


async def _no_record(request: Request, error: Exception) -> Response:
    log.error("record_unreachable", error=type(error).__name__)
    return page(request, "refusals/later", status=503)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:  # a form's address opened by hand
        return RedirectResponse("/", 303)
    name = {404: "not-found", 403: "not-permitted", 413: "too-large"}.get(status, "cannot-read")
    return page(request, f"refusals/{name}", status=status)


async def _broken(request: Request, error: Exception) -> Response:
    incident = uuid4().hex[:12]
    log.error("page_failed", error=type(error).__name__, incident=incident, where=place(error))
    return page(request, "refusals/broken", status=500, incident=incident)
