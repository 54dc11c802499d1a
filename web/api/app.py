"""The API as an application of its own, mounted under /api/v1 by `web.app`."""

import re

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.containment import Contained
from web.api import children, concerns, leave, moves, observations, places, referrals, staff, tasks, watch
from web.api.problems import KINDS
from web.api.refusing import add_problems
from web.api.schema import described, operations
from web.rendering import page

PARTS = (children, observations, concerns, tasks, moves, leave, referrals, staff, places, watch)
PREFIX = "/api/v1"


class _Answered:
    """An application whose errors have been answered and logged: they go no further, to the pages around it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI call."""
        with Contained():
            await self.app(scope, receive, send)


def make_api() -> ASGIApp:
    """The API. Its description and its handbook need no key, and hold nothing of anybody's."""
    api = FastAPI(
        title="Neglect Pathway", version="1", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    for part in PARTS:
        api.include_router(part.router)
    add_problems(api)

    @api.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return JSONResponse(described(api))

    @api.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        made = described(api)
        return page(
            request, "keys/handbook", operations=operations(made, PREFIX), problems=KINDS, description=made["info"]
        )

    @api.get("/", include_in_schema=False)
    async def front() -> Response:
        return RedirectResponse(f"{PREFIX}/docs", 307)

    return _Answered(api)


def mounted() -> Mount:
    """The API at its place among the pages."""
    mount = Mount(PREFIX, make_api())
    # An address with a line break in it is the API's to refuse too; a dot does not match one by itself.
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return mount
