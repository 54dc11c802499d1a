"""Settings: a list with the roles nobody holds, and the form for one. Rosters and the policy are kept beside it."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from models.database import engine, reading, writing
from models.people import Setting
from models.places import areas_known, save_setting, setting_numbered, settings_listed
from models.policies import areas_of_policies
from models.reach import Viewer
from models.roster import Gap, role_gaps
from web.answers import Typed, Wrong, read, typed_in, wrong_by
from web.office import policy, rosters
from web.office.keyholder import PAGE_OF, Keyholder, number, offset
from web.questions import Question
from web.rendering import page
from web.viewing import Now

router = APIRouter()
router.include_router(rosters.router)
router.include_router(policy.router)
DAYS = "One to a line: 2026-04-03, or 2026-04-03..2026-04-17 for several running. Bank holidays are known."
QUESTIONS = (
    Question("name", "Name", "line", "As staff call it, such as Oakfield Primary School"),
    Question("kind", "What it is", "line", "Such as school, nursery, health or voluntary", width=20),
    Question("area", "Area", "line", "Whose front door takes its referrals, such as derby", width=20),
    Question("open", "Opening hours", "line", "Such as 08:30-15:30. Opening hours count in these.", width=10),
    Question("closed", "Closed", "text", DAYS, optional=True, rows=6),
    Question(
        "extra_open", "Open besides", "text", "One day to a line, such as a Saturday: 2026-06-13", optional=True, rows=3
    ),
)
KEY = Question(
    "key", "Short name", "line", "How rosters call it, such as oakfield; made from the name when empty", optional=True
)


@router.get("/admin/settings")
async def settings_page(request: Request, viewer: Keyholder, at: Now, start: str = "") -> Response:
    """Settings by name, fifty a page, each with the roles that nobody there holds."""
    begin = offset(start)
    async with reading(engine()) as session:
        total, rows = await settings_listed(session, begin, PAGE_OF)
        gaps = await role_gaps(session, rows, at) if rows else []
    words: dict[str, Any] = {"rows": rows, "total": total, "gaps": _by_setting(gaps), "found": len(gaps)}
    return page(request, "office/settings", viewer, **words, start=begin, limit=PAGE_OF)


def _by_setting(gaps: Sequence[Gap]) -> dict[str, list[Gap]]:
    found: dict[str, list[Gap]] = {}
    for gap in gaps:
        found.setdefault(gap.setting.key, []).append(gap)
    return found


@router.get("/admin/settings/new")
async def begin_new(request: Request, viewer: Keyholder) -> Response:
    """The form for a new setting."""
    return await _ask(request, viewer, None, {"open": ["08:30-15:30"]}, {})


async def _ask(request: Request, viewer: Viewer, setting: Setting | None, typed: Typed, wrong: Wrong) -> Response:
    async with reading(engine()) as session:
        areas = await _areas(session)
    questions = QUESTIONS if setting else (QUESTIONS[0], KEY, *QUESTIONS[1:])
    words = {"setting": setting, "questions": questions, "typed": typed, "wrong": wrong, "areas": areas}
    return page(request, "office/setting", viewer, status=422 if wrong else 200, **words)


async def _areas(session: AsyncSession) -> list[str]:
    return sorted({*await areas_known(session), *await areas_of_policies(session)})


@router.post("/admin/settings/new")
async def add(request: Request, viewer: Keyholder, at: Now) -> Response:
    """Add a setting."""
    typed = await typed_in(request)
    try:
        async with writing(engine()) as session:
            await save_setting(session, None, _fields(typed, (KEY, *QUESTIONS)), viewer.person, at)
    except BadInput as error:
        return await _ask(request, viewer, None, typed, _of_the_form(error))
    return RedirectResponse("/admin/settings?done=setting-saved", 303)


def _fields(typed: Typed, questions: Sequence[Question]) -> dict[str, Any]:
    """The fields as a roster has them: days are lists, a line each."""
    fields = read(typed, questions)
    for name in ("closed", "extra_open"):
        lines = [line.strip().rstrip(",") for line in str(fields.get(name, "")).splitlines()]
        fields[name] = [line for line in lines if line]
    return fields


def _of_the_form(error: BadInput) -> Wrong:
    """What is wrong with one of several lines is wrong with the field that holds them; the message names the line."""
    field, _, place = error.field.partition(".")
    line = f"line {int(place) + 1}: {error.message}" if place.isdigit() else error.message
    return {field: line}


@router.get("/admin/settings/{called}")
async def begin_change(request: Request, viewer: Keyholder, called: str) -> Response:
    """The form for a setting that is there."""
    async with reading(engine()) as session:
        setting = await setting_numbered(session, number(called))
    return await _ask(request, viewer, setting, _before(setting), {})


def _before(setting: Setting) -> Typed:
    closed = [first if first == last else f"{first}..{last}" for first, last in setting.closed]
    before = {"name": setting.name, "kind": setting.kind, "area": setting.area, "open": setting.opens}
    lists = {"closed": "\n".join(closed), "extra_open": "\n".join(setting.extra_open)}
    return {name: [value] for name, value in (before | lists).items()}


@router.post("/admin/settings/{called}")
async def change(request: Request, viewer: Keyholder, called: str, at: Now) -> Response:
    """Change a setting; what is open keeps the deadlines it was given."""
    typed = await typed_in(request)
    async with reading(engine()) as session:
        before = await setting_numbered(session, number(called))
    try:
        async with writing(engine()) as session:
            setting = await setting_numbered(session, before.id)
            await save_setting(session, setting, _fields(typed, QUESTIONS), viewer.person, at)
    except BadInput as error:
        return await _ask(request, viewer, before, typed, _of_the_form(error) or wrong_by(error))
    return RedirectResponse("/admin/settings?done=setting-saved", 303)
