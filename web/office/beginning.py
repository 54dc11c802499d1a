"""The first start: how somebody becomes the first administrator, and the steps from there to people who sign in."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from config.secret import is_signed, sign
from config.settings import settings
from models.beginning import choose_policy, first_administrator, has_accounts, is_unbegun, progress, uninvited
from models.database import engine, reading, writing
from models.invitations import invitation_path, make_invitation
from models.policies import policy_book
from models.reach import Viewer
from models.schema import is_there
from notifications.inviting import invite
from web.answers import Typed, Wrong, one, read, typed_in, wrong_by
from web.office.keyholder import Keyholder
from web.questions import Option, Question
from web.rendering import page
from web.signing.limiting import within
from web.telling import recorded
from web.viewing import NotYours, Now

router = APIRouter()
PURPOSE, FIRST = "welcome", "first"
MOST_AT_ONCE = 200
QUESTIONS = (
    Question("name", "Your name", "line", width=20, autocomplete="name"),
    Question(
        "email", "Your e-mail address", "line", "You sign in with it", kind="email", width=20, autocomplete="email"
    ),
)
POLICY = Question("policy", "Which policy does your partnership follow?", "choice")


async def welcome_address() -> str | None:
    """Where the first administrator begins, to be printed for whoever starts the program; None once somebody has."""
    if not await is_there(engine()):
        return None
    async with reading(engine()) as session:
        if await has_accounts(session):
            return None
    return f"{settings().base_url}/welcome/{sign(PURPOSE, FIRST)}"


async def how_to_begin(request: Request) -> Response | None:
    """The page that says how to begin, on a record with neither account nor person; else None."""
    async with reading(engine()) as session:
        unbegun = await is_unbegun(session)
    return page(request, "office/begin") if unbegun else None


async def _must_be_open(signature: str) -> None:
    if not is_signed(PURPOSE, FIRST, signature):
        raise NotYours
    async with reading(engine()) as session:
        if await has_accounts(session):
            raise NotYours


@router.get("/welcome/{signature}")
async def welcome(request: Request, signature: str) -> Response:
    """The first page of the first person."""
    await _must_be_open(signature)
    return page(request, "office/welcome", questions=QUESTIONS, typed={}, wrong={})


@router.post("/welcome/{signature}", dependencies=[Depends(within("join"))])
async def begin(request: Request, signature: str, at: Now) -> Response:
    """Make them administrator, and let them choose a password and a second factor as everybody does."""
    await _must_be_open(signature)
    typed = await typed_in(request)
    try:
        async with writing(engine()) as session:
            person = await first_administrator(session, read(typed, QUESTIONS), at)
            invitation = await make_invitation(session, person, None, at)
    except BadInput as error:
        return page(request, "office/welcome", status=422, questions=QUESTIONS, typed=typed, wrong=wrong_by(error))
    return RedirectResponse(invitation_path(invitation.id), 303)


@router.get("/admin/beginning")
async def steps(request: Request, viewer: Keyholder, at: Now) -> Response:
    """What is done and what is left; each step can be left and come back to."""
    async with reading(engine()) as session:
        made = await progress(session, at)
    return page(request, "office/beginning", viewer, made=made, mail=settings().smtp_host)


@router.get("/admin/beginning/policy")
async def ask_policy(request: Request, viewer: Keyholder) -> Response:
    """Which policy is the default."""
    async with reading(engine()) as session:
        default = (await policy_book(session)).default
    return await _ask(request, viewer, {"policy": [default]}, {})


async def _ask(request: Request, viewer: Viewer, typed: Typed, wrong: Wrong) -> Response:
    async with reading(engine()) as session:
        questions = [POLICY.with_options(await _policies(session, viewer))]
    words = {"questions": questions, "typed": typed, "wrong": wrong}
    return page(request, "office/choose-policy", viewer, status=422 if wrong else 200, **words)


async def _policies(session: AsyncSession, viewer: Viewer) -> Sequence[Option]:
    book = await policy_book(session)
    known = [book.version(key, viewer.day, None) for key in book.keys()]  # noqa: SIM118  # a method of ours
    return [
        Option(one.key, one.name, "Areas: " + (", ".join(area.name for area in one.areas.values()) or "any"))
        for one in known
    ]


@router.post("/admin/beginning/policy")
async def take_policy(request: Request, viewer: Keyholder, at: Now) -> Response:
    """Make one the default."""
    typed = await typed_in(request)
    try:
        async with writing(engine()) as session:
            await choose_policy(session, one(typed, "policy"), viewer.person, at)
    except BadInput as error:
        return await _ask(request, viewer, typed, wrong_by(error))
    return RedirectResponse("/admin/beginning?done=policy-chosen", 303)


@router.post("/admin/beginning/invite")
async def invite_everybody(viewer: Keyholder, at: Now) -> Response:
    """Invite whoever has neither an account nor an open invitation, two hundred at a time."""
    async with writing(engine()) as session:
        for person in await uninvited(session, at, MOST_AT_ONCE):
            await invite(session, person, viewer.person, at)
    recorded(False, at)
    return RedirectResponse("/admin/beginning?done=everybody-invited", 303)
