"""One concern taken up to be changed: everything a move needs, and the few ways it may change the record.

A change, its next task and its event are one transaction. `settle` refuses to let go of an open concern without an open
task, and of a concern that somebody else changed meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, inspect
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import Calendar
from config.policy import Policy
from config.policy_book import PolicyBook
from config.time import to_london
from models.deadlines import Due
from models.errors import AlreadyDone, NotFound
from models.events import ENTERED_LATER, STAGE_OF, Happened
from models.history import seal
from models.ladder import Clocks, say
from models.lifecycle import ALL_MAIN, MAIN_KINDS, Kind, Status
from models.people import Child, Person, Role, Setting
from models.record import Concern, Event, Referral, Task
from models.scene import Scene, scenes
from models.staff import Place, Staff

# Asked with every move, and so built once (models.scene).
_OPEN_TASKS = select(Task).where(col(Task.concern_id) == bindparam("concern"), col(Task.closed_at).is_(None))
_CONCERN_OF_TASK = (
    select(Concern)
    .where(col(Concern.id) == select(Task.concern_id).where(col(Task.id) == bindparam("task")).scalar_subquery())
    .with_for_update()
    .execution_options(populate_existing=True)
)
_TASK = select(Task).where(col(Task.id) == bindparam("task")).execution_options(populate_existing=True)
_CLAIM = (
    update(Concern)
    .where(col(Concern.id) == bindparam("concern"), col(Concern.version) == bindparam("before"))
    .values(version=bindparam("after"))
    .execution_options(synchronize_session=False)
)


@dataclass
class Case:
    """A concern with its child, setting, staff, policy, calendar and open tasks, at one instant `at` (UTC).

    `done_at` is the true time of what a person did on paper before; then `at` is when it is entered. `cover` looks
    after it today because its setting is closed.
    """

    session: AsyncSession
    at: datetime
    by: Person | None
    concern: Concern
    child: Child
    setting: Setting
    staff: Staff
    policy: Policy
    calendar: Calendar
    book: PolicyBook
    tasks: dict[UUID, Task] = field(default_factory=dict)
    opened: list[Task] = field(default_factory=list)
    closed: list[Task] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    done_at: datetime | None = None
    cover: Person | None = None

    @property
    def day(self) -> date:
        """The day in London."""
        return to_london(self.at).date()

    @property
    def acted_at(self) -> datetime:
        """When the person did it: now, or earlier where it is entered later."""
        return self.done_at or self.at

    @property
    def place(self) -> Place:
        """Whose people act on it."""
        return Place(self.concern.setting_id, self.concern.area)

    def rule(self, name: str) -> str:
        """How a due date names the figure it came from."""
        return self.policy.rule(name)

    def days(self, name: str) -> int:
        """A whole-number figure of the policy."""
        return int(self.policy.figure(name))

    def dsl(self) -> Person:
        """Who acts as DSL today."""
        return self.staff.owner(Role.DSL, self.place, self.day)

    def lead(self) -> Person:
        """Who leads early help: the named lead, else the DSL."""
        if self.concern.lead_id is None:
            return self.dsl()
        return self.staff.acting(self.concern.lead_id, "lead", self.place, self.day)

    def open_of(self, *kinds: Kind) -> list[Task]:
        """Its open tasks of these kinds, earliest deadline first."""
        found = [task for task in self.tasks.values() if task.kind in kinds]
        return sorted(found, key=lambda task: (task.due_at, str(task.id)))

    def open(
        self,
        kind: Kind,
        owner: Person,
        role: str,
        due: Due,
        *,
        acknowledge_by: datetime | None = None,
        lapse_at: datetime | None = None,
        about: Mapping[str, Any] | None = None,
        urgent: bool = False,
        stage: int = 0,
        referral: Referral | None = None,
    ) -> Task:
        """Open a task: its owner, deadline, why then, and the next moment at which something must be said."""
        task = Task(
            concern_id=self.concern.id,
            area=self.concern.area,
            setting_id=self.concern.setting_id,
            kind=kind,
            owner_id=owner.id,
            role=role,
            opened_at=self.at,
            due_at=due.at,
            due_because=due.because,
            lapse_at=lapse_at,
            acknowledge_by=acknowledge_by,
            said_until=self.at,
            next_at=due.at,
            urgent=urgent,
            stage=stage,
            about=dict(about or {}),
            referral_id=referral.id if referral else None,
            policy=self.policy.key,
            policy_from=self.policy.in_force_from,
        )
        self.keep(task)
        return task

    def keep(self, task: Task) -> None:
        """Write down a task that was opened, with the next moment at which something must be said about it."""
        self.look_again(task)
        self.session.add(task)
        self.tasks[task.id] = task
        self.opened.append(task)

    def look_again(self, task: Task) -> None:
        """Set a task's next moment from its clocks as they now stand, under the policy it was opened under."""
        ladder = self.book.version(task.policy, task.policy_from, self.concern.area).ladders[task.kind]
        task.next_at = say(ladder, clocks(task), self.calendar, task.said_until, task.said_until).next_at

    def close(self, task: Task, outcome: str) -> None:
        """Close a task for good, and what was asked of a second person about it."""
        task.closed_at, task.closed_by, task.outcome = self.at, self.by.id if self.by else None, outcome
        task.done_at = self.done_at
        self.tasks.pop(task.id, None)
        self.closed.append(task)
        for asked in self.open_of(Kind.COUNTERSIGN):
            if asked.about.get("task") == str(task.id):
                self.close(asked, "overtaken")

    def close_main(self, outcome: str) -> None:
        """Close whatever carried the status so far."""
        for task in self.open_of(*ALL_MAIN):
            self.close(task, outcome)

    def move_to(self, status: Status, outcome: str) -> None:
        """Set the status and close the tasks of the one before; the caller opens the next task."""
        for task in self.open_of(*ALL_MAIN):
            self.close(task, outcome)
        self.concern.status = status
        if status == Status.CLOSED:
            self.concern.closed_at = self.at
            for task in list(self.tasks.values()):
                self.close(task, "concern closed")

    def record(
        self,
        kind: Happened,
        because: str,
        fields: Mapping[str, Any] | None = None,
        *,
        task: Task | None = None,
        observation_id: UUID | None = None,
        happened_at: datetime | None = None,
        by_rule: bool = False,
    ) -> Event:
        """Append an event: who, when it happened, when it was recorded, why, and the tasks it opened and closed.

        `by_rule`: the pathway did it by itself, whoever's entry set it off.
        """
        if self.done_at is not None and happened_at is None and not by_rule:
            because, happened_at = f"{because}{ENTERED_LATER}", self.done_at
        event = Event(
            concern_id=self.concern.id,
            number=0,
            kind=kind,
            happened_at=happened_at or self.at,
            recorded_at=self.at,
            by_id=self.by.id if self.by and not by_rule else None,
            because=because,
            fields=dict(fields or {}),
            task_id=task.id if task else None,
            observation_id=observation_id,
            opened=[str(one.id) for one in self.opened],
            closed=[str(one.id) for one in self.closed],
            stage=STAGE_OF[kind],
            previous_hash="",
            hash="",
        )
        seal(self.concern, event)
        self.session.add(event)
        self.opened, self.closed = [], []
        self.events.append(event)
        return event

    async def settle(self) -> None:
        """Write the change, or refuse it whole: an open concern keeps an open task, and nobody was quicker."""
        self._must_be_whole()
        if inspect(self.concern).persistent:
            await self._claim(self.concern.version)
        await self.session.flush()

    def settle_locked(self) -> None:
        """The same of a concern that is locked, so that nobody can be quicker: written with the session's next flush.

        For many concerns changed in one transaction, whose rows are then written together.
        """
        self._must_be_whole()
        self.concern.version += 1

    def _must_be_whole(self) -> None:
        concern = self.concern
        kinds = {task.kind for task in self.tasks.values()}
        if concern.status != Status.CLOSED and not kinds & MAIN_KINDS[concern.status]:
            raise RuntimeError(f"{concern.reference} would be {concern.status} without a task")
        if self.opened or self.closed:
            raise RuntimeError(f"{concern.reference}: tasks changed without an event")

    async def _claim(self, before: int) -> None:
        with self.session.no_autoflush:
            asked = {"concern": self.concern.id, "before": before, "after": before + 1}
            claimed = await self.session.exec(_CLAIM, params=asked)
        if claimed.rowcount != 1:
            raise await self.was_first()
        self.concern.version = before + 1

    async def was_first(self) -> AlreadyDone:
        """The error that names what somebody else has done to this concern meanwhile."""
        newest = select(Event).where(Event.concern_id == self.concern.id).order_by(col(Event.number).desc()).limit(1)
        with self.session.no_autoflush:
            event = (await self.session.exec(newest)).first()
            who = await self.session.get(Person, event.by_id) if event and event.by_id else None
        return already_done(self.concern.reference, event.kind if event else "a change", who, event)


