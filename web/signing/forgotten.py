"""A forgotten password: whoever asks hears the same; a letter goes to whoever is in post."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from models.accounts import has_left
from models.database import engine, writing
from models.invitations import invited_lately
from models.staff import person_with
from notifications.inviting import invite
from web.answers import one, typed_in
from web.questions import Question
from web.rendering import page
from web.signing.limiting import within
from web.telling import recorded
from web.viewing import Now

router = APIRouter()
QUESTIONS = (Question("email", "Your e-mail address at work", "line", kind="email", autocomplete="username"),)


@router.get("/sign-in/forgotten")
async def ask(request: Request) -> Response:
    """The page that asks where to send the letter."""
    return page(request, "signing/forgotten", questions=QUESTIONS, typed={}, wrong={})


@router.post("/sign-in/forgotten", dependencies=[Depends(within("forgotten"))])
async def send(request: Request, at: Now) -> Response:
    """Send it, if there is such a person; the answer never says."""
    typed = await typed_in(request)
    email = one(typed, "email")
    if not email:
        wrong = {"email": "is missing"}
        return page(request, "signing/forgotten", status=422, questions=QUESTIONS, typed=typed, wrong=wrong)
    async with writing(engine()) as session:
        person = await person_with(session, email)
        if person and not has_left(person, at) and not await invited_lately(session, person.id, at):
            await invite(session, person, None, at)
    recorded(False, at)
    return page(request, "signing/sent")
