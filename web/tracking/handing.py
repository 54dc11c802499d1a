"""What is done with several at once: handed over to somebody, each for itself, or their owners reminded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel import col, select
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from models.database import engine, reading, writing
from models.errors import AlreadyDone, NotFound, NotPermitted
from models.fields import fill
from models.forms import Reason
from models.people import Person, Role, RoleHeld
from models.permission import SAFEGUARDING
from models.reach import Viewer
from models.retrying import once_more
from models.staffing import reassign
from models.tracker_rows import Row, these
from notifications.reminding import Wanted, remind
from web.answers import Typed, Wrong, an_id, one, typed_in, wrong_by
from web.questions import Option, Question
from web.rendering import page
from web.telling import recorded
from web.tracking.cards import Card, cards, ids, seen
from web.tracking.choosing import Tracker
from web.viewing import NotYours, Now, looked

router = APIRouter()
MOST = 120  # at once: what a board shows
QUESTIONS = (
    Question("to", "Who takes them on", "pick", "People of these settings, and those who coordinate their areas."),
    Question(
        "reason",
        "Why they are handed over",
        "text",
        "Each concern's history keeps it. Deadlines stay as they are.",
    ),
)
# What became of each, in the address of the page that says so: our own words.
SAID = {
    "handed": "Handed over",
    "sent": "Reminded now",
    "already": "Reminded today already: no second letter",
    "yours": "Yours: nobody else to remind",
    "same": "Theirs already",
    "not-permitted": "Not changed: you may not hand this task over",
    "cannot-take": "Not changed: they may not take this task on",
    "first": "Not changed: somebody else was quicker",
    "gone": "Not changed: it is no longer open, or not in your reach",
}


@dataclass(frozen=True)
class Group:
    """Those of which the same is said."""

    said: str
    cards: list[Card]
    gone: int = 0


def _ids(texts: Sequence[str]) -> list[UUID]:
    found = dict.fromkeys(number for text in texts[: MOST * 2] if (number := an_id(text)))
    return list(found)[:MOST]


@router.get("/tracker/hand-over")
async def ask(request: Request, viewer: Tracker, at: Now) -> Response:
    """Who is to take over what was chosen, and why."""
    return await _asked(request, viewer, _ids(request.query_params.getlist("task")), at)


async def _asked(
    request: Request,
    viewer: Viewer,
    chosen: Sequence[UUID],
    at: datetime,
    typed: Typed | None = None,
    wrong: Wrong | None = None,
) -> Response:
    async with reading(engine()) as session:
        rows = await these(session, viewer, chosen, at)
        people = await _takers(session, rows, viewer)
    if not rows:
        return page(request, "tracker/nothing-chosen", viewer, status=422 if typed else 200)
    await looked(viewer, "hand-over", seen(rows), at)
    return page(
        request,
        "tracker/hand-over",
        viewer,
        status=422 if wrong else 200,
        rows=cards(rows, viewer, at),
        questions=(QUESTIONS[0].with_options(people), QUESTIONS[1]),
        typed=typed,
        wrong=wrong,
    )


async def _takers(session: Any, rows: Sequence[Row], viewer: Viewer) -> list[Option]:
    """Whoever works at these settings or coordinates these areas, and has not left."""
    settings, areas = {row.setting.id for row in rows}, {row.concern.area for row in rows}
    coordinates = (col(RoleHeld.role) == Role.EARLY_HELP_COORDINATOR) & col(RoleHeld.area).in_(areas)
    works = col(RoleHeld.setting_id).in_(settings) & col(RoleHeld.role).in_(SAFEGUARDING | {Role.PRACTITIONER})
    here = select(RoleHeld.person_id).where(works | coordinates)
    there = col(Person.left_on).is_(None) | (col(Person.left_on) > viewer.day)
    found = select(Person).where(col(Person.id).in_(here), there, col(Person.refused_at).is_(None))
    people = (await session.exec(found.order_by(col(Person.name), col(Person.email)))).all()
    return [Option(str(person.id), person.name, person.email) for person in people]


@router.post("/tracker/hand-over")
async def hand_over(request: Request, viewer: Tracker, at: Now) -> Response:
    """Hand each over in a transaction of its own; what could not be is said beside what was."""
    typed = await typed_in(request)
    chosen = _ids(typed.get("task", ()))
    async with reading(engine()) as session:
        rows = await these(session, viewer, chosen, at)
        takers = await _takers(session, rows, viewer)
        person = await session.get(Person, an_id(one(typed, "to"))) if an_id(one(typed, "to")) else None
    wrong = _wrong(typed, takers)
    if wrong or not rows or person is None:
        return await _asked(request, viewer, chosen, at, typed, wrong)
    told = dict.fromkeys(chosen, "gone")
    for row in rows:
        told[row.task.id] = await _handed(row, person, one(typed, "reason"), viewer, at)
    recorded(False, at)
    return _told(told)


def _wrong(typed: Typed, takers: Sequence[Option]) -> Wrong:
    wrong: Wrong = {}
    if one(typed, "to") not in {option.value for option in takers}:
        wrong["to"] = "is missing"
    try:
        fill(Reason, {"reason": one(typed, "reason")} if one(typed, "reason") else {})
    except BadInput as error:
        wrong |= wrong_by(error)
    return wrong


async def _handed(row: Row, person: Person, reason: str, viewer: Viewer, at: datetime) -> str:
    if row.task.owner_id == person.id:
        return "same"

    async def work() -> None:
        async with writing(engine()) as session:
            await reassign(session, row.task.id, person.email, reason, viewer.person.email, at)

    try:
        await once_more(work)
    except NotPermitted:
        return "not-permitted"
    except NotFound:
        return "gone"
    except AlreadyDone:
        return "first"
    except BadInput:
        return "cannot-take"
    return "handed"


@router.post("/tracker/remind")
async def send(request: Request, viewer: Tracker, at: Now) -> Response:
    """Remind whoever acts on each, by letter, once a day."""
    chosen = _ids((await typed_in(request)).get("task", ()))
    async with reading(engine()) as session:
        rows = await these(session, viewer, chosen, at)
    if not rows:
        return page(request, "tracker/nothing-chosen", viewer, status=422)
    others = [row for row in rows if row.acting.id != viewer.person.id]
    wanted = [Wanted(row.task, row.acting) for row in others]

    async def work() -> set[UUID]:
        async with writing(engine()) as session:
            return await remind(session, wanted, at)

    already = await once_more(work)
    told = dict.fromkeys(chosen, "gone") | dict.fromkeys(ids(rows), "yours")
    told |= {row.task.id: "already" if row.task.id in already else "sent" for row in others}
    recorded(any(row.task.urgent for row in others), at)
    return _told(told)


def _told(told: dict[UUID, str]) -> Response:
    return RedirectResponse("/tracker/told?" + urlencode([(said, task) for task, said in told.items()]), 303)


@router.get("/tracker/told")
async def say(request: Request, viewer: Tracker, at: Now) -> Response:
    """What became of what was chosen."""
    told = {said: _ids(request.query_params.getlist(said)) for said in SAID}
    async with reading(engine()) as session:
        rows = await these(session, viewer, [task for found in told.values() for task in found][: MOST * 2], at)
    if not any(told.values()):
        raise NotYours
    await looked(viewer, "tracker-told", seen(rows), at)
    groups = [_group(said, found, cards(rows, viewer, at)) for said, found in told.items() if found]
    return page(request, "tracker/told", viewer, groups=groups)


def _group(said: str, found: Sequence[UUID], shown: Sequence[Card]) -> Group:
    theirs = [card for card in shown if card.row.task.id in found]
    return Group(SAID[said], theirs, len(found) - len(theirs))
