"""The administrator's watch: what waits, what failed, which letters and runs there were. No child is in any of it."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.alerts import acted_by_policy
from models.database import engine, reading
from models.errors import NotFound
from models.fields import Term
from models.listing import page_of
from models.people import Person
from models.record import Concern
from models.standing import DailyStatement
from models.statements import is_clean, say, still_stands
from models.telling import Delivery, Firing, State
from models.views import instant
from models.watch import failed, waits
from notifications.resending import resend
from web.api import offices
from web.api.bodies import Managing, filled
from web.api.callers import Manager
from web.api.changing import Changed, change
from web.api.forms import Nothing
from web.api.paging import Cutting, listed
from web.api.schema import sends

router = APIRouter(tags=["Administering: watching"])
INSTANTS = ("oldest_letter_waits_since",)


@router.get("/status", response_model=offices.Status)
async def status(caller: Manager) -> dict[str, Any]:
    """What is open, what waits, and what failed."""
    async with reading(engine()) as session:
        waiting = await waits(session, caller.at)
        wrong = await failed(session, caller.at)
        acted, days = await acted_by_policy(session, caller.at)
    waiting |= {name: instant(waiting.get(name)) for name in INSTANTS}
    answered = {letter: {**asdict(one), "within_working_days": days} for letter, one in acted.items()}
    return {"at": instant(caller.at), "waits": waiting, "failed": wrong, "acted_on": answered}


@router.get("/deliveries", response_model=offices.Deliveries)
async def deliveries(
    request: Request, response: Response, caller: Manager, cut: Cutting, state: State | None = None
) -> dict[str, Any]:
    """Letters, newest first: which, to whom, about which reference, where each stands."""
    found = select(Delivery, Person.email, Concern.reference).join(Person, col(Delivery.person_id) == col(Person.id))
    found = found.outerjoin(Concern, col(Delivery.concern_id) == col(Concern.id))
    if state is not None:
        found = found.where(Delivery.state == state)
    async with reading(engine()) as session:
        rows, after = await page_of(session, found, Delivery, "created_at", cut, newest_first=True)
    return listed(request, response, [_delivery(*row) for row in rows], after)


def _delivery(one: Delivery, email: str, reference: str | None) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "letter": one.letter,
        "to": one.address or email,
        "concern": reference,
        "state": one.state.value,
        "created_at": instant(one.created_at),
        "sent_at": instant(one.sent_at),
        "tries": one.tries,
        "error": one.error,
    }


@router.post("/deliveries/{delivery}/resend", response_model=offices.Resent, openapi_extra=sends(Nothing))
async def send_again(delivery: UUID, posted: Managing) -> Response:
    """Let a letter that was refused or given up go again."""

    async def work(session: AsyncSession) -> Changed:
        filled(Nothing, posted.fields)
        if await session.get(Delivery, delivery) is None:
            raise NotFound(f"delivery: {delivery} is not a letter")
        again = await resend(session, delivery, posted.caller.viewer.person, posted.caller.at)
        return Changed(offices.Resent(resent=again))

    return await change(posted, work)


@router.get("/firings", response_model=offices.Firings)
async def firings(
    request: Request,
    response: Response,
    caller: Manager,
    cut: Cutting,
    flow: Annotated[Term | None, Query(description="Only the runs of this flow.")] = None,
) -> dict[str, Any]:
    """Runs of flows, newest first."""
    found = select(Firing) if flow is None else select(Firing).where(Firing.flow == flow)
    async with reading(engine()) as session:
        rows, after = await page_of(session, found, Firing, "started_at", cut, newest_first=True)
    items = [
        {
            "id": str(one.id),
            "flow": one.flow,
            "slot": one.slot,
            "started_at": instant(one.started_at),
            "ended_at": instant(one.ended_at),
            "outcome": one.outcome,
            "counts": one.counts,
        }
        for one in rows
    ]
    return listed(request, response, items, after)


@router.get("/statements", response_model=offices.DailyStatements)
async def daily_statements(request: Request, response: Response, caller: Manager, cut: Cutting) -> dict[str, Any]:
    """What was due on each day and what became of it, newest first, and whether each is still what was signed."""
    async with reading(engine()) as session:
        rows, after = await page_of(session, select(DailyStatement), DailyStatement, "day", cut, newest_first=True)
    return listed(request, response, [_statement(one) for one in rows], after)


def _statement(one: DailyStatement) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "made_at": instant(one.made_at),
        "said": say(one),
        "clean": is_clean(one),
        "counts": one.counts,
        "findings": one.findings,
        "hash": one.hash,
        "previous_hash": one.previous_hash,
        "still_what_was_signed": still_stands(one),
    }
