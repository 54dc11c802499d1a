"""A roster, handed in as a file or pasted: checked whole, written whole, and answered with counts and warnings."""

import asyncio

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from models.database import engine, reading, writing
from models.reach import Viewer
from models.rosters import check_roster, load_from_office, loading_called
from web.answers import FORM
from web.guard import LARGEST_ROSTER, CannotRead
from web.office.keyholder import Keyholder, number
from web.questions import Question
from web.rendering import page
from web.telling import recorded
from web.viewing import NotYours, Now

router = APIRouter()
QUESTIONS = (Question("file", "A file"), Question("text", "Or paste it here", rows=12))


@router.get("/admin/roster")
async def begin(request: Request, viewer: Keyholder) -> Response:
    """The form for a roster."""
    return _ask(request, viewer, "", None)


def _ask(request: Request, viewer: Viewer, text: str, error: BadInput | None) -> Response:
    wrong = (
        {"text" if text else "file": error.message if error.field in ("file", "text") else str(error)} if error else {}
    )
    words = {"questions": QUESTIONS, "text": text, "wrong": wrong}
    return page(request, "office/roster", viewer, status=422 if error else 200, **words)


@router.post("/admin/roster")
async def load(request: Request, viewer: Keyholder, at: Now) -> Response:
    """Load a roster: all of it, or nothing and the place of what is wrong."""
    form = await _form(request)
    pasted = form.get("text")
    text = pasted.replace("\r\n", "\n") if isinstance(pasted, str) else ""
    try:
        roster = await asyncio.to_thread(check_roster, await _one_of(form, text))
        async with writing(engine()) as session:
            deed = await load_from_office(session, roster, viewer.person, at)
    except BadInput as error:
        return _ask(request, viewer, text, error)
    finally:
        await form.close()
    recorded(False, at)
    return RedirectResponse(f"/admin/roster/loaded/{deed.id}", 303)


async def _form(request: Request) -> FormData:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORM:
        raise CannotRead
    try:
        return await request.form(max_files=1, max_fields=10, max_part_size=LARGEST_ROSTER)
    except (HTTPException, UnicodeDecodeError, ValueError):
        raise CannotRead from None


async def _one_of(form: FormData, text: str) -> str:
    """The text of the file or what was pasted; raises BadInput for neither, both, or what is no text."""
    upload = form.get("file")
    raw = await upload.read() if isinstance(upload, UploadFile) and upload.filename else b""
    if raw and text.strip():
        raise BadInput("file", "choose a file or paste the roster, not both")
    if not raw:
        if not text.strip():
            raise BadInput("file", "choose a file, or paste the roster")
        return text
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("file", "this is no text; a roster is a YAML file, saved as UTF-8") from None


@router.get("/admin/roster/loaded/{called}")
async def loaded(request: Request, viewer: Keyholder, called: str) -> Response:
    """What was loaded, and what to look at."""
    async with reading(engine()) as session:
        deed = await loading_called(session, number(called))
    if deed is None:
        raise NotYours
    return page(request, "office/loaded", viewer, deed=deed)
