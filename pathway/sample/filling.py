"""Filling an empty record with the sample: the real casework, follow-ups, sweeps and letters, at past instants.

Letters go to the local mailbox, each at its own moment, so that nothing storms when the clock starts.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import PathwayError
from config.settings import is_loopback, settings
from config.time import to_london
from config.yaml_file import read_yaml
from flows.digesting import HOUR
from flows.due import reconcile_job, run_due, run_job
from flows.following import follow_up, waiting_events
from flows.sweeping import deadlines_due, sweep
from models.case import take_up
from models.casework import log_observation, make_move, moves_of
from models.database import engine, reading, writing
from models.people import Child, Person
from models.policies import choose_default
from models.record import Concern, Task
from models.roster import load_roster, read_roster
from models.roster_form import RosterForm
from models.staffing import leave
from models.telling import Delivery, State
from models.trying import mark_as_sample
from notifications.outbox import tell as tell_people
from pathway.sample.telling import Leave, Step, Told, roster_text, tell

POLICY = "derby-and-derbyshire"
# Digests and rows of runs only for the newest days: enough to look at, and soon done.
RECENT = timedelta(days=4)
PASSES = 8
Progress = Callable[[int], None]


async def is_empty() -> bool:
    """Whether nobody and nothing is in the record yet."""
    async with reading(engine()) as session:
        nobody = (await session.exec(select(Person.id).limit(1))).first() is None
        return nobody and (await session.exec(select(Concern.id).limit(1))).first() is None


def must_be_harmless() -> None:
    """Raise PathwayError where a sample has no business: in production, or where letters would leave this machine."""
    told = settings()
    if told.env == "production":
        raise PathwayError("sample: PATHWAY_ENV is production; a sample is for trying things out")
    if told.smtp_host and not is_loopback(told.smtp_host):
        raise PathwayError("sample: PATHWAY_SMTP_HOST is set; letters to invented people would leave this machine")


async def fill(at: datetime, progress: Progress = lambda _: None) -> int:
    """Fill an empty record with the sample as of `at` (UTC); returns how many concerns there are.

    Needs somewhere to send letters (`pathway.letterbox`). Raises PathwayError where it would do harm.
    """
    must_be_harmless()
    if not await is_empty():
        raise PathwayError("sample: the record is not empty, and nothing was added to it")
    told = tell(at)
    await _set_up(told)
    clock = told.began
    everything: list[Step | Leave] = [*told.steps, *told.leave]
    for one in sorted(everything, key=lambda one: one.at):
        await _pass_time(clock, one.at, at)
        await _act(one)
        await _do_due(one.at, at)
        clock = one.at
        progress(1)
    await _pass_time(clock, at, at)
    await _do_due(at, at)
    await run_job(reconcile_job(f"{at:%Y-%m-%dT%H}Z-sample"), at)
    async with reading(engine()) as session:
        return len((await session.exec(select(Concern.id))).all())


async def _set_up(told: Told) -> None:
    value, lines = read_yaml(roster_text(), "roster.yaml")
    for person in value["people"]:
        person.pop("away", None)  # days of one year: the stories have leave of their own
        person.pop("left", None)
    form: RosterForm = read_roster(value, lines)
    async with writing(engine()) as session:
        await choose_default(session, POLICY, None)
        await load_roster(session, form, told.began)
        await mark_as_sample(session)


async def _act(one: Step | Leave) -> None:
    async with writing(engine()) as session:
        if isinstance(one, Leave):
            await leave(session, one.who, one.first, one.last, one.cover, one.at)
        elif one.move == "log":
            await log_observation(session, one.fields, one.by, one.at)
        else:
            task = await _task(session, one)
            await make_move(session, task.id, one.move, one.fields, one.by, one.at)


async def _task(session: AsyncSession, step: Step) -> Task:
    """The open task of the child's concern that offers the move."""
    found = select(Concern).join(Child, col(Concern.child_id) == col(Child.id))
    concern = (await session.exec(found.where(Child.key == step.child, col(Concern.closed_at).is_(None)))).one()
    case = await take_up(session, concern, step.at, None)
    for task in sorted(case.tasks.values(), key=lambda one: one.due_at):
        if task.closed_at is None and step.kind in ("", task.kind) and step.move in moves_of(case, task):
            return task
    raise PathwayError(f"sample: no open task about {step.child} offers {step.move}")


async def _pass_time(start: datetime, end: datetime, at: datetime) -> None:
    """Jump from one thing that is due to the next until `end`."""
    clock = start
    while (clock := await _next_due(clock, end, at)) < end:
        await _do_due(clock, at)


async def _next_due(after: datetime, end: datetime, at: datetime) -> datetime:
    async with reading(engine()) as session:
        tasks = select(Task.next_at).where(col(Task.closed_at).is_(None), Task.next_at > after)
        letters = select(Delivery.try_after).where(Delivery.state == State.WAITING, Delivery.try_after > after)
        nearest = [
            *(await session.exec(tasks.order_by(col(Task.next_at)).limit(1))).all(),
            *(await session.exec(letters.order_by(col(Delivery.try_after)).limit(1))).all(),
        ]
    mornings = [_next_morning(max(after, at - RECENT))]
    return min([*nearest, *mornings, end])


def _next_morning(after: datetime) -> datetime:
    local = to_london(after)
    morning = local.replace(hour=HOUR.hour, minute=0, second=0, microsecond=0)
    return (morning if morning > local else morning + timedelta(days=1)).astimezone(UTC)


async def _do_due(clock: datetime, at: datetime) -> None:
    if clock >= at - RECENT:
        for _ in range(PASSES):
            if not any(one.did_something for one in await run_due(clock)):
                return
        return
    async with reading(engine()) as session:
        waiting, due = await waiting_events(session), await deadlines_due(session, clock)
    if waiting:
        await follow_up(engine(), waiting, clock)
    if due:
        await sweep(engine(), clock)
    async with reading(engine()) as session:
        more = await waiting_events(session)
    if more:
        await _do_due(clock, at)
    else:
        await tell_people(engine(), clock)
