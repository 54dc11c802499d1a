"""Drafts: a form that was begun comes back as it was left, whatever happened to browser or session meanwhile."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from config.time import wall
from models.database import engine, reading, writing
from models.drafts import draft_of, drop_draft, keep_draft
from models.reach import Viewer
from web.answers import Typed, one, typed_in, without_secrets
from web.viewing import Viewing

router = APIRouter()
LONGEST_PATH = 200


@router.post("/drafts")
async def keep(request: Request, viewer: Viewing) -> Response:
    """Keep what is typed so far: a page's script sends it every few seconds; `form` is the form's path."""
    typed = dict(await typed_in(request))
    form = one(typed, "form")[:LONGEST_PATH]
    typed.pop("form", None)
    if form.startswith("/"):
        await keep_typed(viewer, form, typed)
    return Response(status_code=204)


async def keep_typed(viewer: Viewer, form: str, typed: Typed) -> None:
    """Keep what was typed into the form of that path."""
    async with writing(engine()) as session:
        await keep_draft(session, viewer.person.id, form, without_secrets(typed), wall())


async def typed_before(viewer: Viewer, form: str) -> Mapping[str, Sequence[str]]:
    """What the viewer had typed into the form of that path; empty when nothing."""
    async with reading(engine()) as session:
        draft = await draft_of(session, viewer.person.id, form)
    return draft.fields if draft else {}


async def forget(viewer: Viewer, form: str) -> None:
    """The form has been handed in."""
    async with writing(engine()) as session:
        await drop_draft(session, viewer.person.id, form)
