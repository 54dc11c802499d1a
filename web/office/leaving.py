"""Leave and leavers: who stands in, and to whom goes what a leaver owed. Tasks are shown by reference alone."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from config.time import read_day, wall
from models.database import engine, reading, writing
from models.errors import NotFound, NotPermitted
from models.people import Person
from models.reach import Viewer
from models.staff_changes import back_again, person_numbered, record_leave, record_left, withdraw_leave
from models.staff_seen import Colleague, colleagues, in_post, owed_by
from web.answers import Typed, Wrong, one, read, typed_in, wrong_by
from web.office.keyholder import PAGE_OF, Keyholder, number
from web.questions import Option, Question
from web.rendering import page
from web.telling import recorded
from web.viewing import Now

router = APIRouter()
LEAVE = (
    Question("from", "First day away", "day"),
    Question("to", "Last day away", "day"),
    Question("cover", "Who acts meanwhile", "pick", "Without one, whoever is next in the role", optional=True),
)
LEFT = (
    Question("on", "From which day on", "day", "The first day on which they no longer work here"),
    Question("to", "Who takes over what they owe", "pick", "They are told of each task"),
)


@router.get("/admin/people/{called}/leave")
async def begin_leave(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """The form for leave."""
    return await _ask_leave(request, viewer, called, at, {}, {})


async def _ask_leave(
    request: Request, viewer: Viewer, called: str, at: datetime, typed: Typed, wrong: Wrong
) -> Response:
    async with reading(engine()) as session:
        colleague, others = await _with_others(session, called, viewer.day, at)
    words = {"one": colleague, "questions": _choose("cover", LEAVE, others), "typed": typed, "wrong": wrong}
    return page(request, "office/leave", viewer, status=422 if wrong else 200, **words)


async def _with_others(session: AsyncSession, called: str, day: date, at: datetime) -> tuple[Colleague, list[Option]]:
    """Somebody, and the colleagues at their settings and in their areas who could act for them."""
    person = await person_numbered(session, number(called))
    colleague = (await colleagues(session, [person], at, wall()))[0]
    settings = {held.setting.id for held in colleague.held if held.setting}
    areas = {held.role.area for held in colleague.held if held.role.area}
    areas |= {held.setting.area for held in colleague.held if held.setting}
    people = await in_post(session, day, person.id, settings, areas)
    return colleague, [Option(other.email, other.name, other.email) for other in people]


def _choose(name: str, questions: Sequence[Question], options: Sequence[Option]) -> list[Question]:
    return [question.with_options(options) if question.name == name else question for question in questions]


@router.post("/admin/people/{called}/leave")
async def add_leave(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """Record leave and who covers."""
    typed = await typed_in(request)
    try:
        async with writing(engine()) as session:
            person = await person_numbered(session, number(called))
            await record_leave(session, person, read(typed, LEAVE), viewer.person, at)
    except BadInput as error:
        return await _ask_leave(request, viewer, called, at, typed, wrong_by(error))
    return RedirectResponse(f"/admin/people/{called}?done=their-leave-recorded", 303)


@router.post("/admin/people/{called}/leave/{absence}/withdraw")
async def take_leave_back(viewer: Keyholder, called: str, absence: str, at: Now) -> Response:
    """Take back leave that has not begun; what is gone already is gone."""
    try:
        async with writing(engine()) as session:
            person = await person_numbered(session, number(called))
            await withdraw_leave(session, person, number(absence), viewer.person, at)
    except NotFound:
        pass
    return RedirectResponse(f"/admin/people/{called}?done=their-leave-withdrawn", 303)


@router.get("/admin/people/{called}/left")
async def begin_left(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """The form for a leaver, with what they owe."""
    today = {"on-day": [str(viewer.day.day)], "on-month": [str(viewer.day.month)], "on-year": [str(viewer.day.year)]}
    return await _ask_left(request, viewer, called, at, today, {})


async def _ask_left(
    request: Request, viewer: Viewer, called: str, at: datetime, typed: Typed, wrong: Wrong
) -> Response:
    async with reading(engine()) as session:
        colleague, others = await _with_others(session, called, viewer.day, at)
        owed, tasks = await owed_by(session, colleague.person.id, PAGE_OF)
    questions = _choose("to", LEFT, others) if owed else [LEFT[0]]
    words: dict[str, Any] = {"one": colleague, "owed": owed, "tasks": tasks, "wrong": wrong, "typed": typed}
    return page(request, "office/left", viewer, status=422 if wrong else 200, **words, questions=questions)


@router.post("/admin/people/{called}/left")
async def leave_for_good(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """Record that somebody leaves, and hand on what they owe."""
    typed = await typed_in(request)
    try:
        async with writing(engine()) as session:
            person = await person_numbered(session, number(called))
            await _record(session, person, typed, viewer.person, at)
    except BadInput as error:
        return await _ask_left(request, viewer, called, at, typed, wrong_by(error))
    except NotPermitted as error:
        return await _ask_left(request, viewer, called, at, typed, {"on": str(error).partition(": ")[2]})
    recorded(False, at)
    return RedirectResponse(f"/admin/people/{called}?done=left", 303)


async def _record(session: AsyncSession, person: Person, typed: Typed, by: Person, at: datetime) -> None:
    on = read_day(read(typed, LEFT[:1]).get("on", ""), "on")
    owed, _ = await owed_by(session, person.id, 0)
    if owed and not one(typed, "to"):
        raise BadInput("to", "is missing")
    await record_left(session, person, on, one(typed, "to") or None, by, at)


@router.post("/admin/people/{called}/back")
async def is_back(viewer: Keyholder, called: str, at: Now) -> Response:
    """They are back, or never left."""
    async with writing(engine()) as session:
        person = await person_numbered(session, number(called))
        await back_again(session, person, viewer.person, at)
    return RedirectResponse(f"/admin/people/{called}?done=back-again", 303)
