"""The concerns in reach: a list to filter and sort, and a search for a child or a reference."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from models.concern_list import A_PAGE, Wanted, concerns_in_reach, settings_in_reach
from models.database import engine, reading
from models.lifecycle import Status
from models.people import Role
from models.permission import SAFEGUARDING
from models.policies import policy_book
from models.reach import Viewer
from models.rules import clock_days
from web.answers import an_id, one, typed_in
from web.owing import asked
from web.rendering import page
from web.viewing import Now, looked, only

router = APIRouter()
WHICH = {"open": "Open", "closed": "Closed", "all": "Open and closed"}
SORTS = {"change": "Last changed first", "clock": "Longest without improvement first"}
READERS = (*sorted(SAFEGUARDING, key=str), Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT)


Reading = Annotated[Viewer, Depends(only(*READERS))]


@router.get("/concerns")
async def concerns(request: Request, viewer: Reading, at: Now) -> Response:
    """Concerns, filtered by what the address says: words of ours and ids."""
    return await _list(request, viewer, at, _wanted(dict(request.query_params)))


@router.post("/concerns")
async def search(request: Request, viewer: Reading, at: Now) -> Response:
    """The concerns of a child, or of a reference."""
    sought = one(await typed_in(request), "sought")[:200]
    return await _list(request, viewer, at, Wanted(which="all", sought=sought))


def _wanted(asked_for: dict[str, str]) -> Wanted:
    """What nobody could have chosen counts as not chosen."""
    status, which, sort = (asked_for.get(name, "") for name in ("status", "which", "sort"))
    start = asked_for.get("start", "")
    return Wanted(
        status=Status(status) if status in set(Status) else None,
        setting_id=an_id(asked_for.get("setting", "")),
        which=which if which in WHICH else "all" if status == Status.CLOSED else "open",
        sort=sort if sort in SORTS else "change",
        start=min(int(start), 1_000_000) // A_PAGE * A_PAGE if start.isdecimal() and len(start) < 9 else 0,
    )


async def _list(request: Request, viewer: Viewer, at: datetime, wanted: Wanted) -> Response:
    async with reading(engine()) as session:
        lines, total = await concerns_in_reach(session, viewer, wanted)
        settings = await settings_in_reach(session, viewer)
        book = await policy_book(session)
    await looked(viewer, "concerns", [(line.child.id, line.concern.id) for line in lines], at)
    return page(
        request,
        "desk/concerns",
        viewer,
        lines=[(line, clock_days(line.child.clock_from, at)) for line in lines],
        ask=lambda line: asked(line.step, viewer, line.concern.area, book),
        total=total,
        limit=A_PAGE,
        wanted=wanted,
        settings=settings if len(settings) > 1 else [],
        which=WHICH,
        sorts=SORTS,
        statuses=list(Status),
        address=_address(wanted),
    )


def _address(wanted: Wanted) -> str:
    """This list's own address, for turning its pages: ids and words of ours."""
    parts: dict[str, Any] = {
        "which": wanted.which,
        "sort": wanted.sort,
        "status": wanted.status.value if wanted.status else "",
        "setting": wanted.setting_id or "",
    }
    return "/concerns?" + "".join(f"{name}={value}&" for name, value in parts.items() if value)
