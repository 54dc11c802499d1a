"""The list: one page of a table at a time, sorted, and the same as a file for a spreadsheet."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from config.time import to_london
from models.database import engine, reading, writing
from models.looks import note_looks
from models.reach import Viewer
from models.tracker import Choice, count, tally
from models.tracker_rows import SORTS, Row, listed
from web.rendering import page
from web.saying import STATUSES
from web.spreadsheet import csv_text
from web.tracking.cards import Card, cards, seen
from web.tracking.choosing import (
    COLUMNS,
    Chosen,
    Tracker,
    address,
    columns_to_choose,
    filters,
    is_chosen,
    tabs,
)
from web.viewing import Now, looked

router = APIRouter()
A_PAGE = 50
FURTHEST = 100_000
# More is no list for a spreadsheet any more; the page says so and asks for a narrower choice.
MOST_LINES = 5_000
LOOKS = 500  # of the access log, in one statement
HEADINGS = (
    "Reference",
    "Child",
    "Setting",
    "Area",
    "Status",
    "What is due",
    "Due",
    "Why then",
    "Owed by",
    "Acting",
    "Days without improvement",
    "Last reviews",
    "Unchanged running",
    "Put off",
)


@router.get("/tracker/list")
async def show(
    request: Request, viewer: Tracker, choice: Chosen, at: Now, sort: str = "due", start: str = "0"
) -> Response:
    """One page of the list."""
    order, first = sort if sort in SORTS else "due", _place(start)
    async with reading(engine()) as session:
        groups = await tally(session, viewer, choice, at)
        offered = await filters(session, groups, choice)
        rows = await listed(session, viewer, choice, at, order, first, A_PAGE)
    await looked(viewer, "tracker-list", seen(rows), at)
    return page(
        request,
        "tracker/list",
        viewer,
        rows=cards(rows, viewer, at),
        total=count(groups, choice, _counted(choice)),
        start=first,
        limit=A_PAGE,
        most=MOST_LINES,
        turning=_turning(choice, order),
        sorts={name: _sort(choice, order, name) for name in ("due", "days", "setting")},
        sort=order,
        title=_title(choice),
        day=choice.day,
        filters=[columns_to_choose(choice), *offered],
        chosen=is_chosen(choice),
        file=address("/tracker/reviews.csv", choice),
        tabs=tabs(choice),
    )


def _place(start: str) -> int:
    return min(int(start), FURTHEST) if start.isascii() and start.isdigit() and len(start) < 9 else 0


def _counted(choice: Choice) -> str:
    if choice.day:
        return "day"
    return choice.column.value if choice.column else "all"


def _title(choice: Choice) -> str:
    return COLUMNS[choice.column] if choice.column else "Assessments and reviews"


def _turning(choice: Choice, order: str) -> str:
    """The list's own address, ready to take the place of a page."""
    held = address("/tracker/list", choice, sort=order if order != "due" else "")
    return held + ("&" if "?" in held else "?")


def _sort(choice: Choice, order: str, name: str) -> dict[str, str]:
    """A heading that sorts: where it leads, and which way the list is sorted by it now (ARIA's word)."""
    turned = f"-{name}"
    first = turned if name == "days" else name  # whoever has waited longest comes first
    other = name if first == turned else turned
    now = {name: "ascending", turned: "descending"}.get(order, "")
    return {"href": address("/tracker/list", choice, sort=other if order == first else first), "now": now}


@router.get("/tracker/reviews.csv")
async def file(viewer: Tracker, choice: Chosen, at: Now) -> Response:
    """The chosen rows, most pressing first, as a file that a spreadsheet opens; every child in it is a look."""
    async with reading(engine()) as session:
        rows = await listed(session, viewer, choice, at, "due", 0, MOST_LINES)
    await _note(viewer, rows, at)
    named = f"reviews-{to_london(at):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{named}"'}
    text = await asyncio.to_thread(_text, rows, viewer, at)  # thousands of lines; others wait for their pages
    return Response(text, 200, headers, "text/csv; charset=utf-8")


async def _note(viewer: Viewer, rows: Sequence[Row], at: datetime) -> None:
    looks = seen(rows)
    async with writing(engine()) as session:
        for start in range(0, len(looks), LOOKS):
            await note_looks(session, viewer, "csv", looks[start : start + LOOKS], at)


def _text(rows: Sequence[Row], viewer: Viewer, at: datetime) -> str:
    return csv_text(HEADINGS, (_cells(card) for card in cards(rows, viewer, at)))


def _cells(card: Card) -> tuple[Any, ...]:
    row = card.row
    concern = row.concern
    return (
        concern.reference,
        row.child.name,
        row.setting.name,
        concern.area,
        STATUSES[concern.status],
        card.asked,
        f"{to_london(row.task.due_at):%Y-%m-%d %H:%M}",
        card.why,
        row.owner.name,
        row.acting.name,
        row.days,
        card.outcomes,
        concern.unchanged_running,
        concern.postponed,
    )
