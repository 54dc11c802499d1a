"""The page of one's personal keys: made here, shown once, ended here."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from config.errors import BadInput
from config.time import wall
from models.access import ApiKey, Scope
from models.api_keys import KeyForm, end_key, is_live, keys_of, make_key, settings_of
from models.database import engine, reading, writing
from models.fields import fill
from models.people import Setting
from models.reach import Viewer
from web.answers import Typed, Wrong, everything_wrong, one, read, typed_in, wrong_by
from web.questions import Option, Question
from web.rendering import page
from web.viewing import Viewing

router = APIRouter()
SCOPES = (
    Option(Scope.READ, "Read", "What you may see"),
    Option(Scope.RECORD, "Record", "Log observations, make moves, record your leave"),
    Option(Scope.MANAGE, "Manage", "People, settings, letters and runs"),
)
DAYS = (Option("7", "7 days"), Option("30", "30 days"), Option("90", "90 days"), Option("365", "A year"))


@router.get("/account/keys")
async def keys(request: Request, viewer: Viewing) -> Response:
    """Your keys, and a form for another."""
    return await _shown(request, viewer)


@router.post("/account/keys")
async def make(request: Request, viewer: Viewing) -> Response:
    """Make a key; its text is on the answer of this request and nowhere else."""
    typed = await typed_in(request)
    async with reading(engine()) as session:
        questions = _questions(viewer, list(await settings_of(session, viewer)))
    fields = read(typed, questions)
    fields["days"] = int(one(typed, "days")) if one(typed, "days").isdigit() else one(typed, "days")
    if wrong := everything_wrong(KeyForm, fields):
        return await _shown(request, viewer, typed, wrong)
    try:
        async with writing(engine()) as session:
            token = await make_key(session, viewer, fill(KeyForm, fields), wall())
    except BadInput as error:
        return await _shown(request, viewer, typed, wrong_by(error))
    return page(request, "keys/made", viewer, token=token, name=fields["name"])


@router.post("/account/keys/{key}/end")
async def end(key: UUID, viewer: Viewing) -> Response:
    """End a key: from now on it opens nothing."""
    async with writing(engine()) as session:
        await end_key(session, viewer.person, key, wall())
    return RedirectResponse("/account/keys?done=key-ended", 303)


async def _shown(request: Request, viewer: Viewer, typed: Typed | None = None, wrong: Wrong | None = None) -> Response:
    async with reading(engine()) as session:
        rows = await keys_of(session, viewer.person.id)
        settings = list(await settings_of(session, viewer))
    names = {str(one.id): one.name for one in settings}
    return page(
        request,
        "keys/keys",
        viewer,
        status=422 if wrong else 200,
        keys=[row for row in rows if is_live(row, wall())],
        past=[row for row in rows if not is_live(row, wall())],
        narrowed={row.id: _narrowed(row, names) for row in rows},
        questions=_questions(viewer, settings),
        typed=typed or {"days": ["90"], "scopes": [Scope.READ.value]},
        wrong=wrong,
    )


def _narrowed(row: ApiKey, names: dict[str, str]) -> list[str]:
    return sorted(names.get(one, "a setting that is no longer yours") for one in row.settings)


def _questions(viewer: Viewer, settings: list[Setting]) -> list[Question]:
    scopes = SCOPES if viewer.is_administrator else SCOPES[:2]
    asked = [
        Question("name", "What is the key for?", "line", "For example, attendance system", autocomplete="off"),
        Question("scopes", "What may it do?", "choices", "Give it no more than it needs", scopes),
        Question("days", "How long is it good for?", "choice", options=DAYS),
    ]
    where = [Option(one.key, one.name) for one in settings]
    if len(where) > 1:
        hint = "Tick none for all that you may see"
        asked.append(Question("settings", "Only for some settings?", "choices", hint, where, optional=True))
    return asked
