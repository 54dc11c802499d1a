"""The people a form offers to choose from: who may lead, who may be the second person, who may take a task."""

from dataclasses import dataclass

from models.case import Case
from models.moves.asking import SECONDS
from models.people import AREA_ROLES, SETTING_ROLES, Person, Role

WORKING = (*sorted(SETTING_ROLES), *sorted(AREA_ROLES - {Role.FRONT_DOOR}))


@dataclass(frozen=True)
class Choice:
    """Somebody to choose, with their roles there; `away` today."""

    person: Person
    roles: tuple[Role, ...]
    away: bool


def colleagues(case: Case) -> list[Choice]:
    """Everybody in post with a role at the concern's setting or in its area, by name; not the front door."""
    found: dict[str, list[Role]] = {}
    people: dict[str, Person] = {}
    for role in WORKING:
        for person in case.staff.holders(role, case.place):
            if not case.staff.has_left(person, case.day):
                people[person.email] = person
                found.setdefault(person.email, []).append(role)
    chosen = [Choice(people[one], tuple(roles), _away(case, people[one])) for one, roles in found.items()]
    return sorted(chosen, key=lambda one: (one.person.name, one.person.email))


def seconds(case: Case) -> list[Choice]:
    """Who may be the second person today: another DSL, deputy or head of the setting, at work; as `second_called`."""
    mine = case.by.id if case.by else None
    others = [one for one in colleagues(case) if set(one.roles) & set(SECONDS) and one.person.id != mine]
    return [one for one in others if not one.away]


def _away(case: Case, person: Person) -> bool:
    stand_in = case.staff.stand_in(person, case.day)
    return stand_in is None or stand_in.id != person.id
