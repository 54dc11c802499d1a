"""Accepting an invitation: a password, then an authenticator, then recovery codes. Only then is the account live.

Nothing is written before the last step; on the way it travels sealed in the browser. Somebody who has an authenticator
already (a forgotten password) chooses a password alone.
"""

from datetime import datetime

from fastapi import APIRouter, Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.settings import settings
from config.time import wall
from models.access import Door, Invitation
from models.accounts import account_of, begin_account, give_codes, seed_of, set_password
from models.database import engine, reading, writing
from models.deeds import note_deed
from models.identities import link
from models.invitations import invited, use_invitation
from models.passwords import fault, hash_password
from models.people import Person
from models.reach import Viewer
from models.second_factor import step_of
from models.sessions import end_sessions
from web.answers import Typed, Wrong, one, typed_in
from web.questions import Question
from web.rendering import page
from web.signing.asking import single_name
from web.signing.door import exactly
from web.signing.enrolling import Enrolling, enrolling, read_enrolling, seed_words
from web.signing.entering import begin
from web.signing.limiting import within
from web.viewing import NotYours, Now, give_cookie

router = APIRouter(dependencies=[Depends(within("join"))])
PASSWORD = Question("password", "Password", "line", kind="password", autocomplete="new-password")
AGAIN = Question("again", "The same password again", "line", kind="password", autocomplete="new-password")
CODE = Question("code", "The six digits that your authenticator shows", "line", autocomplete="one-time-code")
NOT_RIGHT = "That is not the code it shows now. Check your telephone's clock, and try the next code"


class Gone(Exception):
    """The link opens nothing: not ours, used, ended, or its reader has left."""


async def invitation_of(invitation: str, signature: str, at: datetime) -> tuple[Invitation, Person, bool]:
    """The invitation, whose it is, and whether they have an authenticator already; raises Gone."""
    async with reading(engine()) as session:
        found = await invited(session, invitation, signature, at)
        if found is None:
            raise Gone
        account = await account_of(session, found[1].id)
    return *found, bool(account and seed_of(account))


@router.get("/join/{invitation}/{signature}")
async def ask(request: Request, invitation: str, signature: str, at: Now) -> Response:
    """The page that asks for a password; looking at it uses nothing up, for programs look at links too."""
    try:
        _, person, again = await invitation_of(invitation, signature, at)
    except Gone:
        return gone_page(request)
    return _choose(request, person, again)


def _choose(request: Request, person: Person, again: bool, wrong: Wrong | None = None) -> Response:
    return page(
        request,
        "signing/join",
        status=422 if wrong else 200,
        person=person,
        again=again,
        questions=(PASSWORD, AGAIN),
        wrong=wrong or {},
        single=single_name(),
    )


def gone_page(request: Request) -> Response:
    """The page for a link that opens nothing, and the way to a new one."""
    return page(request, "signing/gone", status=410)


def password_wrong(typed: Typed, person: Person) -> Wrong:
    """What is wrong with a password that somebody chose, typed twice."""
    chosen = exactly(typed, "password")
    if not chosen:
        return {"password": "is missing"}
    if said := fault(chosen, (person.name, person.email)):
        return {"password": said}
    return {} if chosen == exactly(typed, "again") else {"again": "The two passwords are not the same"}


@router.post("/join/{invitation}/{signature}")
async def choose(request: Request, invitation: str, signature: str, at: Now) -> Response:
    """The password: on to the authenticator, or for somebody who has one, done."""
    typed = await typed_in(request)
    try:
        found, person, again = await invitation_of(invitation, signature, at)
    except Gone:
        return gone_page(request)
    if wrong := password_wrong(typed, person):
        return _choose(request, person, again, wrong)
    kept = await hash_password(exactly(typed, "password"))
    if not again:
        return scan_page(request, enrolling(person, found.id, kept), person, code_path(invitation, signature))
    async with writing(engine()) as session:
        if not await use_invitation(session, found.id, at):
            return gone_page(request)
        await set_password(session, person, kept, at)
        await end_sessions(session, person.id, wall())
    return RedirectResponse("/sign-in?done=new-password", 303)


def code_path(invitation: str, signature: str) -> str:
    """Where the first code is sent."""
    return f"/join/{invitation}/{signature}/code"


def scan_page(
    request: Request, begun: Enrolling, person: Person, action: str, wrong: str = "", viewer: Viewer | None = None
) -> Response:
    """The page that shows the key of an authenticator and asks for its first code, to be sent to `action`."""
    return page(
        request,
        "signing/scan",
        viewer,
        status=422 if wrong else 200,
        action=action,
        questions=(CODE,),
        wrong={"code": wrong} if wrong else {},
        **seed_words(begun, person),
    )


@router.post("/join/{invitation}/{signature}/code")
async def confirm(request: Request, invitation: str, signature: str, at: Now) -> Response:
    """The first code: the account is live, this browser is signed in, and the recovery codes are shown, once."""
    typed = await typed_in(request)
    try:
        found, person, _ = await invitation_of(invitation, signature, at)
    except Gone:
        return gone_page(request)
    begun = read_enrolling(one(typed, "enrol"))
    if begun is None or begun.invitation_id != found.id:
        return RedirectResponse(f"/join/{invitation}/{signature}", 303)
    step = step_of(begun.seed, one(typed, "code"), wall())
    if step is None:
        return scan_page(request, begun, person, code_path(invitation, signature), NOT_RIGHT)
    async with writing(engine()) as session:
        if not await use_invitation(session, found.id, at):
            return gone_page(request)
        codes = await _join(session, person, begun, step, at)
        token = await begin(session, request, person, "single" if begun.subject else "password", at)
    answer = codes_page(request, codes, first=True)
    give_cookie(answer, token)
    return answer


async def _join(session: AsyncSession, person: Person, begun: Enrolling, step: int, at: datetime) -> list[str]:
    await begin_account(session, person, begun.password, begun.seed, step, wall())
    await end_sessions(session, person.id, wall())
    if begun.subject and not await link(session, person, settings().oidc_issuer or "", begun.subject, at):
        raise NotYours
    note_deed(session, Door.JOINED, person, at, person.id)
    return await give_codes(session, person, at)


def codes_page(request: Request, codes: list[str], *, first: bool) -> Response:
    """The page that shows the recovery codes; nothing can show them again."""
    return page(request, "signing/codes", codes=codes, first=first)
