"""One part of a partnership in a simulated year: its record, people, children, diary, agenda, and what was counted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from config.time import to_london
from notifications.budget import Budget
from pathway.simulation.agenda import Agenda
from pathway.simulation.assumptions import Assumptions
from pathway.simulation.chance import Chance
from pathway.simulation.diary import Diary
from pathway.simulation.partnership import Actor, Partnership
from pathway.simulation.year import Year


@dataclass
class Child:
    """How a child fares: how bad it is, and which way it goes."""

    severity: str
    course: str


@dataclass
class Life:
    """Everything that is alive.

    `settings`: their keys by id. `budgets`: of letters, by day. `plans`: when somebody means to look at a task.
    `asked`: tasks about which a second person's word is awaited. `balked`: moves that a task has refused. `gone`:
    somebody has left whose tasks are not handed over yet.
    """

    year: Year
    engine: AsyncEngine
    partnership: Partnership
    agenda: Agenda = field(default_factory=Agenda)
    children: dict[str, Child] = field(default_factory=dict)
    settings: dict[UUID, str] = field(default_factory=dict)
    budgets: dict[date, Budget] = field(default_factory=dict)
    plans: dict[tuple[UUID, str], datetime] = field(default_factory=dict)
    asked: set[UUID] = field(default_factory=set)
    balked: set[tuple[UUID, str]] = field(default_factory=set)
    gone: bool = False
    acts: Counter[tuple[int, str]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    composed: int = 0
    checks: int = 0
    findings: list[str] = field(default_factory=list)
    mib: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.diary = Diary(self.partnership)
        newest = self.year.policies()[-1]
        self.policies = {area: newest.under(area) for area in self.partnership.areas}
        self.policy = newest

    @property
    def chance(self) -> Chance:
        """The chances of this part."""
        return self.partnership.chance

    @property
    def assumed(self) -> Assumptions:
        """What is assumed of everybody."""
        return self.year.assumed

    def week(self, at: datetime) -> int:
        """Which week of the year an instant falls in, from 1."""
        return (to_london(at).date() - self.year.begin).days // 7 + 1

    def did(self, actor: Actor, at: datetime) -> None:
        """Somebody did something."""
        self.acts[self.week(at), actor.role] += 1

    def child(self, key: str) -> Child:
        """How a child fares, decided when it is first asked."""
        if key not in self.children:
            severity = self.chance.pick(self.assumed.severities, "severity", key)
            self.children[key] = Child(severity, self.chance.pick(self.assumed.courses, "course", key))
        return self.children[key]
