"""The board: what is overdue, due this week, next week and later, and where reviews found no change."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.database import engine, reading
from models.tracker import BY_DUE, BY_OUTCOME, Column, count, tally
from models.tracker_rows import board
from web.rendering import page
from web.tracking import handing, listing
from web.tracking.cards import Card, cards, seen
from web.tracking.choosing import COLUMNS, Chosen, Tracker, address, filters, is_chosen, tabs
from web.viewing import Now, looked

router = APIRouter()
router.include_router(listing.router)
router.include_router(handing.router)
SHOWN = 20
EMPTY = {
    Column.OVERDUE: "Nothing is overdue.",
    Column.THIS_WEEK: "Nothing more is due by Sunday.",
    Column.NEXT_WEEK: "Nothing is due next week.",
    Column.LATER: "Nothing is due after next week.",
    Column.UNCHANGED_ONCE: "No child's last review found the first “unchanged”.",
    Column.UNCHANGED_TWICE: "No child had two reviews running without change.",
}


@dataclass(frozen=True)
class Shelf:
    """One column with its first cards: `count` is of all that belong there, `more` leads to them."""

    column: Column
    title: str
    count: int
    cards: list[Card]
    more: str
    empty: str


@router.get("/tracker")
async def show(request: Request, viewer: Tracker, choice: Chosen, at: Now) -> Response:
    """The board of the viewer's areas and settings."""
    choice = choice.within(None)
    async with reading(engine()) as session:
        groups = await tally(session, viewer, choice, at)
        offered = await filters(session, groups, choice)
        rows = await board(session, viewer, choice, SHOWN, at)
    await looked(viewer, "tracker", seen([one for found in rows.values() for one in found]), at)
    shelves = {
        one: Shelf(
            one,
            COLUMNS[one],
            count(groups, choice, one),
            cards(rows[one], viewer, at),
            address("/tracker/list", choice.within(one)),
            EMPTY[one],
        )
        for one in Column
    }
    return page(
        request,
        "tracker/board",
        viewer,
        by_due=[shelves[one] for one in BY_DUE],
        by_outcome=[shelves[one] for one in BY_OUTCOME],
        total=count(groups, choice, "all"),
        is_empty=not (is_chosen(choice) or any(one.count for one in shelves.values())),
        filters=offered,
        chosen=is_chosen(choice),
        tabs=tabs(choice),
    )
