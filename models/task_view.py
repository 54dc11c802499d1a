"""Everything that the page of one task shows: the task, what it is about, and for a closed one how it ended."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case import Case
from models.concern_view import names_in
from models.events import Happened
from models.household import Known
from models.lifecycle import Kind
from models.people import Child, Person, Role, Setting
from models.permission import AT_THE_FRONT_DOOR
from models.reach import Sight, Viewer, sight_of
from models.record import Concern, Event, Observation, Referral, Task
from models.tasks_seen import TaskSeen, acts_for_owner, case_to_see, seen_task

NEWEST = 5
AT_THE_DOOR = (
    *(Happened.REFERRAL_SENT, Happened.REFERRAL_ACKNOWLEDGED, Happened.ASKED, Happened.ANSWERED, Happened.CHASED),
    *(Happened.DECIDED, Happened.DISSENTED, Happened.DISPUTED, Happened.STEPPED_UP, Happened.RESOLVED),
)


@dataclass
class TaskPage:
    """A task as a viewer sees it. `open` is None once it is closed; `ending` is the event that closed it."""

    known: Known
    sight: Sight
    case: Case
    task: Task
    open: TaskSeen | None = None
    ending: Event | None = None
    referral: Referral | None = None
    observations: list[Observation] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def proposer(self) -> Person | None:
        """Who proposed what a second person is asked about."""
        by = self.task.about.get("by")
        return self.case.staff.people.get(UUID(by)) if by else None

    @property
    def names_child(self) -> bool:
        """Whether the viewer may read whose concern it is."""
        return self.sight in (Sight.WHOLE, Sight.TASK)


async def task_at(session: AsyncSession, viewer: Viewer, task_id: UUID, at: datetime) -> TaskPage | None:
    """The task as the viewer may see it; None when there is none or it is out of reach."""
    found = select(Task, Concern, Child, Setting).join(Concern, col(Task.concern_id) == col(Concern.id))
    found = found.join(Child, col(Concern.child_id) == col(Child.id))
    found = found.join(Setting, col(Concern.setting_id) == col(Setting.id)).where(Task.id == task_id)
    row = (await session.exec(found)).first()
    if row is None or not viewer.roles - {Role.ADMINISTRATOR}:
        return None
    task, concern, child, setting = row
    sight = await sight_of(session, viewer, concern)
    named = {one for one in (task.owner_id, task.closed_by, _proposer(task)) if one}
    case = await case_to_see(session, Known(concern, child, setting, sight), at, viewer.person, named)
    if acts_for_owner(case, viewer):
        sight = Sight.WHOLE
    if not _may_see(viewer, task, sight):
        return None
    page = TaskPage(Known(concern, child, setting, sight), sight, case, task)
    if task.id in case.tasks:
        page.open = seen_task(case, case.tasks[task.id], viewer.person.id, at)
    await _about(session, page)
    return page


def _proposer(task: Task) -> UUID | None:
    return UUID(task.about["by"]) if task.about.get("by") else None


def _may_see(viewer: Viewer, task: Task, sight: Sight) -> bool:
    """An action is its owner's to see, also when it is done; a front door's clocks are the front door's."""
    theirs = task.kind == Kind.ACTION and task.owner_id in viewer.stands_for
    at_front_door = sight == Sight.REFERRAL and task.kind in AT_THE_FRONT_DOOR
    return sight == Sight.WHOLE or theirs or at_front_door


async def _about(session: AsyncSession, page: TaskPage) -> None:
    """What the task is about, as far as its viewer may read it."""
    task = page.task
    if task.referral_id:
        page.referral = await session.get(Referral, task.referral_id)
    if task.closed_at is not None:
        page.ending = await _ending(session, task)
    if page.sight == Sight.WHOLE:
        page.observations = await _observations(session, task)
    observers = {one.observer_id for one in page.observations}
    page.names = await names_in(session, [page.ending] if page.ending else [], more=observers, texts=_named(task))


def _named(task: Task) -> list[dict[str, object]]:
    fields = task.about.get("fields")
    return [fields] if isinstance(fields, dict) else []


async def _ending(session: AsyncSession, task: Task) -> Event | None:
    found = select(Event).where(Event.concern_id == task.concern_id, Event.recorded_at == task.closed_at)
    events = (await session.exec(found.order_by(col(Event.number)))).all()
    return next((event for event in events if str(task.id) in event.closed), None)


async def _observations(session: AsyncSession, task: Task) -> list[Observation]:
    """The one it is about, else the newest of the concern."""
    found = select(Observation).where(Observation.concern_id == task.concern_id)
    if task.about.get("observation"):
        found = found.where(Observation.id == UUID(task.about["observation"]))
    return list((await session.exec(found.order_by(col(Observation.seen_at).desc()).limit(NEWEST))).all())


async def changes_since(
    session: AsyncSession, page: TaskPage, number: int | None
) -> tuple[list[Event], dict[str, str]]:
    """What happened to a task's concern after its event of that number (None: the newest alone), with the names in it.

    As much as the task's viewer may read: of what was sent to the front door that alone, to whoever owes one action
    nothing, whatever state their form says it saw.
    """
    found = select(Event).where(Event.concern_id == page.known.concern.id)
    if page.sight == Sight.REFERRAL:
        found = found.where(col(Event.kind).in_(AT_THE_DOOR))
    elif page.sight != Sight.WHOLE:
        return [], {}
    if number is None:
        found = found.order_by(col(Event.number).desc()).limit(1)
    else:
        found = found.where(Event.number > number).order_by(col(Event.number)).limit(50)
    events = list((await session.exec(found)).all())
    return events, await names_in(session, events)
