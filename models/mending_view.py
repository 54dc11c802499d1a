"""What the forms that mend something show: a concern to reopen, an observation to withdraw, and who may do either."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case import Case
from models.household import Known
from models.people import Child, Role, Setting
from models.permission import SAFEGUARDING
from models.reach import Sight, Viewer, sight_of
from models.record import Concern, Observation
from models.tasks_seen import case_to_see


@dataclass(frozen=True)
class Mended:
    """A concern to be mended, with the observation where one is meant. `may`: casework will let this viewer."""

    known: Known
    case: Case
    may: bool
    observation: Observation | None = None


async def concern_to_mend(session: AsyncSession, viewer: Viewer, reference: str, at: datetime) -> Mended | None:
    """A concern that the viewer may see whole; None when there is none or it is out of reach."""
    known = await _known(session, viewer, Concern.reference == reference.strip().upper())
    if known is None or known.sight < Sight.WHOLE:
        return None
    case = await case_to_see(session, known, at, viewer.person, ())
    return Mended(known, case, _safeguards(case, viewer))


async def observation_to_mend(session: AsyncSession, viewer: Viewer, wanted: UUID, at: datetime) -> Mended | None:
    """An observation that the viewer made, or of a concern that they may see whole; None when it is neither."""
    observation = await session.get(Observation, wanted)
    if observation is None:
        return None
    known = await _known(session, viewer, col(Concern.id) == observation.concern_id)
    mine = observation.observer_id == viewer.person.id
    if known is None or not (known.sight == Sight.WHOLE or (mine and known.sight >= Sight.OWN)):
        return None
    case = await case_to_see(session, known, at, viewer.person, {observation.observer_id})
    return Mended(known, case, mine or _safeguards(case, viewer), observation)


async def _known(session: AsyncSession, viewer: Viewer, condition: object) -> Known | None:
    if not viewer.roles - {Role.ADMINISTRATOR}:
        return None
    found = select(Concern, Child, Setting).join(Child, col(Concern.child_id) == col(Child.id))
    found = found.join(Setting, col(Concern.setting_id) == col(Setting.id)).where(condition)  # type: ignore[arg-type]
    row = (await session.exec(found)).first()
    return Known(*row, await sight_of(session, viewer, row[0])) if row else None


def _safeguards(case: Case, viewer: Viewer) -> bool:
    person = case.staff.people.get(viewer.person.id)
    return person is not None and bool(case.staff.roles_of(person, case.place) & SAFEGUARDING)
