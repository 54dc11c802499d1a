"""The front door's pages: the referrals sent to it, and one of them whole, with what may be done about it now.

A referral is read by the front door of its area, once it is sent, and as far as they reach by those who see its concern
whole. Acknowledging, deciding and asking back are moves like all others, and have their forms in `web.moving`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from models.database import engine, reading
from models.front_door import LIMIT, has_newer, open_moves, received
from models.people import Role
from models.reach import Sight, Viewer
from models.referral_content import referral_content
from models.referral_reach import within_reach
from web.rendering import page
from web.viewing import NotYours, Now, Viewing, concern_for, looked, only

router = APIRouter()
Number = Annotated[int, Path(ge=1, le=9999)]
OfFrontDoor = Annotated[Viewer, Depends(only(Role.FRONT_DOOR))]


@router.get("/referrals")
async def referrals(request: Request, viewer: OfFrontDoor, at: Now, show: str = "", start: int = 0) -> Response:
    """Those that wait for an answer, or with `show=answered` the others."""
    answered, start = show == "answered", max(0, min(start, 100_000))
    async with reading(engine()) as session:
        rows, total = await received(session, viewer, answered=answered, start=start)
    await looked(viewer, "referrals", [(row.child.id, row.concern.id) for row in rows], at)
    words: dict[str, Any] = {"rows": rows, "total": total, "start": start, "limit": LIMIT, "answered": answered}
    return page(request, "front_door/list", viewer, **words)


@router.get("/referrals/{reference}/{number}")
async def referral(request: Request, viewer: Viewing, at: Now, reference: str, number: Number) -> Response:
    """One referral whole. Held or stopped, it is nobody's but the setting's."""
    concern, sight = await concern_for(viewer, reference, Sight.REFERRAL)
    async with reading(engine()) as session:
        content = await referral_content(session, concern, number)
        if content is None or (content["referral"].sent_at is None and sight < Sight.WHOLE):
            raise NotYours
        content = await within_reach(session, viewer, concern, content)
        now_open = await open_moves(session, concern, content["referral"], viewer.person, at)
        newer = await has_newer(session, content["referral"])
    await looked(viewer, "referral", [(child["id"], concern.id) for child in content["children"]], at)
    words = {**content, "open": now_open, "newer": newer, "whole": sight == Sight.WHOLE}
    return page(request, "front_door/referral", viewer, **words)
