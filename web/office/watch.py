"""The watch: what ran, what failed, what waits. Nothing here names a child, and nothing waits for Prefect."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from config.settings import settings
from config.time import wall
from flows.again import begin_again, can_run
from flows.due import DEADLINES, FLOWS, RECONCILE, STAGES
from flows.expecting import next_looks
from flows.wake import runner_since
from flows.workers import AtPrefect, at_prefect, run_address
from models.access import Door
from models.alerts import ASKING, acted_by_policy
from models.beginning import is_set_up
from models.database import engine, reading, writing
from models.deeds import note_deed
from models.schema import newest_revision
from models.statements import is_clean, newest, say, still_stands
from models.telling import Firing
from models.trying import is_sample
from models.watch import failed, last_good_runs, last_runs, runs_of, the_record, unfinished_runs, waits
from web.office import checks, statements
from web.office.keyholder import Keyholder, number
from web.office.reasons import FLOWS as NAMES
from web.office.reasons import WHEN, say_counts, say_ending, say_letter
from web.rendering import page
from web.viewing import NotYours, Now

router = APIRouter()
router.include_router(checks.router)
router.include_router(statements.router)
# The clock runs check-deadlines each quarter although nothing is due: later than this, no clock goes.
SILENT_AFTER = timedelta(minutes=20)
MOST_TROUBLES = 25
LAST_RUNS = 10
PATIENCE_SECONDS = 3.0


@router.get("/admin")
async def watch(request: Request, viewer: Keyholder, at: Now) -> Response:
    """Everything at one look; Prefect is asked meanwhile, for a second at most."""
    asked = asyncio.create_task(at_prefect())
    async with reading(engine()) as session:
        facts = await _facts(session, at)
    prefect, statement = await asked, facts["statement"]
    last, good = facts["last"], facts["good"]
    looks = next_looks(at)
    flows = [_flow(name, last.get(name), good.get(name), looks.get(name), prefect) for name in FLOWS]
    troubles = [_run(one, good.get(one.flow), prefect) for one in facts["unfinished"]]
    clock, runner = last.get(DEADLINES), runner_since()
    return page(
        request,
        "office/watch",
        viewer,
        **facts,
        flows=flows,
        troubles=[one for one in troubles if one["said"].red],
        settled=[one for one in troubles if not one["said"].red],
        check=last.get(RECONCILE),
        stated=statement and {"said": say(statement), "red": not (is_clean(statement) and still_stands(statement))},
        clock=clock,
        is_silent=clock is None or clock.started_at < at - SILENT_AFTER,
        just_begun=runner is not None and runner > wall() - SILENT_AFTER,
        runner=runner,
        prefect=prefect,
        mail=settings().smtp_host,
        expected=newest_revision(),
    )


async def _facts(session: AsyncSession, at: datetime) -> dict[str, Any]:
    return {
        "waits": await waits(session, at),
        "failed": await failed(session, at),
        "last": await last_runs(session, FLOWS),
        "good": await last_good_runs(session, FLOWS),
        "unfinished": await unfinished_runs(session, MOST_TROUBLES),
        "record": await the_record(session),
        "statement": await newest(session),
        "acted": await _acted(session, at),
        "is_set_up": await is_sample(session) or await is_set_up(session),
    }


async def _acted(session: AsyncSession, at: datetime) -> dict[str, Any]:
    """Which letters that asked something were acted on, by their titles, and within how many working days."""
    found, days = await acted_by_policy(session, at)
    return {"days": days, "rows": [(say_letter(one), found[one]) for one in ASKING if one in found]}


def _flow(
    name: str, last: Firing | None, good: Firing | None, look: datetime | None, known: AtPrefect
) -> dict[str, Any]:
    return {
        "name": name,
        "title": NAMES[name],
        "when": WHEN[name],
        "next": look,
        "last": _run(last, good, known) if last else None,
        "is_stage": name in STAGES,
    }


def _run(one: Firing, good: Firing | None, known: AtPrefect) -> dict[str, Any]:
    made_good = good is not None and good.started_at > one.started_at
    return {
        "id": one.id,
        "title": NAMES.get(one.flow, one.flow),
        "flow": one.flow,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "said": say_ending(one, made_good=made_good),
        "made_good": made_good,
        "counts": say_counts(one.counts),
        "address": run_address(known.pages, one.prefect_run_id),
        "can_run": can_run(one.flow),
    }


@router.get("/admin/runs/{run}")
async def one_run(request: Request, viewer: Keyholder, run: str, at: Now, ended: str = "") -> Response:
    """One run, and what the same flow has done since."""
    async with reading(engine()) as session:
        firing = await _firing(session, run)
        good = (await last_good_runs(session, [firing.flow])).get(firing.flow)
        newest = await runs_of(session, firing.flow, LAST_RUNS)
    known = await at_prefect()
    rows = [_run(one, good, known) for one in newest]
    begun = {"yes": "ended", "no": "goes on"}.get(ended)
    return page(request, "office/run", viewer, run=_run(firing, good, known), newest=rows, begun=begun)


async def _firing(session: AsyncSession, run: str) -> Firing:
    firing = await session.get(Firing, number(run))
    if firing is None:
        raise NotYours
    return firing


@router.post("/admin/runs/{run}/again")
async def run_again(viewer: Keyholder, run: str, at: Now) -> Response:
    """Do a run's work again; asked twice, it is done once."""
    async with writing(engine()) as session:
        firing = await _firing(session, run)
        note_deed(session, Door.FLOW_RUN, viewer.person, at, flow=firing.flow)
    ended = can_run(firing.flow) and await begin_again(firing.flow, firing.slot, at, PATIENCE_SECONDS)
    return RedirectResponse(f"/admin/runs/{firing.id}?ended={'yes' if ended else 'no'}", 303)
