"""Reading letters: what somebody plans, or is moved to do, because of what they have been told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.lifecycle import Kind
from models.permission import HELP_KINDS
from models.record import Task
from models.telling import Delivery
from notifications.desk import Desk
from pathway.simulation import front_door
from pathway.simulation.doing import go_through, plan
from pathway.simulation.life import Life
from pathway.simulation.partnership import Actor

ABOUT_A_TASK = frozenset({"task-opened", "reminder", "unacknowledged", "overdue"})
TO_FRONT_DOORS = frozenset({"referral", "chase", "disagreement", "question-answered"})
# Whose the answer is: those who safeguard, or for early help the lead's colleagues too.
SAFEGUARDING = ("dsl", "deputy_dsl", "head")
HELPING = ("dsl", "deputy_dsl", "early_help_coordinator")
OF_THE_AREA = ("early_help_coordinator", "partnership_contact")
CLOCKS_OF_FRONT_DOORS = frozenset({Kind.AWAIT_ACKNOWLEDGEMENT, Kind.AWAIT_DECISION})
TO_WHO_ACTS = frozenset({"task-opened", "reminder"})
ABOUT_CLOSURES = {"cover-asked": Kind.NAME_COVER, "first-day-back": Kind.FIRST_DAY}
ASKING_AROUND = 1.0  # hours at the desk until whoever cannot act has found somebody who can
SAFEGUARDS_ALONE = frozenset({Kind.COUNTERSIGN, Kind.ACTION})


@dataclass(frozen=True)
class Letter:
    """One letter that has arrived: to whom, about which concern and task, and who owes that."""

    delivery: Delivery
    to: Actor
    reference: str
    task: Task | None
    owner: str
    place: str

    @property
    def key(self) -> str:
        """What this letter is called in everybody's plans: the same in every run of the year."""
        about = f"{self.task.kind.value} {self.task.opened_at.isoformat()}" if self.task else ""
        return f"{self.reference} {about}".strip()

    @property
    def drawn(self) -> tuple[str, ...]:
        """What a chance about this letter is drawn for."""
        return self.key, self.delivery.letter, self.delivery.slot, self.to.email


def read(life: Life, letter: Letter, at: datetime, desk: Desk | None) -> None:
    """Somebody reads a letter that has arrived at `at`; `desk` is what a digest lists."""
    if letter.to.role == "front_door" and letter.delivery.letter in TO_FRONT_DOORS:
        front_door.hear(life, letter.to, letter.reference, letter.delivery.letter, letter.drawn, at)
    elif letter.task is not None and letter.delivery.letter in ABOUT_A_TASK:
        _about_task(life, letter, letter.task, at)
    elif desk is not None:
        _listed(life, letter, desk, at)
    elif letter.delivery.letter in ABOUT_CLOSURES:
        kind, chance = ABOUT_CLOSURES[letter.delivery.letter], letter.to.temper.answers["task-opened"]
        if life.chance.happens(chance, *letter.drawn):
            hours = life.chance.hours(letter.to.temper.hours, "hours", *letter.drawn)
            go_through(life, letter.to, kind, life.diary.after(letter.to, at, hours))


def _about_task(life: Life, letter: Letter, task: Task, at: datetime) -> None:
    temper, urgent = letter.to.temper, letter.delivery.urgent
    chance = temper.answers.get(letter.delivery.letter, 0.0)
    if task.kind in CLOCKS_OF_FRONT_DOORS or not life.chance.happens(
        max(chance, temper.urgent if urgent else 0.0), *letter.drawn
    ):
        return
    hours = life.chance.hours(temper.urgent_hours if urgent else temper.hours, "hours", *letter.drawn)
    closed = life.diary.is_closed(letter.place, at)
    if letter.delivery.letter in TO_WHO_ACTS or may_act(letter.to, task.kind, letter.owner, closed=closed):
        plan(life, task.id, letter.key, letter.to, life.diary.after(letter.to, at, hours, urgent=urgent))
    else:
        _ask_around(life, letter, task, at)


def may_act(actor: Actor, kind: Kind, owner: str, *, closed: bool = False) -> bool:
    """Whether they may answer this task by themselves, the setting open or `closed`; models.permission decides."""
    if actor.email == owner or (closed and kind == Kind.COUNTERSIGN and actor.role in OF_THE_AREA):
        return True
    if kind in SAFEGUARDS_ALONE:
        return False
    return actor.role in (HELPING if kind in HELP_KINDS else SAFEGUARDING)


def _ask_around(life: Life, letter: Letter, task: Task, at: datetime) -> None:
    """Told, but not theirs to answer: they ask the owner, or whoever may answer instead and is there first."""
    roles = () if task.kind in SAFEGUARDS_ALONE else SAFEGUARDING
    owner = [life.partnership.cast[letter.owner]] if letter.owner in life.partnership.cast else []
    others = [one for role in roles for one in life.partnership.holders(role, letter.place)]
    found = life.diary.first_there([*others, *owner], at)
    if found:
        who, there = found
        plan(life, task.id, letter.key, who, life.diary.after(who, there, ASKING_AROUND))


def _listed(life: Life, letter: Letter, desk: Desk, at: datetime) -> None:
    """A digest or a round-up: of each task on it that is near, the reader may plan something."""
    rows: Sequence[tuple[Task, str]] = [(task, concern.reference) for task, concern in desk.own]
    for task, reference in rows:
        key = f"{reference} {task.kind.value} {task.opened_at.isoformat()}"
        drawn = (*letter.drawn, key)
        chance = letter.to.temper.answers.get(letter.delivery.letter, 0.0)
        if task.kind not in CLOCKS_OF_FRONT_DOORS and _is_near(task, at) and life.chance.happens(chance, *drawn):
            hours = life.chance.hours(letter.to.temper.hours, "hours", *drawn)
            plan(life, task.id, key, letter.to, life.diary.after(letter.to, at, hours))


def _is_near(task: Task, at: datetime) -> bool:
    return (task.due_at - at).days <= 1
