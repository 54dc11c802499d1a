"""A partnership's policy as one version of it: figures, ladders, labels, areas and instruments, each with its source.

A policy is read by `config.policy_file`; which one applies where and when is `config.policy_book`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Literal, TypeVar

from config.errors import PolicyError
from config.figures import BASES, Value

Channel = Literal["secure_link", "portal", "telephone_then_write"]
ROLES = (
    "owner",
    "lead",
    "dsl",
    "deputy_dsl",
    "head",
    "early_help_coordinator",
    "partnership_contact",
    "front_door",
    "administrator",
)
# Every kind of task; a policy has a ladder for each. models.lifecycle.Kind is checked against it.
TASK_KINDS = (
    "dsl_review",
    "dsl_decision",
    "gain_consent",
    "assess",
    "hold_review",
    "case_review",
    "statutory_review",
    "action",
    "confirm_referral",
    "file_referral",
    "answer_question",
    "await_acknowledgement",
    "await_decision",
    "resolve_disagreement",
    "countersign",
    "name_cover",
    "first_day",
)
# What a partnership may call by its own name; a term without a label is said in plain words.
TERMS = (
    "action",
    "administrator",
    "child_in_need",
    "concern",
    "conference",
    "deputy_dsl",
    "dsl",
    "early_help",
    "early_help_assessment",
    "early_help_coordinator",
    "front_door",
    "head",
    "lead",
    "level_1",
    "level_2",
    "level_3",
    "level_4",
    "observation",
    "partnership_contact",
    "practitioner",
    "referral",
    "review",
    "section_47",
    "social_care",
    "strategy_discussion",
    "team_around_the_family",
)
CONTACTS = ("front_door", "out_of_hours", "partnership_office")


@dataclass(frozen=True)
class Figure:
    """One figure with its unit, its basis (P, L, D or U) and where it comes from."""

    value: Value
    unit: str
    basis: str
    source: str

    def standing(self) -> str:
        """The basis in words: `unverified` for U."""
        return BASES[self.basis]


@dataclass(frozen=True)
class Reminder:
    """Something said before a deadline: `when` is opening, unacknowledged, before, half_way or chase.

    `working_days` counts before the deadline, or after it for a chase; `figure` is the figure it follows, if any.
    """

    when: str
    to: tuple[str, ...]
    working_days: int | None = None
    figure: str | None = None


@dataclass(frozen=True)
class Rung:
    """Who hears when a task is `after` working days overdue."""

    after: int
    to: tuple[str, ...]
    figure: str | None = None


Days = TypeVar("Days", int, int | None)


def _days(figures: Mapping[str, Figure], name: str | None, otherwise: Days) -> int | Days:
    return int(figures[name].value) if name else otherwise


@dataclass(frozen=True)
class Ladder:
    """What is said about one kind of task; after the last rung it is told again every `repeat_after` working days."""

    reminders: tuple[Reminder, ...]
    rungs: tuple[Rung, ...]
    repeat_after: int
    basis: str
    source: str
    repeat_figure: str | None = None

    def under(self, figures: Mapping[str, Figure]) -> "Ladder":
        """The same ladder with the numbers that follow figures taken from `figures`."""
        return replace(
            self,
            reminders=tuple(
                replace(one, working_days=_days(figures, one.figure, one.working_days)) for one in self.reminders
            ),
            rungs=tuple(replace(one, after=_days(figures, one.figure, one.after)) for one in self.rungs),
            repeat_after=_days(figures, self.repeat_figure, self.repeat_after),
        )


@dataclass(frozen=True)
class Contact:
    """Somebody outside who can be telephoned; people who are written to hold roles instead."""

    name: str
    telephone: str = ""


@dataclass(frozen=True)
class Area:
    """A local authority's area: its contacts, how it takes referrals, and figures of its own."""

    key: str
    name: str
    channel: Channel
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    overrides: Mapping[str, Figure] = field(default_factory=dict)

    @property
    def telephones(self) -> dict[str, str]:
        """Telephone numbers by contact; blank ones are warned of."""
        return {key: contact.telephone for key, contact in self.contacts.items()}


@dataclass(frozen=True)
class Instrument:
    """A graded assessment tool's structure; its licensed words are the licence holder's to enter."""

    key: str
    name: str
    note: str
    grades: tuple[int, ...]
    areas: Mapping[str, tuple[str, ...]]

    def sub_areas(self) -> tuple[str, ...]:
        """Every sub-area that can be graded."""
        return tuple(one for area in self.areas.values() for one in area)


@dataclass(frozen=True)
class Policy:
    """One version of one partnership's policy, in force from a day; `areas` are those that follow it."""

    key: str
    name: str
    in_force_from: date
    figures: Mapping[str, Figure]
    ladders: Mapping[str, Ladder]
    labels: Mapping[str, str]
    elsewhere: Area
    areas: Mapping[str, Area]
    instruments: Mapping[str, Instrument]
    extra_holidays: tuple[date, ...] = ()

    def figure(self, name: str) -> Value:
        """A figure's value; raises PolicyError for a name there is not."""
        if name not in self.figures:
            raise PolicyError(f"policy {self.key}: there is no figure {name}")
        return self.figures[name].value

    def rule(self, name: str) -> str:
        """How an explanation names a figure: `policy derby-and-derbyshire, dsl_decision_due`."""
        self.figure(name)
        return f"policy {self.key}, {name}"

    def label(self, term: str) -> str:
        """What this partnership calls a thing; a term without a label is said in plain words."""
        return self.labels.get(term) or term.replace("_", " ")

    def place(self, area: str | None) -> Area:
        """An area's contacts and channel; those of `elsewhere` when the policy does not list it."""
        return self.areas.get(area or "", self.elsewhere)

    def channel(self, area: str | None) -> Channel:
        """How an area's front door takes referrals."""
        return self.place(area).channel

    def under(self, area: str | None) -> "Policy":
        """This policy as it stands in an area: the area's figures in place of the partnership's."""
        overrides = self.place(area).overrides
        if not overrides:
            return self
        figures = MappingProxyType({**self.figures, **overrides})
        ladders = {kind: ladder.under(figures) for kind, ladder in self.ladders.items()}
        return replace(self, figures=figures, ladders=MappingProxyType(ladders))


def warnings(policy: Policy) -> list[str]:
    """What an administrator should mend or confirm: blank telephone numbers, figures nobody has verified."""
    places = [policy.elsewhere, *policy.areas.values()]
    blank = [
        f"{place.name}: {contact.name} has no telephone number; people at risk need one they can call"
        for place in places
        for contact in place.contacts.values()
        if not contact.telephone
    ]
    unsure = [
        f"{'' if where is None else where.name + ': '}{name} is {figure.value} {figure.unit}, unverified;"
        f" confirm it with the partnership ({figure.source.removeprefix('unverified').lstrip(',: ')})"
        for where, figures in [(None, policy.figures), *((place, place.overrides) for place in places)]
        for name, figure in figures.items()
        if figure.basis == "U"
    ]
    return blank + unsure
