"""A policy's figures and terms in sentences: `{taf_review_interval}` is `6 weeks`, `{early_help}` as it is called."""

from collections.abc import Mapping
from types import MappingProxyType

from config.policy import Figure, Policy
from web.saying import count

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "clock_hours": "hour",
        "opening_hours": "opening hour",
        "minutes": "minute",
        "working_days": "working day",
        "calendar_days": "day",
        "school_days": "school day",
        "weeks": "week",
        "school_weeks": "school week",
        "months": "month",
        "years": "year",
        "gestation_weeks": "week of pregnancy",
        "reviews": "review",
        "concerns": "concern",
        "events": "event",
        "letters": "letter",
    }
)


class Words(dict[str, str]):
    """Fills a sentence's braces from a policy: figures with their unit, terms by their label."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy

    def __missing__(self, name: str) -> str:
        figure = self._policy.figures.get(name)
        return say_figure(figure) if figure else self._policy.label(name)

    def fill(self, text: str) -> str:
        """The sentence in this policy's words."""
        return text.format_map(self)


def say_figure(figure: Figure) -> str:
    """`6 weeks`, `1 working day`, and a grade by itself."""
    unit = UNITS.get(figure.unit)
    return count(int(figure.value), unit, _many(unit)) if unit else str(figure.value)


def _many(unit: str) -> str:
    return unit.replace("week of", "weeks of") if " of " in unit else f"{unit}s"
