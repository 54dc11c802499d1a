"""Single sign-on: to the provider and back; whoever is known comes in, whoever is not is told how to be.

On the way what we asked lies in a cookie, sealed, for ten minutes. It begins with a link and not with a form, because
a browser that minds our Content-Security-Policy follows no form to another site.
"""

import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.logs import logger
from config.secret import NotOurs, seal, unseal
from config.settings import settings
from config.time import wall
from models.access import Account, Door
from models.accounts import account_of, begin_account, has_left
from models.database import engine, reading, writing
from models.deeds import note_deed
from models.drafts import keep_draft
from models.identities import known_as, link
from models.invitations import use_invitation
from models.people import Person
from web.answers import one, typed_in
from web.guard import FromElsewhere, comes_from_elsewhere
from web.rendering import page
from web.signing.asking import local, single_name
from web.signing.carrying import carried
from web.signing.door import code_page
from web.signing.enrolling import enrolling
from web.signing.entering import begin, let_in
from web.signing.half import half_way
from web.signing.joining import Gone, code_path, gone_page, invitation_of, scan_page
from web.signing.limiting import within
from web.signing.provider import PATH_BACK, Asked, NoAnswer, NotProven, address_to_ask, ask, who_it_is
from web.viewing import NotYours, Now, Viewing, is_secure, signed_in

router = APIRouter(dependencies=[Depends(within("sign-in"))])
log = logger(__name__)
PURPOSE = "single"
SECONDS = 600


@dataclass(frozen=True)
class Errand:
    """Why somebody was sent to the provider: to come in, to be linked, or to join through an invitation."""

    next_page: str = ""
    person: str = ""
    invitation: str = ""
    signature: str = ""


def _cookie() -> str:
    return "__Host-pathway-single" if is_secure() else "pathway-single"


async def _send(request: Request, errand: Errand) -> Response:
    if not single_name():
        raise NotYours
    asked = ask()
    try:
        answer = RedirectResponse(await address_to_ask(asked), 303)
    except NoAnswer as error:
        return _no_answer(request, error)
    sealed = seal(PURPOSE, json.dumps([asdict(asked), asdict(errand)]))
    answer.set_cookie(_cookie(), sealed, max_age=SECONDS, httponly=True, secure=is_secure(), samesite="lax", path="/")
    return answer


def _no_answer(request: Request, error: NoAnswer) -> Response:
    log.warning("single_sign_on_unreachable", error=str(error))
    return _said(request, "no-answer", 503)


def _said(request: Request, what: str, status: int) -> Response:
    return page(request, "signing/single", status=status, what=what, single=single_name())


@router.get("/sign-in/single")
async def enter(request: Request) -> Response:
    """To the provider, to come in."""
    return await _send(request, Errand(next_page=local(request.query_params.get("next", ""))))


@router.post("/sign-in/single")
async def enter_with_text(request: Request) -> Response:
    """The same for somebody whose form is carried: kept as a draft of theirs at once, for no cookie can hold it."""
    typed = await typed_in(request)
    found = carried(one(typed, "carry"))
    if found is None or found.person_id is None:
        return RedirectResponse("/sign-in", 303)
    async with writing(engine()) as session:
        await keep_draft(session, found.person_id, found.path, found.fields, wall())
    return page(request, "signing/kept", single=single_name(), next=f"{found.path}?done=back")


@router.get("/account/single")
async def link_mine(request: Request, viewer: Viewing) -> Response:
    """To the provider, to be linked: from the account page, or by hand; another site may send nobody there.

    Whoever had a browser signed in at the provider as themselves could else have it linked to somebody else's account.
    """
    if comes_from_elsewhere(request.headers):
        raise FromElsewhere
    return await _send(request, Errand(person=str(viewer.person.id)))


@router.get("/join/{invitation}/{signature}/single")
async def join(request: Request, invitation: str, signature: str, at: Now) -> Response:
    """To the provider, instead of choosing a password."""
    try:
        await invitation_of(invitation, signature, at)
    except Gone:
        return gone_page(request)
    return await _send(request, Errand(invitation=invitation, signature=signature))