def already_done(what: str, did: str, who: Person | None, event: Event | None) -> AlreadyDone:
    """The error that tells the second person what the first did."""
    when = f" at {to_london(event.recorded_at):%H:%M on %-d %b %Y}" if event else ""
    name = f"{who.name} ({who.email})" if who else "the pathway"
    return AlreadyDone(f"{what}: {name} was first: {did}{when}; nothing of yours was changed")


def clocks(task: Task) -> Clocks:
    """The instants from which a task's moments follow."""
    waiting = task.acknowledge_by if task.acknowledged_at is None else None
    return Clocks(task.opened_at, task.due_at, task.lapse_at, waiting, task.snoozed_until)


async def take_up(
    session: AsyncSession,
    concern: Concern,
    at: datetime,
    by: Person | None,
    named: Iterable[UUID] = (),
    scene: Scene | None = None,
) -> Case:
    """A concern with all that a move needs, read in a handful of queries; `scene` when it has been read already."""
    tasks = (await session.exec(_OPEN_TASKS, params={"concern": concern.id})).all()
    if scene is None:
        scene = (await scenes(session, [concern], at, {task.owner_id for task in tasks} | set(named)))[concern.id]
    return Case(
        session,
        at,
        by,
        concern,
        scene.child,
        scene.setting,
        scene.staff,
        scene.policy,
        scene.calendar,
        scene.book,
        {task.id: task for task in tasks},
        cover=scene.cover,
    )


async def task_locked(session: AsyncSession, task_id: UUID) -> tuple[Task, Concern] | None:
    """A task as it now stands and its concern, locked: whoever comes second waits, and then sees what the first did.

    The concern is the one lock: two who each held a task of it and wanted the other's would wait for each other.
    """
    concern = (await session.exec(_CONCERN_OF_TASK, params={"task": task_id})).first()
    if concern is None:
        return None
    return (await session.exec(_TASK, params={"task": task_id})).one(), concern


async def concern_called(session: AsyncSession, reference: str) -> Concern:
    """The concern of that reference; raises NotFound."""
    found = (await session.exec(select(Concern).where(Concern.reference == reference.strip().upper()))).first()
    if found is None:
        raise NotFound(f"{reference}: no such concern; references look like NC-2026-00042")
    return found
