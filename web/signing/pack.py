"""The outage pack on one's account page: a passphrase of one's own, shown once, and the pack as it stands now."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from models.database import engine, reading, writing
from models.pack_keys import made_at, make_passphrase, take_away
from models.people import Role
from models.reach import Viewer
from notifications.packing import BY_PAGE, FILE, pack_of
from notifications.words import NotNeeded
from web.rendering import page
from web.signing.limiting import within
from web.viewing import NotYours, Now, Viewing

router = APIRouter()
often = [Depends(within("account"))]


def may_have_one(viewer: Viewer) -> bool:
    """Whether there is a pack for them at all: whoever only runs the system reads no child's name."""
    return bool(viewer.roles - {Role.ADMINISTRATOR})


def _must_be_theirs(viewer: Viewer) -> None:
    if not may_have_one(viewer):
        raise NotYours


@router.get("/account/pack")
async def show(request: Request, viewer: Viewing) -> Response:
    """What the pack is, and whether they have a passphrase."""
    _must_be_theirs(viewer)
    async with reading(engine()) as session:
        since = await made_at(session, viewer.person.id)
    return page(request, "signing/pack", viewer, since=since, passphrase="")


@router.post("/account/pack", dependencies=often)
async def make(request: Request, viewer: Viewing, at: Now) -> Response:
    """A new passphrase, shown on this answer and never again, so that it is no redirect."""
    _must_be_theirs(viewer)
    async with writing(engine()) as session:
        passphrase = await make_passphrase(session, viewer.person, at)
    return page(request, "signing/pack", viewer, since=at, passphrase=passphrase)


@router.post("/account/pack/end")
async def end(viewer: Viewing, at: Now) -> Response:
    """No more packs."""
    async with writing(engine()) as session:
        await take_away(session, viewer.person, at)
    return RedirectResponse("/account/pack?done=pack-ended", 303)


@router.get("/account/pack/file", dependencies=often)
async def fetch(viewer: Viewing, at: Now) -> Response:
    """The pack as it stands now, under their passphrase."""
    _must_be_theirs(viewer)
    try:
        content = await pack_of(engine(), viewer.person.id, at, BY_PAGE)
    except NotNeeded:
        return RedirectResponse("/account/pack?done=pack-empty", 303)
    kept = {"Content-Disposition": f'attachment; filename="{FILE}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/pdf", headers=kept)
