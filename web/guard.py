"""What stands before every page: sizes, where a form came from, and the headers that keep a browser careful.

Plain ASGI middleware, so that a body that is too large is never read to its end.
"""

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import settings
from models.errors import NotFound

LARGEST = 1_000_000
LARGEST_ROSTER = 8_000_000
ROSTERS = ("/admin/roster", "/api/v1/roster")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"


class TooLarge(Exception):
    """The body is larger than any form of ours."""


class FromElsewhere(Exception):
    """A form that was not sent by a page of ours."""


class CannotRead(Exception):
    """A form that no page of ours sends: not text, or not a form."""


async def must_be_sound(request: Request) -> None:
    """A dependency of every page: raises what the guard found, so that it is answered as a page."""
    refused = request.state.refused
    if refused == "size":
        raise TooLarge
    if refused == "origin":
        raise FromElsewhere
    if refused == "address":
        raise NotFound("no page")


class Guard:
    """Refuses what is too large or comes from another site, and adds the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI call: `state.nonce` is this answer's own, `state.refused` says what a page must answer instead."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        state["nonce"] = nonce
        state["refused"] = _refused(scope, headers)

        async def measured() -> Message:
            message = await receive()
            state["received"] = state.get("received", 0) + len(message.get("body", b""))
            if state["received"] > _largest(scope["path"]):
                state["refused"] = "size"
                raise TooLarge
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _secure(MutableHeaders(scope=message), nonce, scope["path"])
            await send(message)

        await self.app(scope, measured, guarded)


def _largest(path: str) -> int:
    return LARGEST_ROSTER if path in ROSTERS else LARGEST


def _refused(scope: Scope, headers: Headers) -> str | None:
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > _largest(scope["path"]):
        return "size"
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        return "address"  # no database takes it as a text, and no address of ours has it
    if scope["method"] in SAFE_METHODS or scope["path"].startswith(API):
        return None
    return None if _is_from_here(headers) else "origin"


def _is_from_here(headers: Headers) -> bool:
    """Whether a form was sent by a page of ours: the browser says so, and no page can make it say so.

    Fetch Metadata (W3C) first; the Origin header (RFC 6454) of browsers that do not send it; neither is refused.
    """
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = headers.get("origin", "")
    return bool(origin) and urlsplit(origin).netloc in (headers.get("host"), urlsplit(settings().base_url).netloc)


def comes_from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that another site sent it here: for the few links that begin something."""
    return headers.get("sec-fetch-site") in ("cross-site", "same-site")


def _secure(headers: MutableHeaders, nonce: str, path: str) -> None:
    headers.setdefault("Content-Security-Policy", policy(nonce))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["X-Robots-Tag"] = "noindex"
    if not path.startswith("/static/"):
        # A calendar feed says for itself how long it may be kept; no page does.
        headers.setdefault("Cache-Control", "no-store")
    if settings().base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"


def policy(nonce: str) -> str:
    """The Content-Security-Policy of a page: our own files, our own scripts, and nobody may frame it."""
    return (
        "default-src 'none'; "
        f"script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
