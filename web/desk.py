"""The desk: what somebody owes or acts for, decided lately, has begun, who covers them; and what they logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.policy_book import PolicyBook
from models.access import Draft
from models.covering import Cover, cover_at, days_off, settings_of
from models.database import engine, reading
from models.drafts import drafts_of
from models.finding import children_named
from models.handed_in import A_PAGE, noticed_by
from models.lately import Decided, decided_lately
from models.owed import Shown, on_desk, shown
from models.people import SETTING_ROLES, Role, RoleHeld, Setting
from models.permission import SAFEGUARDING
from models.policies import policy_book
from models.reach import Sight, Viewer, sights
from models.scene import setting_calendar
from models.staff import Place, Staff
from web.answers import one, typed_in
from web.drafts import forget
from web.owing import asked, grouped, lines_of, may_name, say_days
from web.recalling import what_you_did
from web.rendering import page
from web.viewing import NotYours, Now, Viewing, looked

router = APIRouter()
A_DESK = 50


@dataclass(frozen=True)
class Begun:
    """A draft: what it is, where it goes on."""

    form: str
    title: str
    saved_at: datetime


@router.get("/desk")
async def desk(request: Request, viewer: Viewing, at: Now, start: int = 0) -> Response:
    """Your tasks."""
    if not viewer.roles - {Role.FRONT_DOOR}:
        raise NotYours
    start = max(0, min(start, 10_000))
    async with reading(engine()) as session:
        settings = await settings_of(session, viewer.person.id, SETTING_ROLES)
        everything, staff = await on_desk(session, viewer, [Place(each.id, each.area) for each in settings])
        rows = await shown(session, [each.id for each in everything[start : start + A_DESK]])
        lately = await decided_lately(session, viewer.person.id)
        about: list[Shown | Decided] = [*rows, *lately]
        concerns = {each.concern.id: each.child.id for each in about}
        seen = await sights(session, viewer, concerns) if concerns else {}
        book = await policy_book(session)
        begun = await _begun(session, viewer)
    lines = lines_of(rows, {each.id: each for each in everything}, viewer, seen, book, at)
    named = [(concerns[each], each) for each, sight in seen.items() if may_name(viewer, sight)]
    await looked(viewer, "desk", [*named, *((child, None) for child in begun.children)], at)
    return page(
        request,
        "desk/desk",
        viewer,
        groups=grouped(everything, lines, at),
        total=len(everything),
        overdue=sum(each.due_at < at for each in everything),
        start=start,
        limit=A_DESK,
        lately=[_recalled(each, viewer, seen, book) for each in lately],
        begun=begun.drafts,
        logs=_logs(viewer),
        covers=_covers(viewer, settings, staff, book),
        days=lambda gaps: say_days(gaps, viewer.day),
        closures=_closures(viewer, settings, book),
    )


def _logs(viewer: Viewer) -> bool:
    return bool(viewer.roles & (SAFEGUARDING | {Role.PRACTITIONER, Role.EARLY_HELP_COORDINATOR}))


def _covers(viewer: Viewer, settings: Sequence[Setting], staff: Staff, book: PolicyBook) -> list[Cover]:
    """Who acts when the viewer is away, wherever they are DSL or deputy."""
    leads = {held.setting_id for held in viewer.held if _is_own_lead(held, viewer)}
    return [
        cover_at(each, viewer.person, staff, viewer.day, setting_calendar(each, book.for_area(each.area, viewer.day)))
        for each in settings
        if each.id in leads
    ]


def _is_own_lead(held: RoleHeld, viewer: Viewer) -> bool:
    return held.person_id == viewer.person.id and held.role in (Role.DSL, Role.DEPUTY_DSL)


def _closures(viewer: Viewer, settings: Sequence[Setting], book: PolicyBook) -> list[Any]:
    found = []
    for each in settings:
        days = days_off(setting_calendar(each, book.for_area(each.area, viewer.day)), viewer.day)
        found += [(each, days)] if days else []
    return found


def _recalled(one_of: Decided, viewer: Viewer, seen: dict[UUID, Sight], book: PolicyBook) -> dict[str, Any]:
    sight = seen.get(one_of.concern.id, Sight.NOTHING)
    whole = sight == Sight.WHOLE
    return {
        "said": what_you_did(one_of.event.kind),
        "at": one_of.event.recorded_at,
        "reference": one_of.concern.reference,
        "status": one_of.concern.status if sight > Sight.NOTHING else None,
        "name": one_of.child.name if may_name(viewer, sight) else None,
        "opens": whole,
        "followed": [(task, asked(task, viewer, one_of.concern.area, book)) for task in one_of.followed if whole],
    }


@dataclass(frozen=True)
class _Drafts:
    drafts: list[Begun]
    children: list[UUID]


async def _begun(session: AsyncSession, viewer: Viewer) -> _Drafts:
    """What the viewer has begun to write; a draft about a child they may log about names the child."""
    drafts = await drafts_of(session, viewer.person.id)
    whose = {each.form: child for each in drafts if (child := _child_of(each.form))}
    names = await children_named(session, viewer, whose.values()) if whose else {}
    begun = [Begun(each.form, _title(each, names, whose), each.saved_at) for each in drafts]
    return _Drafts(begun, list(names))


def _child_of(form: str) -> UUID | None:
    try:
        return UUID(form.removeprefix("/log/")) if form.startswith("/log/") else None
    except ValueError:
        return None


def _title(draft: Draft, names: dict[UUID, str], whose: dict[str, UUID]) -> str:
    name = names.get(whose.get(draft.form, UUID(int=0)))
    if name:
        return f"A concern about {name}"
    starts = {"/log/": "A concern", "/tasks/": "A decision", "/referrals/": "An answer to a referral"}
    return next((title for start, title in starts.items() if draft.form.startswith(start)), "Something you began")


@router.post("/desk/drafts/discard")
async def discard(request: Request, viewer: Viewing) -> Response:
    """Drop a draft."""
    await forget(viewer, one(await typed_in(request), "form"))
    return RedirectResponse("/desk?done=draft-discarded", 303)


@router.get("/mine")
async def mine(request: Request, viewer: Viewing, at: Now, start: int = 0) -> Response:
    """What you logged: when, about whom, and how it stands in a word; no more than that."""
    if not _logs(viewer):
        raise NotYours
    start = max(0, min(start, 100_000))
    async with reading(engine()) as session:
        rows, total = await noticed_by(session, viewer.person.id, start)
        begun = await _begun(session, viewer)
    seen = [(each.child.id, each.concern.id) for each in rows]
    await looked(viewer, "mine", [*seen, *((child, None) for child in begun.children)], at)
    return page(request, "desk/mine", viewer, rows=rows, total=total, start=start, limit=A_PAGE, begun=begun.drafts)
