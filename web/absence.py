"""Leave and handing over: who stands in, and giving open tasks to a colleague."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput, PathwayError
from config.time import read_day
from models.access import Door
from models.covering import colleagues, leave_of
from models.database import engine, reading, writing
from models.deeds import note_deed
from models.errors import NotFound
from models.owed import Shown, owned
from models.people import Person, Role
from models.policies import policy_book
from models.reach import Sight, Viewer, sights
from models.retrying import once_more
from models.staffing import leave, reassign, withdraw_leave
from web.answers import Typed, Wrong, read, typed_in, wrong_by
from web.owing import Line, line_of, may_name
from web.questions import Option, Question
from web.rendering import page
from web.saying import ROLES
from web.telling import recorded
from web.viewing import NotYours, Now, Viewing, looked

router = APIRouter()
FROM = Question("from", "First day away", "day", "For example, 20 4 2026")
TO = Question("to", "Last day away", "day", "The same day, if it is one day")
COVER = Question(
    "cover",
    "Who covers you",
    "pick",
    "They act for you and see what you see on those days. If you choose nobody, whoever is next in your role acts.",
    optional=True,
)
COLLEAGUE = Question("colleague", "Who takes them over", "pick", "They are told by letter. The deadlines stay.")
REASON = Question("reason", "Why", "text", "This stays in the history of each concern.", rows=3)
TASKS = Question("tasks", "Which tasks", "choices")
FIELDS = {"first": "from", "last": "to", "email": "from", "leave": "from"}


async def desked(viewer: Viewing) -> Viewer:
    """Whoever has a desk: everybody but the front door."""
    if not viewer.roles - {Role.FRONT_DOOR}:
        raise NotYours
    return viewer


Desked = Annotated[Viewer, Depends(desked)]


def _options(people: Sequence[tuple[Person, set[Role]]]) -> list[Option]:
    return [
        Option(person.email, person.name, ", ".join(sorted(ROLES[role].lower() for role in roles)))
        for person, roles in people
    ]


@router.get("/desk/away")
async def away(request: Request, viewer: Desked) -> Response:
    """Your leave, and a form to record more."""
    return await _away(request, viewer, {})


async def _away(request: Request, viewer: Viewer, typed: Typed, wrong: Wrong | None = None) -> Response:
    async with reading(engine()) as session:
        recorded_leave = await leave_of(session, viewer.person.id, viewer.day)
        people = await colleagues(session, viewer.person, viewer.day)
        open_tasks = len(await owned(session, viewer.person.id))
    return page(
        request,
        "desk/away",
        viewer,
        status=422 if wrong else 200,
        leave=recorded_leave,
        today=viewer.day,
        open_tasks=open_tasks,
        questions=(FROM, TO, COVER.with_options(_options(people))),
        typed=typed,
        wrong=wrong or {},
    )


@router.post("/desk/away")
async def record(request: Request, viewer: Desked, at: Now) -> Response:
    """Record leave."""
    typed = await typed_in(request)
    fields = read(typed, (FROM, TO, COVER))
    try:
        await _record(viewer, fields, at)
    except BadInput as error:
        wrong = {FIELDS.get(field, field): message for field, message in wrong_by(error).items()}
        return await _away(request, viewer, typed, wrong)
    return RedirectResponse("/desk/away?done=leave-recorded", 303)


async def _record(viewer: Viewer, fields: dict[str, Any], at: datetime) -> None:
    for name in ("from", "to"):
        if name not in fields:
            raise BadInput(name, "is missing")
    first, last = (_day(fields[name], name) for name in ("from", "to"))
    if last < viewer.day:
        raise BadInput("to", "has passed; give today or a later day")
    async with writing(engine()) as session:
        await leave(session, viewer.person.email, first, last, fields.get("cover"), at)
        note_deed(session, Door.LEAVE_RECORDED, viewer.person, at, viewer.person.id)


def _day(text: str, name: str) -> Any:
    try:
        return read_day(text, name)
    except BadInput:
        raise BadInput(name, "is not a day; write day, month and year, for example 20 4 2026") from None


@router.post("/desk/away/{absence_id}/withdraw")
async def withdraw(request: Request, absence_id: UUID, viewer: Desked, at: Now) -> Response:
    """Take back leave that has not begun."""
    try:
        async with writing(engine()) as session:
            await withdraw_leave(session, absence_id, viewer.person.email, at)
    except NotFound:
        raise NotYours from None
    except BadInput as error:
        return await _away(request, viewer, {}, {"from": error.message})
    return RedirectResponse("/desk/away?done=leave-withdrawn", 303)


@router.get("/desk/away/hand-over")
async def handing_over(request: Request, viewer: Desked, at: Now) -> Response:
    """Your open tasks, to be given to somebody."""
    return await _handing_over(request, viewer, at, {})


async def _handing_over(
    request: Request,
    viewer: Viewer,
    at: datetime,
    typed: Typed,
    wrong: Wrong | None = None,
    given: Sequence[str] = (),
    refused: Sequence[tuple[str, str]] = (),
) -> Response:
    async with reading(engine()) as session:
        rows = await owned(session, viewer.person.id)
        people = await colleagues(session, viewer.person, viewer.day)
        seen = await sights(session, viewer, {each.concern.id for each in rows}) if rows else {}
        book = await policy_book(session)
    lines = [line_of(each, viewer, seen.get(each.concern.id, Sight.NOTHING), book, at) for each in rows]
    await looked(viewer, "hand-over", _named(rows, viewer, seen), at)
    return page(
        request,
        "desk/hand-over",
        viewer,
        status=422 if wrong else 409 if refused else 200,
        lines=lines,
        questions=(TASKS.with_options(_choices(lines)), COLLEAGUE.with_options(_options(people)), REASON),
        typed=typed,
        wrong=wrong or {},
        given=given,
        refused=refused,
    )


def _named(rows: Sequence[Shown], viewer: Viewer, seen: dict[UUID, Sight]) -> list[tuple[UUID, UUID | None]]:
    return [
        (each.child.id, each.concern.id) for each in rows if may_name(viewer, seen.get(each.concern.id, Sight.NOTHING))
    ]


def _choices(lines: Sequence[Line]) -> list[Option]:
    return [
        Option(str(each.id), f"{f'{each.name}: ' if each.name else ''}{each.asked}", each.reference) for each in lines
    ]


@router.post("/desk/away/hand-over")
async def hand_over(request: Request, viewer: Desked, at: Now) -> Response:
    """Give each chosen task to a colleague, one by one: what is refused leaves the others given."""
    typed = await typed_in(request)
    fields = read(typed, (TASKS, COLLEAGUE, REASON))
    if wrong := {name: "is missing" for name in ("tasks", "colleague", "reason") if name not in fields}:
        return await _handing_over(request, viewer, at, typed, wrong)
    async with reading(engine()) as session:
        own = {str(each.task.id): each for each in await owned(session, viewer.person.id)}
    given, refused = [], []
    for task_id in dict.fromkeys(fields["tasks"]):
        if task_id not in own:
            refused.append(("A task", "it is no longer yours"))
            continue
        reference = own[task_id].concern.reference
        try:
            await _give(UUID(task_id), fields, viewer, at)
        except PathwayError as error:
            refused.append((reference, _why(error)))
        else:
            given.append(reference)
    if given:
        recorded(False, at)
    if refused:
        return await _handing_over(request, viewer, at, typed, given=given, refused=refused)
    return RedirectResponse("/desk?done=handed-over", 303)


def _why(error: PathwayError) -> str:
    return error.message if isinstance(error, BadInput) else str(error)


async def _give(task_id: UUID, fields: dict[str, Any], viewer: Viewer, at: datetime) -> None:
    async def work() -> None:
        async with writing(engine()) as session:
            await reassign(session, task_id, fields["colleague"], fields["reason"], viewer.person.email, at)

    await once_more(work)
