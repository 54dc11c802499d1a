"""A new password, new recovery codes, another authenticator: each asks for the password somebody has now."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from config.time import wall
from models.accounts import give_codes, set_password, set_seed
from models.database import engine, writing
from models.passwords import hash_password
from models.reach import Viewer
from models.second_factor import step_of
from models.sessions import end_sessions
from web.answers import Typed, Wrong, one, typed_in
from web.questions import Question
from web.rendering import page
from web.signing.checking import check_password
from web.signing.door import exactly
from web.signing.enrolling import enrolling, read_enrolling
from web.signing.joining import AGAIN, NOT_RIGHT, PASSWORD, password_wrong, scan_page
from web.signing.limiting import within
from web.viewing import Now, Viewing

router = APIRouter()
CODE_PATH = "/account/authenticator/code"
often = [Depends(within("account"))]
PRESENT = Question("present", "Your password now", "line", kind="password", autocomplete="current-password")
NOT_YOURS = "That is not your password, or there have been five wrong attempts and a minute must pass"


async def _present_wrong(typed: Typed, viewer: Viewer, at: Now) -> Wrong:
    """What is wrong with the password they have now; attempts count as they do at the door."""
    if not exactly(typed, "present"):
        return {"present": "is missing"}
    account = await check_password(viewer.person.email, exactly(typed, "present"), at)
    return {} if account else {"present": NOT_YOURS}


def _ask(request: Request, viewer: Viewer, template: str, wrong: Wrong, *questions: Question) -> Response:
    status = 422 if wrong else 200
    return page(request, template, viewer, status=status, questions=questions, wrong=wrong)


@router.get("/account/password")
async def ask_password(request: Request, viewer: Viewing) -> Response:
    """The page for a new password."""
    return _ask(request, viewer, "signing/password", {}, PRESENT, PASSWORD, AGAIN)


@router.post("/account/password", dependencies=often)
async def change_password(request: Request, viewer: Viewing, at: Now) -> Response:
    """A new password; every other browser is signed out."""
    typed = await typed_in(request)
    wrong = password_wrong(typed, viewer.person) or await _present_wrong(typed, viewer, at)
    if wrong:
        return _ask(request, viewer, "signing/password", wrong, PRESENT, PASSWORD, AGAIN)
    kept = await hash_password(exactly(typed, "password"))
    async with writing(engine()) as session:
        await set_password(session, viewer.person, kept, at)
        await end_sessions(session, viewer.person.id, wall(), but=request.state.sign_in.id)
    return RedirectResponse("/account?done=password", 303)


@router.get("/account/codes")
async def ask_codes(request: Request, viewer: Viewing) -> Response:
    """The page before new recovery codes."""
    return _ask(request, viewer, "signing/new-codes", {}, PRESENT)


@router.post("/account/codes", dependencies=often)
async def new_codes(request: Request, viewer: Viewing, at: Now) -> Response:
    """Ten new codes, shown once; those before count no more."""
    if wrong := await _present_wrong(await typed_in(request), viewer, at):
        return _ask(request, viewer, "signing/new-codes", wrong, PRESENT)
    async with writing(engine()) as session:
        codes = await give_codes(session, viewer.person, at)
    return page(request, "signing/codes", viewer, codes=codes, first=False)


@router.get("/account/authenticator")
async def ask_authenticator(request: Request, viewer: Viewing) -> Response:
    """The page before another authenticator."""
    return _ask(request, viewer, "signing/new-authenticator", {}, PRESENT)


@router.post("/account/authenticator", dependencies=often)
async def scan(request: Request, viewer: Viewing, at: Now) -> Response:
    """Its key, to be scanned; the one before counts until the new one has shown a code."""
    if wrong := await _present_wrong(await typed_in(request), viewer, at):
        return _ask(request, viewer, "signing/new-authenticator", wrong, PRESENT)
    return scan_page(request, enrolling(viewer.person), viewer.person, CODE_PATH, viewer=viewer)


@router.post(CODE_PATH, dependencies=often)
async def confirm(request: Request, viewer: Viewing, at: Now) -> Response:
    """Its first code: from now on it is the one that counts."""
    typed = await typed_in(request)
    begun = read_enrolling(one(typed, "enrol"))
    if begun is None or begun.person_id != viewer.person.id or begun.invitation_id is not None:
        return RedirectResponse("/account/authenticator", 303)
    step = step_of(begun.seed, one(typed, "code"), wall())
    if step is None:
        return scan_page(request, begun, viewer.person, CODE_PATH, NOT_RIGHT, viewer)
    async with writing(engine()) as session:
        await set_seed(session, viewer.person, begun.seed, step, at)
    return RedirectResponse("/account?done=authenticator", 303)
