"""The command that puts a task's reminders off."""

from typing import Annotated

from cyclopts import App, Parameter

from config.time import now, say_instant
from models.database import engine, reading, writing
from models.snoozing import read_until, snooze
from models.task_called import find_task
from pathway.options import As
from pathway.printing import say
from pathway.session import record_is_there, run
from pathway.urgency import tell_of


def add_to(app: App) -> None:
    """Add this command."""
    app.command(snooze_task, name="snooze")


def snooze_task(
    task: str,
    /,
    *,
    until: Annotated[str, Parameter(help="A day (its 08:00) or an instant; `now` has the reminders go on.")],
    as_: As,
) -> None:
    """Put a task's reminders off, a few working days at most. Its deadline and who hears of it stay.

    Parameters
    ----------
    task
        The task's id from `pathway tasks`, or its first characters (at least six).
    """
    run(_snooze(task, until, as_))


async def _snooze(name: str, until: str, by: str) -> None:
    await record_is_there()
    asked = read_until(until)
    async with reading(engine()) as session:
        task_id = await find_task(session, name)
    async with writing(engine()) as session:
        task = await snooze(session, task_id, asked, by, now())
    await tell_of(False, now())
    what = f"reminders are put off until {say_instant(task.snoozed_until)}" if task.snoozed_until else "reminders go on"
    say(f"{task.kind} {str(task.id)[:8]}: {what}; it is still due {task.due_because}")
