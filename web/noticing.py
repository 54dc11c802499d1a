"""Logging a concern: choose the child, write down what was seen, and hear what happens next."""

import secrets
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from models.casework import Logged, log_observation
from models.covering import working_at
from models.database import engine, reading, writing
from models.errors import AlreadyDone
from models.finding import MOST, Found, child_to_log, find_children, joins_known, logged_lately, was_handed_in
from models.handed_in import AfterLogging, after_logging, last_brought
from models.people import SETTING_ROLES, Person, Role
from models.permission import SAFEGUARDING
from models.reach import Sight, Viewer
from models.record import Concern
from models.retrying import once_more
from web.answers import Typed, Wrong, one, typed_in, wrong_by
from web.drafts import forget, keep_typed, typed_before
from web.noticed import ASKED, fields_of, mend, observer_of, on_another_day, shown_wrong, wrong_in
from web.prompts import prompts_for, say_age
from web.rendering import page
from web.telling import recorded
from web.viewing import NotYours, Now, Viewing, concern_for, looked, only

router = APIRouter()
Logging = Annotated[
    Viewer, Depends(only(Role.PRACTITIONER, Role.EARLY_HELP_COORDINATOR, *sorted(SAFEGUARDING, key=str)))
]


@router.get("/log")
async def choose(request: Request, viewer: Logging, at: Now) -> Response:
    """Which child is it about?"""
    async with reading(engine()) as session:
        lately = await logged_lately(session, viewer)
    return await _choosing(request, viewer, at, lately=lately)


@router.post("/log")
async def search(request: Request, viewer: Logging, at: Now) -> Response:
    """The children of that name; nothing of a name stands in an address."""
    name = one(await typed_in(request), "name")
    async with reading(engine()) as session:
        found = await find_children(session, viewer, name[:200])
        lately = [] if found else await logged_lately(session, viewer)
    wrong = {} if name else {"name": "enter the child's name, or a part of it"}
    return await _choosing(request, viewer, at, lately=lately, found=found, name=name, wrong=wrong)


async def _choosing(
    request: Request,
    viewer: Viewer,
    at: datetime,
    *,
    lately: list[Found],
    found: list[Found] | None = None,
    name: str = "",
    wrong: Wrong | None = None,
) -> Response:
    more = found is not None and len(found) > MOST
    shown = (found or [])[:MOST]
    children = [one.child for one in (*shown, *lately)]
    siblings = [sibling.child for one in (*shown, *lately) for sibling in one.siblings if sibling.child]
    await looked(viewer, "log", [(child.id, None) for child in (*children, *siblings)], at)
    words = {"found": shown if found is not None and name else None, "more": more, "lately": lately}
    status = 422 if wrong else 200
    return page(
        request,
        "log/choose",
        viewer,
        status=status,
        name=name,
        wrong=wrong or {},
        questions=(),
        age=lambda child: say_age(child, viewer.day),
        **words,
    )


async def _found(viewer: Viewer, child_id: UUID) -> Found:
    async with reading(engine()) as session:
        found = await child_to_log(session, viewer, child_id)
    if found is None:
        raise NotYours
    return found


@router.get("/log/{child_id}")
async def form(request: Request, child_id: UUID, viewer: Logging, at: Now) -> Response:
    """The form for that child, as it was left."""
    found = await _found(viewer, child_id)
    path = request.url.path
    typed = await typed_before(viewer, path)
    if typed and await _went(one(typed, "key")):
        await forget(viewer, path)  # kept by a page that had been handed in meanwhile
        typed = {}
    shown = on_another_day(typed, viewer.day) if typed else {"seen_at-when": ["today"]}
    return await _form(request, viewer, found, at, shown, from_draft=bool(typed))


async def _went(key: str) -> bool:
    async with reading(engine()) as session:
        return bool(key) and await was_handed_in(session, key)


