"""The independent check: is every open concern, task, event, referral and letter covered? It changes nothing.

It looks with questions of its own at what the tables hold, and beside them has a second opinion (models.opinion) of
what should have happened. Neither calls the code that did the work.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import say_instant, to_london
from models.bridge_check import uncovered
from models.history import broken_links
from models.lifecycle import ASKED_STATUSES, MAIN_KINDS, Kind, Status
from models.opinion import Ground, dossiers, opinion
from models.opinion_people import posts
from models.people import Person
from models.policies import policy_book
from models.record import Concern, Counter, Event, Referral, Task
from models.scene import scenes
from models.telling import Delivery, State

GRACE = "follow_up_grace_minutes"
BATCH = 500
# Letters to administrators about the pathway itself: that one of these failed is told to nobody else.
OWN_LETTERS = ("letter-refused", "not-covered", "day-not-clean")


@dataclass(frozen=True)
class Finding:
    """Something that is not covered: which concern, and what is wrong. Ids and references only."""

    reference: str
    what: str


@dataclass
class Statement:
    """What was looked at, and what was found."""

    at: datetime
    concerns: int = 0
    tasks: int = 0
    events: int = 0
    letters: int = 0
    findings: list[Finding] = field(default_factory=list)

    def __str__(self) -> str:
        looked = f"{self.concerns} concerns, {self.tasks} open tasks, {self.events} events, {self.letters} letters"
        if not self.findings:
            return f"nothing was missed: {looked}"
        return f"{len(self.findings)} not covered, of {looked}"


async def reconcile(
    session: AsyncSession,
    at: datetime,
    grace: timedelta,
    progress: Callable[[int], None] = lambda _: None,
    since: datetime | None = None,
) -> Statement:
    """Look at everything; `grace` is how long the pathway may take for what it does by itself.

    `since`: of letters, of what was said and of closed tasks only what is as new as that is looked at again.
    """
    statement = Statement(at)
    statement.findings += [finding async for finding in _gaps(session)]
    ground = Ground(await posts(session), await policy_book(session), at, at - grace, since)
    async for concerns in _batches(session):
        statement.concerns += len(concerns)
        await _look_at(session, concerns, statement, ground)
        progress(len(concerns))
    await _letters(session, statement, at, at - grace)
    return statement


async def _batches(session: AsyncSession) -> AsyncIterator[list[Concern]]:
    after = ""
    while True:
        found = select(Concern).where(Concern.reference > after).order_by(col(Concern.reference)).limit(BATCH)
        concerns = list((await session.exec(found)).all())
        if not concerns:
            return
        yield concerns
        after = concerns[-1].reference
        session.expunge_all()


async def _gaps(session: AsyncSession) -> AsyncIterator[Finding]:
    """A concern that was deleted leaves a gap in its year's numbers."""
    for counter in (await session.exec(select(Counter).where(col(Counter.name).like("NC-%")))).all():
        same_year = col(Concern.reference).like(f"{counter.name}-%")
        there = (await session.exec(select(func.count()).select_from(Concern).where(same_year))).one()
        if there != counter.value:
            yield Finding(counter.name, f"{counter.value} concerns were opened, {there} are there")


async def _look_at(session: AsyncSession, concerns: list[Concern], statement: Statement, ground: Ground) -> None:
    ids, at, late = [concern.id for concern in concerns], ground.at, ground.late
    events = _by_concern((await session.exec(_in(Event, ids).order_by(col(Event.number)))).all())
    tasks = _by_concern((await session.exec(_in(Task, ids))).all())
    referrals = _by_concern((await session.exec(_in(Referral, ids).order_by(col(Referral.number)))).all())
    owners = {task.owner_id for of in tasks.values() for task in of}
    around = await scenes(session, concerns, at, owners)
    alone = await uncovered(session, concerns, tasks, around, late)
    rows = {"events": events, "tasks": tasks, "referrals": referrals}
    calendars = {number: scene.calendar for number, scene in around.items()}
    for file in await dossiers(session, concerns, rows, calendars, ground):
        await asyncio.sleep(0)  # the pages are answered meanwhile
        concern, mine, history = file.concern, list(file.tasks), list(file.events)
        open_tasks = [task for task in mine if task.closed_at is None]
        statement.events += len(history)
        statement.tasks += len(open_tasks)
        wrong = [line.partition(": ")[2] for line in broken_links(concern, history)]
        second = [] if wrong else list(opinion(file))  # of a history that was changed nothing can be concluded
        wrong += _status(concern, open_tasks) + _history(history, mine, late) + _elsewhere(concern, mine)
        wrong += [line for task in open_tasks for line in _task(task, around[concern.id], at, late)]
        wrong += [line for one in file.referrals for line in _referral(one, concern, late)]
        wrong += alone.get(concern.id, [])
        statement.findings += [Finding(concern.reference, line) for line in [*wrong, *second]]


def _in(table: Any, ids: list[Any]) -> Any:
    return select(table).where(col(table.concern_id).in_(ids))


def _by_concern(rows: Any) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(row.concern_id, []).append(row)
    return found


