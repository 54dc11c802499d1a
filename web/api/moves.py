"""Every move a person can make on a task, each at an address of its own with the fields of its own form."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from models.casework import make_move
from models.errors import AlreadyDone
from models.forms import FORMS, Form, form_for
from models.in_reach import task_seen
from models.lifecycle import OFFERS, Move
from models.reach import Sight, sight_of
from models.record import Task
from web.api import shapes
from web.api.bodies import Posted, Recording, filled
from web.api.changing import Changed, Work, change
from web.api.schema import sends
from web.api.tasks import opened
from web.api.versions import IfMatch, stale, version_in
from web.saying import say_move

router = APIRouter(tags=["Moves"])
SOMETHING = "Something about the concern changed meanwhile; ask for the task again."


def _forms(move: Move) -> list[type[Form]]:
    """The forms of a move on the kinds of task that offer it."""
    kinds = [kind for kind, moves in OFFERS.items() if move in moves]
    return list(dict.fromkeys(form_for(kind, move) for kind in kinds))


def _maker(move: Move) -> Callable[..., Awaitable[Response]]:
    async def make(task: UUID, posted: Recording, if_match: IfMatch = None) -> Response:
        return await change(posted, _work(posted, task, move, version_in(if_match)))

    make.__doc__ = f"{say_move(move)}."
    return make


def _work(posted: Posted, task_id: UUID, move: Move, version: int | None) -> Work:
    async def work(session: AsyncSession) -> Changed:
        caller = posted.caller
        task, concern = await task_seen(session, caller.viewer, task_id)
        if _may_offer(task, move):
            filled(form_for(task.kind, move), posted.fields)
        try:
            moved = await make_move(
                session, task_id, move, posted.fields, caller.viewer.person.email, caller.at, version
            )
        except AlreadyDone as error:
            whole = task.closed_at is not None or await sight_of(session, caller.viewer, concern) == Sight.WHOLE
            raise stale(error if whole else AlreadyDone(SOMETHING), version) from None
        tasks = [opened(one) for one in moved.opened]
        answer = shapes.Moved(reference=moved.reference, status=moved.status, version=concern.version, opened=tasks)
        return Changed(answer, urgent=moved.urgent, page="api:move", seen=[(concern.child_id, concern.id)])

    return work


def _may_offer(task: Task, move: Move) -> bool:
    return task.closed_at is None and move in OFFERS[task.kind]


for _move in FORMS[None]:
    router.add_api_route(
        f"/tasks/{{task}}/moves/{_move.value}",
        _maker(_move),
        methods=["POST"],
        name=_move.value,
        summary=say_move(_move),
        operation_id=f"move_{_move.value}",
        response_model=shapes.Moved,
        openapi_extra=sends(*_forms(_move)),
    )
