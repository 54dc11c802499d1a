"""`pathway foresee`: one concern's next months if nobody acts."""

from typing import Annotated

from cyclopts import App, Parameter

from config.time import now, say_instant
from flows.foresight.foreseeing import MONTHS, foresee
from flows.foresight.foreseen import Foresight, Owed
from flows.foresight.telling import OF_EVENTS, Line, answer, kind_word, lines_of, say_again, say_hearers, say_step
from models.database import engine
from pathway.options import Json
from pathway.printing import as_json, say
from pathway.session import record_is_there, run


def add_to(app: App) -> None:
    """Add the command."""
    app.command(foresee_concern, name="foresee")


def foresee_concern(
    reference: str,
    /,
    *,
    months: Annotated[int, Parameter(help="How far to look, 1 to 60.")] = MONTHS,
    json: Json = False,
) -> None:
    """Show what happens to one concern if nobody acts: every reminder, rung, chase and lapse, and who would hear.

    The record is only read. What repeats is put together in the list and is whole with --json.
    """
    seen = run(_foresee(reference, months))
    if json:
        as_json(answer(seen))
    else:
        print_foresight(seen)


async def _foresee(reference: str, months: int) -> Foresight:
    await record_is_there()
    return await foresee(engine(), reference, now(), months)


def print_foresight(seen: Foresight) -> None:
    """Print it: what is owed now, what happens by itself, where silence leads."""
    say(f"{seen.reference} is {seen.status}. If nobody acts from {say_instant(seen.start)} on:")
    say("\nOwed now")
    for task in seen.owed:
        say(f"  {_task(task)}")
    say("\nWhat happens by itself")
    if seen.beyond:
        say(f"  Nothing until {say_instant(seen.until)}. The first thing after that:")
    for line in lines_of(seen.steps):
        _print_line(line, seen)
    say("\nWhere silence leads")
    for end in seen.ends:
        say(f"  {kind_word(end.kind) + ': ' if end.kind else ''}{end.said}")


def _print_line(line: Line, seen: Foresight) -> None:
    step = line.step
    say(f"  {say_instant(step.at)}  {say_step(step, seen.policy.labels)}")
    say(f"      why: {step.because}")
    say(f"      would hear: {say_hearers(step.hears, seen.policy.labels, letters=step.does in OF_EVENTS)}")
    for task in step.opens:
        say(f"      opens {_task(task)}")
    if again := say_again(line):
        say(f"      {again}")


def _task(task: Owed) -> str:
    stage = f", stage {task.stage}" if task.stage else ""
    return f"{kind_word(task.kind)}{stage}, {task.owner}, due {task.because}"
