"""Signing in as somebody of the sample: everybody there is invented, so that it needs no password."""

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from sqlmodel import col, select
from starlette.responses import RedirectResponse, Response

from config.time import wall
from models.database import engine, reading, writing
from models.people import Person
from models.sessions import begin_session, end_session, session_of
from web.answers import one, typed_in
from web.rendering import page
from web.trying import mailbox_is_here, sample_is_here
from web.viewing import NotYours, cookie_name, give_cookie


@dataclass(frozen=True)
class Guise:
    """Somebody to sign in as: who they are, and what there is to try."""

    email: str
    role: str
    tries: str


GUISES = (
    Guise(
        "ellen.dunmore@hollowmere.example",
        "Class teacher",
        "Log a concern from a phone. See what became of those you logged.",
    ),
    Guise(
        "priya.ramanathan@hollowmere.example",
        "Designated safeguarding lead",
        "A concern nobody opened for two days, one of today, and a referral that goes by itself unless you stop it.",
    ),
    Guise(
        "tom.ashworth-bell@hollowmere.example",
        "Deputy",
        "A review that was put off twice waits for your word as the second person. An action is overdue.",
    ),
    Guise(
        "imran.sadiq@hollowmere.example",
        "Lead practitioner",
        "Ask a family for consent, and record the review of a plan.",
    ),
    Guise(
        "gareth.llewellyn-hope@wrenfold.example",
        "Head",
        "A disagreement with the front door has climbed to you. Your safeguarding lead is away.",
    ),
    Guise(
        "marcus.delacroix-webb@derby.example",
        "Early help coordinator",
        "The tracker of the whole area: what is overdue, what did not change, who leads how much.",
    ),
    Guise(
        "front-door@derby.example",
        "Front door",
        "A referral waits: read it, acknowledge it, decide, or ask back.",
    ),
    Guise(
        "gwen.illingworth@partnership.example",
        "Administrator",
        "What ran, what failed, what waits; people, leave and the policy. You see no child.",
    ),
)


async def must_be_here(request: Request) -> None:
    """Raise NotYours unless this is a sample on this machine."""
    if not await sample_is_here(request):
        raise NotYours


router = APIRouter(dependencies=[Depends(must_be_here)])


@router.get("/sample")
async def sample(request: Request) -> Response:
    """Whom to sign in as."""
    async with reading(engine()) as session:
        wanted = [guise.email for guise in GUISES]
        found = await session.exec(select(Person).where(col(Person.email).in_(wanted)))
        people = {person.email: person for person in found}
    rows = [
        {"email": guise.email, "name": people[guise.email].name, "role": guise.role, "tries": guise.tries}
        for guise in GUISES
        if guise.email in people
    ]
    return page(request, "trying/sample", rows=rows, mailbox=mailbox_is_here(request))


@router.post("/sample")
async def sign_in_as(request: Request) -> Response:
    """Sign in as one of them; whoever was signed in here before no longer is."""
    person = one(await typed_in(request), "person")
    async with writing(engine()) as session:
        found = (await session.exec(select(Person).where(Person.email == person))).first()
        if found is None or person not in {guise.email for guise in GUISES}:
            raise NotYours
        before = await session_of(session, request.cookies.get(cookie_name(), ""))
        if before is not None:
            await end_session(session, before[0].id, wall())
        browser = request.headers.get("user-agent", "")
        token = await begin_session(session, found, "sample", browser, wall())
    answer = RedirectResponse("/", 303)
    give_cookie(answer, token)
    return answer