async def _form(
    request: Request,
    viewer: Viewer,
    found: Found,
    at: datetime,
    typed: Typed,
    wrong: Wrong | None = None,
    *,
    status: int = 200,
    said: str = "",
    from_draft: bool = False,
) -> Response:
    async with reading(engine()) as session:
        joins = await joins_known(session, viewer, found.child.id)
        colleagues = await _colleagues(session, viewer, found)
    siblings = [(each.child.id, None) for each in found.siblings if each.child]
    await looked(viewer, "log", [(found.child.id, None), *siblings], at)
    return page(
        request,
        "log/form",
        viewer,
        status=status,
        found=found,
        typed={"seen_at-on": [viewer.day.isoformat()], **typed, "key": typed.get("key") or [secrets.token_urlsafe(16)]},
        wrong=shown_wrong(wrong or {}, ASKED),
        questions=ASKED,
        said=said,
        from_draft=from_draft,
        joins=joins,
        colleagues=colleagues,
        prompts=prompts_for(found.child, viewer.day),
        age=lambda child: say_age(child, viewer.day),
    )


async def _colleagues(session: Any, viewer: Viewer, found: Found) -> list[Person]:
    """Whose note the viewer may write down: those who work at the child's setting, where the viewer works too."""
    works = any(
        held.person_id == viewer.person.id and held.role in SETTING_ROLES and held.setting_id == found.setting.id
        for held in viewer.held
    )
    people = await working_at(session, found.setting.id, viewer.day) if works else []
    return [person for person in people if person.id != viewer.person.id]


@router.post("/log/{child_id}")
async def log(request: Request, child_id: UUID, viewer: Logging, at: Now) -> Response:
    """Write it down, or keep it as a draft."""
    found = await _found(viewer, child_id)
    typed = await typed_in(request)
    path = request.url.path
    if one(typed, "keep"):
        await keep_typed(viewer, path, {name: texts for name, texts in typed.items() if name != "keep"})
        return RedirectResponse(f"{path}?done=saved", 303)
    fields = fields_of(typed, found.child.key, at)
    if wrong := wrong_in(fields, typed):
        return await _form(request, viewer, found, at, typed, wrong, status=422)
    try:
        logged = await _write(fields, viewer, typed, at)
    except BadInput as error:
        return await _form(request, viewer, found, at, typed, mend(wrong_by(error)), status=422)
    except AlreadyDone as error:
        return await _form(request, viewer, found, at, typed, status=409, said=str(error))
    await forget(viewer, path)
    if not logged.repeated:
        recorded(logged.urgent, at)
    word = "already" if logged.repeated else "joined" if logged.joined else "logged"
    return RedirectResponse(f"/log/done/{logged.reference}?done={word}", 303)


async def _write(fields: dict[str, Any], viewer: Viewer, typed: Typed, at: datetime) -> Logged:
    async def work() -> Logged:
        async with writing(engine()) as session:
            return await log_observation(session, fields, viewer.person.email, at, observer_of(typed))

    return await once_more(work)


@router.get("/log/done/{reference}")
async def done(request: Request, reference: str, viewer: Viewing, at: Now) -> Response:
    """What happens next, by when, who was told, and what to do if it gets worse."""
    concern, after, sight = await _after(viewer, reference, at)
    await looked(viewer, "logged", [(concern.child_id, concern.id)], at)
    return page(request, "log/done", viewer, concern=concern, after=after, opens=sight == Sight.WHOLE)


async def _after(viewer: Viewer, reference: str, at: datetime) -> tuple[Concern, AfterLogging, Sight]:
    """For whoever brought something to the concern, if only a colleague's note, and for those who see it whole."""
    concern, sight = await concern_for(viewer, reference, Sight.NOTHING)
    async with reading(engine()) as session:
        brought = await last_brought(session, concern, viewer.person.id)
        if brought is None and sight != Sight.WHOLE:
            raise NotYours
        return concern, await after_logging(session, concern, brought, at), sight
