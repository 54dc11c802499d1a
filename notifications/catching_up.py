"""After an outage: whoever is told late is told in one list, and of several lists only the newest goes.

What is critical goes at once and as it is. The rest of what is said more than an hour after it was to be said, because
nothing ran, joins the morning's list where that is due, and is one round-up where it is not (notifications.folding).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, exists, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.telling import WAITING, Delivery, State
from notifications.addressing import Addressed
from notifications.budget import DIGEST, let_go, name_in
from notifications.letters import LISTS

# A clock looks every minute: what is an hour late was missed.
LATE = timedelta(hours=1)
MARK = "late"
SUPERSEDED = "a newer list takes its place"
UNCLAIMED = and_(WAITING, col(Delivery.claimed_by).is_(None))
_NEWER = aliased(Delivery)
_HAS_NEWER = exists().where(
    col(_NEWER.person_id) == col(Delivery.person_id),
    col(_NEWER.letter) == DIGEST,
    col(_NEWER.state) == State.WAITING,
    col(_NEWER.claimed_by).is_(None),
    col(_NEWER.created_at) > col(Delivery.created_at),
)
# Asked each time that letters go, and so built once (models.scene).
_WITHDRAW_OLD = (
    update(Delivery)
    .where(and_(UNCLAIMED, col(Delivery.letter).in_(LISTS), _HAS_NEWER.correlate(Delivery)))
    .values(state=State.WITHDRAWN, error=SUPERSEDED)
    .returning(col(Delivery.id), col(Delivery.person_id))
    .execution_options(synchronize_session=False)
)


def marked(letters: Iterable[Addressed], since: datetime, at: datetime) -> list[Addressed]:
    """The letters, said at `at` of what was to be said `since`; marked where that is long ago."""
    if at - since <= LATE:
        return list(letters)
    return [replace(one, fields={**one.fields, MARK: True}) for one in letters]


async def late_readers(session: AsyncSession, waits: ColumnElement[bool]) -> dict[UUID, str | None]:
    """Who is told something late, of what waits; with the slot of the morning's list that waits for them, if any."""
    rows = (await session.exec(select(Delivery.person_id, Delivery.fields).where(waits))).all()
    late = {person for person, fields in rows if fields.get(MARK)}
    if not late:
        return {}
    # One that was perhaps sent already cannot say more.
    lists = select(Delivery.person_id, Delivery.slot).where(UNCLAIMED, Delivery.letter == DIGEST, Delivery.tries == 0)
    waiting = dict((await session.exec(lists.where(col(Delivery.person_id).in_(late)))).all())
    return {person: waiting.get(person) for person in late}


async def keep_newest_list(session: AsyncSession) -> int:
    """Withdraw each list for which a newer morning's list waits: what it named is named there. Returns how many."""
    rows = (await session.exec(_WITHDRAW_OLD)).all()
    await let_go(session, [number for number, _ in rows])
    for person in {who for _, who in rows}:
        await _name_anew(session, person)
    return len(rows)


async def _name_anew(session: AsyncSession, person: UUID) -> None:
    newest = select(Delivery.slot).where(UNCLAIMED, Delivery.letter == DIGEST, Delivery.person_id == person)
    slot = (await session.exec(newest.order_by(col(Delivery.created_at).desc()).limit(1))).one()
    unnamed = and_(
        col(Delivery.person_id) == person, col(Delivery.held_at).is_not(None), col(Delivery.named_in).is_(None)
    )
    await name_in(session, unnamed, DIGEST, slot)
