"""Screening after an event: the rules that ask the DSL for a decision (pattern, declined, grade, level)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.case import take_up
from models.events import Happened
from models.moves.early_help import level_rule
from models.noting import note_rule
from models.record import Concern, Event, Observation
from models.rules import Fired, declined_rule, grade_rule, pattern_rule
from models.scene import Scene

Seen = dict[UUID, list[tuple[datetime, str]]]
OBSERVED = (Happened.LOGGED, Happened.JOINED)
GRADED = (Happened.ASSESSED, Happened.REVIEWED)
_SEEN = (
    select(Observation.household_id, Observation.seen_at, Concern.reference)
    .join(Concern, col(Observation.concern_id) == col(Concern.id))
    .where(
        col(Observation.household_id).in_(bindparam("households", expanding=True)),
        col(Observation.withdrawn_at).is_(None),
        col(Observation.seen_at) >= bindparam("earliest"),
    )
)


async def households_seen(session: AsyncSession, scenes: Sequence[Scene]) -> Seen:
    """What was seen of each household within the longest window: (when, the concern's reference), siblings counted."""
    if not scenes:
        return {}
    weeks = max(int(scene.policy.figure("concern_pattern_window")) for scene in scenes)
    households = {scene.child.household_id for scene in scenes}
    earliest = min(scene.concern.opened_at for scene in scenes) - timedelta(weeks=weeks + 60)
    asked = {"households": list(households), "earliest": earliest}
    seen: Seen = {}
    for household, when, reference in (await session.exec(_SEEN, params=asked)).all():
        seen.setdefault(household, []).append((when, reference))
    return seen


def screen(event: Event, scene: Scene, seen: Seen) -> list[Fired]:
    """The rules an event sets off, each with the evidence it used."""
    figure = scene.policy.figure
    fired: list[Fired | None] = []
    if event.kind in OBSERVED:
        count, weeks = int(figure("concern_pattern_count")), int(figure("concern_pattern_window"))
        fired.append(pattern_rule(seen.get(scene.child.household_id, []), event.recorded_at, count, weeks))
        fired.append(declined_rule(scene.concern.declined and event.kind == Happened.JOINED))
    if event.kind in GRADED:
        fired.append(grade_rule(event.fields.get("scores") or {}, int(figure("gcp_grade_dsl_decision"))))
    if event.kind == Happened.ASSESSED:
        fired.append(level_rule(int(event.fields["level"])))
    return [one for one in fired if one]


async def ask_for_decision(session: AsyncSession, scene: Scene, fired: Sequence[Fired], at: datetime) -> None:
    """Open the DSL's decision (or add to the open one) and write each rule with its evidence into the history."""
    if scene.concern.closed_at is not None:
        return
    case = await take_up(session, scene.concern, at, None, scene=scene)
    for one in fired:
        note_rule(case, one)
        case.record(Happened.RULE_FIRED, f"rule {one.rule}: {one.evidence}", {"rule": one.rule})
    await case.settle()
