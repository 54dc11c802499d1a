"""The morning digest as a plain function: one letter a person and local day, of what is theirs and near.

The slot is the newest working day's 08:00 that has passed in a zone, so that after an outage only the newest missed day
is sent. What was opened after 08:00 waits for the next. It also names whatever was held back for it since the last
one (notifications.budget); nothing overdue, due by tomorrow night or held back: no mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import calendar_for
from config.settings import settings
from config.time import to_london
from models.covers import covered_today
from models.database import writing
from models.people import Person
from models.record import Concern, Task
from models.scene import scenes
from models.standing import ClosureCover
from models.telling import Delivery, Firing
from notifications.budget import DIGEST, held_people, name_in
from notifications.outbox import Addressed, address

FLOW = DIGEST
HOUR = time(8, 0)
NEAR = timedelta(days=2)
WHY = "you have tasks in the pathway that are overdue or due by tomorrow"
WHY_HELD = "more was to be told to you yesterday than a day may bring"
BATCH = 2_000


@dataclass(frozen=True)
class Morning:
    """One local working day's 08:00 in a zone."""

    day: date
    zone: str

    @property
    def as_of(self) -> datetime:
        """The instant (UTC)."""
        return datetime.combine(self.day, HOUR, ZoneInfo(self.zone)).astimezone(UTC)

    @property
    def slot(self) -> str:
        """The firing's slot."""
        return f"{self.day.isoformat()} {self.zone}"


def newest_morning(at: datetime, zone: str) -> Morning:
    """The newest working day whose 08:00 has passed in `zone`; England's bank holidays count as days off."""
    calendar = calendar_for(extra_holidays=settings().extra_holidays)
    local = at.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= HOUR else local.date() - timedelta(days=1)
    while not calendar.is_working(day):
        day -= timedelta(days=1)
    return Morning(day, zone)


async def mornings_due(session: AsyncSession, at: datetime) -> list[Morning]:
    """The mornings not told yet on which somebody had something near, or had been promised that it would be said."""
    zones = (await session.exec(select(Person.zone).distinct())).all()
    due: list[Morning] = []
    for morning in (newest_morning(at, zone) for zone in sorted(zones)):
        fired = select(Firing.id).where(
            Firing.flow == FLOW, Firing.slot == morning.slot, col(Firing.ended_at).is_not(None)
        )
        if not (await session.exec(fired)).first() and await _had_something(session, morning):
            due.append(morning)
    return due


async def _had_something(session: AsyncSession, morning: Morning) -> bool:
    near = select(Task.id).where(_near(morning)).limit(1)
    held = select(Delivery.id).where(_held_back(morning)).limit(1)
    return bool((await session.exec(near)).first() or (await session.exec(held)).first())


def _near(morning: Morning) -> ColumnElement[bool]:
    """Open since before that morning, and overdue or due before the morning after next."""
    was_open = col(Task.closed_at).is_(None) & (col(Task.opened_at) <= morning.as_of)
    overdue = col(Task.due_at) <= morning.as_of
    return was_open & (overdue | ((col(Task.due_at) <= morning.as_of + NEAR) & ~_put_off(morning)))


def _put_off(morning: Morning) -> ColumnElement[bool]:
    """Its reader asked not to be reminded before another day."""
    return func.coalesce(col(Task.snoozed_until) > morning.as_of, false())


def _held_back(morning: Morning) -> ColumnElement[bool]:
    """Held back by that morning for somebody of its zone, and named nowhere yet."""
    return held_people(morning.as_of, morning.zone, morning.day)


async def digest(engine: AsyncEngine, morning: Morning, at: datetime) -> dict[str, int]:
    """Address the digests of one morning; the unique key (person, day) makes a second run harmless."""
    async with writing(engine) as session:
        who = await _people_with_something(session, morning, at)
        held = set((await session.exec(select(Delivery.person_id).where(_held_back(morning)).distinct())).all())
        day = morning.day.isoformat()
        fields = {"as_of": morning.as_of.isoformat()}
        letters = [
            Addressed(FLOW, one, str(one), day, WHY if one in who else WHY_HELD, fields=fields)
            for one in sorted(who | held, key=str)
        ]
        new = await address(session, letters, at)
        await name_in(session, _held_back(morning), FLOW, day)
        return {"people": len(letters), "letters": new}


async def _people_with_something(session: AsyncSession, morning: Morning, at: datetime) -> set[UUID]:
    near = select(Task, Concern).join(Concern, col(Task.concern_id) == col(Concern.id))
    rows = list((await session.exec(near.where(_near(morning)))).all())
    heard = select(Delivery.person_id).join(Task, col(Delivery.task_id) == col(Task.id))
    heard = heard.where(col(Task.closed_at).is_(None), Delivery.letter == "overdue").distinct()
    who = set((await session.exec(heard)).all())
    for start in range(0, len(rows), BATCH):
        who |= await _acting(session, rows[start : start + BATCH], at)
    covered = covered_today(to_london(at).date()).with_only_columns(col(ClosureCover.person_id)).where(_near(morning))
    who |= set((await session.exec(covered.distinct())).all())
    people = (await session.exec(select(Person).where(Person.zone == morning.zone))).all()
    return {one.id for one in people if one.id in who and (one.left_on is None or one.left_on > morning.day)}


async def _acting(session: AsyncSession, rows: Sequence[tuple[Task, Concern]], at: datetime) -> set[UUID]:
    concerns = list({concern.id: concern for _, concern in rows}.values())
    around = await scenes(session, concerns, at, {task.owner_id for task, _ in rows})
    who: set[UUID] = set()
    for task, concern in rows:
        scene = around[concern.id]
        who.add(scene.staff.acting(task.owner_id, task.role, scene.place, scene.day).id)
    return who
