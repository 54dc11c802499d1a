"""Letters about a setting's closure, and whoever hears beside its people while it is closed.

One letter to a person, first day of a closure and day of telling, however many concerns: a DSL with thirty has one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

from config.time import to_london
from models.events import Happened
from models.people import SETTING_ROLES, Person, Role
from models.record import Event
from models.scene import Scene
from notifications.addressing import Addressed

WHY_COVER = "you look after concerns of a setting while it is closed"
Meant = Callable[[str], list[tuple[Person, str]]]
# To the setting's people: which letter, to whom.
TOLD = MappingProxyType(
    {
        Happened.COVER_ASKED: ("cover-asked", (Role.DSL,)),
        Happened.COVER_GIVEN: ("cover-given", (Role.DSL, Role.HEAD)),
        Happened.OPENED_AGAIN: ("first-day-back", (Role.DSL,)),
    }
)
# To whoever looks after the concern, or did.
TO_COVER = MappingProxyType(
    {
        Happened.COVER_NAMED: "cover-yours",
        Happened.COVER_GIVEN: "cover-yours",
        Happened.COVER_MOVED: "cover-moved",
    }
)
# What falls due or happens while the setting is closed, which its people would have had to see to.
SHARED = frozenset(
    {
        "task-opened",
        "reminder",
        "unacknowledged",
        "overdue",
        "telephone-now",
        "chase-copy",
        "referral-raised",
        "referral-sent",
        "referral-stopped",
        "front-door-answered",
        "disagreement",
    }
)


def closure_letters(event: Event, meant: Meant) -> Iterator[Addressed]:
    """The letters of an event about a closure; nobody is told of what they have just done themselves."""
    kind = Happened(event.kind)
    letter, roles = TOLD.get(kind, ("", ()))
    for role in roles:
        for person, why in meant(role):
            yield _letter(event, letter, person.id, why)
    cover = event.fields.get("cover_id")
    if kind in TO_COVER and cover and UUID(cover) != event.by_id:
        yield _letter(event, TO_COVER[kind], UUID(cover), WHY_COVER)


def _letter(event: Event, letter: str, person_id: UUID, why: str) -> Addressed:
    first = event.fields["first"]
    day = f"{to_london(event.recorded_at):%Y-%m-%d}"
    return Addressed(letter, person_id, f"closure/{first}", day, why, fields={"first": first})


def with_cover(letters: Iterable[Addressed], scene: Scene) -> Iterator[Addressed]:
    """The same, and to whoever looks after the concern what goes to people of the setting that is closed."""
    for one in letters:
        yield one
        if scene.cover and one.letter in SHARED and _works_there(one.person_id, scene):
            yield replace(one, person_id=scene.cover.id, why_you=WHY_COVER)


def _works_there(person_id: UUID, scene: Scene) -> bool:
    person = scene.staff.people.get(person_id)
    return bool(person and scene.staff.roles_of(person, scene.place) & SETTING_ROLES)
