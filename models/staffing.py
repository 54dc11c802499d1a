"""People come and go, tasks stay owned: reassigning, leave, leavers; and mending mistakes: withdrawing, reopening."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import to_london
from models import opening
from models.case import Case, concern_called, take_up, task_locked
from models.casework import person_signed
from models.errors import AlreadyDone, NotFound, NotOffered, NotPermitted
from models.events import Happened
from models.fields import fill
from models.forms import Reason
from models.lifecycle import Kind, Move, MoveNotAllowed, next_status
from models.moves.asking import person_called, second_called
from models.people import Absence, Child, Person, Role
from models.permission import SAFEGUARDING
from models.record import Concern, Observation, Task
from models.staff import person_with

MAY_REASSIGN = SAFEGUARDING | {Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT, Role.ADMINISTRATOR}


def _given(reason: str) -> str:
    """The reason, which must be there and of a sensible length."""
    return fill(Reason, {"reason": reason}).reason


def _must_safeguard(case: Case, by: Person, what: str) -> None:
    if not case.staff.roles_of(by, case.place) & SAFEGUARDING:
        may = sorted({one.email for role in SAFEGUARDING for one in case.staff.holders(role, case.place)})
        raise NotPermitted(f"as: {by.email} may not {what}; who may: {', '.join(may)}")


async def withdraw(
    session: AsyncSession, observation_id: UUID, reason: str, second: str, email: str, at: datetime
) -> str:
    """Ask a second person to withdraw an observation made on the wrong child, or twice; returns the reference.

    It counts until they agree, and stays in the history for good.
    """
    reason, by = _given(reason), await person_signed(session, email, at)
    observation = await session.get(Observation, observation_id)
    if observation is None:
        raise NotFound(f"observation: {observation_id} is not an observation; `pathway show REF --json` names them")
    if observation.withdrawn_at is not None:
        raise AlreadyDone(f"observation: {observation_id} has been withdrawn already")
    concern = await session.get_one(Concern, observation.concern_id)
    case = await take_up(session, concern, at, by)
    if by.id != observation.observer_id:
        _must_safeguard(case, by, "withdraw an observation of somebody else")
    if any(task.about.get("observation") == str(observation_id) for task in case.open_of(Kind.COUNTERSIGN)):
        raise BadInput("observation", "somebody has been asked to countersign this already; wait for their answer")
    person = await second_called(case, second.strip().lower())
    fields = {"observation": str(observation_id), "reason": reason, "second": person.email}
    about = {"move": "withdraw", "observation": str(observation_id), "by": str(by.id), "fields": fields}
    opening.countersign(case, person, about)
    case.record(Happened.COUNTERSIGN_ASKED, reason, {"move": "withdraw"}, observation_id=observation_id)
    await case.settle()
    return concern.reference


async def reopen(session: AsyncSession, reference: str, reason: str, email: str, at: datetime) -> Task:
    """A closed concern lives again: the DSL owes a decision; returns that task."""
    reason, by = _given(reason), await person_signed(session, email, at)
    concern = await concern_called(session, reference)
    case = await take_up(session, concern, at, by)
    _must_safeguard(case, by, "reopen a concern")
    try:
        status = next_status(concern.status, Move.REOPEN)
    except MoveNotAllowed as error:
        raise NotOffered(str(error)) from None
    other = select(Concern.reference).where(Concern.child_id == concern.child_id, col(Concern.closed_at).is_(None))
    if open_one := (await session.exec(other)).first():
        raise BadInput("reference", f"the child has an open concern, {open_one}; carry on there")
    concern.status, concern.closed_at = status, None
    concern.unchanged_running = concern.improved_running = 0
    child = await session.get_one(Child, concern.child_id)
    child.clock_from = child.clock_from or at
    task = opening.dsl_review(case)
    case.record(Happened.REOPENED, reason)
    await case.settle()
    return task


async def reassign(session: AsyncSession, task_id: UUID, to: str, reason: str, email: str, at: datetime) -> Task:
    """Give an open task to somebody else; its deadline belongs to the child and stays."""
    reason, by = _given(reason), await person_signed(session, email, at)
    found = await task_locked(session, task_id)
    if found is None or found[0].closed_at is not None:
        raise NotFound(f"task: {task_id} is not an open task; `pathway tasks` lists them")
    task, concern = found
    case = await take_up(session, concern, at, by)
    if by.id != task.owner_id and not case.staff.roles_of(by, case.place) & MAY_REASSIGN:
        raise NotPermitted(
            f"as: {by.email} may not reassign this task; its owner, the DSL, deputy, head or coordinator may"
        )
    person = await person_called(case, to.strip().lower(), "to")
    if person.id == task.owner_id:
        raise BadInput("to", "they owe this task already")
    if not _may_take(case, task, person):
        raise BadInput("to", "must be another DSL, deputy or head of the setting than the one who asks")
    await _hand_over(case, task, person, reason)
    return task


async def _hand_over(case: Case, task: Task, person: Person, reason: str) -> None:
    before = case.staff.people[task.owner_id]
    task.owner_id, task.snoozed_until = person.id, None
    case.look_again(task)
    fields = {"from": before.email, "to": person.email}
    case.opened.append(task)  # opened for its new owner, who is told of it as of a new task
    case.record(Happened.REASSIGNED, reason, fields, task=task)
    await case.settle()


async def leave(session: AsyncSession, email: str, first: date, last: date, cover: str | None, at: datetime) -> None:
    """Record leave, both days included; meanwhile `cover` acts, or else whoever is next in the role."""
    person = await person_signed(session, email, at, "email")
    if last < first:
        raise BadInput("to", "is before from")
    stand_in = await person_signed(session, cover, at, "cover") if cover else None
    if stand_in is not None and stand_in.id == person.id:
        raise BadInput("cover", "must be somebody else")
    same = select(Absence).where(Absence.person_id == person.id, Absence.first == first, Absence.last == last)
    absence = (await session.exec(same)).first() or Absence(person_id=person.id, first=first, last=last)
    absence.cover_id = stand_in.id if stand_in else None
    session.add(absence)


async def withdraw_leave(session: AsyncSession, absence_id: UUID, email: str, at: datetime) -> None:
    """Take back leave that has not begun; what has begun is history, for somebody has stood in. Raises NotFound."""
    person = await person_signed(session, email, at, "email")
    absence = await session.get(Absence, absence_id)
    if absence is None or absence.person_id != person.id:
        raise NotFound("leave: there is no such leave")
    if absence.first <= to_london(at).date():
        raise BadInput("leave", "has begun; record leave with other dates instead")
    await session.delete(absence)


async def left(session: AsyncSession, email: str, on: date, to: str | None, reason: str, at: datetime) -> list[Task]:
    """Record that somebody left; their open tasks go to `to`. Refused while they have any and nobody is named."""
    reason = _given(reason)
    person = await person_with(session, email)
    if person is None:
        raise NotFound(f"email: {email} is not a person in the record")
    tasks = (await session.exec(select(Task).where(Task.owner_id == person.id, col(Task.closed_at).is_(None)))).all()
    if tasks and to is None:
        raise BadInput("to", f"{person.email} still owes {len(tasks)} open task(s); name who takes them with --to")
    if to is not None and to.strip().lower() == person.email:
        raise BadInput("to", "must be somebody else than the person who left")
    if to is not None:
        await person_signed(session, to, at, "to")
    person.left_on = on
    session.add(person)
    for task in tasks:
        await _move_on(session, task.id, to, reason, at)
    return list(tasks)


async def _move_on(session: AsyncSession, task_id: UUID, to: str | None, reason: str, at: datetime) -> bool:
    found = await task_locked(session, task_id)
    if found is None or found[0].closed_at is not None:
        return False
    task, concern = found
    case = await take_up(session, concern, at, None)
    person = await person_called(case, to.strip().lower(), "to") if to else None
    if person is None or not _may_take(case, task, person):
        person = case.staff.acting(task.owner_id, task.role, case.place, case.day)
    if person.id == task.owner_id:
        return False
    if to and task.role == "lead" and concern.lead_id == task.owner_id:
        concern.lead_id = person.id  # whoever takes over a lead's task leads from here on, and owes the next one too
    await _hand_over(case, task, person, reason)
    return True


def _may_take(case: Case, task: Task, person: Person) -> bool:
    """A second person's word can pass only to another who may give it, never to the proposer."""
    safeguards = bool(case.staff.roles_of(person, case.place) & SAFEGUARDING)
    return task.kind != Kind.COUNTERSIGN or (safeguards and str(person.id) != task.about.get("by"))


async def orphaned(session: AsyncSession, day: date) -> Sequence[UUID]:
    """Open tasks whose owner has left (a day of London) or whose address refuses letters."""
    gone = (col(Person.left_on) <= day) | col(Person.refused_at).is_not(None)
    # From the few who are gone to their tasks: a join would have SQLite look at every open task each minute.
    found = select(Task.id).where(col(Task.owner_id).in_(select(Person.id).where(gone)), col(Task.closed_at).is_(None))
    return (await session.exec(found.limit(500))).all()


async def rescue(session: AsyncSession, task_id: UUID, at: datetime) -> bool:
    """Give a leaver's or an unreachable person's task to whoever acts in their role; False when nobody else does."""
    return await _move_on(session, task_id, None, "its owner has left or cannot be reached", at)
