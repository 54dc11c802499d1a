"""What an outage pack says: one reader's open obligations, who owns each, who comes next, and whom to telephone.

This is the one place outside the pages where a child is named; it leaves only encrypted for its reader
(notifications.pack_drawn). It is made when it is sent or fetched, and kept nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy import Policy
from config.time import say_day, say_instant
from models.lifecycle import Kind
from models.looks import Seen
from models.outstanding import outstanding
from models.owed import Shown
from models.people import Child, Person, Role
from models.reach import Viewer
from models.record import Task
from models.scene import Scene, scenes
from models.staff import CLIMB
from notifications.asks import ASKS
from notifications.hearing import people_for
from notifications.words import because

NO_NUMBER = "no number is kept here"
NUMBERS = {"front_door": "Daytime", "out_of_hours": "Evenings, nights and weekends"}


@dataclass(frozen=True)
class Line:
    """One obligation, in words."""

    child: str
    reference: str
    asked: str
    due: str
    late: bool
    owner: str
    following: str


@dataclass(frozen=True)
class Part:
    """The obligations of one setting, earliest deadline first, with the telephones of its area."""

    setting: str
    telephones: list[tuple[str, str]]
    lines: list[Line]


@dataclass(frozen=True)
class Pack:
    """One reader's pack as of `made_at` (UTC). `seen` are the children in it, for the access log."""

    viewer: Viewer
    made_at: datetime
    parts: list[Part]
    left_off: int
    seen: list[Seen]


async def pack_for(session: AsyncSession, person: Person, at: datetime) -> Pack | None:
    """The pack of a person at `at`; None when nothing is open that is theirs to owe or to oversee."""
    viewer, shown, left_off = await outstanding(session, person, at)
    if not shown:
        return None
    concerns = list({one.concern.id: one.concern for one in shown}.values())
    around = await scenes(session, concerns, at, {one.owner.id for one in shown})
    by_setting = sorted(shown, key=lambda one: (around[one.concern.id].setting.name, str(one.concern.setting_id)))
    parts = [_part(list(rows), around, at) for _, rows in groupby(by_setting, key=lambda one: one.concern.setting_id)]
    return Pack(viewer, at, parts, left_off, [(one.child.id, one.concern.id) for one in shown])


def _part(rows: Sequence[Shown], around: Mapping[UUID, Scene], at: datetime) -> Part:
    scene = around[rows[0].concern.id]
    lines = [_line(one, around[one.concern.id], at) for one in rows]
    return Part(scene.setting.name, _telephones(scene.policy, scene.concern.area), lines)


def _telephones(policy: Policy, area: str) -> list[tuple[str, str]]:
    contacts = policy.place(area).contacts
    named = [(title, contacts[key]) for key, title in NUMBERS.items() if key in contacts]
    return [(f"{one.name} ({title.lower()})", one.telephone or NO_NUMBER) for title, one in named]


def _line(one: Shown, scene: Scene, at: datetime) -> Line:
    task = one.task
    ask = ASKS[Kind(task.kind)].under(scene.policy)
    detail = task.about.get("what") or task.about.get("question")
    owner = scene.staff.acting(task.owner_id, task.role, scene.place, scene.day)
    return Line(
        child=f"{one.child.name}, {_born(one.child)}",
        reference=one.concern.reference,
        asked=f"{ask.asked} {detail}" if detail else ask.asked,
        due=f"{say_instant(task.due_at)}: {because(task.due_because)}",
        late=task.due_at < at,
        owner=_reached(owner),
        following="; ".join(_reached(person) for person in _following(task, scene) if person.id != owner.id),
    )


def _born(child: Child) -> str:
    if child.born:
        return f"born {say_day(child.born)}"
    return f"not born yet, due {say_day(child.due_on)}" if child.due_on else "not born yet"


def _reached(person: Person) -> str:
    return f"{person.name}, {person.phone or NO_NUMBER}"


def _following(task: Task, scene: Scene) -> list[Person]:
    """Who hears next when it is overdue; of what lapses by itself, whoever is next up."""
    ladder = scene.policy_of(task).ladders.get(task.kind)
    if ladder and ladder.rungs:
        roles: Sequence[str] = ladder.rungs[min(task.rung, len(ladder.rungs) - 1)].to
    else:
        place = CLIMB.index(Role(task.role)) if task.role in set(CLIMB) else -1
        roles = CLIMB[place + 1 : place + 2]
    return list({person.id: person for role in roles for person, _ in people_for(role, scene, task)}.values())
