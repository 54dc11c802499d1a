"""The page of one concern: where it stands and what comes next, the household's chronology, and who looked at it."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from models.chronology import ON_PAPER, PAGE, Wanted
from models.concern_view import ConcernSeen, look_at
from models.database import engine, reading
from models.errors import NotFound, NotPermitted
from models.grading import LOOKED
from models.lifecycle import Status
from models.looks import looks_at
from models.permission import SAFEGUARDING
from models.reach import Sight, Viewer
from models.staffing import MAY_REASSIGN
from web.concern_words import (
    age,
    beside,
    chronology_words,
    clock,
    earlier,
    filters,
    grade_words,
    owed,
    wanted_of,
)
from web.history_words import informed, say_rule
from web.letter_words import say_letter, say_state
from web.record_words import DECISIONS, OUTCOMES
from web.rendering import page
from web.viewing import NotYours, Now, Viewing, concern_for, looked

router = APIRouter()
LOOKS = 200


@router.get("/concerns/{reference}")
async def show_concern(request: Request, viewer: Viewing, at: Now, reference: str) -> Response:
    """One concern, as much of it as the viewer may see; `?print=1` is the whole of it for paper."""
    on_paper = request.query_params.get("print") == "1"
    wanted = wanted_of(request.query_params, ON_PAPER if on_paper else PAGE)
    async with reading(engine()) as session:
        try:
            seen = await look_at(session, viewer, reference, at, wanted)
        except NotFound:
            raise NotYours from None
    if seen is None:
        raise NotYours
    if seen.sight == Sight.REFERRAL:
        return RedirectResponse(f"/referrals/{seen.known.concern.reference}/{seen.sent}", 303)
    await looked(viewer, "print" if on_paper else "concern", seen.shown, at)
    if seen.sight < Sight.WHOLE:
        return page(request, "concern/small", viewer, **_small(seen, at))
    template = "concern/print" if on_paper else "concern/whole"
    return page(request, template, viewer, **_whole(seen, viewer, wanted, at), paper=on_paper)


def _small(seen: ConcernSeen, at: datetime) -> dict[str, Any]:
    return {
        "seen": seen,
        "concern": seen.known.concern,
        "child": seen.known.child,
        "setting": seen.known.setting,
        "tasks": owed(seen),
        "day": seen.case.day,
    }


def _whole(seen: ConcernSeen, viewer: Viewer, wanted: Wanted, at: datetime) -> dict[str, Any]:
    concern = seen.known.concern
    here = _held_here(seen, viewer)
    return {
        **_small(seen, at),
        "age": age(seen.known.child, seen.case.day),
        "clock_days": clock(seen, at),
        "lead": seen.case.staff.people.get(concern.lead_id) if concern.lead_id else None,
        "beside": list(beside(seen)),
        "earlier": earlier(seen),
        "entries": chronology_words(seen),
        "filters": filters(seen, wanted),
        "grades": grade_words(seen),
        "reviews": [one for one in reversed(seen.looks) if one.kind in LOOKED],
        "names": seen.names,
        "outcomes": OUTCOMES,
        "decisions": DECISIONS,
        "say_rule": say_rule,
        "informed": informed,
        "letters": [(say_letter(one.letter), person, say_state(one), one) for one, person in seen.letters],
        "safeguards": here & SAFEGUARDING,
        "may_reassign": here & MAY_REASSIGN,
        "may_reopen": concern.status == Status.CLOSED and here & SAFEGUARDING,
        "asked_to_withdraw": {one.task.about.get("observation") for one in seen.tasks},
        "label": seen.case.policy.label,
    }


def _held_here(seen: ConcernSeen, viewer: Viewer) -> set[Any]:
    """The roles that the viewer's own entry in the staff holds at the concern's place."""
    person = seen.case.staff.people.get(viewer.person.id)
    return seen.case.staff.roles_of(person, seen.case.place) if person else set()


@router.get("/concerns/{reference}/looks")
async def show_looks(request: Request, viewer: Viewing, at: Now, reference: str) -> Response:
    """Who looked at this concern, when, on which page: for those who safeguard at its setting."""
    concern, _ = await concern_for(viewer, reference)
    if concern.setting_id not in viewer.settings(*SAFEGUARDING):
        raise NotPermitted("the access log is for those who safeguard at the setting")
    async with reading(engine()) as session:
        rows = await looks_at(session, concern.id, LOOKS)
    await looked(viewer, "looks", [(concern.child_id, concern.id)], at)
    return page(request, "concern/looks", viewer, concern=concern, rows=rows, limit=LOOKS)
