"""Running the story: a real Prefect server, a real SMTP conversation, a record of its own, sixteen weeks of deadlines.

Time jumps from one thing that is due to the next; nothing sleeps, and nothing is skipped.
"""

import asyncio
import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select

from config.environment import live_in
from config.settings import settings
from config.time import read_instant, say_instant, to_london
from config.yaml_file import read_yaml
from flows.checking import check
from flows.digesting import HOUR
from flows.due import Ran, run_due
from flows.server import PrefectServer, prefect_address
from models.casework import log_observation, make_move
from models.database import engine, reading, writing
from models.people import Person
from models.policies import choose_default
from models.record import Event, Task
from models.roster import load_roster, read_roster
from models.schema import migrate
from models.telling import Delivery, State
from models.views import open_tasks
from pathway.demo.story import END, START, STORY, Step
from pathway.mailbox import LocalMailbox
from pathway.printing import progress, say

POLICY = "derby-and-derbyshire"


@dataclass
class Timeline:
    """What has been told so far."""

    events: set[UUID] = field(default_factory=set)
    letters: int = 0
    failed: int = 0
    runs: int = 0


def demo(home: Path | None) -> int:
    """Make the demonstration's home anew and tell the story in it; exit code 0 when nothing was missed."""
    home = (home or settings().home / "demo").absolute()
    _make_way(home)
    live_in(home)
    return asyncio.run(_demo())


def _make_way(home: Path) -> None:
    """Only a folder that a demonstration made is ever removed."""
    if (home / "demo").exists():
        shutil.rmtree(home)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "demo").write_text("This folder is made anew by each `pathway demo`.\n", "utf-8")


async def _demo() -> int:
    say("Sixteen weeks of one concern. Everybody is invented; the letters and the deadlines are real.\n")
    async with AsyncExitStack() as stack:
        await _set_up()
        if await prefect_address() is None:
            with progress("starting Prefect's server") as step:
                await stack.enter_async_context(PrefectServer(shared=True))
                step(1)
        stack.enter_context(LocalMailbox(settings().home))
        code = await _tell()
    await engine().dispose()
    return code


async def _set_up() -> None:
    await migrate()
    text = files("pathway.demo").joinpath("roster.yaml").read_text("utf-8")
    value, lines = read_yaml(text, "roster.yaml")
    async with writing(engine()) as session:
        await choose_default(session, POLICY, None)
        await load_roster(session, read_roster(value, lines), read_instant(START, "start"))


async def _tell() -> int:
    told = Timeline()
    now = read_instant(START, "start")
    for step in STORY:
        at = read_instant(step.at, "at")
        await _pass_time(now, at, told)
        await _act(step, at)
        await _do_due(at, told, step)
        now = at
    end = read_instant(END, "end")
    await _pass_time(now, end, told)
    return await _close(end, told)


async def _pass_time(start: datetime, end: datetime, told: Timeline) -> None:
    """Jump from one due thing to the next until `end`."""
    at = start
    while (at := await _next_due(at, end)) < end:
        await _do_due(at, told, None)


async def _next_due(after: datetime, end: datetime) -> datetime:
    async with reading(engine()) as session:
        moments = select(Task.next_at).where(col(Task.closed_at).is_(None), Task.next_at > after)
        retries = select(Delivery.try_after).where(Delivery.state == State.WAITING, Delivery.try_after > after)
        found = [*(await session.exec(moments)).all(), *(await session.exec(retries)).all()]
    return min([*found, _next_morning(after), end])


def _next_morning(after: datetime) -> datetime:
    local = to_london(after)
    morning = local.replace(hour=HOUR.hour, minute=0, second=0, microsecond=0)
    return (morning if morning > local else morning + timedelta(days=1)).astimezone(UTC)


async def _act(step: Step, at: datetime) -> None:
    if step.move == "log":
        async with writing(engine()) as session:
            await log_observation(session, step.fields, step.by, at)
        return
    async with reading(engine()) as session:
        owed = await open_tasks(session, at)
    task = next(one for one in owed if one["kind"] == step.kind and step.move in one["moves"])
    async with writing(engine()) as session:
        await make_move(session, UUID(task["id"]), step.move, step.fields, step.by, at)


async def _do_due(at: datetime, told: Timeline, step: Step | None) -> None:
    ran: list[Ran] = []
    while True:
        done = await run_due(at)
        ran += done
        if not any(one.did_something for one in done):
            break
    told.runs += len(ran)
    told.failed += sum(1 for one in ran if one.failed)
    await _say_what_happened(at, told, step)


async def _say_what_happened(at: datetime, told: Timeline, step: Step | None) -> None:
    async with reading(engine()) as session:
        events = (await session.exec(select(Event).order_by(col(Event.number)))).all()
        people = {one.id: one for one in (await session.exec(select(Person))).all()}
        sent = select(Delivery).where(Delivery.sent_at == at, Delivery.state == State.SENT)
        letters = (await session.exec(sent.order_by(col(Delivery.letter)))).all()
    new = [event for event in events if event.id not in told.events]
    if not new and not letters and step is None:
        return
    say(f"{say_instant(at)}" + (f"  {step.tells}." if step else ""))
    for event in new:
        who = people[event.by_id].name if event.by_id else "The pathway, by itself"
        say(f"    {event.kind.replace('_', ' ')} ({who}): {event.because}")
    await _say_next(new)
    for one in letters:
        say(f"    letter {one.letter} to {people[one.person_id].email}")
    told.events |= {event.id for event in new}
    told.letters += len(letters)


async def _say_next(new: list[Event]) -> None:
    opened = [UUID(one) for event in new for one in event.opened]
    async with reading(engine()) as session:
        still_open = select(Task).where(col(Task.id).in_(opened), col(Task.closed_at).is_(None))
        for task in (await session.exec(still_open)).all():
            owner = await session.get_one(Person, task.owner_id)
            say(f"    next: {task.kind.replace('_', ' ')} by {owner.name}. Due {task.due_because}")


async def _close(end: datetime, told: Timeline) -> int:
    statement = await check(engine(), end)
    home = settings().home
    say(f"\n{say_instant(end)}  The reconciler looks at everything.")
    for finding in statement.findings:
        say(f"    {finding.reference}: {finding.what}")
    said = str(statement)
    say(f"    {said[:1].upper()}{said[1:]}.")
    say(f"\n{told.letters} letters were sent over SMTP in {told.runs} runs of flows. Look at them:")
    say(f"    letters        {home / 'mailbox' / 'index.html'}")
    say(f"    referral       {home / 'referrals' / 'NC-2026-00001.md'}")
    say(f"    the concern    PATHWAY_HOME={home} pathway show NC-2026-00001")
    say(f"    Prefect's runs PATHWAY_HOME={home} pathway up   (its address is printed; tags concern:NC-2026-00001)")
    return 1 if statement.findings or told.failed else 0
