"""The calendar month: on which days assessments and reviews fall due, and on which nobody is there."""

from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from config.time import to_london
from models.database import engine, reading
from models.tracker import tally
from models.tracker_month import Day, month
from web.rendering import page
from web.saying import count
from web.tracking.choosing import Chosen, Tracker, a_day, address, filters, is_chosen, tabs
from web.viewing import Now, looked

router = APIRouter()
NAMED = 2  # settings that are closed, by name; more are counted
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Cell:
    """One day of the month; `href` leads to all that falls due on it."""

    day: Day
    href: str
    closed: str
    is_today: bool

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to say of this day."""
        return not (self.is_today or self.day.count or self.day.holiday or self.closed)


@router.get("/tracker/calendar")
async def show(request: Request, viewer: Tracker, choice: Chosen, at: Now) -> Response:
    """One month of the viewer's areas and settings."""
    today, choice = to_london(at).date(), choice.within(None)
    first = a_day(f"{request.query_params.get('month', '')}-01") or today.replace(day=1)
    async with reading(engine()) as session:
        groups = await tally(session, viewer, choice, at)
        offered = await filters(session, groups, choice)
        days, settings = await month(session, viewer, choice, first, at)
    await looked(viewer, "tracker-calendar", [(child.id, c.id) for day in days for _, c, child in day.due], at)
    cells = [
        Cell(
            day,
            address("/tracker/list", choice, day=day.day),
            _closed(day, settings),
            day.day == today,
        )
        for day in days
    ]
    before, after = first - timedelta(days=1), days[-1].day + timedelta(days=1)
    return page(
        request,
        "tracker/calendar",
        viewer,
        weeks=_weeks(cells),
        weekdays=WEEKDAYS,
        first=first,
        total=sum(day.count for day in days),
        before=(address("/tracker/calendar", choice, month=f"{before:%Y-%m}"), f"{before:%B %Y}"),
        after=(address("/tracker/calendar", choice, month=f"{after:%Y-%m}"), f"{after:%B %Y}"),
        held={"month": f"{first:%Y-%m}"},
        closures=_closures(days),
        filters=offered,
        chosen=is_chosen(choice),
        tabs=tabs(choice),
    )


def _closed(day: Day, settings: int) -> str:
    """`Oakfield closed`, or how many of how many settings are."""
    if not day.closed:
        return ""
    if len(day.closed) <= NAMED:
        return "Closed: " + ", ".join(one.name for one in day.closed)
    return f"{len(day.closed)} of {count(settings, 'setting')} closed"


def _weeks(cells: list[Cell]) -> list[list[Cell | None]]:
    """The month in rows of seven days from Monday, with nothing where another month's days would be."""
    padded: list[Cell | None] = [None] * cells[0].day.day.weekday() + [*cells]
    padded += [None] * (-len(padded) % 7)
    return [padded[start : start + 7] for start in range(0, len(padded), 7)]


def _closures(days: list[Day]) -> list[tuple[str, list[date]]]:
    """Which settings are closed on which working days, where a day's own words only count them."""
    found: dict[str, list[date]] = {}
    for day in days:
        for one in day.closed if len(day.closed) > NAMED else ():
            found.setdefault(one.name, []).append(day.day)
    return sorted(found.items())
