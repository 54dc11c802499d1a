"""What happened in a scratch record, read back from its events and letters: one step for each thing that was done."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import say_instant, to_london
from flows.foresight.foreseen import Does, Hearer, Owed, Step
from models.case import clocks
from models.events import Happened
from models.excerpt import Excerpt
from models.ladder import Moment, What
from models.moment_reasons import moments_until, reminder_reason, rung_reason
from models.opening import LAST_STAGE
from models.people import Person
from models.record import Concern, Event, Task
from models.scene import Scene, scenes
from models.telling import Delivery
from notifications.closing import TO_COVER, TOLD, WHY_COVER
from notifications.hearing import ACTED_ON, WHY

ROLE_OF = MappingProxyType({**{why: str(role) for role, why in WHY.items()}, WHY_COVER: "cover"})
OF_EVENTS = MappingProxyType(
    {
        Happened.REFERRAL_SENT: Does.REFERRAL_SENT,
        Happened.DISPUTED: Does.DISPUTED,
        Happened.STEPPED_UP: Does.STEPPED_UP,
    }
)
SAID_WITH_LETTERS = (Happened.ESCALATED, Happened.CHASED)
OF_TASKS = MappingProxyType({"reminder": Does.REMINDER, "unacknowledged": Does.UNACKNOWLEDGED, "overdue": Does.RUNG})


@dataclass
class Lived:
    """What a scratch record holds of one concern after it was lived through; `letters` and `events` the new ones."""

    scene: Scene
    people: Mapping[UUID, Person]
    tasks: dict[UUID, Task] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    letters: list[Delivery] = field(default_factory=list)
    before: int = 0


async def read_lives(
    session: AsyncSession, concerns: Sequence[UUID], at: datetime, taken: Excerpt
) -> dict[UUID, Lived]:
    """What became of `concerns` in a scratch record since it held what was `taken` at `at` (UTC)."""
    old = {row["id"]: row["events"] for row in taken.rows["concern"]}
    told = {row["id"] for row in taken.rows["delivery"]}
    rows = (await session.exec(select(Concern).where(col(Concern.id).in_(concerns)))).all()
    around = await scenes(session, rows, at)
    people = {one.id: one for one in (await session.exec(select(Person))).all()}
    lives = {one.id: Lived(around[one.id], people, before=old[one.id]) for one in rows}
    for task in (await session.exec(select(Task).where(col(Task.concern_id).in_(concerns)))).all():
        lives[task.concern_id].tasks[task.id] = task
    for event in (await session.exec(select(Event).where(col(Event.concern_id).in_(concerns)))).all():
        lives[event.concern_id].events[event.number] = event
    for letter in (await session.exec(select(Delivery))).all():
        whose = lives.get(letter.concern_id) if letter.concern_id else _whose(letter, lives.values())
        if whose is not None and letter.id not in told:
            whose.letters.append(letter)
    return lives


def _whose(letter: Delivery, lives: Iterable[Lived]) -> Lived | None:
    """A letter about a closure is one for all concerns of a setting: it is told with the first of them."""
    theirs = (one for one in lives if _closure_event(one, letter) is not None)
    return min(theirs, key=lambda one: one.scene.concern.reference, default=None)


def _closure_event(lived: Lived, letter: Delivery) -> int | None:
    """The event that a letter about a closure follows from."""
    person, scene = lived.people[letter.person_id], lived.scene
    for event in lived.events.values():
        same = event.followed_up_at == letter.created_at and event.fields.get("first") == letter.fields.get("first")
        named = event.fields.get("cover_id") == str(person.id) or scene.staff.roles_of(person, scene.place)
        if (
            same
            and named
            and letter.letter in (TO_COVER.get(Happened(event.kind)), TOLD.get(Happened(event.kind), ("",))[0])
        ):
            return event.number
    return None


def steps_of(lived: Lived) -> list[Step]:
    """Everything that happened by itself, in order of time."""
    steps = [*_about_tasks(lived), *_chases(lived), *_events(lived)]
    return sorted(steps, key=lambda one: (one.at, str(one.kind), one.rung, one.stage, one.does))


def _about_tasks(lived: Lived) -> Iterator[Step]:
    """Reminders and rungs: the letters about one open task, those of one moment together."""
    said: dict[tuple[datetime, UUID, Does, int, str], list[Delivery]] = defaultdict(list)
    for one in lived.letters:
        if one.task_id and one.letter in OF_TASKS:
            rung = int(one.fields.get("rung", 0))
            said[one.created_at, one.task_id, OF_TASKS[one.letter], rung, one.slot].append(one)
    for (at, task_id, does, rung, slot), letters in said.items():
        yield _about_task(lived, lived.tasks[task_id], at, does, rung, slot, letters)
    heard = {(at, task_id) for at, task_id, does, _, _ in said if does == Does.RUNG}
    for event in lived.events.values():
        silent = event.kind == Happened.ESCALATED and (event.recorded_at, event.task_id) not in heard
        if silent and event.number > lived.before and event.task_id:
            task, rung = lived.tasks[event.task_id], int(event.fields["rung"])
            yield _about_task(lived, task, event.recorded_at, Does.RUNG, rung, "", [])


def _about_task(
    lived: Lived, task: Task, at: datetime, does: Does, rung: int, slot: str, letters: Sequence[Delivery]
) -> Step:
    ladder = lived.scene.policy_of(task).ladders[task.kind]
    moment, why = _why(lived, task, at, rung, slot)
    if moment is not None and moment.at < at:
        why += f"; due {say_instant(moment.at)}, not said yet"
    again = max(1, ladder.repeat_after) if rung > len(ladder.rungs) else 0
    does = Does.REPEAT if again else does
    return Step(at, does, why, _hearers(lived, letters), task.id, task.kind, rung, task.stage, again_after=again)


def _why(lived: Lived, task: Task, at: datetime, rung: int, slot: str) -> tuple[Moment | None, str]:
    ladder, calendar = lived.scene.policy_of(task).ladders[task.kind], lived.scene.calendar
    known = moments_until(ladder, clocks(task), calendar, at)
    if rung:
        moment = next((one for one in known if one.what == What.RUNG and one.rung == rung), None)
        return moment, rung_reason(rung, ladder, clocks(task), calendar)
    for moment in known:
        if slot in ("unacknowledged" if moment.what == What.UNACKNOWLEDGED else "", _slot(moment)):
            return moment, reminder_reason(moment, clocks(task), calendar)
    return None, "before its deadline"


def _slot(moment: Moment) -> str:
    return f"reminder-{to_london(moment.at):%Y-%m-%dT%H:%M}"


def _chases(lived: Lived) -> Iterator[Step]:
    """The front door is asked again: one step for both clocks that run on it."""
    said: dict[datetime, list[Delivery]] = defaultdict(list)
    for one in lived.letters:
        if one.letter in ("chase", "chase-copy"):
            said[one.created_at].append(one)
    for event in lived.events.values():
        if event.kind == Happened.CHASED and event.by_id is None and event.number > lived.before:
            said.setdefault(event.recorded_at, [])
    for at, letters in said.items():
        yield Step(at, Does.CHASE, "the front door has not answered", _hearers(lived, letters))


def _events(lived: Lived) -> Iterator[Step]:
    """What the pathway did, and the letters of what had been done before and not been followed up."""
    said: dict[int, list[Delivery]] = defaultdict(list)
    for one in lived.letters:
        if (number := _number(lived, one)) is not None:
            said[number].append(one)
    new = {number for number, one in lived.events.items() if number > lived.before}
    for number in sorted(new | set(said)):
        event = lived.events.get(number)
        if event is not None and event.kind not in SAID_WITH_LETTERS:
            yield _event(lived, event, said[number])


def _event(lived: Lived, event: Event, letters: Sequence[Delivery]) -> Step:
    is_new = event.number > lived.before
    at = event.recorded_at if is_new else min(one.created_at for one in letters)
    opened = [lived.tasks[UUID(one)] for one in event.opened if UUID(one) in lived.tasks] if is_new else []
    task = lived.tasks.get(event.task_id) if event.task_id and is_new else None
    stage = int(event.fields.get("stage", 0)) if is_new else 0
    last = event.kind == Happened.STEPPED_UP and task is not None and task.stage == LAST_STAGE
    again = int(lived.scene.policy.figure(f"escalation_stage{LAST_STAGE}_due")) if last else 0
    return Step(
        at,
        OF_EVENTS.get(Happened(event.kind), Does.HAPPENED) if is_new else Does.HAPPENED,
        event.because if is_new else "recorded before; its letters go now",
        _hearers(lived, letters),
        task.id if task else None,
        task.kind if task else None,
        stage=stage or max((one.stage for one in opened), default=0),
        happened=event.kind,
        again_after=again,
        opens=tuple(owed(lived, one) for one in opened),
    )


def _number(lived: Lived, letter: Delivery) -> int | None:
    """The event that a letter tells of: its slot names it, or it is told once for ever and by the first that may."""
    if letter.concern_id is None:
        return _closure_event(lived, letter)
    start, _, number = letter.slot.partition("-")
    if start == "event":
        return int(number)
    if letter.letter in OF_TASKS or letter.letter.startswith("chase"):
        return None
    fits = ACTED_ON if letter.letter == "concern-acted-on" else (Happened.LOGGED, Happened.JOINED)
    same = [one.number for one in lived.events.values() if one.kind in fits and one.followed_up_at == letter.created_at]
    return min(same, default=None)


def _hearers(lived: Lived, letters: Sequence[Delivery]) -> tuple[Hearer, ...]:
    found = []
    for one in letters:
        person = lived.people[one.person_id]
        role = ROLE_OF.get(one.why_you, "other")
        found.append(Hearer(one.letter, person.id, person.name, person.email, role, one.why_you))
    return tuple(sorted(found, key=lambda one: (one.letter, one.email)))


def owed(lived: Lived, task: Task) -> Owed:
    """An open task as people read it."""
    owner = lived.people[task.owner_id]
    who = (owner.name, owner.email, task.role)
    return Owed(task.id, task.kind, *who, task.due_at, task.due_because, task.policy, task.stage)


def still_open(lived: Lived) -> list[Task]:
    """The open tasks, earliest deadline first."""
    open_now = [one for one in lived.tasks.values() if one.closed_at is None]
    return sorted(open_now, key=lambda one: (one.due_at, str(one.kind)))
