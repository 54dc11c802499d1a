"""What a check by hand found, kept as a deed: so that whoever asked can come back to it, and the audit has it."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Deed, Door
from models.deeds import note_deed
from models.people import Person
from models.reconcile import Statement

MOST = 200


def note_check(session: AsyncSession, number: UUID, statement: Statement, by: Person) -> Deed:
    """Write a statement down under a number given beforehand; of many findings the first two hundred."""
    about: dict[str, Any] = {
        "flow": "check",
        "said": str(statement),
        "found": len(statement.findings),
        "findings": [[one.reference, one.what] for one in statement.findings[:MOST]],
    }
    return note_deed(session, Door.FLOW_RUN, by, statement.at, id=number, **about)


async def check_called(session: AsyncSession, number: UUID) -> Deed | None:
    """The check of that number; None when there is none, or it has not ended."""
    deed = await session.get(Deed, number)
    return deed if deed is not None and deed.about.get("flow") == "check" else None
