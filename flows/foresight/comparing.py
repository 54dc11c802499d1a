"""Two futures of the same concern side by side: who would hear sooner, later or not, what would happen by itself."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from flows.foresight.foreseen import Does, Hearer, Step
from flows.foresight.trial import Moved

OVERDUE = (Does.RUNG, Does.REPEAT)
BY_ITSELF = (Does.REFERRAL_SENT, Does.DISPUTED, Does.STEPPED_UP)
Task = tuple[str, int, int]  # its kind, its stage, and which of those it is in order of time


@dataclass(frozen=True)
class Heard:
    """Who would first hear that a task is overdue, and when, under either policy; None: not in these weeks."""

    concern: str
    area: str
    kind: str
    email: str
    name: str
    role: str
    old: datetime | None
    new: datetime | None


@dataclass(frozen=True)
class Happens:
    """What would happen by itself, and when, under either policy; None: not in these weeks."""

    concern: str
    area: str
    what: str
    stage: int
    old: datetime | None
    new: datetime | None


@dataclass
class Letters:
    """How many letters one person would have under either policy."""

    name: str
    email: str
    old: int = 0
    new: int = 0


@dataclass
class Compared:
    """Everything that would differ, and how many concerns were looked at."""

    concerns: int = 0
    moved: list[Moved] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    happens: list[Happens] = field(default_factory=list)
    letters: dict[str, Letters] = field(default_factory=dict)

    @property
    def differing(self) -> set[str]:
        """The references of the concerns for which something would differ."""
        return {one.concern for of in (self.moved, self.heard, self.happens) for one in of}

    def in_order(self) -> "Compared":
        """The same, each list in the order of concerns."""
        return replace(
            self,
            moved=sorted(self.moved, key=lambda one: (one.concern, one.kind, one.what)),
            heard=sorted(self.heard, key=lambda one: (one.concern, one.kind, one.old or one.new, one.email)),
            happens=sorted(self.happens, key=lambda one: (one.concern, one.old or one.new)),
        )

    def compare(self, reference: str, area: str, old: Sequence[Step], new: Sequence[Step]) -> None:
        """Add what differs between two futures of one concern."""
        self.heard += _heard(reference, area, old, new)
        self.happens += _happens(reference, area, old, new)
        for steps, which in ((old, "old"), (new, "new")):
            for hearer in (one for step in steps for one in step.hears):
                counted = self.letters.setdefault(hearer.email, Letters(hearer.name, hearer.email))
                setattr(counted, which, getattr(counted, which) + 1)


def _heard(reference: str, area: str, old: Sequence[Step], new: Sequence[Step]) -> Iterator[Heard]:
    before, after = _first_heard(old), _first_heard(new)
    for key in {**before, **after}:
        (kind, _, _), email = key
        one = before.get(key) or after[key]
        then, now = (side[key][0] if key in side else None for side in (before, after))
        if then != now:
            yield Heard(reference, area, kind, email, one[1].name, one[1].role, then, now)


def _first_heard(steps: Sequence[Step]) -> dict[tuple[Task, str], tuple[datetime, Hearer]]:
    """When each person first hears that a task is overdue. Tasks are known by their order: their ids are not kept."""
    tasks = _named(steps)
    found: dict[tuple[Task, str], tuple[datetime, Hearer]] = {}
    for step in steps:
        for hearer in step.hears if step.does in OVERDUE and step.task_id else ():
            found.setdefault((tasks[step.task_id], hearer.email), (step.at, hearer))  # type: ignore[index]  # not None
    return found


def _named(steps: Sequence[Step]) -> Mapping[UUID, Task]:
    named: dict[UUID, Task] = {}
    counted: Counter[tuple[str, int]] = Counter()
    for step in steps:
        if step.task_id and step.task_id not in named:
            sort = (str(step.kind), step.stage)
            named[step.task_id] = (*sort, counted[sort])
            counted[sort] += 1
    return named


def _happens(reference: str, area: str, old: Sequence[Step], new: Sequence[Step]) -> Iterator[Happens]:
    before, after = _first_time(old), _first_time(new)
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield Happens(reference, area, *key, before.get(key), after.get(key))


def _first_time(steps: Sequence[Step]) -> dict[tuple[str, int], datetime]:
    found: dict[tuple[str, int], datetime] = {}
    for step in steps:
        if step.does in BY_ITSELF:
            found.setdefault((step.does.value, step.stage), step.at)
    return found
