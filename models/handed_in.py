"""What somebody handed in: the observations they made, and what happens next after one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy import Contact
from models.events import Happened
from models.lifecycle import Kind
from models.people import Child, Person
from models.record import Concern, Event, Observation, Referral, Task
from models.scene import Scene, scenes
from models.telling import Delivery

A_PAGE = 25
BROUGHT = (Happened.LOGGED, Happened.JOINED)
# What people did with it: escalations and reminders are not an answer to whoever saw something.
NOT_ACTED = (*BROUGHT, Happened.ESCALATED, Happened.REASSIGNED, Happened.OBSERVATION_WITHDRAWN)
ASKS_FIRST = (Kind.DSL_DECISION, Kind.DSL_REVIEW)


@dataclass(frozen=True)
class Noticed:
    """One observation of somebody's own, with what they may know of what became of it."""

    observation: Observation
    concern: Concern
    child: Child
    acted_on: bool


async def noticed_by(session: AsyncSession, person_id: UUID, start: int = 0) -> tuple[list[Noticed], int]:
    """A page of what somebody saw, newest first, and how much there is."""
    own = col(Observation.observer_id) == person_id
    total = (await session.exec(select(func.count()).select_from(Observation).where(own))).one()
    acted = exists().where(
        col(Event.concern_id) == col(Observation.concern_id),
        col(Event.recorded_at) >= col(Observation.recorded_at),
        col(Event.kind).not_in(NOT_ACTED),
        col(Event.by_id).is_(None) | (col(Event.by_id) != person_id),
    )
    found = select(Observation, Concern, Child, acted).join(Concern, col(Observation.concern_id) == col(Concern.id))
    found = found.join(Child, col(Observation.child_id) == col(Child.id)).where(own)
    page = found.order_by(col(Observation.recorded_at).desc(), col(Observation.id)).offset(start).limit(A_PAGE)
    return [Noticed(*row) for row in (await session.exec(page)).all()], total


@dataclass(frozen=True)
class Told:
    """Somebody who is told: their name, and when the letter went, if it has gone."""

    name: str
    sent_at: datetime | None


@dataclass(frozen=True)
class AfterLogging:
    """What happens next with a concern that somebody has just brought something to."""

    scene: Scene
    task: Task | None
    owner: Person | None
    told: list[Told]
    danger: bool
    sent_at: datetime | None

    @property
    def numbers(self) -> list[Contact]:
        """Who can be telephoned, with the numbers that the policy has."""
        contacts = self.scene.policy.place(self.scene.concern.area).contacts
        return [contacts[key] for key in ("front_door", "out_of_hours") if key in contacts and contacts[key].telephone]


async def last_brought(session: AsyncSession, concern: Concern, person_id: UUID) -> Event | None:
    """The event of the last observation of this concern that somebody made, or wrote down for a colleague."""
    seen = select(Observation.id).where(Observation.concern_id == concern.id, Observation.observer_id == person_id)
    found = select(Event).where(Event.concern_id == concern.id, col(Event.kind).in_(BROUGHT))
    found = found.where((col(Event.by_id) == person_id) | col(Event.observation_id).in_(seen))
    return (await session.exec(found.order_by(col(Event.number).desc()).limit(1))).first()


async def after_logging(session: AsyncSession, concern: Concern, brought: Event | None, at: datetime) -> AfterLogging:
    """What happens next: who decides by when, who has been told, whether a referral has gone.

    To whoever `brought` something it says what that led to, and nothing of what others saw afterwards; to those who see
    the concern whole (`brought` None) how it stands.
    """
    task = await _asked_first(session, concern, brought)
    scene = (await scenes(session, [concern], at, {task.owner_id} if task else ()))[concern.id]
    owner = scene.staff.acting(task.owner_id, task.role, scene.place, scene.day) if task else None
    danger = bool(brought.fields.get("immediate_danger")) if brought else bool(task and task.urgent)
    sent = select(func.max(Referral.sent_at)).where(Referral.concern_id == concern.id)
    sent_at = (await session.exec(sent)).one() if danger else None
    return AfterLogging(scene, task, owner, await _told(session, concern, task, danger), danger, sent_at)


async def _asked_first(session: AsyncSession, concern: Concern, brought: Event | None) -> Task | None:
    found = select(Task).where(
        Task.concern_id == concern.id, col(Task.closed_at).is_(None), col(Task.kind).in_(ASKS_FIRST)
    )
    if brought is not None:
        found = found.where(Task.opened_at <= brought.recorded_at)
    tasks: Sequence[Task] = (await session.exec(found)).all()
    # A decision about something new is asked after the first review, and is what the newest observation led to.
    return max(tasks, key=lambda task: (task.urgent, task.opened_at), default=None)


async def _told(session: AsyncSession, concern: Concern, task: Task | None, danger: bool) -> list[Told]:
    found = select(Person.name, Delivery.sent_at).join(Person, col(Delivery.person_id) == col(Person.id))
    about = col(Delivery.task_id) == (task.id if task else None)
    if danger:
        about |= col(Delivery.letter) == "telephone-now"
    rows = (await session.exec(found.where(Delivery.concern_id == concern.id, about).order_by(col(Person.name)))).all()
    told: dict[str, datetime | None] = {}
    for name, sent_at in rows:
        told[name] = told.get(name) or sent_at
    return [Told(name, sent_at) for name, sent_at in told.items()]
