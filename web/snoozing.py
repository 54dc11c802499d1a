"""Putting a task's reminders off, and having them go on; no deadline moves."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from config.time import to_london
from models.database import engine, writing
from models.errors import NotPermitted
from models.reach import Viewer
from models.retrying import once_more
from models.snoozing import may_snooze, mornings, read_until, snooze
from models.task_view import TaskPage
from web.mending_page import Fields, Mend, hand_in, show
from web.move_page import id_of, read_task, words_of
from web.questions import Option, Question
from web.saying import on_day, sentence
from web.telling import recorded
from web.viewing import Now, Viewing

router = APIRouter()
UNTIL = Question("until", "Remind me again", "choice", hint="At eight in the morning, and on your list of that day.")


class Snoozed(BaseModel):
    """Until when."""

    model_config = ConfigDict(extra="forbid")
    until: str


@router.get("/tasks/{task_id}/snooze")
async def ask_snooze(request: Request, viewer: Viewing, at: Now, task_id: str) -> Response:
    """The mornings to choose from."""
    seen = await read_task(viewer, task_id, at)
    return await show(request, viewer, _mend(viewer, seen, at)) if seen.open else _back(seen)


@router.post("/tasks/{task_id}/snooze")
async def do_snooze(request: Request, viewer: Viewing, at: Now, task_id: str) -> Response:
    """Put them off."""
    seen = await read_task(viewer, task_id, at)
    if seen.open is None:
        return _back(seen)
    answer = await hand_in(request, viewer, _mend(viewer, seen, at))
    if answer.status_code == 303:
        recorded(False, at)
    return answer


@router.post("/tasks/{task_id}/remind")
async def do_remind(viewer: Viewing, at: Now, task_id: str) -> Response:
    """Have them go on; where they do already, nothing changes."""
    seen = await read_task(viewer, task_id, at)
    if seen.open is None:
        return _back(seen)

    async def once() -> None:
        async with writing(engine()) as session:
            await snooze(session, id_of(task_id), None, viewer.person.email, at)

    try:
        await once_more(once)
    except BadInput:
        return _back(seen)
    recorded(False, at)
    return _back(seen, "?done=reminded")


def _back(seen: TaskPage, said: str = "") -> Response:
    return RedirectResponse(f"/tasks/{seen.task.id}{said}", 303)


def _mend(viewer: Viewer, seen: TaskPage, at: datetime) -> Mend:
    if not may_snooze(seen.case, seen.task, viewer.person):
        raise NotPermitted("these reminders are not yours to put off")
    offered = mornings(seen.case, seen.task)

    async def work(session: AsyncSession, fields: Fields) -> None:
        await snooze(session, seen.task.id, read_until(fields["until"]), viewer.person.email, at)

    return Mend(
        f"/tasks/{seen.task.id}/snooze",
        "task/snooze",
        Snoozed,
        [UNTIL.with_options([_option(morning, viewer) for morning in offered])],
        work,
        f"/tasks/{seen.task.id}?done=snoozed",
        {**words_of(seen), "offered": offered},
    )


def _option(morning: datetime, viewer: Viewer) -> Option:
    day = to_london(morning).date()
    return Option(day.isoformat(), sentence(on_day(day, viewer.day)))
