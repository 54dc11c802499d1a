"""A task and its moves: what is asked and why, a form for each move, and the move itself, made by casework alone."""

from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from models.casework import Moved, make_move
from models.database import engine, reading, writing
from models.errors import AlreadyDone, NotOffered, NotPermitted
from models.forms import form_for
from models.lifecycle import OFFERS, Kind, Move
from models.reach import Sight, Viewer, sight_of
from models.retrying import once_more
from models.snoozing import is_snoozed, may_snooze
from models.task_view import TaskPage
from web.answers import everything_wrong, one, read, typed_in, wrong_by
from web.drafts import forget, keep_typed, typed_before
from web.move_done import done_word
from web.move_guidance import guidance
from web.move_page import conflict_page, form_page, may_make, move_of, path_of, questions_for, read_task, words_of
from web.navigation import home_of
from web.rendering import page
from web.saying import say_move
from web.task_words import ended, told
from web.telling import recorded
from web.viewing import NotYours, Now, Viewing

router = APIRouter()
NOT_NOW = "This cannot be done here as things stand now."
SOMETHING = "Something about this concern changed while the form was open."


@router.get("/tasks/{task_id}")
async def show_task(request: Request, viewer: Viewing, at: Now, task_id: str) -> Response:
    """One task: what is asked, by when and why then, what it is about, and the moves the viewer may make."""
    seen = await read_task(viewer, task_id, at)
    if seen.sight == Sight.REFERRAL:
        number = seen.referral.number if seen.referral else 1
        return RedirectResponse(f"/referrals/{seen.known.concern.reference}/{number}", 303)
    kind = Kind(seen.task.kind)
    mine = seen.open.mine if seen.open else ()
    return page(
        request,
        "task/task",
        viewer,
        **words_of(seen),
        moves=[(move, say_move(move, kind), guidance(kind, move, seen.case.policy)) for move in mine],
        others=[say_move(move, kind) for move in (seen.open.offers if seen.open else ()) if move not in mine],
        told=told(seen.open, seen.case.policy) if seen.open else "",
        ended=ended(seen.task.outcome),
        snoozed=is_snoozed(seen.task, at),
        may_snooze=seen.open is not None and may_snooze(seen.case, seen.task, viewer.person),
    )


@router.get("/tasks/{task_id}/{move}")
async def ask(request: Request, viewer: Viewing, at: Now, task_id: str, move: str) -> Response:
    """The form of one move, with what was typed before."""
    seen, wanted = await _seen(viewer, task_id, move, at)
    typed = await typed_before(viewer, path_of(seen, wanted))
    if seen.open is None and not typed:
        return RedirectResponse(f"/tasks/{seen.task.id}", 303)
    if seen.open is None or wanted not in seen.open.offers:
        return await conflict_page(request, viewer, seen, wanted, typed, NOT_NOW)
    if not may_make(seen, wanted):
        raise NotPermitted("this move is not yours")
    return form_page(request, viewer, seen, wanted, typed)


@router.post("/tasks/{task_id}/{move}")
async def do(request: Request, viewer: Viewing, at: Now, task_id: str, move: str) -> Response:
    """Make a move; what is wrong, stale or too late comes back with everything that was typed."""
    typed = await typed_in(request)
    seen, wanted = await _seen(viewer, task_id, move, at)
    if one(typed, "keep"):
        await keep_typed(viewer, path_of(seen, wanted), typed)
        return RedirectResponse(f"/tasks/{seen.task.id}?done=saved", 303)
    kind = Kind(seen.task.kind)
    fields = read(typed, questions_for(seen, wanted))
    if seen.open is not None and (wrong := everything_wrong(form_for(kind, wanted), fields)):
        return form_page(request, viewer, seen, wanted, typed, wrong)

    async def work() -> Moved:
        async with writing(engine()) as session:
            return await make_move(
                session, seen.task.id, wanted, fields, viewer.person.email, at, _version(one(typed, "version"))
            )

    try:
        moved = await once_more(work)
    except BadInput as error:
        return form_page(request, viewer, seen, wanted, typed, wrong_by(error))
    except (AlreadyDone, NotOffered) as error:
        again = await read_task(viewer, task_id, at)
        return await conflict_page(request, viewer, again, wanted, typed, _said(error, again))
    except NotPermitted:
        await keep_typed(viewer, path_of(seen, wanted), typed)
        raise
    recorded(moved.urgent, at)
    await forget(viewer, path_of(seen, wanted))
    return RedirectResponse(await _onwards(viewer, seen, wanted, moved), 303)


async def _seen(viewer: Viewer, task_id: str, move: str, at: datetime) -> tuple[TaskPage, Move]:
    """The task and the move of an address; raises NotYours for a move that no task of the kind ever offers."""
    wanted, seen = move_of(move), await read_task(viewer, task_id, at)
    if wanted not in OFFERS[Kind(seen.task.kind)]:
        raise NotYours
    return seen, wanted


def _version(text: str) -> int:
    """The concern's version as the form carried it; a form that carries none is out of date."""
    return int(text) if text.isdigit() and len(text) < 9 else -1


def _said(error: AlreadyDone | NotOffered, seen: TaskPage) -> str:
    """Who was first, for those who may read that; a refusal of casework names moves by their ids, a page does not."""
    if isinstance(error, NotOffered):
        return NOT_NOW
    return str(error) if seen.sight == Sight.WHOLE or seen.open is None else SOMETHING


async def _onwards(viewer: Viewer, seen: TaskPage, move: Move, moved: Moved) -> str:
    """To the concern while it is still within reach, else to the first page, with a word on what was done."""
    async with reading(engine()) as session:
        sight = await sight_of(session, viewer, seen.known.concern)
    said = f"?done={done_word(move, moved)}"
    if sight == Sight.REFERRAL:
        return f"/referrals/{moved.reference}/{seen.referral.number if seen.referral else 1}{said}"
    return f"/concerns/{moved.reference}{said}" if sight > Sight.NOTHING else f"{home_of(viewer)}{said}"
