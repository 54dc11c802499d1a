"""The web application: pages, their refusals, static files, and the JSON API beside them."""

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from models.database import engine, reading
from models.schema import is_there
from web import (
    absence,
    children,
    concern,
    desk,
    drafts,
    foreseen,
    front_door,
    keys,
    mailbox,
    mending,
    moving,
    noticing,
    sample,
)
from web.api.app import mounted
from web.guard import Guard, must_be_sound
from web.navigation import home_of
from web.office import audit, beginning, letters, places, staff, watch
from web.refusals import add_refusals
from web.rendering import STATIC, assets_version
from web.signing import account, door, joining, single
from web.tracking import board, capacity, feed, month
from web.viewing import Viewing

PARTS = (
    absence,
    account,
    audit,
    beginning,
    board,
    capacity,
    children,
    concern,
    desk,
    door,
    drafts,
    feed,
    foreseen,
    front_door,
    joining,
    keys,
    letters,
    mailbox,
    mending,
    month,
    moving,
    noticing,
    places,
    sample,
    single,
    staff,
    watch,
)
first = APIRouter()


def make_app() -> ASGIApp:
    """The whole application, as an ASGI server runs it."""
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(must_be_sound)])
    pages.include_router(first)
    for part in PARTS:
        pages.include_router(part.router)
    pages.router.routes.append(mounted())
    STATIC.mkdir(exist_ok=True)
    pages.mount(f"/static/{assets_version()}", _Lasting(directory=STATIC))
    add_refusals(pages)
    return Guard(pages)


class _Lasting(StaticFiles):
    """Static files, whose address changes with their content: a browser may keep them."""

    def file_response(self, *args: object, **named: object) -> Response:
        """The file, to be kept for a year."""
        response: Response = super().file_response(*args, **named)  # type: ignore[arg-type]  # handed through
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


@first.get("/")
async def home(viewer: Viewing) -> Response:
    """The page this person opens every morning."""
    return RedirectResponse(home_of(viewer), 303)


@first.get("/health")
async def health() -> Response:
    """Whether pages are served and the record answers: for whoever watches from outside; it says nothing else."""
    async with reading(engine()) as session:
        await session.connection()
    return PlainTextResponse("ok" if await is_there(engine()) else "no record yet")
