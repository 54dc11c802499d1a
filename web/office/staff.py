"""People: a list with a search, somebody new, who somebody is, and the roles they hold. Who is new can be invited."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from config.time import wall
from models.database import engine, reading, writing
from models.errors import NotFound
from models.fields import fill
from models.people import AREA_ROLES, SETTING_ROLES, Person, Role
from models.places import all_settings, areas_known
from models.policies import areas_of_policies
from models.reach import Viewer
from models.roster_form import RoleForm
from models.staff_changes import add_person, change_details, give_role, person_numbered, take_role
from models.staff_seen import Colleague, colleagues, named, owed_by, people_listed
from web.answers import Typed, Wrong, one, read, typed_in, wrong_by
from web.office import accounts, leaving
from web.office.keyholder import PAGE_OF, Keyholder, number, offset
from web.questions import Option, Question
from web.rendering import page
from web.saying import ROLES
from web.telling import recorded
from web.viewing import Now

router = APIRouter()
router.include_router(accounts.router)
router.include_router(leaving.router)
DETAILS = (
    Question("name", "Name", "line", "As colleagues know them", width=20),
    Question(
        "email", "E-mail address", "line", "Their letters go there, and they sign in with it", kind="email", width=20
    ),
    Question(
        "phone", "Telephone", "line", "For colleagues who must reach them today", optional=True, kind="tel", width=20
    ),
    Question("zone", "Time zone", "line", "Such as Europe/London", optional=True, width=20),
)
WHAT_ROLES: Mapping[Role, str] = {
    Role.PRACTITIONER: "Logs concerns at a setting, and sees what they logged",
    Role.DSL: "Decides about every concern of a setting",
    Role.DEPUTY_DSL: "Decides while the lead is away, and hears when nobody has",
    Role.HEAD: "Hears next, and countersigns",
    Role.EARLY_HELP_COORDINATOR: "Follows assessments and reviews in an area",
    Role.FRONT_DOOR: "Takes and decides referrals of an area",
    Role.PARTNERSHIP_CONTACT: "Hears last, and settles disagreements in an area",
    Role.ADMINISTRATOR: "Runs the pathway, and sees no child",
}


@router.get("/admin/people")
async def people(request: Request, viewer: Keyholder, at: Now, start: str = "") -> Response:
    """Everybody by name, fifty a page."""
    begin = offset(start)
    return await _listed(request, viewer, "", begin, at)


@router.post("/admin/people")
async def search(request: Request, viewer: Keyholder, at: Now) -> Response:
    """Those whose name or address has these words; nobody's name stands in an address."""
    return await _listed(request, viewer, one(await typed_in(request), "words")[:200], 0, at)


async def _listed(request: Request, viewer: Viewer, words: str, begin: int, at: datetime) -> Response:
    async with reading(engine()) as session:
        total, found = await people_listed(session, words, begin, PAGE_OF)
        rows = await colleagues(session, found, at, wall())
    return page(
        request,
        "office/people",
        viewer,
        rows=rows,
        total=total,
        words=words,
        start=begin,
        limit=PAGE_OF,
        today=viewer.day,
    )


@router.get("/admin/people/new")
async def begin_new(request: Request, viewer: Keyholder) -> Response:
    """The form for somebody new."""
    return _ask(request, viewer, None, {"zone": ["Europe/London"]}, {})


@router.post("/admin/people/new")
async def add(request: Request, viewer: Keyholder, at: Now) -> Response:
    """Add somebody; their roles come next."""
    typed = await typed_in(request)
    try:
        async with writing(engine()) as session:
            person = await add_person(session, read(typed, DETAILS), viewer.person, at)
    except BadInput as error:
        return _ask(request, viewer, None, typed, wrong_by(error))
    return RedirectResponse(f"/admin/people/{person.id}/roles?done=person-added", 303)


def _ask(request: Request, viewer: Viewer, person: Person | None, typed: Typed, wrong: Wrong) -> Response:
    words = {"person": person, "questions": DETAILS, "typed": typed, "wrong": wrong}
    return page(request, "office/details", viewer, status=422 if wrong else 200, **words)


