"""Commands about people: reassign, leave, left."""

from typing import Annotated

from cyclopts import App, Parameter

from config.time import now, read_day, say_day, to_london
from models.database import engine, reading, writing
from models.staffing import leave, left, reassign
from models.task_called import find_task
from pathway.options import As, Reason, given
from pathway.printing import say
from pathway.session import record_is_there, run
from pathway.urgency import tell_of


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(reassign_task, name="reassign")
    app.command(away, name="leave")
    app.command(gone, name="left")


def reassign_task(task: str, /, *, to: str, reason: Reason, as_: As) -> None:
    """Give an open task to somebody else. Its deadline belongs to the child and stays.

    Parameters
    ----------
    to
        The e-mail address of who takes it.
    """
    run(_reassign(task, to, reason, as_))


async def _reassign(name: str, to: str, reason: str, by: str) -> None:
    await record_is_there()
    async with reading(engine()) as session:
        task_id = await find_task(session, name)
    async with writing(engine()) as session:
        task = await reassign(session, task_id, to, given(reason), by, now())
    await tell_of(False, now())
    say(f"{task.kind} {str(task.id)[:8]} is owed by {to}; due {task.due_because}")


def away(
    email: str,
    /,
    *,
    from_: Annotated[str, Parameter(name="--from", help="The first day, such as 2026-03-02.")],
    to: Annotated[str, Parameter(help="The last day.")],
    cover: Annotated[
        str | None, Parameter(help="Who acts meanwhile; without one, whoever is next in the role.")
    ] = None,
) -> None:
    """Record leave, both days included. Letters and tasks go to the cover meanwhile."""
    run(_away(email, from_, to, cover))


async def _away(email: str, first: str, last: str, cover: str | None) -> None:
    await record_is_there()
    start, end = read_day(first, "from"), read_day(last, "to")
    async with writing(engine()) as session:
        await leave(session, email, start, end, cover, now())
    say(f"{email} is away {say_day(start)} to {say_day(end)}; {cover or 'whoever is next in the role'} acts.")


def gone(
    email: str,
    /,
    *,
    on: Annotated[str | None, Parameter(help="From which day on; today unless said.")] = None,
    to: Annotated[str | None, Parameter(help="Who takes over the open tasks.")] = None,
    reason: Annotated[str, Parameter(help="Why the tasks move.")] = "the owner has left",
) -> None:
    """Record that somebody has left. Refused while they owe open tasks and nobody is named to take them."""
    run(_gone(email, on, to, reason))


async def _gone(email: str, on: str | None, to: str | None, reason: str) -> None:
    await record_is_there()
    day = read_day(on, "on") if on else to_london(now()).date()
    async with writing(engine()) as session:
        tasks = await left(session, email, day, to, given(reason), now())
    await tell_of(False, now())
    say(f"{email} has left as of {say_day(day)}; {len(tasks)} open task(s) went to {to or 'nobody: there were none'}.")
