"""What was done on paper and is entered later: its true time, and the limits of it.

A move may say when it was done (`done_at`). What the person did counts from then; what the pathway does because of it
happens when it is entered. See docs/why.md, "What was done on paper".
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import col, select

from config.errors import BadInput
from config.time import say_instant
from models.case import Case
from models.deadlines import Due, earlier, no_earlier_than, working_days
from models.events import Happened
from models.forms import Form, Timed
from models.record import Event, Task

FIELD = "done_at"
# Whoever writes down later what they did a month ago no longer remembers the hour.
AT_MOST = timedelta(days=31)


async def take_true_time(case: Case, task: Task, form: Form) -> None:
    """Set the case's true time from the form's, where it gives one; raises BadInput for one that cannot be."""
    done = form.done_at if isinstance(form, Timed) else None
    if done is None:
        return
    if done > case.at:
        raise BadInput(FIELD, "lies in the future; give when it was done")
    if case.at - done > AT_MOST:
        raise BadInput(FIELD, f"is more than {AT_MOST.days} days ago; say in the reason when it was done")
    asked = await _asked_at(case, task)
    if done < asked:
        raise BadInput(FIELD, f"is before it was asked, {say_instant(asked)}")
    case.done_at = done


async def _asked_at(case: Case, task: Task) -> datetime:
    """When what asked for the task happened: of what was itself entered later, its own true time."""
    found = select(Event).where(Event.concern_id == case.concern.id, col(Event.recorded_at) <= task.opened_at)
    events = (await case.session.exec(found.order_by(col(Event.number).desc()))).all()
    opening = next((event for event in events if str(task.id) in event.opened), None)
    if opening is None or opening.kind == Happened.ESCALATED:
        return task.opened_at
    return min(opening.happened_at, task.opened_at)


def counted(case: Case, count: Callable[[datetime], Due], rule: str, start: datetime | None = None) -> Due:
    """A deadline counted from when the act was done, or from `start`.

    Entered later, it is never before the end of the next working day, so that nothing opens overdue, and never later
    than it would be had the act been done as it was entered.
    """
    due = count(start or case.acted_at)
    if case.done_at is None:
        return due
    floor = working_days(case.at, 1, case.calendar, rule)
    return earlier(count(case.at), no_earlier_than(due, floor))
