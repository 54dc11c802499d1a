"""The sign-in pages: e-mail address and password, then a code; and signing out."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from config.time import to_london, wall
from models.access import Door
from models.database import engine, reading, writing
from models.deeds import note_deed
from web.answers import Typed, one, typed_in
from web.office.beginning import how_to_begin
from web.questions import Question
from web.rendering import page
from web.signing import forgotten
from web.signing.asking import local, sign_in_page
from web.signing.checking import check_code, check_password, closed_until
from web.signing.entering import begin, come_back, leave, let_in
from web.signing.half import Half, half_way, read_half
from web.signing.limiting import within
from web.trying import sample_is_here
from web.viewing import Now, SignInNeeded, signed_in, take_cookie

router = APIRouter()
router.include_router(forgotten.router)
CODE = Question("code", "Code", "line", autocomplete="one-time-code")
# One sentence for everything: it tells nobody whether there is such a person, nor whether their account is closed.
REFUSED = (
    "That e-mail address and password do not let you in. After five wrong attempts an account stays closed for a"
    " minute, then for longer each time, up to an hour"
)
WRONG_CODE = "That code does not let you in. A code counts once, and for half a minute: wait for the next one"


@router.get("/sign-in")
async def ask(request: Request) -> Response:
    """The page that asks for e-mail address and password."""
    next_page = local(request.query_params.get("next", ""))
    try:
        await signed_in(request)
    except SignInNeeded:
        ordinary = sign_in_page(request, next_page=next_page, sample=await sample_is_here(request))
        return await how_to_begin(request) or ordinary
    return RedirectResponse(next_page or "/", 303)


@router.post("/sign-in", dependencies=[Depends(within("sign-in"))])
async def first_factor(request: Request, at: Now) -> Response:
    """The password: right, and the code is asked for; anything else has one answer."""
    typed = await typed_in(request)
    wrong = {field: "is missing" for field in ("email", "password") if not one(typed, field)}
    account = None
    if not wrong:
        account = await check_password(one(typed, "email"), exactly(typed, "password"), at)
        wrong = {} if account else {"email": REFUSED}
    if account is None:
        return sign_in_page(
            request,
            typed=typed,
            wrong=wrong,
            next_page=one(typed, "next"),
            carry=one(typed, "carry"),
            status=422,
        )
    half = half_way(account, "password", local(one(typed, "next")))
    return code_page(request, half, one(typed, "carry"))


def exactly(typed: Typed, name: str) -> str:
    """A password as it was typed: its spaces belong to it."""
    return (typed.get(name) or ("",))[0]


def code_page(request: Request, half: str, carry: str, wrong: str = "") -> Response:
    """The page that asks for the code."""
    said = {"code": wrong} if wrong else {}
    status = 422 if wrong else 200
    return page(request, "signing/code", status=status, half=half, carry=carry, wrong=said, questions=(CODE,))


@router.post("/sign-in/code", dependencies=[Depends(within("code"))])
async def second_factor(request: Request, at: Now) -> Response:
    """The code: right, and this browser is signed in."""
    typed = await typed_in(request)
    sealed, carry = one(typed, "half"), one(typed, "carry")
    half = read_half(sealed)
    if half is None:
        return sign_in_page(request, carry=carry, why="slow", status=401)
    code = one(typed, "recovery") or one(typed, "code")
    async with writing(engine()) as session:
        person = await check_code(session, half, code, at) if code else None
        if person is not None:
            token = await begin(session, request, person, _how(half, typed), at)
            return let_in(token, await come_back(session, person, half.next_page, carry))
    return code_page(request, sealed, carry, await _why_not(half) if code else "Enter the code")


def _how(half: Half, typed: Typed) -> str:
    return "recovery" if one(typed, "recovery") else half.how


async def _why_not(half: Half) -> str:
    async with reading(engine()) as session:
        until = await closed_until(session, half.person_id)
    if until is None:
        return WRONG_CODE
    minutes = -(-int((until - wall()).total_seconds()) // 60)
    return f"There have been too many wrong codes. Wait until {to_london(until):%H:%M} (in {max(1, minutes)} min)"


@router.post("/sign-out")
async def sign_out(request: Request, at: Now) -> Response:
    """Sign this browser out; again changes nothing."""
    async with writing(engine()) as session:
        if person := await leave(session, request):
            note_deed(session, Door.SIGNED_OUT, person, at, person.id)
    answer = RedirectResponse("/sign-in?done=signed-out", 303)
    take_cookie(answer)
    return answer
