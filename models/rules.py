"""Persist or worsen: the six rules, the child's clock, and what counts as improvement. Pure: standard library only.

Every rule returns the evidence it used, in words a DSL can check. Sources: KCSIE 2025 paragraph 56 (consider a referral
when the situation does not improve or gets worse); the counts are the policy's (domain.md section 12).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Rule(StrEnum):
    """Rule ids as they stand in events, referrals and forms; `decision` is a person's own."""

    IMMEDIATE_DANGER = "immediate_danger"
    WORSE = "worse"
    PERSISTING = "persisting"
    DECISION = "decision"
    GRADE = "grade"
    PATTERN = "pattern"
    DECLINED = "declined"
    JOINED = "joined"
    LEVEL = "level"
    NOT_SEEN = "not_seen"


class Outcome(StrEnum):
    """What a review found for the child, apart from how the family engaged."""

    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"


@dataclass(frozen=True)
class Fired:
    """A rule that holds, with the evidence it used."""

    rule: Rule
    evidence: str


@dataclass(frozen=True)
class Running:
    """How many reviews in a row found no change, or improvement."""

    unchanged: int = 0
    improved: int = 0

    def after(self, outcome: Outcome) -> "Running":
        """The counts after one more review."""
        if outcome == Outcome.UNCHANGED:
            return Running(unchanged=self.unchanged + 1)
        return Running(improved=self.improved + 1) if outcome == Outcome.IMPROVED else Running()


def review_rule(outcome: Outcome, running: Running, persisting_count: int) -> Fired | None:
    """The rule a review sets off; `running` already counts this review."""
    if outcome == Outcome.WORSE:
        return Fired(Rule.WORSE, "the review's outcome was worse")
    if running.unchanged >= persisting_count:
        return Fired(Rule.PERSISTING, f"{running.unchanged} reviews running found no change")
    return None


def grade_rule(scores: Mapping[str, int], decision_grade: int) -> Fired | None:
    """Grades at or over the policy's, in any sub-area: never a mean, one poor area is not averaged away."""
    poor = {area: grade for area, grade in sorted(scores.items()) if grade >= decision_grade}
    if not poor:
        return None
    return Fired(Rule.GRADE, "grades: " + ", ".join(f"{area} {grade}" for area, grade in poor.items()))


def pattern_rule(seen: Sequence[tuple[datetime, str]], at: datetime, count: int, weeks: int) -> Fired | None:
    """`count` observations of a household within `weeks` before `at`; `seen` is (when, the concern's reference)."""
    recent = sorted(one for one in seen if at - timedelta(weeks=weeks) <= one[0] <= at)
    if len(recent) < count:
        return None
    told = "; ".join(f"{when.astimezone(LONDON):%-d %b %Y} {reference}" for when, reference in recent)
    return Fired(Rule.PATTERN, f"{len(recent)} observations in {weeks} weeks, siblings counted: {told}")


def declined_rule(declined: bool) -> Fired | None:
    """Consent was refused earlier, and now somebody saw something again."""
    return Fired(Rule.DECLINED, "consent was refused, and there is a new observation") if declined else None


def clock_days(clock_from: datetime | None, at: datetime) -> int:
    """Days (London) since the first concern without sustained improvement; 0 when the clock stands."""
    if clock_from is None:
        return 0
    return (_london(at).date() - _london(clock_from).date()).days


def clock_after(clock_from: datetime | None, running: Running, sustained: int, at: datetime) -> datetime | None:
    """The child's clock after a review: it stops at sustained improvement and starts again when that ends."""
    if running.improved >= sustained:
        return None
    return clock_from or at


def _london(at: datetime) -> datetime:
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(LONDON)
