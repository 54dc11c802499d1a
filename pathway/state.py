"""`pathway status`: what is running, what waits, what failed."""

import json as jsons
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.settings import settings
from config.time import now
from flows.server import prefect_address
from flows.wake import runner_lives
from models.casework import count_open
from models.database import engine, reading
from models.people import Person
from models.record import Event, Task
from models.telling import Delivery, Firing, State
from models.views import instant
from pathway.letterbox import mailbox_is_there
from pathway.printing import as_json, say, table, when
from pathway.session import record_is_there


async def status(json: bool) -> None:
    """Print it."""
    await record_is_there()
    at = now()
    async with reading(engine()) as session:
        found = {"at": instant(at), **await _running(), "waits": await _waits(session, at), **await _failed(session)}
        found["flows"] = await _flows(session)
    if json:
        as_json(found)
        return
    _print(found)


async def _running() -> dict[str, Any]:
    url = await prefect_address()
    configured = settings().smtp_host
    return {
        "home": str(settings().home),
        "up": runner_lives(),
        "prefect": url.removesuffix("/api") if url else None,
        "letters_go_to": configured or ("the local mailbox" if mailbox_is_there() else None),
    }


async def _count(session: AsyncSession, table: Any, *conditions: Any) -> int:
    return (await session.exec(select(func.count()).select_from(table).where(*conditions))).one()


async def _waits(session: AsyncSession, at: datetime) -> dict[str, Any]:
    is_open = col(Task.closed_at).is_(None)
    oldest = select(func.min(Delivery.created_at)).where(Delivery.state == State.WAITING)
    return {
        "open_concerns": await count_open(session),
        "open_tasks": await _count(session, Task, is_open),
        "overdue_tasks": await _count(session, Task, is_open, Task.due_at < at),
        "tasks_due_a_look": await _count(session, Task, is_open, Task.next_at <= at),
        "events_to_follow_up": await _count(session, Event, col(Event.followed_up_at).is_(None)),
        "letters_waiting": await _count(session, Delivery, Delivery.state == State.WAITING),
        "oldest_letter_waits_since": instant((await session.exec(oldest)).one()),
    }


async def _failed(session: AsyncSession) -> dict[str, Any]:
    refused = select(Person.email).where(col(Person.refused_at).is_not(None), col(Person.left_on).is_(None))
    return {
        "letters_refused": await _count(session, Delivery, Delivery.state == State.REFUSED),
        "letters_given_up": await _count(session, Delivery, Delivery.state == State.GIVEN_UP),
        "addresses_that_refuse": sorted((await session.exec(refused)).all()),
        "firings_failed": await _count(session, Firing, col(Firing.outcome).like("failed%")),
    }


async def _flows(session: AsyncSession) -> list[dict[str, Any]]:
    newest = select(func.max(Firing.started_at), Firing.flow).group_by(col(Firing.flow)).order_by(col(Firing.flow))
    rows: list[dict[str, Any]] = []
    for started, flow in (await session.exec(newest)).all():
        found = select(Firing).where(Firing.flow == flow, Firing.started_at == started).limit(1)
        firing = (await session.exec(found)).one()
        rows.append({"flow": flow, "last": instant(started), "outcome": firing.outcome, "counts": firing.counts})
    return rows


def _print(found: dict[str, Any]) -> None:
    say(f"Record: {found['home']}")
    say(
        "Running: " + ("yes, `pathway up`" if found["up"] else "no; start it with `pathway up`, or call `pathway tick`")
    )
    say(f"Prefect: {found['prefect'] or 'no server answers; deadlines and letters go on without it'}")
    say(f"Letters go to: {found['letters_go_to'] or 'a mailbox in the record folder, while a command runs'}")
    for name, value in found["waits"].items():
        if name != "oldest_letter_waits_since":
            say(f"{name.replace('_', ' ').capitalize()}: {value}")
    if oldest := found["waits"]["oldest_letter_waits_since"]:
        say(f"Oldest letter waits since {when(oldest)}")
    for name in ("letters_refused", "letters_given_up", "firings_failed"):
        say(f"{name.replace('_', ' ').capitalize()}: {found[name]}")
    for email in found["addresses_that_refuse"]:
        say(f"Address refuses letters: {email}; correct it and load the roster again")
    rows = [
        (f["flow"], when(f["last"]), f["outcome"] or "unfinished", jsons.dumps(f["counts"])) for f in found["flows"]
    ]
    table("Last run of each flow", ("flow", "started", "outcome", "counts"), rows, "No flow has run yet.")
