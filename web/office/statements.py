"""The daily statements: what was due on each day and what became of it, and whether each is still what was signed.

References and counts only: no child is in any of it.
"""

from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from config.errors import BadInput
from config.instants import read_day
from models.database import engine, reading
from models.obligations import COUNTS
from models.standing import DailyStatement
from models.statements import chain_breaks, is_clean, say, some_statements, statement_of, still_stands
from web.office.keyholder import Keyholder, offset
from web.rendering import page
from web.viewing import NotYours

router = APIRouter()
PAGE_OF = 31


@router.get("/admin/statements")
async def statements(request: Request, viewer: Keyholder, start: str = "") -> Response:
    """Every day's statement, newest first, and whether they all still stand."""
    first = offset(start)
    async with reading(engine()) as session:
        rows, total = await some_statements(session, first, PAGE_OF)
        broken = await chain_breaks(session)
    shown = [_row(one) for one in rows]
    return page(
        request, "office/statements", viewer, rows=shown, total=total, start=first, limit=PAGE_OF, broken=broken
    )


def _row(one: DailyStatement) -> dict[str, object]:
    return {"day": one.day, "made_at": one.made_at, "said": say(one), "clean": is_clean(one)}


@router.get("/admin/statements/{day}")
async def one_statement(request: Request, viewer: Keyholder, day: str) -> Response:
    """One day's statement, its figures, what was missed, and whether it is still what was signed."""
    async with reading(engine()) as session:
        row = await statement_of(session, _day(day))
    if row is None:
        raise NotYours
    figures = [(name, row.counts.get(name, 0)) for name in (*COUNTS, "not_covered")]
    stands = still_stands(row)
    return page(request, "office/statement", viewer, row=row, said=say(row), figures=figures, stands=stands)


def _day(text: str) -> date:
    try:
        return read_day(text, "day")
    except BadInput:
        raise NotYours from None
