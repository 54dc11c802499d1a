"""The calendar feed: its keys on a page of their own, and the feed itself, opened by the key in its address.

It says a reference and a date. No child, no setting, no kind of task: calendars are shared and synchronised far away.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

import icalendar
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from config.settings import settings
from config.time import wall
from models.access import CalendarKey
from models.calendar_keys import STALE, due_for, end_key, holder, keys_of, make_key, used
from models.database import engine, reading, writing
from models.reach import Viewer
from models.record import Concern, Task
from models.tracker import Choice
from notifications.addressing import mail_domain
from web.answers import an_id
from web.rendering import page
from web.tracking.choosing import TRACKERS, Tracker, tabs
from web.viewing import NotYours, Now

router = APIRouter()
MOST_KEYS = 5
AGAIN = timedelta(hours=1)  # how often a calendar need ask
KEEP = "private, max-age=900"


@router.get("/tracker/feed")
async def show(request: Request, viewer: Tracker) -> Response:
    """The viewer's keys."""
    return await _page(request, viewer)


async def _page(request: Request, viewer: Viewer, made: str = "") -> Response:
    async with reading(engine()) as session:
        keys = await keys_of(session, viewer.person)
    return page(
        request,
        "tracker/feed",
        viewer,
        keys=keys,
        full=len(keys) >= MOST_KEYS,
        most=MOST_KEYS,
        made=f"{settings().base_url}/calendar/{made}.ics" if made else "",
        tabs=tabs(Choice()),
    )


@router.post("/tracker/feed")
async def make(request: Request, viewer: Tracker) -> Response:
    """Make a key; its address is shown on this answer and never again, so that it is no redirect."""
    async with writing(engine()) as session:
        if len(await keys_of(session, viewer.person)) >= MOST_KEYS:
            return RedirectResponse("/tracker/feed", 303)
        token = await make_key(session, viewer.person, wall())
    return await _page(request, viewer, token)


@router.post("/tracker/feed/{key_id}/end")
async def end(viewer: Tracker, key_id: str) -> Response:
    """End one of the viewer's own keys."""
    number = an_id(key_id)
    if number is None:
        raise NotYours
    async with writing(engine()) as session:
        await end_key(session, viewer.person, number, wall())
    return RedirectResponse("/tracker/feed?done=feed-ended", 303)


@router.get("/calendar/{token}.ics")
async def feed(request: Request, token: str, at: Now) -> Response:
    """The feed of a key, as of now; whatever opens nothing is not there."""
    async with reading(engine()) as session:
        found = await holder(session, token, at)
        if found is None or not found[1].roles & TRACKERS:
            raise NotYours
        key, viewer = found
        rows = await due_for(session, viewer, at)
    await _note(key)
    body = written(rows)
    headers = {"Cache-Control": KEEP, "ETag": f'"{sha256(body).hexdigest()[:32]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(body, 200, headers, "text/calendar; charset=utf-8; method=PUBLISH")


async def _note(key: CalendarKey) -> None:
    at = wall()
    if key.used_at is None or at - key.used_at > STALE:
        async with writing(engine()) as session:
            await used(session, key, at)


def written(rows: Iterable[tuple[Task, Concern]]) -> bytes:
    """The feed as iCalendar (RFC 5545): the same rows always make the same bytes."""
    calendar = icalendar.Calendar()
    for name, value in (("prodid", "-//Neglect Pathway//Calendar//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        calendar.add(name, value)
    calendar.add("name", "Neglect Pathway")
    calendar.add("x-wr-calname", "Neglect Pathway")
    calendar.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for task, concern in rows:
        calendar.add_component(_event(task, concern))
    return bytes(calendar.to_ical())


def _event(task: Task, concern: Concern) -> icalendar.Event:
    """An instant in somebody's day, not time taken from it. Any change of a concern is a later sequence."""
    event = icalendar.Event()
    event.add("uid", f"{task.id}@{mail_domain()}")
    event.add("sequence", concern.version)
    event.add("dtstamp", _whole(task.opened_at))
    event.add("dtstart", _whole(task.due_at))
    event.add("summary", f"{concern.reference} review")
    event.add("url", f"{settings().base_url}/tasks/{task.id}")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    return event


def _whole(at: datetime) -> datetime:
    """Seconds are as fine as a calendar goes."""
    return at.replace(microsecond=0)
