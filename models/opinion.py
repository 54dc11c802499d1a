"""The second opinion: what should have happened, worked out from the events and the policy alone, beside what did.

It shares nothing with the code that does the work: pyproject.toml forbids these modules to import it. Its own reading
is in models.opinion_status, _due, _ladder, _letters, _readers and _rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy_book import PolicyBook
from models.opinion_dossier import Dossier, Sent, Sighting, counts, letters_of, sightings_of
from models.opinion_due import due_findings
from models.opinion_ladder import ladder_findings
from models.opinion_letters import letter_findings
from models.opinion_people import Posts
from models.opinion_readers import reader_findings
from models.opinion_rules import rule_findings
from models.opinion_status import replay, status_findings
from models.record import Concern
from models.standing import ClosureCover


@dataclass(frozen=True)
class Ground:
    """What every batch shares: the staff, the policies, the instants; `since`: how far back letters are judged."""

    posts: Posts
    book: PolicyBook
    at: datetime
    late: datetime
    since: datetime | None = None


async def dossiers(
    session: AsyncSession,
    concerns: Sequence[Concern],
    rows: dict[str, dict[UUID, list[Any]]],
    calendars: dict[UUID, Any],
    ground: Ground,
) -> Iterable[Dossier]:
    """A batch of concerns with what the second opinion reads; `rows` holds their events, tasks and referrals."""
    seen = await sightings_of(session, concerns)
    of_concern, of_home = _grouped(seen, "concern_id"), _grouped(seen, "household_id")
    letters: dict[UUID, list[Sent]] = _grouped(await letters_of(session, concerns, ground.since), "concern_id")
    found = select(ClosureCover).where(col(ClosureCover.concern_id).in_([one.id for one in concerns]))
    covers: dict[UUID, list[ClosureCover]] = _grouped((await session.exec(found)).all(), "concern_id")
    return (
        Dossier(
            concern,
            rows["events"].get(concern.id, []),
            rows["tasks"].get(concern.id, []),
            rows["referrals"].get(concern.id, []),
            of_concern.get(concern.id, []),
            _homes(of_concern.get(concern.id, []), of_home),
            letters.get(concern.id, []),
            covers.get(concern.id, []),
            ground.posts,
            ground.book,
            counts(calendars[concern.id]),
            ground.at,
            ground.late,
            ground.since,
        )
        for concern in concerns
    )


def _grouped(rows: Iterable[Any], by: str) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, by), []).append(row)
    return found


def _homes(own: Iterable[Sighting], of_home: dict[UUID, list[Sighting]]) -> list[Sighting]:
    return [one for home in {seen.household_id for seen in own} for one in of_home[home]]


def opinion(file: Dossier) -> Iterator[str]:
    """What should be otherwise in one concern, a line each; none of a history that was tampered with."""
    so_far = replay(file)
    yield from status_findings(file, so_far)
    yield from due_findings(file)
    yield from ladder_findings(file)
    yield from rule_findings(file, so_far)
    yield from letter_findings(file)
    yield from reader_findings(file)
