"""Tasks: those one owes, those within reach, one of them, every move, and handing a task over."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Scope
from models.database import engine, reading
from models.fields import Email, Line
from models.forms import Reason
from models.in_reach import review_views, reviews_page, task_seen, task_views, tasks_page
from models.people import Person
from models.record import Concern, Task
from models.snoozing import is_snoozed, read_until, snooze
from models.staffing import reassign
from models.views import instant
from web.api import shapes
from web.api.bodies import Posted, Recording, filled
from web.api.callers import Caller, Reader
from web.api.changing import Changed, change
from web.api.paging import Cutting, listed
from web.api.schema import sends
from web.api.versions import tagged
from web.viewing import looked

router = APIRouter(tags=["Tasks"])


class Reassign(Reason):
    """Who takes the task, and why. Its deadline stays."""

    to: Email


class Snooze(BaseModel):
    """Until when reminders are put off: a day (its 08:00 in London), an instant, or `now` to have them go on."""

    model_config = ConfigDict(extra="forbid")
    until: Line


@router.get("/tasks", response_model=shapes.Tasks)
async def tasks(
    request: Request,
    response: Response,
    caller: Reader,
    cut: Cutting,
    mine: Annotated[bool, Query(description="Only those that you, or somebody you cover, owe.")] = True,
    overdue: Annotated[bool, Query(description="Only those past their deadline.")] = False,
) -> dict[str, Any]:
    """Open tasks, earliest deadline first: those you owe or, with `mine=false`, all within your reach."""
    async with reading(engine()) as session:
        rows, after = await tasks_page(session, caller.viewer, caller.at, cut, mine=mine, overdue=overdue)
        items = await task_views(session, caller.viewer, rows, caller.at)
    await looked(caller.viewer, "api:tasks", _children(rows), caller.at)
    return listed(request, response, items, after)


@router.get("/reviews", response_model=shapes.Reviews)
async def reviews(request: Request, response: Response, caller: Reader, cut: Cutting) -> dict[str, Any]:
    """Assessments and reviews to come of the concerns you see whole, earliest deadline first."""
    async with reading(engine()) as session:
        rows, after = await reviews_page(session, caller.viewer, cut)
        items = await review_views(session, rows, caller.at)
    await looked(caller.viewer, "api:reviews", _children(rows), caller.at)
    return listed(request, response, items, after)


def _children(rows: list[tuple[Task, Concern]]) -> list[tuple[UUID, UUID]]:
    return [(concern.child_id, concern.id) for _, concern in rows]


@router.get("/tasks/{task}", response_model=shapes.TaskSeen, responses={304: {"description": "You have it already"}})
async def task(request: Request, task: UUID, caller: Reader) -> Response:
    """One task, open or closed. Its ETag holds the concern's version, for If-Match."""
    async with reading(engine()) as session:
        found, concern = await task_seen(session, caller.viewer, task)
        seen = (await task_views(session, caller.viewer, [(found, concern)], caller.at))[0]
    await looked(caller.viewer, "api:task", [(concern.child_id, concern.id)], caller.at)
    now = {"version": concern.version, "closed_at": instant(found.closed_at), "outcome": found.outcome}
    now["snoozed_until"] = instant(found.snoozed_until) if is_snoozed(found, caller.at) else None
    moves = [] if found.closed_at else seen["moves"]
    return tagged(request, shapes.TaskSeen.model_validate({**seen, **now, "moves": moves}), concern.version)


@router.post("/tasks/{task}/reassign", response_model=shapes.Reassigned, openapi_extra=sends(Reassign))
async def hand_over(task: UUID, posted: Recording) -> Response:
    """Give an open task to somebody else. An administrator, whose key may manage, may for any task."""

    async def work(session: AsyncSession) -> Changed:
        concern = await _concern_of(session, posted.caller, task)
        return await _handed_over(session, posted, task, concern.reference)

    return await change(posted, work)


@router.post("/tasks/{task}/snooze", response_model=shapes.Snoozed, openapi_extra=sends(Snooze))
async def put_off(task: UUID, posted: Recording) -> Response:
    """Put off the reminders of a task that you owe or act for. Its deadline, and who hears of it, stay."""

    async def work(session: AsyncSession) -> Changed:
        _, concern = await task_seen(session, posted.caller.viewer, task)
        until = read_until(filled(Snooze, posted.fields).until)
        email, at = posted.caller.viewer.person.email, posted.caller.at
        given = await snooze(session, task, until, email, at)
        due, put = instant(given.due_at) or "", instant(given.snoozed_until)
        answer = shapes.Snoozed(id=str(given.id), concern=concern.reference, snoozed_until=put, due_at=due)
        return Changed(answer, page="api:snooze", seen=[(concern.child_id, concern.id)])

    return await change(posted, work)


async def _concern_of(session: AsyncSession, caller: Caller, task_id: UUID) -> Concern:
    """The concern of a task that the caller sees or, to hand it over unseen, administers."""
    found = await session.get(Task, task_id)
    if found is not None and caller.viewer.is_administrator and Scope.MANAGE in caller.key.scopes:
        return await session.get_one(Concern, found.concern_id)
    return (await task_seen(session, caller.viewer, task_id))[1]


async def _handed_over(session: AsyncSession, posted: Posted, task: UUID, reference: str) -> Changed:
    form = filled(Reassign, posted.fields)
    email = posted.caller.viewer.person.email
    given = await reassign(session, task, form.to, form.reason, email, posted.caller.at)
    owner = await session.get_one(Person, given.owner_id)
    due = instant(given.due_at) or ""
    return Changed(shapes.Reassigned(id=str(given.id), concern=reference, owner=owner.email, due_at=due))


def opened(task: Task) -> shapes.Opened:
    """A task that a change opened."""
    due = instant(task.due_at) or ""
    return shapes.Opened(id=str(task.id), kind=task.kind, due_at=due, due_because=task.due_because)
