"""The form of one move, and what it becomes when something is wrong or somebody was quicker; nothing typed is lost."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from models.database import engine, reading
from models.lifecycle import Kind, Move
from models.reach import Viewer
from models.record import Event
from models.task_view import TaskPage, changes_since, task_at
from notifications.asks import ASKS
from notifications.words import because
from web.answers import Typed, Wrong, one
from web.drafts import keep_typed
from web.history_words import Line, happened, lines
from web.move_guidance import guidance
from web.move_questions import asked_of
from web.questions import Question
from web.rendering import page
from web.saying import say_move
from web.task_words import about
from web.viewing import NotYours, looked

CANNOT_BE_CALLED_BACK = frozenset({Move.REFER, Move.SEND})


@dataclass(frozen=True)
class Change:
    """One thing that happened meanwhile, as a conflict shows it."""

    what: str
    who: str
    at: datetime
    said: list[Line]


def id_of(text: str) -> UUID:
    """An id from an address; raises NotYours for what is none."""
    with suppress(ValueError):
        return UUID(text)
    raise NotYours


def move_of(text: str) -> Move:
    """A move from an address; raises NotYours for what is none."""
    with suppress(ValueError):
        return Move(text)
    raise NotYours


async def read_task(viewer: Viewer, task_id: str, at: datetime) -> TaskPage:
    """The task as the viewer may see it, noted in the access log; raises NotYours."""
    async with reading(engine()) as session:
        seen = await task_at(session, viewer, id_of(task_id), at)
    if seen is None:
        raise NotYours
    await looked(viewer, "task", [(seen.known.child.id, seen.known.concern.id)], at)
    return seen


def path_of(seen: TaskPage, move: Move) -> str:
    """The form's address, which is also its draft's name."""
    return f"/tasks/{seen.task.id}/{move.value}"


def may_make(seen: TaskPage, move: Move) -> bool:
    """Whether the move is offered to this viewer now."""
    return seen.open is not None and move in seen.open.mine


def questions_for(seen: TaskPage, move: Move) -> list[Question]:
    """What the form asks."""
    return asked_of(seen.case, Kind(seen.task.kind), move)


def words_of(seen: TaskPage) -> dict[str, Any]:
    """What every page of a task says."""
    return {
        "seen": seen,
        "task": seen.task,
        "concern": seen.known.concern,
        "child": seen.known.child,
        "setting": seen.known.setting,
        "names": seen.names,
        "ask": ASKS[Kind(seen.task.kind)].under(seen.case.policy),
        "why_then": because(seen.task.due_because),
        "about": about(seen),
        "label": seen.case.policy.label,
    }


def form_page(
    request: Request, viewer: Viewer, seen: TaskPage, move: Move, typed: Typed, wrong: Wrong | None = None
) -> Response:
    """The form, as it was typed; with what is wrong, status 422. It carries the state of the concern its writer saw."""
    concern = seen.known.concern
    return page(
        request,
        "task/move",
        viewer,
        status=422 if wrong else 200,
        **words_of(seen),
        **_form(seen, move, typed),
        wrong=_at_fields(wrong or {}, questions_for(seen, move)),
        version=(one(typed, "version") if wrong else "") or str(concern.version),
        number=(one(typed, "seen") if wrong else "") or str(concern.events),
        drafted=bool(typed) and not wrong,
    )


def _form(seen: TaskPage, move: Move, typed: Typed) -> dict[str, Any]:
    kind = Kind(seen.task.kind)
    return {
        "move": move,
        "title": say_move(move, kind),
        "guidance": guidance(kind, move, seen.case.policy),
        "questions": questions_for(seen, move),
        "typed": typed,
        "form": path_of(seen, move),
        "final": move in CANNOT_BE_CALLED_BACK,
    }


def _at_fields(wrong: Wrong, questions: list[Question]) -> Wrong:
    """What is wrong in the order of the questions; what casework says of any action's owner stands at the actions."""
    order = {question.name: place for place, question in enumerate(questions)}
    told = sorted(wrong.items(), key=lambda one: order.get(one[0].partition(".")[0], len(order)))
    return {_place(field): in_page_words(text) for field, text in told}


def _place(field: str) -> str:
    return "actions" if field in ("actions.owner", "actions.due") else field


def in_page_words(text: str) -> str:
    """What casework tells an operator, as a page tells the person who typed."""
    if "is not a person in the record" in text:
        return "is nobody's address here; choose a name from the list, or check the address"
    if text.startswith("write a day and time"):
        return "enter a day and a time that exist, for example 2 3 2026 and 8:50"
    return text


async def conflict_page(
    request: Request, viewer: Viewer, seen: TaskPage, move: Move, typed: Typed, said: str
) -> Response:
    """What changed meanwhile, with what was typed: in the form where the move can still be made, else to be copied."""
    if typed:
        await keep_typed(viewer, path_of(seen, move), typed)
    async with reading(engine()) as session:
        events, names = await changes_since(session, seen, _number(typed))
    can = may_make(seen, move)
    answers = list(_answers(questions_for(seen, move), typed))
    return page(
        request,
        "task/conflict",
        viewer,
        status=409,
        **words_of(seen),
        **_form(seen, move, typed),
        said="" if events else said,  # what changed says it better
        changes=[_change(event, names, seen) for event in events],
        can=can,
        answers=answers,
        version=str(seen.known.concern.version),
        number=str(seen.known.concern.events),
        offered=[(one, say_move(one, Kind(seen.task.kind))) for one in (seen.open.mine if seen.open else ())],
    )


def _number(typed: Typed) -> int | None:
    number = one(typed, "seen")
    return int(number) if number.isdigit() and len(number) < 9 else None


def _change(event: Event, names: dict[str, str], seen: TaskPage) -> Change:
    who = names.get(str(event.by_id), "The pathway")
    return Change(happened(event.kind), who, event.recorded_at, lines(event, names, seen.case.policy))


def _answers(questions: list[Question], typed: Typed) -> Iterator[Line]:
    """What was typed, name by name, to be copied."""
    for question in questions:
        for name, texts in typed.items():
            if (name == question.name or name.startswith(f"{question.name}-")) and any(texts):
                yield question.label, "\n".join(text for text in texts if text)
