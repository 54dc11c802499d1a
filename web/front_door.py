"""The front door's pages: the referrals sent to it; reading one, acknowledging it, deciding on it, asking back.

A referral is read by the front door of its area and by whoever sees its concern whole; the front door's moves are made
here by those whom `models.permission` lets.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from models.casework import Moved, make_move
from models.database import engine, reading, writing
from models.errors import AlreadyDone, NotOffered
from models.forms import form_for
from models.front_door import LIMIT, Open, has_newer, open_moves, received
from models.lifecycle import Move
from models.people import Role
from models.reach import Sight, Viewer
from models.record import Concern, Task
from models.referral_content import referral_content
from models.retrying import once_more
from web.answers import Typed, Wrong, everything_wrong, one, read, typed_in, wrong_by
from web.drafts import forget, typed_before
from web.questions import Option, Question
from web.rendering import page
from web.telling import recorded
from web.viewing import NotYours, Now, Viewing, concern_for, looked, only

router = APIRouter()
OfFrontDoor = Annotated[Viewer, Depends(only(Role.FRONT_DOOR))]

DECISIONS = (
    Option("s17", "Social care will assess: child in need", "Section 17 of the Children Act 1989"),
    Option("s47", "Social care will enquire: a child may be suffering significant harm", "Section 47 of the same Act"),
    Option("early_help", "Early help", "The setting's lead takes it on"),
    Option("nfa", "No further action", "The referrer may disagree, and then hears from you"),
)
QUESTIONS: dict[Move, tuple[Question, ...]] = {
    Move.ACKNOWLEDGE: (
        Question("by", "Who has taken it", "line", "Your name, as the referrer may ask for you by telephone"),
        Question("number", "Your own number for it", "line", "The number under which your system has it", width=20),
    ),
    Move.DECIDE: (
        Question("decision", "What you have decided", "choice", options=DECISIONS),
        Question("reason", "Why", hint="The referrer reads this, and acts on it."),
    ),
    Move.ASK: (
        Question(
            "question",
            "What you need to know",
            hint="The referrer is told at once that you have asked. Your own clock runs on meanwhile.",
        ),
    ),
}
HEADINGS = {
    Move.ACKNOWLEDGE: "Acknowledge this referral",
    Move.DECIDE: "Decide on this referral",
    Move.ASK: "Ask the referrer",
}
DONE = {Move.ACKNOWLEDGE: "referral-acknowledged", Move.DECIDE: "referral-decided", Move.ASK: "question-asked"}


@router.get("/referrals")
async def referrals(request: Request, viewer: OfFrontDoor, at: Now, show: str = "", start: int = 0) -> Response:
    """Those that wait for an answer, or with `show=answered` the others."""
    answered, start = show == "answered", max(0, start)
    async with reading(engine()) as session:
        rows, total = await received(session, viewer, answered=answered, start=start)
    await looked(viewer, "referrals", [(row.child.id, row.concern.id) for row in rows], at)
    words: dict[str, Any] = {"rows": rows, "total": total, "start": start, "limit": LIMIT, "answered": answered}
    return page(request, "front_door/list", viewer, **words)


@router.get("/referrals/{reference}/{number}")
async def referral(request: Request, viewer: Viewing, at: Now, reference: str, number: int) -> Response:
    """One referral whole, with what may be done about it now."""
    content, now_open = await _open_referral(viewer, reference, number, at)
    seen = [(child["id"], content["concern"].id) for child in content["children"]]
    await looked(viewer, "referral", seen, at)
    sight = (await concern_for(viewer, reference, Sight.REFERRAL))[1]
    words = {**content, "open": now_open, "whole": sight == Sight.WHOLE, "headings": HEADINGS}
    return page(request, "front_door/referral", viewer, **words)


async def _open_referral(viewer: Viewer, reference: str, number: int, at: datetime) -> tuple[dict[str, Any], Open]:
    concern, _ = await concern_for(viewer, reference, Sight.REFERRAL)
    async with reading(engine()) as session:
        content = await referral_content(session, concern, number)
        if content is None or (content["referral"].sent_at is None):
            raise NotYours
        referral = content["referral"]
        now_open = await open_moves(session, concern, referral, viewer.person, at)
        content["newer"] = await has_newer(session, referral)
    return content, now_open


@dataclass(frozen=True)
class Asked:
    """One move on one referral, as somebody has its form open; `path` is the form's address."""

    request: Request
    viewer: Viewer
    concern: Concern
    number: int
    move: Move

    def form(self, typed: Typed, wrong: Wrong, status: int = 200, said: str = "") -> Response:
        """The form with what was typed; `said` is why it could not be handed in."""
        asked: dict[str, Any] = {"questions": QUESTIONS[self.move], "typed": typed, "wrong": wrong, "said": said}
        about: dict[str, Any] = {"concern": self.concern, "number": self.number, "heading": HEADINGS[self.move]}
        return page(self.request, "front_door/form", self.viewer, status=status, **asked, **about)

    @property
    def path(self) -> str:
        """The referral's page."""
        return f"/referrals/{self.concern.reference}/{self.number}"


async def _asked(request: Request, viewer: Viewing, at: Now, reference: str, number: int, move: Move) -> Asked:
    """A dependency: the move that is asked for, of a referral that the viewer may read; raises NotYours."""
    concern, _ = await concern_for(viewer, reference, Sight.REFERRAL)
    if move not in QUESTIONS:
        raise NotYours
    await looked(viewer, "referral", [(concern.child_id, concern.id)], at)
    return Asked(request, viewer, concern, number, move)


OneMove = Annotated[Asked, Depends(_asked)]


@router.get("/referrals/{reference}/{number}/{move}")
async def form(asked: OneMove, at: Now) -> Response:
    """The form of one move; back to the referral when it is not to be made now."""
    _, now_open = await _open_referral(asked.viewer, asked.concern.reference, asked.number, at)
    if asked.move not in now_open.moves:
        return RedirectResponse(asked.path, 303)
    return asked.form(await typed_before(asked.viewer, asked.request.url.path), {})


@router.post("/referrals/{reference}/{number}/{move}")
async def make(asked: OneMove, at: Now) -> Response:
    """Make the move; what is wrong comes back with the form, and nothing has been changed."""
    typed = await typed_in(asked.request)
    _, now_open = await _open_referral(asked.viewer, asked.concern.reference, asked.number, at)
    task = now_open.moves.get(asked.move)
    if task is None:
        return asked.form(typed, {}, 409, "This is no longer asked, or not of you")
    fields = read(typed, QUESTIONS[asked.move])
    if wrong := everything_wrong(form_for(task.kind, asked.move), fields):
        return asked.form(typed, wrong, 422)
    try:
        await _make(asked, task, fields, one(typed, "version"), at)
    except BadInput as error:
        return asked.form(typed, wrong_by(error), 422)
    except (AlreadyDone, NotOffered) as error:
        return asked.form(typed, {}, 409, str(error))
    await forget(asked.viewer, asked.request.url.path)
    return RedirectResponse(f"{asked.path}?done={DONE[asked.move]}", 303)


async def _make(asked: Asked, task: Task, fields: dict[str, Any], version: str, at: datetime) -> None:
    seen = int(version) if version.isdigit() else None

    async def work() -> Moved:
        async with writing(engine()) as session:
            return await make_move(session, task.id, asked.move, fields, asked.viewer.person.email, at, seen)

    moved = await once_more(work)
    recorded(moved.urgent, at)
