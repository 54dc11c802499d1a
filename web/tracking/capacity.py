"""Capacity for the next six weeks: who owes how much when, who is away, and what nobody would be there for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.capacity import Capacity, Load, capacity
from models.database import engine, reading
from models.people import Person
from models.tracker import Choice, tally
from web.rendering import page
from web.saying import on_day
from web.tracking.chart import draw
from web.tracking.choosing import Chosen, Tracker, address, filters, is_chosen, tabs
from web.viewing import Now

router = APIRouter()
A_PAGE = 25


@router.get("/tracker/capacity")
async def show(request: Request, viewer: Tracker, choice: Chosen, at: Now, start: str = "0") -> Response:
    """The people within the viewer's areas and settings, those who owe most first. It names no child."""
    choice = choice.within(None)
    async with reading(engine()) as session:
        groups = await tally(session, viewer, choice, at)
        offered = await filters(session, groups, choice)
        found = await capacity(session, viewer, choice, at)
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 0
    shown = found.loads[first : first + A_PAGE]
    held = address("/tracker/capacity", choice)
    return page(
        request,
        "tracker/capacity",
        viewer,
        capacity=found,
        loads=shown,
        chart=draw(shown, found.mondays),
        unattended=[one for one in found.loads if one.unattended],
        busiest=_busiest(found),
        leave=say_leave,
        mine={one.person.id: address("/tracker/list", _of(choice, one)) for one in shown},
        start=first,
        limit=A_PAGE,
        turning=held + ("&" if "?" in held else "?"),
        filters=offered,
        chosen=is_chosen(choice),
        tabs=tabs(choice),
    )


def _of(choice: Choice, load: Load) -> Choice:
    return replace(choice, owner_id=load.person.id)


def _busiest(found: Capacity) -> tuple[date, int, float] | None:
    """The week in which most falls due, how much, and the mean of the six; nothing when all weeks are alike."""
    weeks = found.weeks
    most = max(weeks)
    if most == min(weeks):
        return None
    return found.mondays[weeks.index(most)], most, sum(weeks) / len(weeks)


def say_leave(load: Load, today: date) -> Sequence[str]:
    """A person's leave in words: when, and who covers."""
    said = [f"is away {_days(one.first, one.last, today)}, {_cover(cover)}" for one, cover in load.away]
    left = load.person.left_on
    return [*said, f"leaves {on_day(left, today)}" if left > today else "has left"] if left else said


def _days(first: date, last: date, today: date) -> str:
    return on_day(first, today) if first == last else f"{on_day(first, today)} to {on_day(last, today)}"


def _cover(cover: Person | None) -> str:
    return f"{cover.name} covers" if cover else "nobody named as cover"
