"""Who may see whom, worked out from the tests' roster alone, and a concern in each setting to try it on.

Written from design.md, "What must always hold", 7, and not from the code that decides it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from sqlmodel import select

from config.secret import sign
from models.people import Child
from models.record import Concern, Observation, Referral, Task
from tests import people
from tests.driver import Driver

AT = "2026-03-02T11:00"
AREA = {people.OAKFIELD: "derby", people.ASHDOWN: "derby", people.HV_TEAM: "derby", people.SUNBEAMS: "derbyshire"}
# A child of each setting, without a sibling anywhere, and who logs and refers them.
CHILDREN = {
    people.OAKFIELD: (people.IFEOMA, people.TEACHER, people.DSL),
    people.ASHDOWN: (people.JEROME, people.ASHDOWN_TUTOR, people.ASHDOWN_DSL),
    people.SUNBEAMS: (people.ELSIE, people.KEY_PERSON, people.SUNBEAMS_DSL),
    people.HV_TEAM: (people.NOORIYAH, people.HEALTH_VISITOR, people.HV_DSL),
}
# One of each role: whose settings they see whole, and what besides.
WHOLE: dict[str, set[str]] = {
    people.TEACHER: set(),
    people.ASSISTANT: set(),
    people.DSL: {people.OAKFIELD},
    people.DEPUTY: {people.OAKFIELD},
    people.HEAD: {people.OAKFIELD},
    people.ASHDOWN_DSL: {people.ASHDOWN},
    people.COORDINATOR: {people.OAKFIELD, people.ASHDOWN, people.HV_TEAM},
    people.DERBYSHIRE_COORDINATOR: {people.SUNBEAMS},
    people.FRONT_DOOR: set(),
    people.DERBYSHIRE_FRONT_DOOR: set(),
    people.PARTNERSHIP: set(),
    people.ADMIN: set(),
}
LOGGED = {people.TEACHER: {people.OAKFIELD}}
REFERRED = {
    people.FRONT_DOOR: {people.OAKFIELD, people.ASHDOWN, people.HV_TEAM},
    people.DERBYSHIRE_FRONT_DOOR: {people.SUNBEAMS},
}
# Of a setting where they work they may log about every child; the name of one is no secret there.
WORKS = {people.ASSISTANT: {people.OAKFIELD}, people.TEACHER: {people.OAKFIELD}}


@dataclass(frozen=True)
class Known:
    """What addresses of one child's pages hold."""

    setting: str
    values: dict[str, str]


def parameters() -> dict[str, str]:
    """A value for each name in an address that leads to no child."""
    return {
        "signature": sign("welcome", "first"),
        "token": "nothing",
        "delivery": str(uuid4()),
        "leave": str(uuid4()),
        "role": str(uuid4()),
        "invitation": str(uuid4()),
        "called": "nothing",
        "absence": str(uuid4()),
        "held": str(uuid4()),
        "letter": str(uuid4()),
        "run": str(uuid4()),
        "day": "2026-03-01",
        "person": str(uuid4()),
        "setting": str(uuid4()),
        "provider": "nobody",
        "file": "nothing",
        "page": "1",
        "step": "1",
        "name": "nothing",
        "key": str(uuid4()),
        "path": "nothing",
    }


async def concerns_everywhere(loaded: Driver) -> list[Known]:
    """A concern in each setting, referred, with a second observation that waits for a decision."""
    found = []
    for setting, (child, logs, refers) in CHILDREN.items():
        logged = await loaded.log(child, logs, "2026-03-02T09:00")
        await loaded.do("refer", refers, "2026-03-02T09:30", concern=logged.reference, reason="x", parents_informed="y")
        await loaded.log(child, refers, "2026-03-02T10:00", what="And again.")
        found.append(Known(setting, await _values(loaded, logged.reference)))
    return found


async def _values(loaded: Driver, reference: str) -> dict[str, str]:
    (concern,) = await loaded.rows(select(Concern).where(Concern.reference == reference))
    tasks = await loaded.rows(select(Task).where(Task.concern_id == concern.id))
    (referral,) = await loaded.rows(select(Referral).where(Referral.concern_id == concern.id))
    observation = (await loaded.rows(select(Observation).where(Observation.concern_id == concern.id)))[0]
    (child,) = await loaded.rows(select(Child).where(Child.id == concern.child_id))
    return {
        "reference": concern.reference,
        "number": str(referral.number),
        "task_id": str(tasks[0].id),
        "task": str(tasks[0].id),
        "observation_id": str(observation.id),
        "observation": str(observation.id),
        "child_id": str(child.id),
        "child": str(child.id),
    }


ABOUT_A_CHILD = ("{reference}", "{task_id}", "{observation_id}", "{child_id}", "{child}", "{task}", "{observation}")


def address(template: str, known: Known, move: str = "acknowledge") -> str:
    """An address with everything filled in; a name that this test does not know is an error: say what it leads to."""
    values = {**parameters(), **known.values, "move": move}
    names = re.findall(r"\{(\w+)(?::\w+)?\}", template)
    unknown = [name for name in names if name not in values and not name.endswith("_id") and name != "id"]
    assert not unknown, f"{template}: what is {unknown}?"
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: values.get(found[1], str(uuid4())), template)


def may(who: str, setting: str, template: str) -> bool:
    """Whether a page about a child of `setting` may show them to `who`."""
    if setting in WHOLE[who]:
        return True
    if template.startswith("/referrals"):
        return setting in REFERRED.get(who, ())
    if template.startswith("/log"):
        return setting in WORKS.get(who, ())
    if template.startswith(("/concerns/{reference}", "/observations")):
        return setting in LOGGED.get(who, ())
    return setting in REFERRED.get(who, ())


def names_of(setting: str) -> list[str]:
    """The words that give away the child of a setting: both names, and what they said."""
    return people.CHILDREN[CHILDREN[setting][0]].name.split()


def may_be_named(who: str, setting: str) -> bool:
    """Whether a list of `who` may name the child of `setting`."""
    return setting in WHOLE[who] or any(setting in some.get(who, ()) for some in (LOGGED, REFERRED, WORKS))
