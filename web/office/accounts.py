"""Somebody's account: inviting them, signing them out everywhere, taking a lost second factor away."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from config.time import wall
from models.accounts import end_sessions, has_left, reset_second_factor
from models.database import engine, writing
from models.errors import NotOffered
from models.people import Person
from models.staff_changes import person_numbered
from notifications.inviting import invite
from web.office.keyholder import Keyholder, number
from web.telling import recorded
from web.viewing import Now

router = APIRouter()


@router.post("/admin/people/{called}/invite")
async def invite_one(viewer: Keyholder, called: str, at: Now) -> Response:
    """Write them a letter with a link; the link of an earlier one opens nothing any more."""
    async with writing(engine()) as session:
        person = await person_numbered(session, number(called))
        _must_be_in_post(person, at)
        await invite(session, person, viewer.person, at)
    recorded(False, at)
    return RedirectResponse(f"/admin/people/{called}?done=invited", 303)


def _must_be_in_post(person: Person, at: Now) -> None:
    if has_left(person, at):
        raise NotOffered("They have left. Record that they are back first.")
    if person.refused_at is not None:
        raise NotOffered("Their address refuses letters. Correct it first, then invite them.")


@router.post("/admin/people/{called}/sign-out")
async def sign_out(viewer: Keyholder, called: str, at: Now) -> Response:
    """Sign them out everywhere, as after a lost laptop."""
    async with writing(engine()) as session:
        person = await person_numbered(session, number(called))
        await end_sessions(session, person, viewer.person, at, wall())
    return RedirectResponse(f"/admin/people/{called}?done=signed-out-there", 303)


@router.post("/admin/people/{called}/second-factor")
async def second_factor(viewer: Keyholder, called: str, at: Now) -> Response:
    """Take the second factor away, sign them out, and invite them to set up another: all or nothing."""
    async with writing(engine()) as session:
        person = await person_numbered(session, number(called))
        _must_be_in_post(person, at)
        await reset_second_factor(session, person, viewer.person, at, wall())
        await invite(session, person, viewer.person, at)
    recorded(False, at)
    return RedirectResponse(f"/admin/people/{called}?done=second-factor-reset", 303)
