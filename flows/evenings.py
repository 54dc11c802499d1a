"""The evening's outage packs as a plain function: one letter a working day to each reader who asked for them.

The slot is the newest working day whose time has passed in London, so that after an outage only the newest missed
evening is made up. The pack is made when its letter goes: here it is only addressed.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import calendar_for
from config.settings import settings
from config.time import london, to_london
from models.access import PackKey
from models.database import writing
from models.people import Person
from models.policies import policy_book
from models.staff import load_staff
from models.telling import Firing
from notifications.outbox import Addressed, address
from notifications.packing import LETTER

FLOW = LETTER
WHY = "you asked for outage packs on your account page"


@dataclass(frozen=True)
class Evening:
    """One working day's outage packs; `as_of` is their instant (UTC)."""

    day: date
    as_of: datetime

    @property
    def slot(self) -> str:
        """The firing's slot, and that of each letter."""
        return self.day.isoformat()


async def newest_evening(session: AsyncSession, at: datetime) -> Evening:
    """The newest working day on which the default policy's time has passed; England's bank holidays are days off."""
    calendar = calendar_for(extra_holidays=settings().extra_holidays)
    today = to_london(at).date()
    clock = time.fromisoformat(str((await policy_book(session)).for_area(None, today).figure("outage_pack_at")))
    day = today if london(today, clock) <= at else today - timedelta(days=1)
    while not calendar.is_working(day):
        day -= timedelta(days=1)
    return Evening(day, london(day, clock))


async def evenings_due(session: AsyncSession, at: datetime) -> list[Evening]:
    """The newest evening, where somebody had a passphrase by then and its packs have not been addressed."""
    if (await session.exec(select(PackKey.person_id).limit(1))).first() is None:
        return []
    evening = await newest_evening(session, at)
    ended = select(Firing.id).where(Firing.flow == FLOW, Firing.slot == evening.slot, col(Firing.ended_at).is_not(None))
    asked = select(PackKey.person_id).where(col(PackKey.made_at) <= evening.as_of).limit(1)
    done = (await session.exec(ended)).first()
    return [evening] if not done and (await session.exec(asked)).first() else []


async def address_packs(engine: AsyncEngine, evening: Evening, at: datetime) -> dict[str, int]:
    """Address one evening's packs; the unique key (person, day) makes a second run harmless. Nobody away has one."""
    async with writing(engine) as session:
        found = select(Person).join(PackKey, col(PackKey.person_id) == col(Person.id))
        found = found.where(col(PackKey.made_at) <= evening.as_of).order_by(col(Person.email))
        people = (await session.exec(found)).all()
        staff = await load_staff(session, [], [one.id for one in people])
        there = [one for one in people if staff.is_there(staff.people[one.id], to_london(at).date())]
        letters = [Addressed(LETTER, one.id, str(one.id), evening.slot, WHY) for one in there]
        return {"people": len(letters), "letters": await address(session, letters, at)}
