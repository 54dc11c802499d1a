"""Concerns: the list, one of them, who looked at it, and reopening."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from flows.foresight.foreseeing import foresee
from flows.foresight.telling import answer
from models.case import concern_called
from models.concern_answer import concern_answer
from models.database import engine, reading
from models.errors import NotFound, NotPermitted
from models.fields import Key
from models.forms import Reason
from models.in_reach import concerns_page
from models.lifecycle import Status
from models.looks import looks_at
from models.permission import SAFEGUARDING
from models.reach import Sight, Viewer, sight_of, sights
from models.record import Concern
from models.staffing import reopen
from models.views import instant
from web.api import concern_shapes, shapes
from web.api.bodies import Recording, filled
from web.api.callers import Reader
from web.api.changing import Changed, change
from web.api.paging import Cutting, listed
from web.api.schema import sends
from web.api.tasks import opened
from web.api.versions import tagged
from web.viewing import concern_for, looked

router = APIRouter(tags=["Concerns"])
Reference = Annotated[
    str, Path(pattern=r"^NC-[0-9]{4}-[0-9]{5,9}$", description="Such as NC-2026-00042", examples=["NC-2026-00001"])
]
Where = Annotated[Key | None, Query(description="The setting's key.")]
WHOLE_OR_PART = concern_shapes.ConcernWhole | concern_shapes.ConcernPart


@router.get("/concerns", response_model=concern_shapes.Concerns)
async def concerns(
    request: Request,
    response: Response,
    caller: Reader,
    cut: Cutting,
    status: Status | None = None,
    setting: Where = None,
    open: Annotated[bool | None, Query(description="Whether still open.")] = None,  # noqa: A002  # the query's name
) -> dict[str, Any]:
    """The concerns of which you may see anything, newest first."""
    async with reading(engine()) as session:
        rows, after = await concerns_page(session, caller.viewer, cut, status=status, setting=setting, is_open=open)
        seen = await sights(session, caller.viewer, [concern.id for concern, _ in rows])
    await looked(caller.viewer, "api:concerns", [(one.child_id, one.id) for one, _ in rows], caller.at)
    items = [_row(concern, key, seen[concern.id]) for concern, key in rows]
    return listed(request, response, items, after)


def _row(concern: Concern, setting: str, sight: Sight) -> dict[str, Any]:
    return {
        "reference": concern.reference,
        "status": concern.status,
        "setting": setting,
        "opened_at": instant(concern.opened_at),
        "closed_at": instant(concern.closed_at),
        "version": concern.version,
        "sight": sight.name.lower(),
    }


@router.get(
    "/concerns/{reference}", response_model=WHOLE_OR_PART, responses={304: {"description": "You have it already"}}
)
async def concern(request: Request, reference: Reference, caller: Reader) -> Response:
    """One concern: whole where you see it whole, else where it stands and what of it is yours."""
    found, sight = await concern_for(caller.viewer, reference, Sight.OWN)
    async with reading(engine()) as session:
        seen = await concern_answer(session, caller.viewer, found, sight, caller.at)
    await looked(caller.viewer, "api:concern", [(found.child_id, found.id)], caller.at)
    shape = concern_shapes.ConcernWhole if sight == Sight.WHOLE else concern_shapes.ConcernPart
    return tagged(request, shape.model_validate(seen), seen["version"])


@router.get("/concerns/{reference}/looks", response_model=concern_shapes.Looks)
async def looks(reference: Reference, caller: Reader) -> dict[str, Any]:
    """Who looked at the child in this concern, newest first: for the setting's DSL, deputies and head."""
    found, _ = await concern_for(caller.viewer, reference)
    if found.setting_id not in caller.viewer.settings(*SAFEGUARDING):
        raise NotPermitted("only the setting's DSL, deputies and head may read who looked")
    await looked(caller.viewer, "api:looks", [(found.child_id, found.id)], caller.at)
    async with reading(engine()) as session:
        rows = await looks_at(session, found.id)
    return {"items": [{"at": instant(look.at), "by": who.email, "page": look.page} for look, who in rows]}


@router.get("/concerns/{reference}/foresee", response_model=concern_shapes.Foreseen)
async def foreseen(reference: Reference, caller: Reader) -> dict[str, Any]:
    """The next twelve months if nobody acts: each reminder, rung, chase and lapse, why then, and who would hear."""
    found, _ = await concern_for(caller.viewer, reference)
    await looked(caller.viewer, "api:foresee", [(found.child_id, found.id)], caller.at)
    return answer(await foresee(engine(), found.reference, caller.at))


@router.post("/concerns/{reference}/reopen", response_model=shapes.Moved, openapi_extra=sends(Reason))
async def reopened(reference: Reference, posted: Recording) -> Response:
    """A closed concern lives again: the DSL owes a decision."""

    async def work(session: AsyncSession) -> Changed:
        concern = await _whole(session, posted.caller.viewer, reference)
        form = filled(Reason, posted.fields)
        email = posted.caller.viewer.person.email
        task = await reopen(session, reference, form.reason, email, posted.caller.at)
        answer = shapes.Moved(
            reference=reference, status=concern.status, version=concern.version, opened=[opened(task)]
        )
        return Changed(answer, page="api:reopen", seen=[(concern.child_id, concern.id)])

    return await change(posted, work)


async def _whole(session: AsyncSession, viewer: Viewer, reference: str) -> Concern:
    concern = await concern_called(session, reference)
    if await sight_of(session, viewer, concern) != Sight.WHOLE:
        raise NotFound(f"{reference}: no such concern")
    return concern
