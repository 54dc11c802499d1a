"""Letters that failed or wait: sending them again, and correcting an address. No letter's text is ever shown."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from config.settings import settings
from models.database import engine, reading, writing
from models.fields import fill
from models.letters_seen import STUCK, Row, letters_listed, one_letter
from models.people import Person
from models.reach import Viewer
from models.staff_changes import AddressForm, correct_address, person_numbered
from models.telling import State
from notifications.resending import ENDED_BADLY, resend, resend_to
from web.answers import Typed, Wrong, read, typed_in, wrong_by
from web.letter_words import HELD
from web.office.keyholder import PAGE_OF, Keyholder, number, offset
from web.office.reasons import LETTER_STATES, say_letter, say_refusal
from web.questions import Question
from web.rendering import page
from web.telling import recorded
from web.viewing import NotYours, Now

router = APIRouter()
STATES = (
    *(State.REFUSED.value, State.GIVEN_UP.value, STUCK),
    *(State.WAITING.value, State.SENT.value, State.WITHDRAWN.value),
)
QUESTIONS = (
    Question(
        "email",
        "The right e-mail address",
        "line",
        "What was refused or given up for this person goes again, to this address.",
        kind="email",
        width=20,
        autocomplete="off",
    ),
)


@router.get("/admin/letters")
async def letters(request: Request, viewer: Keyholder, at: Now, state: str = "", start: str = "") -> Response:
    """Letters by how they stand, fifty a page; those that were refused first."""
    shown = state if state in STATES else State.REFUSED.value
    begin = offset(start)
    async with reading(engine()) as session:
        total, rows = await letters_listed(session, shown, None, at, begin, PAGE_OF)
    listed = [_row(one) for one in rows]
    words: dict[str, Any] = {"shown": shown, "states": STATES, "names": LETTER_STATES, "rows": listed, "total": total}
    return page(request, "office/letters", viewer, **words, start=begin, limit=PAGE_OF, mail=settings().smtp_host)


def _row(row: Row) -> dict[str, Any]:
    delivery, person, reference = row
    return {
        "id": delivery.id,
        "title": say_letter(delivery.letter),
        "letter": delivery.letter,
        "person": person,
        "reference": reference,
        "state": HELD if delivery.held_at else LETTER_STATES[delivery.state.value],
        "created_at": delivery.created_at,
        "sent_at": delivery.sent_at,
        "try_after": delivery.try_after if delivery.state == State.WAITING else None,
        "told_at": delivery.told_at,
        "tries": delivery.tries,
        "urgent": delivery.urgent,
        "why": say_refusal(delivery.error),
        "said": delivery.error,
        "message_id": delivery.message_id,
        "may_go_again": delivery.state in ENDED_BADLY,
    }


@router.get("/admin/letters/{letter}")
async def letter(request: Request, viewer: Keyholder, letter: str) -> Response:
    """One letter: how it stands and why, and what can be done."""
    row = await _letter(letter)
    return _shown(request, viewer, row, {"email": [row[1].email]}, {})


async def _letter(called: str) -> Row:
    async with reading(engine()) as session:
        row = await one_letter(session, number(called))
    if row is None:
        raise NotYours
    return row


def _shown(request: Request, viewer: Viewer, row: Row, typed: Typed, wrong: Wrong) -> Response:
    words = {"row": _row(row), "questions": QUESTIONS, "typed": typed, "wrong": wrong}
    return page(request, "office/letter", viewer, status=422 if wrong else 200, **words)


@router.post("/admin/letters/{letter}/again")
async def send_again(viewer: Keyholder, letter: str, at: Now) -> Response:
    """Let a letter that failed go again; a second press finds it going already."""
    async with writing(engine()) as session:
        again = await resend(session, number(letter), viewer.person, at)
    if again:
        recorded(False, at)
    return RedirectResponse(f"/admin/letters/{letter}?done={'letter-again' if again else 'letter-not-again'}", 303)


@router.post("/admin/letters/{letter}/address")
async def correct(request: Request, viewer: Keyholder, letter: str, at: Now) -> Response:
    """Correct the address of a letter's reader, and let what failed for them go again."""
    row = await _letter(letter)
    typed = await typed_in(request)
    try:
        async with writing(engine()) as session:
            person = await person_numbered(session, row[1].id)
            await _put_right(session, person, read(typed, QUESTIONS), viewer.person, at)
    except BadInput as error:
        return _shown(request, viewer, row, typed, wrong_by(error))
    recorded(False, at)
    return RedirectResponse(f"/admin/letters/{letter}?done=address-corrected", 303)


async def _put_right(session: AsyncSession, person: Person, fields: dict[str, Any], by: Person, at: datetime) -> None:
    await correct_address(session, person, fill(AddressForm, fields).email, by, at)
    await resend_to(session, person, by, at)