@router.get(PATH_BACK)
async def back(request: Request, at: Now) -> Response:
    """Back from the provider: who it is, and then what they were sent for."""
    try:
        asked, errand = _asked(request)
        code = request.query_params.get("code", "")
        if not code:
            return _said(request, "refused", 403)
        issuer, subject = await who_it_is(asked, code)
    except NoAnswer as error:
        return _no_answer(request, error)
    except (NotProven, NotOurs) as error:
        log.warning("single_sign_on_refused", error=str(error))
        return _said(request, "not-proven", 403)
    if errand.person:
        answer = await _link(request, errand, issuer, subject, at)
    elif errand.invitation:
        answer = await _join(request, errand, issuer, subject, at)
    else:
        answer = await _enter(request, errand, issuer, subject, at)
    answer.delete_cookie(_cookie(), httponly=True, secure=is_secure(), samesite="lax", path="/")
    return answer


def _asked(request: Request) -> tuple[Asked, Errand]:
    """What this browser was sent for; raises NotOurs when it was not, or not with this state."""
    asked, errand = json.loads(unseal(PURPOSE, request.cookies.get(_cookie(), ""), SECONDS))
    state = request.query_params.get("state", "")
    if not hmac.compare_digest(state.encode(), asked["state"].encode()):
        raise NotOurs("state")
    return Asked(**asked), Errand(**errand)


async def _enter(request: Request, errand: Errand, issuer: str, subject: str, at: datetime) -> Response:
    async with writing(engine()) as session:
        person = await known_as(session, issuer, subject)
        account = await account_of(session, person.id) if person else None
        if person is None or account is None or has_left(person, at):
            note_deed(session, Door.REFUSED, None, at, person.id if person else None, why="single")
            return _said(request, "unknown", 403)
        return await _next(session, request, person, account, errand.next_page, at)


async def _next(
    session: AsyncSession, request: Request, person: Person, account: Account, next_page: str, at: datetime
) -> Response:
    """In, when the provider's word is enough here; else the code of our own authenticator is asked for."""
    if settings().oidc_strong:
        return let_in(await begin(session, request, person, "single", at), next_page or "/")
    if not account.totp:
        return _said(request, "no-authenticator", 403)
    return code_page(request, half_way(account, "single", next_page), "")


async def _link(request: Request, errand: Errand, issuer: str, subject: str, at: datetime) -> Response:
    viewer = await signed_in(request)
    if str(viewer.person.id) != errand.person:
        raise NotYours
    async with writing(engine()) as session:
        linked = await link(session, viewer.person, issuer, subject, at)
    return RedirectResponse("/account?done=linked", 303) if linked else _said(request, "taken", 409)


async def _join(request: Request, errand: Errand, issuer: str, subject: str, at: datetime) -> Response:
    try:
        found, person, again = await invitation_of(errand.invitation, errand.signature, at)
    except Gone:
        return gone_page(request)
    if await _is_anothers(person, issuer, subject):
        return _said(request, "taken", 409)
    if not (settings().oidc_strong or again):
        begun = enrolling(person, found.id, subject=subject)
        return scan_page(request, begun, person, code_path(errand.invitation, errand.signature))
    return await _joined(request, person, found.id, issuer, subject, at)


async def _is_anothers(person: Person, issuer: str, subject: str) -> bool:
    async with reading(engine()) as session:
        known = await known_as(session, issuer, subject)
    return known is not None and known.id != person.id


async def _joined(
    request: Request, person: Person, invitation_id: UUID, issuer: str, subject: str, at: datetime
) -> Response:
    async with writing(engine()) as session:
        if not await use_invitation(session, invitation_id, at):
            return gone_page(request)
        account = await begin_account(session, person, None, None, 0, wall())
        await link(session, person, issuer, subject, at)
        note_deed(session, Door.JOINED, person, at, person.id, how="single")
        return await _next(session, request, person, account, "", at)
