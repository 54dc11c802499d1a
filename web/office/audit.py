"""The audit: a search of what was done and by whom, of who looked at what, and the same as a file."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from config.time import LONDON
from models.audit import Line, Looked, audit, looks
from models.database import engine, reading
from models.reach import Viewer
from web.answers import Typed, Wrong, typed_in, wrong_by
from web.office.keyholder import PAGE_OF, Keyholder
from web.office.searching import Wanted, questions, search_of, typed_of
from web.rendering import page
from web.spreadsheet import csv_text

router = APIRouter()
MOST_ROWS = 5_000
DONE = "/admin/audit"
LOOKS = "/admin/audit/looks"
TABS = ((DONE, "What was done"), (LOOKS, "Who looked at whom"))


@router.get(DONE)
async def done(request: Request, viewer: Keyholder, wanted: Wanted) -> Response:
    """What was done, newest first, fifty a page."""
    async with reading(engine()) as session:
        lines = await audit(session, wanted[0], PAGE_OF + 1)
        typed = await typed_of(session, wanted[1])
    return _shown(request, viewer, DONE, lines, typed, wanted[1])


@router.get(LOOKS)
async def looked(request: Request, viewer: Keyholder, wanted: Wanted) -> Response:
    """Who looked at a child, newest first; the child is not named here."""
    async with reading(engine()) as session:
        lines = await looks(session, wanted[0], PAGE_OF + 1)
        typed = await typed_of(session, wanted[1])
    return _shown(request, viewer, LOOKS, lines, typed, wanted[1])


def _shown(
    request: Request, viewer: Viewer, place: str, lines: Sequence[Line | Looked], typed: Typed, kept: dict[str, str]
) -> Response:
    more = lines[PAGE_OF - 1] if len(lines) > PAGE_OF else None
    further = urlencode({**kept, "before": more.at.isoformat(), "last": more.id}) if more else ""
    words: dict[str, Any] = {"lines": lines[:PAGE_OF], "search": urlencode(kept), "further": further}
    return _page(request, viewer, place, typed, {}, **words, is_later="before" in request.query_params)


def _page(request: Request, viewer: Viewer, place: str, typed: Typed, wrong: Wrong, **words: Any) -> Response:
    known = {"place": place, "tabs": TABS, "questions": questions(kinds=place == DONE), "typed": typed, "wrong": wrong}
    return page(request, "office/audit", viewer, status=422 if wrong else 200, **known, **words)


@router.post(DONE)
async def search_done(request: Request, viewer: Keyholder) -> Response:
    """From the form to the address of its result."""
    return await _search(request, viewer, DONE)


@router.post(LOOKS)
async def search_looks(request: Request, viewer: Keyholder) -> Response:
    """The same for who looked."""
    return await _search(request, viewer, LOOKS)


async def _search(request: Request, viewer: Viewer, place: str) -> Response:
    typed = await typed_in(request)
    try:
        async with reading(engine()) as session:
            kept = await search_of(session, typed)
    except BadInput as error:
        return _page(request, viewer, place, typed, wrong_by(error), lines=[], search="", further="")
    return RedirectResponse(f"{place}?{urlencode(kept)}", 303)


@router.get("/admin/audit.csv")
async def done_file(viewer: Keyholder, wanted: Wanted) -> Response:
    """What was done as a file: the newest five thousand lines of a search."""
    async with reading(engine()) as session:
        lines = await audit(session, wanted[0], MOST_ROWS)
    heads = ("when (Europe/London)", "by", "what", "whom", "concern", "about")
    return _file("audit", heads, [_cells(one) for one in lines])


def _cells(one: Line) -> Sequence[str]:
    return (_when(one), one.by or "pathway", one.kind, one.whom, one.reference, one.said())


@router.get("/admin/audit/looks.csv")
async def looks_file(viewer: Keyholder, wanted: Wanted) -> Response:
    """Who looked as a file."""
    async with reading(engine()) as session:
        lines = await looks(session, wanted[0], MOST_ROWS)
    heads = ("when (Europe/London)", "by", "page", "concern")
    return _file("looks", heads, [(_when(one), one.by, one.page, one.reference) for one in lines])


def _when(one: Line | Looked) -> str:
    return f"{one.at.astimezone(LONDON):%Y-%m-%d %H:%M:%S}"


def _file(name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Response:
    kept = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(csv_text(heads, rows), media_type="text/csv; charset=utf-8", headers=kept)
