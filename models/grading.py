"""Grades and reviews over time: each sub-area by itself and the worst of them, never a mean.

A mean would let good care in one area hide bad care in another (domain: Graded Care Profile guidance).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy import Policy
from models.events import Happened
from models.record import Event

LOOKED = (Happened.ASSESSED, Happened.REVIEWED)


@dataclass(frozen=True)
class Grading:
    """The grades that one assessment or review gave: sub-area -> grade, 1 is best and 5 worst."""

    at: datetime
    kind: str
    by_id: UUID | None
    scores: dict[str, int]

    @property
    def worst(self) -> int:
        """The worst grade of any sub-area."""
        return max(self.scores.values())


@dataclass(frozen=True)
class Row:
    """One sub-area over time: a grade for each grading, None where it was not graded."""

    area: str
    sub_area: str
    grades: tuple[int | None, ...]


async def looks_taken(session: AsyncSession, concern_ids: Sequence[UUID]) -> list[Event]:
    """Every assessment and review of these concerns, oldest first."""
    found = select(Event).where(col(Event.concern_id).in_(concern_ids), col(Event.kind).in_(LOOKED))
    return list((await session.exec(found.order_by(col(Event.happened_at), col(Event.number)))).all())


def gradings(events: Sequence[Event]) -> list[Grading]:
    """The gradings among assessments and reviews."""
    graded = [one for one in events if one.fields.get("scores")]
    return [Grading(one.happened_at, one.kind, one.by_id, dict(one.fields["scores"])) for one in graded]


def by_sub_area(graded: Sequence[Grading], policy: Policy) -> list[Row]:
    """A row for each sub-area that was ever graded, in the instrument's order; what no instrument names comes last."""
    known = [
        (area, sub_area)
        for instrument in policy.instruments.values()
        for area, parts in instrument.areas.items()
        for sub_area in parts
    ]
    named = {sub_area for _, sub_area in known}
    others = sorted({sub_area for one in graded for sub_area in one.scores} - named)
    rows = [*known, *(("", sub_area) for sub_area in others)]
    told = [Row(area, sub_area, tuple(one.scores.get(sub_area) for one in graded)) for area, sub_area in rows]
    return [row for row in told if any(row.grades)]