def _status(concern: Concern, open_tasks: list[Task]) -> list[str]:
    if concern.closed_at is not None or concern.status == Status.CLOSED:
        # A mistaken observation can be withdrawn from a closed concern too; only the second person's word is owed then.
        owed = [task for task in open_tasks if task.kind != Kind.COUNTERSIGN]
        left = concern.status != Status.CLOSED or concern.closed_at is None or owed
        return ["closed, but not wholly"] if left else []
    kinds = {task.kind for task in open_tasks}
    wrong = [] if kinds & MAIN_KINDS[concern.status] else [f"{concern.status} without an open task"]
    if Kind.ANSWER_QUESTION in kinds and concern.status not in ASKED_STATUSES:
        wrong.append(f"{concern.status} with a question of the front door's still open")
    return wrong


def _elsewhere(concern: Concern, tasks: list[Task]) -> list[str]:
    own = (concern.area, concern.setting_id)
    other = [str(task.id)[:8] for task in tasks if (task.area, task.setting_id) != own]
    return [f"task {one} is not of its concern's area and setting" for one in sorted(other)]


def _history(history: list[Event], tasks: list[Task], late: datetime) -> list[str]:
    known = {str(task.id): task for task in tasks}
    named = {one for event in history for one in event.opened}
    ended = {one for event in history for one in event.closed}
    wrong = [f"task {one[:8]} was opened and is gone" for one in sorted(named - set(known))]
    wrong += [f"task {one[:8]} is in no history" for one in sorted(set(known) - named)]
    silent = [one for one, task in known.items() if task.closed_at is not None and one not in ended]
    wrong += [f"task {one[:8]} was closed and no event says so" for one in sorted(silent)]
    waiting = [event for event in history if event.followed_up_at is None and event.recorded_at < late]
    return wrong + [f"event {event.number} ({event.kind}) was never followed up" for event in waiting]


def _task(task: Task, scene: Any, at: datetime, late: datetime) -> list[str]:
    name = f"task {str(task.id)[:8]} ({task.kind})"
    owner = scene.staff.people.get(task.owner_id)
    acting = scene.staff.acting(task.owner_id, task.role, scene.place, scene.day) if owner else None
    wrong: list[str] = []
    if owner is None:
        wrong.append(f"{name} has no owner")
    elif scene.staff.has_left(owner, scene.day):
        wrong.append(f"{name} is owned by {owner.email}, who has left")
    elif owner.refused_at and owner.refused_at < late:
        wrong.append(f"{name} is owned by {owner.email}, whose address refuses letters")
    elif not scene.staff.is_there(acting, scene.day):
        wrong.append(f"{name}: its owner {owner.email} is away and nobody acts for them")
    if task.next_at < late:
        wrong.append(f"{name} was due for a look and nobody looked")
    elif task.next_at > _latest_look(task, scene, at):
        wrong.append(f"{name} is not looked at again before {say_instant(task.next_at)}, which is too late")
    return wrong


def _latest_look(task: Task, scene: Any, at: datetime) -> datetime:
    """By when a task must be looked at again: its lapse; its deadline's first rung; past that, the slowest rung."""
    if task.lapse_at is not None:
        return task.lapse_at
    ladder = scene.policy_of(task).ladders[task.kind]
    waits = [rung.after for rung in ladder.rungs]
    if task.due_at > at:
        return task.due_at + _at_most(waits[0] if waits else ladder.repeat_after)
    return at + _at_most(max([*waits, ladder.repeat_after]))


def _at_most(working_days: int) -> timedelta:
    """More than that many working days can take, whatever holidays lie between; none is none."""
    return timedelta(days=2 * working_days + 7) if working_days else timedelta(0)


def _referral(one: Referral, concern: Concern, late: datetime) -> list[str]:
    ended = one.sent_at or one.stopped_at
    if not ended and one.hold_until and one.hold_until < late:
        return [f"referral {one.number}: its hold has ended and it was not sent"]
    if not ended and concern.status != Status.REFERRING:
        return [f"referral {one.number} was raised and neither sent nor stopped"]
    return []


async def _letters(session: AsyncSession, statement: Statement, at: datetime, late: datetime) -> None:
    statement.letters = (await session.exec(select(func.count()).select_from(Delivery))).one()
    stuck = (col(Delivery.state) == State.WAITING) & (col(Delivery.try_after) < late)
    untold = col(Delivery.state).in_([State.REFUSED, State.GIVEN_UP]) & col(Delivery.told_at).is_(None)
    untold &= col(Delivery.letter).not_in(OWN_LETTERS) & (col(Delivery.created_at) < late)
    for condition, what in ((stuck, "is stuck"), (untold, "failed and nobody was told")):
        found = select(Delivery, Person.email, Concern.reference).join(
            Person, col(Delivery.person_id) == col(Person.id)
        )
        found = found.outerjoin(Concern, col(Delivery.concern_id) == col(Concern.id)).where(condition).limit(BATCH)
        for delivery, email, reference in (await session.exec(found)).all():
            name = f"letter {delivery.letter} to {email} {what}"
            statement.findings.append(Finding(reference or f"{to_london(at):%Y}", name))
