"""Putting a task's reminders off: for whoever owes it or stands in, a few working days at most. No deadline moves.

What tells others of a silence stays exactly where it is: rungs, lapses, chases, and that nobody has acknowledged.
"""

from datetime import datetime, time, timedelta
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import london, read_day, read_instant, say_instant
from models.case import Case, take_up, task_locked
from models.casework import person_signed
from models.deadlines import working_days
from models.errors import NotFound, NotPermitted
from models.events import Happened
from models.people import Person
from models.record import Task

FIGURE = "snooze_at_most"
NOW = "now"
# The hour of the morning's list, which says it again that day.
MORNING = time(8)
A_MINUTE = timedelta(minutes=1)
MOST_MORNINGS = 20


def read_until(text: str, field: str = "until") -> datetime | None:
    """Until when: a day (08:00 of it, London), an instant, or None for `now`. Raises BadInput."""
    said = text.strip()
    if said.lower() == NOW:
        return None
    if "T" in said.upper() or " " in said:
        return read_instant(said, field)
    return london(read_day(said, field), MORNING)


def may_snooze(case: Case, task: Task, by: Person) -> bool:
    """Whether somebody owes a task, acts for its owner today, or looks after its concern over a closure."""
    acting = case.staff.acting(task.owner_id, task.role, case.place, case.day)
    return by.id in (task.owner_id, acting.id, case.cover.id if case.cover else None)


def latest(case: Case, task: Task) -> datetime:
    """The latest instant (UTC) until which reminders can be put off: within the policy's days, before the deadline."""
    most = working_days(case.at, case.days(FIGURE), case.calendar, FIGURE).at
    return min(most, task.due_at - A_MINUTE)


def mornings(case: Case, task: Task) -> list[datetime]:
    """The mornings of working days until which reminders can be put off; none where it is too late for that."""
    last, day, found = latest(case, task), case.day, list[datetime]()
    while len(found) < MOST_MORNINGS:
        day += timedelta(days=1)
        morning = london(day, MORNING)
        if morning > last:
            break
        if case.calendar.is_working(day):
            found.append(morning)
    return found


def is_snoozed(task: Task, at: datetime) -> bool:
    """Whether a task's reminders are put off at an instant; an overdue task's never are."""
    until = task.snoozed_until
    return until is not None and at < until < task.due_at and at < task.due_at


async def snooze(session: AsyncSession, task_id: UUID, until: datetime | None, email: str, at: datetime) -> Task:
    """Put a task's reminders off until then, in place of what stood before; None: remind again.

    Raises NotFound, NotPermitted, or BadInput naming `until`: overdue, not ahead, too far, or not put off at all.
    """
    by = await person_signed(session, email, at)
    found = await task_locked(session, task_id)
    if found is None or found[0].closed_at is not None:
        raise NotFound(f"task: {task_id} is not an open task; `pathway tasks` lists them")
    task, concern = found
    case = await take_up(session, concern, at, by)
    if not may_snooze(case, task, by):
        raise NotPermitted(f"as: {by.email} may not put off these reminders; who owes the task or stands in may")
    must_be_possible(case, task, until)
    task.snoozed_until = until
    case.look_again(task)
    because = f"reminders put off until {say_instant(until)}" if until else "reminders go on"
    case.record(Happened.SNOOZED, because, {"until": until.isoformat() if until else None}, task=task)
    await case.settle()
    return task


def must_be_possible(case: Case, task: Task, until: datetime | None) -> None:
    """Raise BadInput naming `until`, with what would be possible."""
    if until is None:
        if not is_snoozed(task, case.at):
            raise BadInput("until", "the reminders of this task are not put off")
        return
    if task.due_at <= case.at:
        raise BadInput("until", "the task is overdue, and its reminders cannot be put off; do it, or hand it over")
    if until <= case.at:
        raise BadInput("until", "must be ahead; `now` has the reminders go on")
    if until > (last := latest(case, task)):
        said = f"can be {say_instant(last)} at the latest; the deadline stays {say_instant(task.due_at)}"
        raise BadInput("until", said)
