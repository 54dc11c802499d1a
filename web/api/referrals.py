"""Referrals as the front door reads them: the list, and one in full."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from models.concern_answer import child_view, observation_view
from models.database import engine, reading
from models.errors import NotFound
from models.in_reach import referrals_page
from models.people import Child
from models.reach import Sight
from models.record import Event
from models.referral_content import referral_content
from models.referral_reach import within_reach
from models.views import instant, referral_view
from web.api import concern_shapes
from web.api.callers import Reader
from web.api.concerns import Reference
from web.api.paging import Cutting, listed
from web.viewing import concern_for, looked

router = APIRouter(tags=["Referrals"])


@router.get("/referrals", response_model=concern_shapes.Referrals)
async def referrals(request: Request, response: Response, caller: Reader, cut: Cutting) -> dict[str, Any]:
    """Referrals that were sent to your front door, or of concerns that you see whole, newest first."""
    async with reading(engine()) as session:
        rows, after = await referrals_page(session, caller.viewer, cut)
    await looked(caller.viewer, "api:referrals", [(one.child_id, one.id) for _, one in rows], caller.at)
    items = [
        {
            "id": str(referral.id),
            "concern": concern.reference,
            "number": referral.number,
            "sent_at": instant(referral.sent_at),
            "acknowledged_at": instant(referral.acknowledged_at),
            "decision": referral.decision,
            "decided_at": instant(referral.decided_at),
        }
        for referral, concern in rows
    ]
    return listed(request, response, items, after)


@router.get("/referrals/{reference}/{number}", response_model=concern_shapes.ReferralRead)
async def referral(reference: Reference, number: Annotated[int, Path(ge=1, le=9999)], caller: Reader) -> dict[str, Any]:
    """One referral: in full for the front door, once it was sent; for others what of it is within their reach."""
    concern, sight = await concern_for(caller.viewer, reference, Sight.REFERRAL)
    async with reading(engine()) as session:
        content = await referral_content(session, concern, number)
        if content is None or (sight == Sight.REFERRAL and content["referral"].sent_at is None):
            raise NotFound(f"{reference}/{number}: no such referral")
        content = await within_reach(session, caller.viewer, concern, content)
        children = {one["id"]: await session.get_one(Child, one["id"]) for one in content["children"]}
    seen = [(one, concern.id if one == concern.child_id else None) for one in children]
    await looked(caller.viewer, "api:referral", seen, caller.at)
    return {
        "concern": reference,
        "setting": content["setting"].name,
        "referrer": content["referrer"].email if content["referrer"] else None,
        "evidence": content["referral"].evidence,
        "referral": referral_view(content["referral"]),
        "children": [_child(one, children[one["id"]]) for one in content["children"]],
        "observations": [
            {**observation_view(one["said"]), "by": one["by"], "child": one["child"]} for one in content["observations"]
        ],
        "elsewhere": content["elsewhere"],
        "history": [_line(one["event"], one["by"]) for one in content["history"]],
        "additions": content["referral"].additions,
    }


def _child(said: dict[str, Any], child: Child) -> dict[str, Any]:
    told = {name: said[name] for name in ("setting", "is_subject", "parents_informed", "consent")}
    return {**child_view(child), **told}


def _line(event: Event, by: str) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "happened_at": instant(event.happened_at),
        "recorded_at": instant(event.recorded_at),
        "by": by,
        "because": event.because,
        "fields": event.fields,
    }
