"""`pathway status`: what is running, what waits, what failed."""

import json as jsons
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from config.settings import settings
from config.time import now
from flows.due import FLOWS
from flows.server import prefect_address
from flows.wake import runner_lives
from models.database import engine, reading
from models.views import instant
from models.watch import failed, last_runs, waits
from pathway.letterbox import mailbox_is_there
from pathway.printing import as_json, say, table, when
from pathway.session import record_is_there


async def status(json: bool) -> None:
    """Print it."""
    await record_is_there()
    at = now()
    async with reading(engine()) as session:
        waiting = await waits(session, at)
        waiting["oldest_letter_waits_since"] = instant(waiting["oldest_letter_waits_since"])
        found = {"at": instant(at), **await _running(), "waits": waiting, **await failed(session, at)}
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


async def _flows(session: AsyncSession) -> list[dict[str, Any]]:
    newest = await last_runs(session, FLOWS)
    return [
        {"flow": flow, "last": instant(one.started_at), "outcome": one.outcome, "counts": one.counts}
        for flow, one in sorted(newest.items())
    ]


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
    for name in ("letters_refused", "letters_given_up", "letters_stuck", "firings_failed"):
        say(f"{name.replace('_', ' ').capitalize()}: {found[name]}")
    for email in found["addresses_that_refuse"]:
        say(f"Address refuses letters: {email}; correct it and load the roster again")
    rows = [
        (f["flow"], when(f["last"]), f["outcome"] or "unfinished", jsons.dumps(f["counts"])) for f in found["flows"]
    ]
    table("Last run of each flow", ("flow", "started", "outcome", "counts"), rows, "No flow has run yet.")
