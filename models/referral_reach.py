"""What of a referral its readers see: the front door all of it, as it was sent; others what is within their reach.

A referral holds what is known of the whole household. Whoever sees its concern does not by that see brothers and
sisters at other settings: of those they learn how much the referral holds, as on the concern's page.
"""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from models.household import household_of
from models.people import Role
from models.reach import Viewer
from models.record import Concern

Content = dict[str, Any]


async def within_reach(session: AsyncSession, viewer: Viewer, concern: Concern, content: Content) -> Content:
    """The content that `viewer` may read; `elsewhere` says how many children and observations are kept back."""
    if concern.area in viewer.areas(Role.FRONT_DOOR) and content["referral"].sent_at is not None:
        return {**content, "elsewhere": {"children": 0, "observations": 0}}
    members = await household_of(session, viewer, concern.child_id)
    named = {one.child.id for one in members if one.named}
    readable = {known.concern.id for one in members for known in one.concerns if known.is_open}
    children = [one for one in content["children"] if one["id"] in named]
    observations = [
        one
        for one in content["observations"]
        if one["said"].concern_id in readable or one["said"].observer_id == viewer.person.id
    ]
    elsewhere = {
        "children": len(content["children"]) - len(children),
        "observations": len(content["observations"]) - len(observations),
    }
    return {**content, "children": children, "observations": observations, "elsewhere": elsewhere}
