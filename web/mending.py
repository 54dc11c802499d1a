"""Mending: handing a task to somebody else, withdrawing an observation made by mistake, reopening a closed concern."""

from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from models.choosing import colleagues, seconds
from models.database import engine, reading
from models.errors import AlreadyDone, NotPermitted
from models.lifecycle import Status
from models.mending_view import Mended, concern_to_mend, observation_to_mend
from models.reach import Viewer
from models.staffing import MAY_REASSIGN, reassign, reopen, withdraw
from models.task_view import TaskPage
from web.figure_words import Words
from web.mending_page import WHY, Mend, Reassigned, Reopened, Withdrawn, hand_in, show
from web.move_page import id_of, read_task, words_of
from web.move_parts import SECOND
from web.move_questions import people_options
from web.navigation import home_of
from web.questions import Question
from web.snoozing import router as snoozing
from web.telling import recorded
from web.viewing import NotYours, Now, Viewing, looked

router = APIRouter()
router.include_router(snoozing)
TO = Question(
    "to", "Who takes it?", "person", hint="They are told at once. The deadline belongs to the child and stays."
)


@router.get("/tasks/{task_id}/reassign")
async def ask_reassign(request: Request, viewer: Viewing, at: Now, task_id: str) -> Response:
    """The form that hands a task to somebody else."""
    seen = await read_task(viewer, task_id, at)
    return await show(request, viewer, _reassign(viewer, seen, at)) if seen.open else _closed(seen)


@router.post("/tasks/{task_id}/reassign")
async def do_reassign(request: Request, viewer: Viewing, at: Now, task_id: str) -> Response:
    """Hand it over; a task that was done meanwhile shows how it ended."""
    seen = await read_task(viewer, task_id, at)
    if seen.open is None:
        return _closed(seen)
    answer = await hand_in(request, viewer, _reassign(viewer, seen, at))
    return _told(answer, at)


def _closed(seen: TaskPage) -> Response:
    return RedirectResponse(f"/tasks/{seen.task.id}", 303)


def _told(answer: Response, at: datetime) -> Response:
    if answer.status_code == 303:
        recorded(False, at)
    return answer


def _reassign(viewer: Viewer, seen: TaskPage, at: datetime) -> Mend:
    """Its owner may, and who safeguards, coordinates or speaks for the partnership there; as casework has it."""
    me = seen.case.staff.people.get(viewer.person.id)
    held = seen.case.staff.roles_of(me, seen.case.place) if me else set()
    if viewer.person.id != seen.task.owner_id and not held & MAY_REASSIGN:
        raise NotPermitted("this task is not yours to hand over")
    others = [one for one in colleagues(seen.case) if one.person.id != seen.task.owner_id]
    return Mend(
        f"/tasks/{seen.task.id}/reassign",
        "task/reassign",
        Reassigned,
        [TO.with_options(people_options(others)), WHY],
        lambda session, fields: reassign(
            session, seen.task.id, fields["to"], fields["reason"], viewer.person.email, at
        ),
        f"/concerns/{seen.known.concern.reference}?done=reassigned"
        if seen.names_child
        else f"{home_of(viewer)}?done=reassigned",
        words_of(seen),
    )


@router.get("/observations/{observation_id}/withdraw")
async def ask_withdraw(request: Request, viewer: Viewing, at: Now, observation_id: str) -> Response:
    """The form that asks a second person to withdraw an observation."""
    return await show(request, viewer, await _withdraw(viewer, observation_id, at))


@router.post("/observations/{observation_id}/withdraw")
async def do_withdraw(request: Request, viewer: Viewing, at: Now, observation_id: str) -> Response:
    """Ask them."""
    return _told(await hand_in(request, viewer, await _withdraw(viewer, observation_id, at)), at)


async def _withdraw(viewer: Viewer, observation_id: str, at: datetime) -> Mend:
    wanted = id_of(observation_id)
    async with reading(engine()) as session:
        found = await observation_to_mend(session, viewer, wanted, at)
    if found is None or found.observation is None:
        raise NotYours
    await _noted(viewer, "withdraw", found, at)
    if not found.may:
        raise NotPermitted("withdrawing is for who saw it and for those who safeguard at the setting")
    if found.observation.withdrawn_at is not None:
        raise AlreadyDone("This observation has been withdrawn already.")
    hint = Words(found.case.policy).fill(SECOND.hint)
    second = Question(SECOND.name, SECOND.label, SECOND.ask, hint, people_options(seconds(found.case)))
    reference = found.known.concern.reference
    return Mend(
        f"/observations/{wanted}/withdraw",
        "concern/withdraw",
        Withdrawn,
        [WHY, second],
        lambda session, fields: withdraw(session, wanted, fields["reason"], fields["second"], viewer.person.email, at),
        f"/concerns/{reference}?done=withdrawal-asked",
        _words(found),
    )


@router.get("/concerns/{reference}/reopen")
async def ask_reopen(request: Request, viewer: Viewing, at: Now, reference: str) -> Response:
    """The form that opens a closed concern again."""
    found = await _to_reopen(viewer, reference, at)
    return await show(request, viewer, _reopen(viewer, found, at)) if _is_closed(found) else _open_already(found)


@router.post("/concerns/{reference}/reopen")
async def do_reopen(request: Request, viewer: Viewing, at: Now, reference: str) -> Response:
    """Open it again."""
    found = await _to_reopen(viewer, reference, at)
    if not _is_closed(found):
        return _open_already(found)
    return _told(await hand_in(request, viewer, _reopen(viewer, found, at)), at)


async def _to_reopen(viewer: Viewer, reference: str, at: datetime) -> Mended:
    async with reading(engine()) as session:
        found = await concern_to_mend(session, viewer, reference, at)
    if found is None:
        raise NotYours
    await _noted(viewer, "reopen", found, at)
    if not found.may:
        raise NotPermitted("reopening is for those who safeguard at the setting")
    return found


def _is_closed(found: Mended) -> bool:
    return found.known.concern.status == Status.CLOSED


def _open_already(found: Mended) -> Response:
    return RedirectResponse(f"/concerns/{found.known.concern.reference}", 303)


def _reopen(viewer: Viewer, found: Mended, at: datetime) -> Mend:
    reference = found.known.concern.reference
    return Mend(
        f"/concerns/{reference}/reopen",
        "concern/reopen",
        Reopened,
        [WHY],
        lambda session, fields: reopen(session, reference, fields["reason"], viewer.person.email, at),
        f"/concerns/{reference}?done=reopened",
        _words(found),
    )


def _words(found: Mended) -> dict[str, object]:
    return {"concern": found.known.concern, "child": found.known.child, "observation": found.observation}


async def _noted(viewer: Viewer, where: str, found: Mended, at: datetime) -> None:
    await looked(viewer, where, [(found.known.child.id, found.known.concern.id)], at)
