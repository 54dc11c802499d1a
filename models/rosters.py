"""Loading a roster from the office: the whole of it or nothing, and somebody must still hold the keys afterwards."""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import to_london
from config.yaml_file import read_yaml
from models.access import Deed, Door
from models.deeds import note_deed
from models.people import Person
from models.roster import load_roster, read_roster
from models.roster_form import RosterForm
from models.staff_changes import administrators

MOST_WARNINGS = 100
NAME = "roster"


def check_roster(text: str) -> RosterForm:
    """The roster a text holds; raises BadInput naming line and field. A county's takes seconds: in no event loop."""
    return read_roster(*read_yaml(text, NAME))


async def load_from_office(session: AsyncSession, form: RosterForm, by: Person, at: datetime) -> Deed:
    """Write a checked roster; the deed has counts and warnings. Raises BadInput, and then nothing is written."""
    loaded = await load_roster(session, form, at)
    if not await administrators(session, to_london(at).date()):
        raise BadInput("people", "nobody would administer the pathway any more; name an administrator in the roster")
    return note_deed(
        session,
        Door.ROSTER_LOADED,
        by,
        at,
        settings=loaded.settings,
        people=loaded.people,
        households=loaded.households,
        children=loaded.children,
        warned=len(loaded.warnings),
        warnings=loaded.warnings[:MOST_WARNINGS],
    )


async def loading_called(session: AsyncSession, number: UUID) -> Deed | None:
    """The loading of that number."""
    deed = await session.get(Deed, number)
    return deed if deed is not None and deed.what == Door.ROSTER_LOADED else None
