"""Letters in simulated time: folded, composed where the outbox would look into them, marked sent, and read.

Every letter arrives at the instant at which it is addressed. One in fifty, by the seed, is composed in full.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import bindparam
from sqlmodel import and_, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london
from models.database import writing
from models.people import Person
from models.record import Concern, Task
from models.telling import WAITING, Delivery, State
from notifications.budget import keep_within, the_budget
from notifications.composing import NotNeeded, compose
from notifications.facts import Facts, gather
from notifications.folding import fold
from notifications.outcomes import Counts, Outcome, settle
from notifications.words import words
from pathway.simulation.life import Life
from pathway.simulation.reading import Letter, read

Row = tuple[Delivery, str, Concern | None, Task | None]
ONE_IN = 50
# What these say depends on more than their own task: whether they go at all is found by reading what they would.
LISTS = frozenset({"morning-digest", "round-up", "chase", "chase-copy"})

_DUE = and_(WAITING, col(Delivery.try_after) <= bindparam("at"))
_ANYTHING = select(Delivery.id).where(_DUE).limit(1)
_LETTERS = (
    select(Delivery, Person.email, Concern, Task)
    .join(Person, col(Delivery.person_id) == col(Person.id))
    .outerjoin(Concern, col(Delivery.concern_id) == col(Concern.id))
    .outerjoin(Task, col(Delivery.task_id) == col(Task.id))
    .where(_DUE)
)


async def post(life: Life, at: datetime) -> int:
    """Send everything that waits at `at`, and let people read it; returns how many letters went."""
    async with writing(life.engine) as session:
        if (await session.exec(_ANYTHING, params={"at": at})).first() is None:
            return 0
        await fold(session, at)
        letters = await _within_budget(session, life, await _waiting(session, life, at), at)
        if not letters:
            return 0
        looked_into = [one.delivery for one in letters if _is_looked_into(life, one)]
        facts = await gather(session, looked_into, at) if looked_into else None
        outcomes = [_outcome(life, one, facts) for one in letters]
        await _mark(session, letters, outcomes, at)
    gone = [one for one, outcome in zip(letters, outcomes, strict=True) if outcome.state == State.SENT]
    for one in gone:
        read(life, one, at, facts.desks.get(one.delivery.person_id) if facts else None)
    return len(gone)


async def _within_budget(session: AsyncSession, life: Life, letters: list[Letter], at: datetime) -> list[Letter]:
    """What is over its reader's budget of the day is held back, as where letters are claimed."""
    day = to_london(at).date()
    if day not in life.budgets:
        life.budgets[day] = await the_budget(session, at)
    going = {one.id for one in await keep_within(session, [one.delivery for one in letters], life.budgets[day], at)}
    return [one for one in letters if one.delivery.id in going]


async def _waiting(session: AsyncSession, life: Life, at: datetime) -> list[Letter]:
    # An outer join may find no concern and no task.
    rows = cast(Sequence[Row], (await session.exec(_LETTERS, params={"at": at})).all())
    owners = await _owners(session, [task for _, _, _, task in rows if task])
    people, keeper = life.partnership.cast, life.partnership.keeper
    letters = [
        Letter(
            delivery,
            people.get(email, keeper),
            concern.reference if concern else "",
            task,
            owners.get(task.owner_id, "") if task else "",
            life.settings[concern.setting_id] if concern else "",
        )
        for delivery, email, concern, task in rows
    ]
    return sorted(letters, key=lambda one: (not one.delivery.urgent, one.drawn))


async def _owners(session: AsyncSession, tasks: Sequence[Task]) -> dict[object, str]:
    ids = {task.owner_id for task in tasks}
    if not ids:
        return {}
    rows = (await session.exec(select(Person.id, Person.email).where(col(Person.id).in_(ids)))).all()
    return dict(rows)


def _is_looked_into(life: Life, letter: Letter) -> bool:
    return letter.delivery.letter in LISTS or _is_composed(life, letter)


def _is_composed(life: Life, letter: Letter) -> bool:
    return life.chance.happens(1 / ONE_IN, "composed", *letter.drawn)


def _outcome(life: Life, letter: Letter, facts: Facts | None) -> Outcome:
    """What becomes of a letter: sent, or withdrawn where the outbox would find that it need not go."""
    delivery, task = letter.delivery, letter.task
    if task is not None and task.closed_at is not None:
        return Outcome(delivery, State.WITHDRAWN, "the task was closed before this could be sent")
    try:
        if _is_composed(life, letter) and facts is not None:
            compose(delivery, facts)
            life.composed += 1
        elif delivery.letter in LISTS and facts is not None:
            words(delivery, facts)
    except NotNeeded as reason:
        return Outcome(delivery, State.WITHDRAWN, str(reason), gone=reason.gone)
    return Outcome(delivery, State.SENT, address=letter.to.email)


async def _mark(session: AsyncSession, letters: Sequence[Letter], outcomes: Sequence[Outcome], at: datetime) -> None:
    """As the outbox does: an attempt is counted, then what became of it is written down."""
    tried = update(Delivery).where(col(Delivery.id).in_([one.delivery.id for one in letters]))
    await session.exec(tried.values(tries=col(Delivery.tries) + 1).execution_options(synchronize_session=False))
    await settle(session, outcomes, at, Counts())
