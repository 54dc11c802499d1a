"""The chronology of a household: what happened to one child and beside it to brothers and sisters, in true-time order.

Of a concern that the viewer may not read, an entry has its kind and its instants and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, false
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.events import ENTERED_LATER, Happened
from models.forms import TYPES
from models.household import Known
from models.record import Event, Observation

PAGE = 100
ON_PAPER = 1000
A_DAY = timedelta(days=1)
_H = Happened
GROUPS: Mapping[str, tuple[Happened, ...]] = MappingProxyType(
    {
        "observations": (_H.LOGGED, _H.JOINED, _H.OBSERVATION_WITHDRAWN),
        "decisions": (
            _H.ACKNOWLEDGED,
            _H.MONITORED,
            _H.CONTINUED,
            _H.NOTED,
            _H.BROUGHT_FORWARD,
            _H.EARLY_HELP_DECIDED,
            _H.SNOOZED,
            _H.CLOSED,
            _H.REOPENED,
            _H.COUNTERSIGN_ASKED,
            _H.COUNTERSIGNED,
            _H.COUNTERSIGN_REFUSED,
            _H.STATUTORY_CONTINUED,
            _H.STEPPED_DOWN,
            _H.COVER_ASKED,
            _H.COVER_NAMED,
            _H.COVER_GIVEN,
            _H.COVER_MOVED,
            _H.OPENED_AGAIN,
            _H.SEEN,
            _H.NOT_SEEN,
        ),
        "reviews": (
            _H.CONSENTED,
            _H.DECLINED,
            _H.ASSESSED,
            _H.REVIEWED,
            _H.POSTPONED,
            _H.ACTION_DONE,
            _H.ACTION_NOT_DONE,
        ),
        "referrals": (
            _H.RULE_FIRED,
            _H.REFERRAL_RAISED,
            _H.REFERRAL_ADDED_TO,
            _H.REFERRAL_SENT,
            _H.REFERRAL_STOPPED,
            _H.REFERRAL_FILED,
            _H.REFERRAL_ACKNOWLEDGED,
            _H.CHASED,
            _H.DECIDED,
            _H.ASKED,
            _H.ANSWERED,
            _H.DISSENTED,
            _H.DISPUTED,
            _H.STEPPED_UP,
            _H.RESOLVED,
            _H.STATUTORY_RECORDED,
        ),
    }
)


@dataclass(frozen=True)
class Wanted:
    """Which entries: of one group of `GROUPS`, about one type of neglect, of one child; the newest first or last."""

    group: str = ""
    of_type: str = ""
    child_id: UUID | None = None
    oldest_first: bool = False
    page: int = 1
    size: int = PAGE


@dataclass(frozen=True)
class Entry:
    """One line. `event` and `observation` are None where the viewer may not read; `withdrawal` is how one ended."""

    known: Known
    kind: str
    happened_at: datetime
    recorded_at: datetime
    event: Event | None = None
    observation: Observation | None = None
    withdrawal: Event | None = None

    @property
    def is_late(self) -> bool:
        """Whether it was recorded more than a day after it happened, or entered later: then both are said."""
        later = self.event is not None and self.event.because.endswith(ENTERED_LATER)
        return later or self.recorded_at - self.happened_at > A_DAY


async def chronology(session: AsyncSession, concerns: Sequence[Known], wanted: Wanted) -> tuple[list[Entry], int]:
    """A page of entries and how many there are in all: one query, whatever the number."""
    withdrawn = aliased(Event)
    found = select(Event, Observation, withdrawn, func.count().over())
    found = found.outerjoin(Observation, col(Event.observation_id) == col(Observation.id))
    # The concern finds it by its index; an event's observation has none.
    found = found.outerjoin(
        withdrawn,
        and_(
            col(withdrawn.concern_id) == col(Observation.concern_id),
            col(withdrawn.observation_id) == col(Observation.id),
            col(withdrawn.kind) == Happened.OBSERVATION_WITHDRAWN,
        ),
    )
    order = (col(Event.happened_at), col(Event.recorded_at), col(Event.number))
    found = found.where(_asked(concerns, wanted))
    found = found.order_by(*(one if wanted.oldest_first else one.desc() for one in order))
    rows = (await session.exec(found.limit(wanted.size).offset((wanted.page - 1) * wanted.size))).all()
    by_id = {one.concern.id: one for one in concerns}
    entries = [_entry(by_id[event.concern_id], event, seen, gone) for event, seen, gone, _ in rows]
    return entries, rows[0][3] if rows else 0


def _entry(known: Known, event: Event, observation: Observation | None, withdrawal: Event | None) -> Entry:
    if not known.is_open:
        return Entry(known, event.kind, event.happened_at, event.recorded_at)
    return Entry(known, event.kind, event.happened_at, event.recorded_at, event, observation, withdrawal)


def _asked(concerns: Sequence[Known], wanted: Wanted) -> ColumnElement[bool]:
    """The condition; a type of neglect is never asked of a concern that may not be read, or the answer would tell."""
    meant = [one for one in concerns if wanted.child_id in (None, one.child.id)]
    if wanted.of_type:
        meant = [one for one in meant if one.is_open]
    asked: ColumnElement[bool] = col(Event.concern_id).in_([one.concern.id for one in meant])
    if wanted.group:
        asked &= col(Event.kind).in_(GROUPS[wanted.group])
    if wanted.of_type:
        asked &= cast(col(Observation.types), String).like(f'%"{wanted.of_type}"%') if _is_type(wanted) else false()
    return asked


def _is_type(wanted: Wanted) -> bool:
    return wanted.of_type in TYPES
