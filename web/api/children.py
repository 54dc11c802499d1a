"""Whose key it is, and the children one may log about."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.concern_answer import child_view
from models.database import engine, reading
from models.fields import Line
from models.in_reach import children_page, siblings_of
from models.listing import MOST, USUAL, Cut
from models.people import Person, Setting
from models.reach import Viewer
from models.views import instant
from web.api import shapes
from web.api.bodies import Asking, filled
from web.api.callers import Caller, Reader
from web.api.paging import Cutting, listed
from web.api.schema import sends
from web.viewing import looked

router = APIRouter(tags=["You and the children"])


class Search(BaseModel):
    """Whom to look for: the beginnings of their names' parts, in any order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    limit: Annotated[int, Field(ge=1, le=MOST)] = USUAL


@router.get("/me", response_model=shapes.Me)
async def me(caller: Reader) -> dict[str, Any]:
    """Whose key this is, what they are today, and what the key may do."""
    viewer, key = caller.viewer, caller.key
    async with reading(engine()) as session:
        settings = {one.id: one.key for one in (await session.exec(select(Setting).where(_of(viewer)))).all()}
        covered = select(Person.email).where(col(Person.id).in_(viewer.covers)).order_by(col(Person.email))
        covers = list((await session.exec(covered)).all())
    held = [
        {"role": one.role.value, "setting": settings.get(one.setting_id) if one.setting_id else None, "area": one.area}
        for one in sorted(viewer.held, key=lambda one: (one.role, str(one.setting_id), one.area or ""))
    ]
    return {
        "email": viewer.person.email,
        "name": viewer.person.name,
        "zone": viewer.person.zone,
        "roles": held,
        "covers": covers,
        "scopes": key.scopes,
        "narrowed_to": None if viewer.only is None else sorted(settings[one] for one in viewer.only),
        "expires_at": instant(key.until),
    }


def _of(viewer: Viewer) -> Any:
    held = {one.setting_id for one in viewer.held if one.setting_id}
    return col(Setting.id).in_(held | (viewer.only or frozenset()))


@router.get("/children", response_model=shapes.Children)
async def children(request: Request, response: Response, caller: Reader, cut: Cutting) -> dict[str, Any]:
    """The children you may log about, by name."""
    async with reading(engine()) as session:
        rows, after = await children_page(session, caller.viewer, cut)
        items = await _shown(session, caller, rows, "api:children")
    return listed(request, response, items, after)


@router.post("/children/search", response_model=shapes.Children, openapi_extra=sends(Search, changes=False))
async def search(asked: Asking) -> dict[str, Any]:
    """Look for a child by name. A name is never part of an address; a search changes nothing."""
    form = filled(Search, asked.fields)
    async with reading(engine()) as session:
        rows, _ = await children_page(session, asked.caller.viewer, Cut(form.limit), form.name)
        items = await _shown(session, asked.caller, rows, "api:children/search")
    return {"items": items, "next": None}


async def _shown(session: AsyncSession, caller: Caller, rows: list[Any], page: str) -> list[dict[str, Any]]:
    siblings = await siblings_of(session, caller.viewer, [child for child, _ in rows])
    await looked(caller.viewer, page, [(one.id, None) for one in siblings], caller.at)
    return [
        {
            **child_view(child),
            "setting": setting,
            "siblings": [
                {"id": str(one.id), "name": one.name}
                for one in siblings
                if one.household_id == child.household_id and one.id != child.id
            ],
        }
        for child, setting in rows
    ]
