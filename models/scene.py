"""What surrounds a concern when something is to be done about it, read for many concerns at once in a few queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import Calendar, calendar_for
from config.policy import Policy
from config.policy_book import PolicyBook
from config.settings import settings
from config.time import to_london
from models.covers import standing_on
from models.people import Child, Person, Setting
from models.policies import policy_book
from models.record import Concern, Task
from models.staff import Place, Staff, load_staff
from models.standing import ClosureCover

# Leave that ended so long ago decides nothing any more, whatever is entered late.
LONG_OVER = timedelta(days=92)
# Asked with every move, and so built once: to build a statement takes nearly as long as to run it. The settings come
# apart: their closures would be read anew with every concern.
_COVERED = (col(ClosureCover.concern_id) == col(Concern.id)) & standing_on(bindparam("day"))
_CHILDREN = (
    select(Concern.id, Child, ClosureCover.person_id)
    .join(Child, col(Concern.child_id) == col(Child.id))
    .outerjoin(ClosureCover, _COVERED)
    .where(col(Concern.id).in_(bindparam("concerns", expanding=True)))
)
_SETTINGS = select(Setting).where(col(Setting.id).in_(bindparam("settings", expanding=True)))


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
    book, day = await policy_book(session), to_london(at).date()
    children, covers = await _children(session, concerns, day)
    settings_there = {"settings": list({concern.setting_id for concern in concerns})}
    places = {one.id: one for one in (await session.exec(_SETTINGS, params=settings_there)).all()}
    leads = {concern.lead_id for concern in concerns if concern.lead_id}
    whose = {Place(concern.setting_id, concern.area) for concern in concerns}
    staff = await load_staff(session, whose, leads | set(named) | set(covers.values()), day - LONG_OVER)
    policies = {area: book.for_area(area, day) for area in {concern.area for concern in concerns}}
    calendars: dict[tuple[UUID, str], Calendar] = {}
    found: dict[UUID, Scene] = {}
    for concern in concerns:
        setting, policy = places[concern.setting_id], policies[concern.area]
        key = (setting.id, concern.area)
        calendars.setdefault(key, setting_calendar(setting, policy))
        found[concern.id] = Scene(
            concern,
            children[concern.id],
            setting,
            staff,
            policy,
            calendars[key],
            book,
            day,
            staff.people.get(covers[concern.id]) if concern.id in covers else None,
        )
    return found


async def _children(
    session: AsyncSession, concerns: Sequence[Concern], day: date
) -> tuple[dict[UUID, Child], dict[UUID, UUID]]:
    """By concern: its child, and who looks after it on that day because its setting is closed."""
    asked = {"concerns": [concern.id for concern in concerns], "day": day}
    rows = (await session.exec(_CHILDREN, params=asked)).all()
    covers: dict[UUID, UUID | None] = {one: cover for one, _, cover in rows}
    return {one: child for one, child, _ in rows}, {one: cover for one, cover in covers.items() if cover}
