"""One task as its page and its concern's page show it: who acts, what it offers, and what of that somebody may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london
from models.case import Case
from models.casework import moves_of
from models.covers import covers_on, is_covered
from models.household import Known
from models.lifecycle import ALL_MAIN, Kind, Move
from models.people import Person
from models.permission import who_may
from models.policies import policy_book
from models.reach import Viewer
from models.record import Task
from models.scene import setting_calendar
from models.staff import Place, load_staff


@dataclass(frozen=True)
class TaskSeen:
    """An open task. `owner` acts today for `owed_by`; `mine` are the moves the viewer may make, `told` who heard.

    `cover` acts on it beside its owner today, whose setting is closed.
    """

    task: Task
    owner: Person
    owed_by: Person
    offers: tuple[Move, ...]
    mine: tuple[Move, ...]
    told: tuple[tuple[str, ...], ...]
    overdue: bool
    cover: Person | None = None

    @property
    def acknowledge_by(self) -> datetime | None:
        """By when it is to be acknowledged, while that is still owed and lies before the deadline."""
        by = self.task.acknowledge_by if self.task.acknowledged_at is None else None
        return by if by is not None and by < self.task.due_at else None


def seen_task(case: Case, task: Task, viewer_id: UUID, at: datetime) -> TaskSeen:
    """One open task of a case, for somebody who looks."""
    offers = moves_of(case, task)
    mine = tuple(move for move in offers if viewer_id in who_may(case, task, move))
    owner = case.staff.acting(task.owner_id, task.role, case.place, case.day)
    ladder = case.book.version(task.policy, task.policy_from, case.concern.area).ladders[task.kind]
    told = tuple(rung.to for rung in ladder.rungs[: task.rung])
    cover = case.cover if case.cover and is_covered(case.staff, case.place, task) else None
    return TaskSeen(task, owner, case.staff.people[task.owner_id], offers, mine, told, task.due_at < at, cover)


def in_order(tasks: Iterable[TaskSeen]) -> list[TaskSeen]:
    """The next step first: what carries the concern or asks about it by its deadline, then what people agreed to do."""
    return sorted(tasks, key=lambda one: (one.task.kind == Kind.ACTION, one.task.due_at, _rank(one), str(one.task.id)))


def _rank(one: TaskSeen) -> bool:
    return one.task.kind not in ALL_MAIN


def acts_for_owner(case: Case, viewer: Viewer) -> bool:
    """Whether somebody acts today for the owner of a task about the whole concern, whatever their role.

    A key of the API that is narrowed to some settings stays within them.
    """
    if viewer.only is not None and case.concern.setting_id not in viewer.only:
        return False
    return any(
        case.staff.acting(task.owner_id, task.role, case.place, case.day).id == viewer.person.id
        for task in case.tasks.values()
        if task.kind != Kind.ACTION
    )


async def case_to_see(
    session: AsyncSession, known: Known, at: datetime, by: Person, named: Iterable[UUID], places: Iterable[Place] = ()
) -> Case:
    """A case to look at, with the staff of its place and of `places` and the people `named`; nothing is locked."""
    owed = select(Task).where(Task.concern_id == known.concern.id, col(Task.closed_at).is_(None))
    tasks = (await session.exec(owed)).all()
    leads = {known.concern.lead_id} if known.concern.lead_id else set()
    proposers = {UUID(task.about["by"]) for task in tasks if task.about.get("by")}
    people = {task.owner_id for task in tasks} | leads | proposers | set(named)
    book, day = await policy_book(session), to_london(at).date()
    cover = (await covers_on(session, [known.concern.id], day)).get(known.concern.id)
    staff = await load_staff(session, {known.place, *places}, people | ({cover} if cover else set()))
    policy = book.for_area(known.concern.area, day)
    calendar = setting_calendar(known.setting, policy)
    open_tasks = {task.id: task for task in tasks}
    given = (known.concern, known.child, known.setting, staff, policy, calendar, book)
    return Case(session, at, by, *given, tasks=open_tasks, cover=staff.people.get(cover) if cover else None)
