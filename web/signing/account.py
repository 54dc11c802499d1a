"""Somebody's own account: what they are and see, and where they are signed in."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from config.time import wall
from models.access import Door, SignIn
from models.accounts import account_of, codes_left
from models.database import engine, reading, writing
from models.deeds import note_deed
from models.identities import identities_of, unlink
from models.own_roles import acting_as
from models.people import Role
from models.reach import Viewer
from models.sessions import end_session, end_sessions, live_sessions
from web.rendering import page
from web.saying import moment
from web.signing import pack, renewing
from web.signing.asking import single_name
from web.signing.browsers import say_browser
from web.viewing import NotYours, Now, Viewing

router = APIRouter()
router.include_router(renewing.router)
router.include_router(pack.router)
_SETTING = "You see every concern of this setting, its history and its letters."
REACH: Mapping[Role, str] = MappingProxyType(
    {
        Role.PRACTITIONER: "You log concerns, and see those you logged with a word for how they stand.",
        Role.DSL: _SETTING,
        Role.DEPUTY_DSL: _SETTING,
        Role.HEAD: _SETTING,
        Role.EARLY_HELP_COORDINATOR: "You see every concern of this area.",
        Role.FRONT_DOOR: "You see the referrals that were sent to this front door, and what belongs to them.",
        Role.PARTNERSHIP_CONTACT: "You see disagreements, and what nobody else has answered in time.",
        Role.ADMINISTRATOR: "You run the system. You see references, letters and staff, and no child.",
    }
)


@router.get("/account")
async def show(request: Request, viewer: Viewing) -> Response:
    """The account page."""
    async with reading(engine()) as session:
        acting = await acting_as(session, viewer)
        account = await account_of(session, viewer.person.id)
        browsers = await live_sessions(session, viewer.person.id, wall())
        left = await codes_left(session, viewer.person.id)
        linked = await identities_of(session, viewer.person.id)
    return page(
        request,
        "signing/account",
        viewer,
        acting=acting,
        reach=REACH,
        account=account,
        browsers=[_browser(request, viewer, one) for one in browsers],
        codes_left=left,
        linked=bool(linked),
        single=single_name(),
        pack=pack.may_have_one(viewer),
    )


def _browser(request: Request, viewer: Viewer, one: SignIn) -> dict[str, object]:
    at, zone = wall(), ZoneInfo(viewer.person.zone)
    return {
        "id": one.id,
        "named": say_browser(one.browser),
        "began": moment(one.began_at, at, zone),
        "seen": moment(one.seen_at, at, zone),
        "here": one.id == request.state.sign_in.id,
    }


@router.post("/account/browsers/{number}/end")
async def end_one(request: Request, viewer: Viewing, number: UUID, at: Now) -> Response:
    """Sign one of one's own browsers out."""
    async with writing(engine()) as session:
        mine = await live_sessions(session, viewer.person.id, wall())
        if number not in {one.id for one in mine}:
            raise NotYours
        await end_session(session, number, wall())
        note_deed(session, Door.SESSIONS_ENDED, viewer.person, at, viewer.person.id, count=1)
    return RedirectResponse("/account?done=browser", 303)


@router.post("/account/browsers/end-others")
async def end_others(request: Request, viewer: Viewing, at: Now) -> Response:
    """Sign every other browser of one's own out."""
    async with writing(engine()) as session:
        ended = await end_sessions(session, viewer.person.id, wall(), but=request.state.sign_in.id)
        note_deed(session, Door.SESSIONS_ENDED, viewer.person, at, viewer.person.id, count=ended)
    return RedirectResponse("/account?done=browsers", 303)


@router.post("/account/single/unlink")
async def unlink_mine(viewer: Viewing, at: Now) -> Response:
    """No longer come in through single sign-on; whoever has no password must keep it."""
    async with writing(engine()) as session:
        account = await account_of(session, viewer.person.id)
        if account is None or not account.password:
            raise NotYours
        await unlink(session, viewer.person, viewer.person, at)
    return RedirectResponse("/account?done=unlinked", 303)
