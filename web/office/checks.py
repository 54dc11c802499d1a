"""The check that nothing was missed, by hand: it looks at the whole record behind the answer, and is kept as a deed."""

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from config.logs import logger
from flows.checking import check
from flows.containment import Contained
from models.database import engine, reading, writing
from models.findings import check_called, note_check
from models.people import Person
from web.office.keyholder import Keyholder, number
from web.rendering import page
from web.viewing import NotYours, Now

router = APIRouter()
log = logger(__name__)
PATIENCE_SECONDS = 3.0
_going: dict[UUID, asyncio.Task[None]] = {}
_failed: set[UUID] = set()


@router.post("/admin/check")
async def check_now(viewer: Keyholder, at: Now) -> Response:
    """Begin a check; one that is going is not begun again."""
    key = next(iter(_going), None) or uuid4()
    if key not in _going:
        _going[key] = asyncio.create_task(_check(key, viewer.person, at))
        _going[key].add_done_callback(lambda _: _going.pop(key, None))
    await asyncio.wait({_going[key]}, timeout=PATIENCE_SECONDS)
    return RedirectResponse(f"/admin/check/{key}", 303)


async def _check(key: UUID, by: Person, at: datetime) -> None:
    with Contained() as caught:
        statement = await check(engine(), at)
        async with writing(engine()) as session:
            note_check(session, key, statement, by)
    if caught.error is not None:
        _failed.add(key)
        log.error("check_failed", error=type(caught.error).__name__)


@router.get("/admin/check/{called}")
async def one_check(request: Request, viewer: Keyholder, called: str) -> Response:
    """What a check found, or that it is still looking."""
    key = number(called)
    async with reading(engine()) as session:
        deed = await check_called(session, key)
    if deed is None and key not in _going and key not in _failed:
        raise NotYours
    return page(request, "office/check", viewer, deed=deed, failed=key in _failed)
