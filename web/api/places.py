"""The administrator's settings, and a whole roster at once."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.yaml_file import Lines
from models.access import Door
from models.database import engine, reading
from models.deeds import note_deed
from models.listing import page_of
from models.people import Setting
from models.places import save_setting
from models.roster import load_roster, read_roster
from models.roster_form import RosterForm, SettingForm
from models.staff_changes import administrators
from web.api import offices
from web.api.bodies import Managing, filled
from web.api.callers import Manager
from web.api.changing import Changed, change
from web.api.paging import Cutting, listed
from web.api.schema import sends

router = APIRouter(tags=["Administering: settings"])


@router.get("/settings", response_model=offices.Settings)
async def settings(request: Request, response: Response, caller: Manager, cut: Cutting) -> dict[str, Any]:
    """Every setting, by key."""
    async with reading(engine()) as session:
        rows, after = await page_of(session, select(Setting), Setting, "key", cut)
    return listed(request, response, [_setting(one) for one in rows], after)


def _setting(one: Setting) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "kind": one.kind,
        "area": one.area,
        "open": one.opens,
        "closed": [f"{first}..{last}" for first, last in one.closed],
        "extra_open": one.extra_open,
    }


@router.post("/settings", response_model=offices.Setting, openapi_extra=sends(SettingForm))
async def put_setting(posted: Managing) -> Response:
    """Add a setting, or change the one of that key: all of it as it now is."""

    async def work(session: AsyncSession) -> Changed:
        form = filled(SettingForm, posted.fields)
        known = (await session.exec(select(Setting).where(Setting.key == form.key))).first()
        by, at = posted.caller.viewer.person, posted.caller.at
        saved = await save_setting(session, known, dict(posted.fields), by, at)
        return Changed(offices.Setting.model_validate(_setting(saved)))

    return await change(posted, work)


@router.post("/roster", response_model=offices.Loaded, openapi_extra=sends(RosterForm))
async def roster(posted: Managing) -> Response:
    """Load a roster: settings, people, households, children. Again is an update, never a double."""

    async def work(session: AsyncSession) -> Changed:
        form = filled(RosterForm, posted.fields)
        try:
            read_roster(posted.fields, Lines("roster", {}))  # what is there twice
        except BadInput as error:
            raise BadInput(error.field.partition(": ")[2] or "roster", error.message) from None
        by, at = posted.caller.viewer.person, posted.caller.at
        loaded = await load_roster(session, form, at)
        if not await administrators(session, posted.caller.viewer.day):
            raise BadInput("people", "would leave nobody to administer; name an administrator in post")
        note_deed(session, Door.ROSTER_LOADED, by, at, people=loaded.people, children=loaded.children)
        return Changed(offices.Loaded.model_validate(loaded, from_attributes=True))

    return await change(posted, work)
