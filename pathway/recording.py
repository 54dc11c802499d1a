"""Commands that record: init, load, log, do, withdraw, reopen."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter

from config.errors import BadInput
from config.policy_book import shipped
from config.policy_file import read_policy
from config.settings import settings
from config.time import now, say_instant
from config.yaml_file import read_yaml
from models.access import Door
from models.casework import Logged, Moved, log_observation, make_move
from models.database import engine, reading, writing
from models.deeds import note_deed
from models.errors import NotFound
from models.policies import choose_default
from models.retrying import once_more
from models.roster import load_roster, read_roster
from models.schema import migrate
from models.staffing import reopen, withdraw
from models.task_called import find_task
from pathway import snoozing
from pathway.options import As, Form, Json, Reason, given
from pathway.printing import as_json, progress, say
from pathway.session import placed, read_fields, record_is_there, run
from pathway.urgency import tell_of


def add_to(app: App) -> None:
    """Add these commands."""
    for command in (init, load, log, do):
        app.command(command)
    app.command(withdraw_observation, name="withdraw")
    app.command(reopen_concern, name="reopen")
    snoozing.add_to(app)


def init(*, policy: str | None = None, sample: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Create the record, or bring it up to date. Doing it again changes nothing.

    Parameters
    ----------
    policy
        The default policy: a shipped one (england-default, derby-and-derbyshire) or a YAML file of your own.
    sample
        Fill an empty record with an invented partnership, to try things out.
    """
    run(_init(policy, sample))


async def _init(policy: str | None, sample: bool) -> None:
    key, text = _policy(policy) if policy else (None, None)
    await migrate()
    if key:
        async with writing(engine()) as session:
            await choose_default(session, key, text)
    if sample:
        await _add_sample()
    say(f"The record is ready in {settings().home}." + (f" Default policy: {key}." if key else ""))


async def _add_sample() -> None:
    from pathway.beginning import begin  # it loads the flows, which no other command here needs
    from pathway.letterbox import letterbox

    async with letterbox():
        await begin(sample=True)


def _policy(named: str) -> tuple[str, str | None]:
    if named in shipped():
        return named, None
    file = Path(named)
    if not file.exists():
        raise BadInput("policy", f"{named} is neither a file nor a shipped policy ({', '.join(sorted(shipped()))})")
    key = read_policy(file)[0].key
    if key in shipped():
        raise BadInput("policy", f"{file.name} has the key of a shipped policy, {key}; give it one of its own")
    return key, file.read_text("utf-8")


def load(file: Path, /, *, json: Json = False) -> None:
    """Load a roster: settings, people, households, children. Again is an update, never a double.

    Parameters
    ----------
    file
        The roster, a YAML file such as examples/roster.yaml.
    """
    run(_load(file, json))


async def _load(file: Path, json: bool) -> None:
    await record_is_there()
    value, lines = read_yaml(file, file.name)
    roster = read_roster(value, lines)
    total = len(roster.settings) + len(roster.people) + len(roster.households) + len(roster.children)
    with progress("loading", total) as done:
        async with writing(engine()) as session:
            loaded = await load_roster(session, roster, now(), done)
            counted = {name: getattr(loaded, name) for name in ("settings", "people", "households", "children")}
            note_deed(session, Door.ROSTER_LOADED, None, now(), **counted)
    if json:
        as_json(loaded.__dict__)
        return
    said = f"{loaded.settings} settings, {loaded.people} people, {loaded.households} households"
    say(f"Loaded {said}, {loaded.children} children.")
    for warning in loaded.warnings:
        say(f"Warning: {warning}")


def log(*, file: Form = None, as_: As, json: Json = False) -> None:
    """Log an observation. It opens a concern, or joins the open one of that child; the same again changes nothing.

    Immediate danger is referred at once and everybody is told to telephone. Do not wait for that: call 999 yourself.
    """
    run(_log(file, as_, json))


async def _log(file: Path | None, by: str, json: bool) -> None:
    await record_is_there()
    fields, lines = read_fields(file)

    async def work() -> Logged:
        async with writing(engine()) as session:
            return await log_observation(session, fields, by, now())

    try:
        logged = await once_more(work)
    except BadInput as error:
        raise placed(error, lines) from None
    await tell_of(logged.urgent, now())
    if json:
        as_json(logged.__dict__)
        return
    say(logged.reference)
    if logged.repeated:
        say("This observation was here already; nothing was changed.")
    elif logged.urgent:
        say("Telephone now: 999 if a child is in danger, else the front door. The referral has been sent.")
    elif logged.joined:
        say("It joined the child's open concern; the DSL is asked for a decision.")


def do(task: str, move: str, /, *, file: Form = None, as_: As, json: Json = False) -> None:
    """Make a move on a task.

    Parameters
    ----------
    task
        The task's id from `pathway tasks`, or its first characters (at least six).
    move
        One of the moves the task offers.
    """
    run(_do(task, move, file, as_, json))


async def _do(name: str, move: str, file: Path | None, by: str, json: bool) -> None:
    await record_is_there()
    fields, lines = read_fields(file)
    async with reading(engine()) as session:
        task_id = await find_task(session, name)

    async def work() -> Moved:
        async with writing(engine()) as session:
            return await make_move(session, task_id, move, fields, by, now())

    try:
        moved = await once_more(work)
    except BadInput as error:
        raise placed(error, lines) from None
    await tell_of(moved.urgent, now())
    _print_moved(moved, json)


def _print_moved(moved: Moved, json: bool) -> None:
    opened = [{"id": str(one.id), "kind": one.kind, "due_because": one.due_because} for one in moved.opened]
    if json:
        as_json({"reference": moved.reference, "status": moved.status, "opened": opened})
        return
    say(f"{moved.reference} is {moved.status}.")
    for one in moved.opened:
        say(f"Next: {one.kind} {str(one.id)[:8]}, due {one.due_because}")


def withdraw_observation(observation: str, /, *, reason: Reason, second: str, as_: As) -> None:
    """Ask a second person to withdraw an observation made on the wrong child, or twice. The history keeps it.

    Parameters
    ----------
    observation
        Its id, from `pathway show REF --json`.
    second
        The e-mail address of another DSL, deputy or head, who must agree.
    """
    run(_withdraw(observation, reason, second, as_))


async def _withdraw(observation: str, reason: str, second: str, by: str) -> None:
    await record_is_there()
    try:
        observation_id = UUID(observation)
    except ValueError:
        raise NotFound(f"observation: {observation} is not an observation's id") from None
    async with writing(engine()) as session:
        reference = await withdraw(session, observation_id, given(reason), second, by, now())
    await tell_of(False, now())
    say(f"{reference}: {second} is asked to agree.")


def reopen_concern(reference: str, /, *, reason: Reason, as_: As) -> None:
    """Open a closed concern again; the DSL owes a decision."""
    run(_reopen(reference, reason, as_))


async def _reopen(reference: str, reason: str, by: str) -> None:
    await record_is_there()
    async with writing(engine()) as session:
        task = await reopen(session, reference, given(reason), by, now())
    await tell_of(False, now())
    say(f"{reference.upper()} is open again; dsl_review due {say_instant(task.due_at)}.")
