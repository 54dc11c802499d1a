"""What surrounds a concern when something is to be done about it, read for many concerns at once in a few queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import Calendar, calendar_for
from config.policy import Policy
from config.policy_book import PolicyBook
from config.settings import settings
from config.time import to_london
from models.covers import covers_on
from models.people import Child, Person, Setting
from models.policies import policy_book
from models.record import Concern, Task
from models.staff import Place, Staff, load_staff

T = TypeVar("T", bound=SQLModel)


@dataclass
class Scene:
    """A concern, its child, setting, staff, policy in force on `day` (London), and the setting's calendar.

    `cover` looks after it today because its setting is closed.
    """

    concern: Concern
    child: Child
    setting: Setting
    staff: Staff
    policy: Policy
    calendar: Calendar
    book: PolicyBook
    day: date
    cover: Person | None = None

    @property
    def place(self) -> Place:
        """Whose people act on it."""
        return Place(self.concern.setting_id, self.concern.area)

    def policy_of(self, task: Task) -> Policy:
        """The policy a task was opened under: a clock in force then stays with it."""
        if (task.policy, task.policy_from) == (self.policy.key, self.policy.in_force_from):
            return self.policy
        return self.book.version(task.policy, task.policy_from, self.concern.area)


def setting_calendar(setting: Setting, policy: Policy) -> Calendar:
    """A setting's days and hours under a policy."""
    closed = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in setting.closed]
    extra = [*policy.extra_holidays, *settings().extra_holidays]
    return calendar_for(setting.opens, closed, [date.fromisoformat(day) for day in setting.extra_open], extra)


async def scenes(
    session: AsyncSession, concerns: Sequence[Concern], at: datetime, named: Iterable[UUID] = ()
) -> dict[UUID, Scene]:
    """The scene of each concern by its id; `named` are people to load besides those with roles there."""
    children = await _by_id(session, Child, {concern.child_id for concern in concerns})
    places = await _by_id(session, Setting, {concern.setting_id for concern in concerns})
    leads = {concern.lead_id for concern in concerns if concern.lead_id}
    whose = {Place(concern.setting_id, concern.area) for concern in concerns}
    book, day = await policy_book(session), to_london(at).date()
    covers = await covers_on(session, [concern.id for concern in concerns], day)
    staff = await load_staff(session, whose, leads | set(named) | set(covers.values()))
    policies = {area: book.for_area(area, day) for area in {concern.area for concern in concerns}}
    calendars: dict[tuple[UUID, str], Calendar] = {}
    found: dict[UUID, Scene] = {}
    for concern in concerns:
        setting, policy = places[concern.setting_id], policies[concern.area]
        key = (setting.id, concern.area)
        calendars.setdefault(key, setting_calendar(setting, policy))
        found[concern.id] = Scene(
            concern,
            children[concern.child_id],
            setting,
            staff,
            policy,
            calendars[key],
            book,
            day,
            staff.people.get(covers[concern.id]) if concern.id in covers else None,
        )
    return found


async def _by_id(session: AsyncSession, table: type[T], ids: set[UUID]) -> dict[UUID, T]:
    rows = (await session.exec(select(table).where(col(table.id).in_(ids)))).all()  # type: ignore[attr-defined]  # all have
    return {row.id: row for row in rows}  # type: ignore[attr-defined]  # same
