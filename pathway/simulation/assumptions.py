"""Everything that is assumed of people, children and front doors in a simulated year. Basis D: our proposal, no source.

None of these figures is a fact about any school, family or front door. They are chosen so that every part of the
pathway is used, and so that the slow, the absent and the overwhelmed are met more often than anybody would hope. What
a year shows is how a policy behaves among such people, beside another policy among the same people.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

BASIS: Final = "D"
Shares = Mapping[str, float]


@dataclass(frozen=True)
class Temper:
    """How somebody takes letters and their own plans.

    `answers`: the chance that a letter of that name leads them to act; `urgent` is the least chance of an urgent one.
    `hours`: the median of the hours at their desk until they do (lognormal, sigma 0.8); `urgent_hours` likewise.
    `remembers`: the chance that they plan a task of their own when it begins, at a share of its time between `early`
    and `late` (even chances; over 1 is past the deadline).
    """

    share: float
    answers: Shares
    urgent: float
    hours: float
    urgent_hours: float
    remembers: float
    early: float
    late: float


def _answers(opened: float, reminder: float, overdue: float, listed: float) -> Shares:
    return {
        "task-opened": opened,
        "reminder": reminder,
        "unacknowledged": overdue,
        "overdue": overdue,
        "morning-digest": listed,
        "round-up": listed,
    }


TEMPERS: Final[Mapping[str, Temper]] = {
    "prompt": Temper(0.60, _answers(0.90, 0.85, 0.95, 0.60), 0.98, 1.5, 0.3, 0.90, 0.20, 0.90),
    "slow": Temper(0.30, _answers(0.60, 0.55, 0.75, 0.35), 0.90, 5.0, 1.0, 0.60, 0.60, 1.30),
    "overwhelmed": Temper(0.10, _answers(0.30, 0.25, 0.45, 0.15), 0.70, 9.0, 2.5, 0.30, 0.80, 1.80),
}


@dataclass(frozen=True)
class Assumptions:
    """The distributions of a year: rates a year unless they say otherwise, chances from 0 to 1."""

    # The partnership: each area has two coordinators, a front door and a contact. A part is lived through by itself.
    settings_an_area: int = 25
    areas_a_part: int = 4

    # Children. A concern's child has a severity, and a course that help may turn (each review anew).
    first_observations: float = 26.0  # a setting and year, in the weeks in which it is open
    severities: Shares = field(default_factory=lambda: {"mild": 0.45, "moderate": 0.40, "serious": 0.15})
    courses: Shares = field(default_factory=lambda: {"improves": 0.45, "persists": 0.37, "worsens": 0.18})
    help_turns: float = 0.30  # a review finds that help has turned the course to improving
    reviews: Mapping[str, Shares] = field(
        default_factory=lambda: {
            "improves": {"improved": 0.74, "unchanged": 0.22, "worse": 0.04},
            "persists": {"improved": 0.20, "unchanged": 0.66, "worse": 0.14},
            "worsens": {"improved": 0.08, "unchanged": 0.37, "worse": 0.55},
        }
    )
    joining: Shares = field(default_factory=lambda: {"improves": 0.15, "persists": 0.60, "worsens": 1.20})
    joining_weeks: int = 26  # further observations of a child, spread over so many weeks
    sibling: float = 0.12  # a brother or sister is observed within four weeks
    danger: Shares = field(default_factory=lambda: {"mild": 0.002, "moderate": 0.01, "serious": 0.06})
    consents: Shares = field(default_factory=lambda: {"mild": 0.82, "moderate": 0.84, "serious": 0.72})

    # What a DSL decides on a new concern, by severity; after a refusal of help, and after no further action.
    decides: Mapping[str, Shares] = field(
        default_factory=lambda: {
            "mild": {"monitor": 0.55, "early_help": 0.22, "close": 0.22, "refer": 0.01},
            "moderate": {"monitor": 0.30, "early_help": 0.58, "close": 0.04, "refer": 0.08},
            "serious": {"monitor": 0.06, "early_help": 0.36, "refer": 0.58},
        }
    )
    after_refusal: Shares = field(default_factory=lambda: {"monitor": 0.68, "refer": 0.20, "early_help": 0.12})
    after_nfa: Shares = field(
        default_factory=lambda: {"dissent": 0.18, "monitor": 0.36, "early_help": 0.36, "close": 0.10}
    )
    acknowledges_first: float = 0.55
    case_review: Mapping[str, Shares] = field(
        default_factory=lambda: {
            "improves": {"close": 0.50, "continue": 0.40, "early_help": 0.10},
            "persists": {"continue": 0.50, "early_help": 0.38, "refer": 0.06, "close": 0.06},
            "worsens": {"early_help": 0.45, "refer": 0.38, "continue": 0.17},
        }
    )
    dsl_decision: Shares = field(
        default_factory=lambda: {"noted": 0.58, "bring_forward": 0.22, "early_help": 0.12, "refer": 0.08}
    )
    held_referral: Shares = field(default_factory=lambda: {"wait": 0.36, "send": 0.44, "add": 0.08, "stop": 0.12})
    statutory: Shares = field(
        default_factory=lambda: {"continue": 0.50, "step_down": 0.32, "record": 0.12, "close": 0.06}
    )
    disagreement: Shares = field(default_factory=lambda: {"resolve": 0.55, "step_up": 0.15, "wait": 0.30})
    postpones: float = 0.07
    closes_when_it_may: float = 0.75
    actions: Shares = field(default_factory=lambda: {"0": 0.60, "1": 0.30, "2": 0.10})
    actions_done: float = 0.86
    graded: float = 0.25
    agrees: float = 0.92

    # Front doors: how they take each referral, with hours at their desk until they acknowledge and decide.
    front_door: Shares = field(default_factory=lambda: {"quick": 0.55, "in_time": 0.22, "late": 0.18, "never": 0.05})
    front_door_hours: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {"quick": (1.5, 5.0), "in_time": (4.0, 9.0), "late": (12.0, 30.0)}
    )
    answers_a_chase: float = 0.45
    asks_back: float = 0.10
    answers: Mapping[str, Shares] = field(
        default_factory=lambda: {
            "mild": {"nfa": 0.55, "early_help": 0.40, "s17": 0.05},
            "moderate": {"nfa": 0.28, "early_help": 0.44, "s17": 0.26, "s47": 0.02},
            "serious": {"nfa": 0.10, "early_help": 0.18, "s17": 0.44, "s47": 0.28},
        }
    )

    # Staff. A school's people rest in its holidays, but for one who is on call; nobody works at weekends.
    schools: float = 0.80  # the share of settings that keep school holidays; the others are open all year
    sick_spells: float = 1.2  # a person and year, of one to seven days, recorded on the first morning
    sick_cover: float = 0.30
    holidays: float = 2.5  # spells of one or two weeks, of people who have no school holidays
    holiday_cover: float = 0.70
    long_absence: float = 0.03  # the chance of six to twelve weeks away
    seen_on_first_day: float = 0.97  # a child is seen on the first day back after a closure
    leavers: float = 0.08
    hands_over: float = 0.65  # a leaver names who takes their tasks; of the others the roster says that they left
    vacancy_weeks: int = 6  # at most, until somebody new holds the role

    @property
    def settings_a_part(self) -> int:
        """How many settings are lived through together."""
        return self.settings_an_area * self.areas_a_part
