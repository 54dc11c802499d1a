"""Counting an area's year: read from its record when it is over, as the record stands."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.calendars import calendar_for
from config.time import to_london
from models.alerts import ASKING, NO_ACT, Act, Asked, acted_within
from models.alerts import FIGURE as ACTED_WITHIN
from models.database import reading
from models.events import Happened
from models.people import Child, Person
from models.record import Concern, Event, Observation, Task
from models.rules import clock_days
from models.telling import Delivery, State
from notifications.letters import is_critical
from pathway.simulation.clocks import LOOK
from pathway.simulation.life import Life
from pathway.simulation.tally import Late, Tally

# What clocks do by themselves at a deadline, when they look next (LOOK), is done in time.
A_DAY = timedelta(days=1)
DECIDED = frozenset(
    {Happened.MONITORED, Happened.EARLY_HELP_DECIDED, Happened.REFERRAL_SENT, Happened.CLOSED, Happened.DISSENTED}
)
REACHED = {
    "a decision": DECIDED,
    "help (the assessment stands)": frozenset({Happened.ASSESSED}),
    "a referral that is sent": frozenset({Happened.REFERRAL_SENT}),
    "the front door's answer": frozenset({Happened.DECIDED, Happened.RESOLVED}),
}
LONG, LONGER = 90, 180


async def count(life: Life) -> Tally:
    """Everything a report says of this area."""
    found = Tally(composed=life.composed, checks=life.checks, findings=list(life.findings), mib=list(life.mib))
    found.acts, found.refused = Counter(life.acts), Counter(life.refused)
    found.people = Counter(one.role for one in life.partnership.cast.values())
    async with reading(life.engine) as session:
        found.observations = (await session.exec(select(func.count()).select_from(Observation))).one()
        await _concerns(session, life, found)
        await _deadlines(session, life, found)
        await _letters(session, life, found)
    return found


async def _concerns(session: AsyncSession, life: Life, found: Tally) -> None:
    rows = (await session.exec(select(Concern.id, Concern.opened_at, Concern.status))).all()
    opened = {concern: at for concern, at, _ in rows}
    found.concerns = len(rows)
    found.statuses = Counter(str(status) for _, _, status in rows)
    found.days_to = {name: [] for name in REACHED}
    first: set[tuple[str, UUID]] = set()
    events = select(Event.concern_id, Event.kind, Event.recorded_at).order_by(col(Event.concern_id), col(Event.number))
    for concern, kind, at in (await session.exec(events)).all():
        for name, kinds in REACHED.items():
            if kind in kinds and (name, concern) not in first:
                first.add((name, concern))
                found.days_to[name].append(_days(at - opened[concern]))
    found.outcomes = await _clocks(session, life)


async def _clocks(session: AsyncSession, life: Life) -> Counter[str]:
    """How the clocks of the children stand about whom there has been a concern."""
    known = select(Concern.child_id).distinct()
    clocks = (await session.exec(select(Child.clock_from).where(col(Child.id).in_(known)))).all()
    return Counter(_stands(clock, life.year.ends) for clock in clocks)


def _stands(clock_from: datetime | None, at: datetime) -> str:
    if clock_from is None:
        return "stopped by sustained improvement"
    days = clock_days(clock_from, at)
    if days <= LONG:
        return f"running for up to {LONG} days"
    return f"running for {LONG + 1} to {LONGER} days" if days <= LONGER else f"running for more than {LONGER} days"


async def _deadlines(session: AsyncSession, life: Life, found: Tally) -> None:
    told = await _told_others(session)
    tasks = select(Task.id, Task.kind, Task.due_at, Task.closed_at).where(Task.due_at < life.year.ends)
    for task_id, kind, due, closed in (await session.exec(tasks)).all():
        late = found.late.setdefault(str(kind), Late())
        late.due += 1
        over = (closed or life.year.ends) - due
        if over > LOOK:
            late.missed += 1
            late.days.append(_days(over))
            late.open += closed is None
            late.rescued += closed is not None and told.get(task_id, closed) < closed


async def _told_others(session: AsyncSession) -> dict[UUID, datetime]:
    """By task: when somebody else than its owner was first told that it is overdue."""
    said = select(Task.id, func.min(Delivery.created_at)).join(Task, col(Delivery.task_id) == col(Task.id))
    said = said.where(Delivery.letter == "overdue", col(Delivery.person_id) != col(Task.owner_id))
    return dict((await session.exec(said.group_by(col(Task.id)))).all())


async def _letters(session: AsyncSession, life: Life, found: Tally) -> None:
    columns: Any = (Delivery.state, Delivery.letter, Delivery.urgent, Delivery.sent_at, Delivery.task_id, Person.email)
    rows: Any = sa_select(*columns).join(Person, col(Delivery.person_id) == col(Person.id))
    every: Counter[tuple[str, date]] = Counter()
    routine: Counter[tuple[str, date]] = Counter()
    asked: list[Asked] = []
    # By columns: a hundred thousand letters as objects would be the most that a year ever holds in memory.
    for state, letter, urgent, sent_at, task_id, email in (await (await session.connection()).execute(rows)).all():
        found.states[state.value] += 1
        if state != State.SENT or sent_at is None:
            continue
        found.letters[letter] += 1
        found.letters_of[life.week(sent_at), _role(life, email)] += 1
        day = (email, to_london(sent_at).date())
        every[day] += 1
        routine[day] += not is_critical(letter, urgent=urgent)
        if letter in ASKING and task_id:
            asked.append(Asked(letter, task_id, sent_at))
    found.a_day, found.routine = Counter(every.values()), Counter(one for one in routine.values() if one)
    await _alerts(session, life, found, asked)


async def _alerts(session: AsyncSession, life: Life, found: Tally, asked: Sequence[Asked]) -> None:
    acts = select(Event.task_id, Event.recorded_at).where(
        col(Event.task_id).is_not(None), col(Event.by_id).is_not(None), col(Event.kind).not_in(NO_ACT)
    )
    made = [Act(task, at) for task, at in (await session.exec(acts)).all() if task]
    days = int(life.policy.figure(ACTED_WITHIN))
    judged = acted_within(asked, made, calendar_for(), days, life.year.ends)
    found.alerts = sum(one.letters for one in judged.values())
    found.alerts_acted_on = sum(one.acted for one in judged.values())


def _role(life: Life, email: str) -> str:
    actor = life.partnership.cast.get(email)
    return actor.role if actor else "administrator"


def _days(length: timedelta) -> float:
    return round(length / A_DAY, 2)


def total(tallies: Iterable[Tally]) -> Tally:
    """Several areas' together."""
    whole = Tally()
    for one in tallies:
        whole.add(one)
    return whole
