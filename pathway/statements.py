"""The command that shows daily statements: what was due on each day and what became of it."""

from datetime import date
from typing import Any

from cyclopts import App

from config.errors import BadInput
from config.instants import read_day
from config.time import say_day, say_instant
from models.database import engine, reading
from models.standing import DailyStatement
from models.statements import say as say_statement
from models.statements import some_statements, statement_of, still_stands
from pathway.options import Json
from pathway.printing import as_json, say
from pathway.session import record_is_there, run

SHOWN = 31


def add_to(app: App) -> None:
    """Add the command."""
    app.command(statement)


def statement(day: str | None = None, /, *, json: Json = False) -> int:
    """The signed statement of a day, or of the last 31 days. Exit code 1 when one is not what was signed.

    Parameters
    ----------
    day
        A day such as 2026-03-02.
    """
    return run(_statement(read_day(day, "day") if day else None, json))


async def _statement(day: date | None, json: bool) -> int:
    await record_is_there()
    async with reading(engine()) as session:
        one = await statement_of(session, day) if day else None
        rows = [one] if one else [] if day else list((await some_statements(session, 0, SHOWN))[0])
    if day and not rows:
        raise BadInput("day", f"{day} has no statement; a day has one once it is over and the hourly check has run")
    if json:
        as_json([_view(row) for row in rows])
    else:
        _print(rows)
    return 0 if all(still_stands(row) for row in rows) else 1


def _view(row: DailyStatement) -> dict[str, Any]:
    own = {"day": row.day.isoformat(), "made_at": row.made_at.isoformat(), "said": say_statement(row)}
    kept = {"counts": row.counts, "findings": row.findings, "hash": row.hash}
    return own | kept | {"still_what_was_signed": still_stands(row)}


def _print(rows: list[DailyStatement]) -> None:
    for row in rows:
        stands = "" if still_stands(row) else "; NOT what was signed"
        say(f"{say_day(row.day)}: {say_statement(row)} (made {say_instant(row.made_at)}{stands}).")
        for one in row.findings if len(rows) == 1 else []:
            say(f"  {one['reference']}: {one['what']}")
    if not rows:
        say("No day has a statement yet. A day has one once it is over and the hourly check has run.")