@router.get("/admin/people/{called}")
async def person_page(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """One person: roles, leave, account, what they owe."""
    async with reading(engine()) as session:
        colleague = await _colleague(session, called, at)
        owed, tasks = await owed_by(session, colleague.person.id, PAGE_OF)
        covers = await named(session, [away.cover_id for away in colleague.absences])
    words: dict[str, Any] = {"one": colleague, "owed": owed, "tasks": tasks, "covers": covers}
    return page(
        request, "office/person", viewer, **words, today=viewer.day, is_self=colleague.person.id == viewer.person.id
    )


async def _colleague(session: AsyncSession, called: str, at: datetime) -> Colleague:
    person = await person_numbered(session, number(called))
    return (await colleagues(session, [person], at, wall()))[0]


@router.get("/admin/people/{called}/details")
async def begin_details(request: Request, viewer: Keyholder, called: str) -> Response:
    """The form for who somebody is."""
    async with reading(engine()) as session:
        person = await person_numbered(session, number(called))
    before = {"name": person.name, "email": person.email, "phone": person.phone or "", "zone": person.zone}
    return _ask(request, viewer, person, {name: [value] for name, value in before.items()}, {})


@router.post("/admin/people/{called}/details")
async def details(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """Change who somebody is and how they are reached."""
    typed = await typed_in(request)
    async with reading(engine()) as session:
        before = await person_numbered(session, number(called))
    try:
        async with writing(engine()) as session:
            person = await person_numbered(session, before.id)
            await change_details(session, person, read(typed, DETAILS), viewer.person, at)
    except BadInput as error:
        return _ask(request, viewer, before, typed, wrong_by(error))
    return RedirectResponse(f"/admin/people/{called}?done=person-changed", 303)


@router.get("/admin/people/{called}/roles")
async def begin_role(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """The form for one more role."""
    return await _ask_role(request, viewer, called, at, {}, {})


async def _ask_role(
    request: Request, viewer: Viewer, called: str, at: datetime, typed: Typed, wrong: Wrong
) -> Response:
    async with reading(engine()) as session:
        colleague = await _colleague(session, called, at)
        questions = await _role_questions(session)
    words = {"one": colleague, "questions": questions, "typed": typed, "wrong": wrong}
    return page(request, "office/roles", viewer, status=422 if wrong else 200, **words)


async def _role_questions(session: AsyncSession) -> Sequence[Question]:
    settings = [Option(one.key, one.name, one.area) for one in await all_settings(session)]
    areas = sorted({*await areas_known(session), *await areas_of_policies(session)})
    roles = [Option(role.value, text, WHAT_ROLES[role]) for role, text in ROLES.items()]
    return (
        Question("role", "Role", "choice", options=roles),
        Question("setting", "Setting", "pick", "For a member of staff, a lead, a deputy or a head", options=settings),
        Question("area", "Area", "pick", "For a coordinator, a front door or a partnership contact").with_options(
            [Option(one, one) for one in areas]
        ),
    )


@router.post("/admin/people/{called}/roles")
async def add_role(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """Give somebody a role; it counts from their next look at a page."""
    typed = await typed_in(request)
    fields = {name: one(typed, name) for name in ("role", "setting", "area") if one(typed, name)}
    try:
        async with writing(engine()) as session:
            person = await person_numbered(session, number(called))
            given = await give_role(session, person, fill(RoleForm, _where(fields)), viewer.person, at)
    except BadInput as error:
        return await _ask_role(request, viewer, called, at, typed, wrong_by(error))
    return RedirectResponse(f"/admin/people/{called}?done={'role-given' if given else 'role-held'}", 303)


def _where(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields that the role needs: a place of the other sort, left over from another choice, is let go."""
    needs = "setting" if fields.get("role") in SETTING_ROLES else "area" if fields.get("role") in AREA_ROLES else ""
    if needs and needs not in fields:
        raise BadInput(needs, "is missing")
    return {name: value for name, value in fields.items() if name in ("role", needs)}


@router.post("/admin/people/{called}/roles/{held}/take")
async def remove_role(request: Request, viewer: Keyholder, called: str, held: str, at: Now) -> Response:
    """Take a role away; what is gone already is gone."""
    try:
        async with writing(engine()) as session:
            person = await person_numbered(session, number(called))
            await take_role(session, person, number(held), viewer.person, at)
    except NotFound:
        pass
    recorded(False, at)
    return RedirectResponse(f"/admin/people/{called}?done=role-taken", 303)
