"""A task as it would stand had it been opened under another policy: its opening done again, written down nowhere.

The opening is done by the functions that open tasks. Done again under the task's own policy it must give the task's own
deadline; where it does not (a day agreed with a family, a postponement), no figure set the deadline, and it stays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from config.policy import Policy
from models import opening
from models.case import Case
from models.closures import Closure, back_on
from models.deadlines import Due, hold_worse
from models.lifecycle import Kind
from models.people import Person
from models.record import Referral, Task
from models.rules import Rule
from models.scene import Scene, setting_calendar


@dataclass(frozen=True)
class Stands:
    """A task's clocks: its deadline with why then, when it must be acknowledged, when it lapses (UTC)."""

    due: Due
    acknowledge_by: datetime | None = None
    lapse_at: datetime | None = None

    @property
    def figure(self) -> str:
        """The figure that the deadline follows; empty when none does."""
        said, comma, name = self.due.because.rpartition(", ")
        return name if comma and "policy " in said else ""

    def same_as(self, other: "Stands") -> bool:
        """The same instants, whatever policy is named."""
        mine = (self.due.at, self.acknowledge_by, self.lapse_at)
        return mine == (other.due.at, other.acknowledge_by, other.lapse_at)


@dataclass
class Again(Case):
    """A case in which tasks are opened without being written down."""

    stands: dict[Kind, Stands] = field(default_factory=dict)
    owner: Person | None = None

    def dsl(self) -> Person:
        """Whoever owes the task: who acts today is of no consequence here."""
        return self.owner or super().dsl()

    def lead(self) -> Person:
        """The same."""
        return self.owner or super().lead()

    def keep(self, task: Task) -> None:
        """Keep how the task stands, and nothing else."""
        self.stands[task.kind] = Stands(Due(task.due_at, task.due_because), task.acknowledge_by, task.lapse_at)


Opening = Callable[[Again, Task, Referral | None], object]


def _hold(case: Again, task: Task, referral: Referral | None) -> object:
    """As models.referrals.raise_held sets it."""
    if referral is None:
        return None
    figure = "hold_worse_opening_hours"
    if referral.rule == Rule.WORSE:
        hold = hold_worse(case.at, case.days(figure), case.calendar, case.rule(figure))
    else:
        hold = opening.in_working_days(case, "hold_persisting", case.at)
    return opening.confirm_referral(case, referral, hold)


def _in(figure: str) -> Opening:
    return lambda case, task, referral: case.open(
        task.kind, case.dsl(), task.role, opening.in_working_days(case, figure)
    )


def _await(case: Again, task: Task, referral: Referral | None) -> object:
    if referral is not None:
        opening.await_front_door(case, referral)
    return None


def _needs(
    open_it: Callable[[Case, Referral], object],
) -> Opening:
    return lambda case, task, referral: open_it(case, referral) if referral else None


def _closure(task: Task) -> Closure:
    return Closure(*(date.fromisoformat(task.about[end]) for end in ("first", "last")))


def _first_day(case: Again, task: Task, _referral: Referral | None) -> object:
    closure = _closure(task)
    return opening.first_day(case, closure, back_on(closure.last, case.calendar))


HASTENED = _in("bring_forward_due")
# How each kind of task can have come to be opened, the usual way first.
WAYS: Mapping[Kind, tuple[Opening, ...]] = {
    Kind.DSL_REVIEW: (lambda case, task, referral: opening.dsl_review(case),),
    Kind.CASE_REVIEW: (lambda case, task, referral: opening.case_review(case), HASTENED),
    Kind.STATUTORY_REVIEW: (lambda case, task, referral: opening.case_review(case, Kind.STATUTORY_REVIEW), HASTENED),
    Kind.GAIN_CONSENT: (lambda case, task, referral: opening.gain_consent(case),),
    Kind.ASSESS: (lambda case, task, referral: opening.assess(case),),
    Kind.HOLD_REVIEW: (
        lambda case, task, referral: opening.next_review(case),
        lambda case, task, referral: opening.first_review(case),
        _in("review_after_stop"),
        _in("stepdown_first_taf_due"),
        HASTENED,
    ),
    Kind.CONFIRM_REFERRAL: (_hold,),
    Kind.AWAIT_ACKNOWLEDGEMENT: (_await,),
    Kind.AWAIT_DECISION: (_await,),
    Kind.RESOLVE_DISAGREEMENT: (lambda case, task, referral: opening.resolve_disagreement(case, task.stage, referral),),
    Kind.DSL_DECISION: (lambda case, task, referral: opening.dsl_decision(case, [], urgent=task.urgent),),
    Kind.COUNTERSIGN: (lambda case, task, referral: opening.countersign(case, case.dsl(), {}),),
    Kind.FILE_REFERRAL: (_needs(opening.file_referral),),
    Kind.NAME_COVER: (lambda case, task, referral: opening.name_cover(case, _closure(task)),),
    Kind.FIRST_DAY: (_first_day,),
    Kind.ANSWER_QUESTION: (lambda case, task, referral: opening.answer_question(case, referral, ""),),
}


@dataclass(frozen=True)
class Opened:
    """A task with what its opening followed from: its scene and referral, and when it may have been acted on.

    `acts` are (recorded, done) of the concern's acts: those after the opening can have brought the deadline forward.
    """

    task: Task
    scene: Scene
    referral: Referral | None = None
    acts: Sequence[tuple[datetime, datetime]] = ()

    def own(self) -> Stands:
        """How it stands."""
        waiting = self.task.acknowledge_by if self.task.acknowledged_at is None else None
        return Stands(Due(self.task.due_at, self.task.due_because), waiting, self.task.lapse_at)


def restate(opened: Opened, *policies: Policy) -> list[Stands] | None:
    """How a task would stand under each of `policies`; None where no figure set its deadline."""
    for way, at, done in _openings(opened):
        own = _again(opened, opened.scene.policy_of(opened.task), way, at, done)
        if own is not None and own.due.at == opened.task.due_at and own.figure == opened.own().figure:
            found = [_again(opened, policy, way, at, done) for policy in policies]
            return [_as_acknowledged(opened, one) for one in found if one is not None]
    return None


def _openings(opened: Opened) -> Iterator[tuple[Opening, datetime, datetime | None]]:
    """Every way in which it may have been opened, and when."""
    at = opened.task.opened_at
    done = [then for recorded, then in opened.acts if recorded == at and then < at]
    for way in WAYS.get(opened.task.kind, ()):
        for then in (None, *done):
            yield way, at, then
        if way is HASTENED:
            yield from ((way, recorded, None) for recorded, _ in opened.acts if recorded > at)


def _again(opened: Opened, policy: Policy, way: Opening, at: datetime, done: datetime | None) -> Stands | None:
    scene, task = opened.scene, opened.task
    calendar = setting_calendar(scene.setting, policy)
    place = (scene.concern, scene.child, scene.setting, scene.staff, policy, calendar, scene.book)
    case = Again(None, at, None, *place, done_at=done, owner=scene.staff.people.get(task.owner_id))  # type: ignore[arg-type]  # nothing is read
    way(case, task, opened.referral)
    return case.stands.get(task.kind)


def _as_acknowledged(opened: Opened, stands: Stands) -> Stands:
    """What has been acknowledged waits for it no longer."""
    if opened.task.acknowledged_at is None:
        return stands
    return Stands(stands.due, None, stands.lapse_at)
