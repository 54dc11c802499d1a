"""A partnership large enough to measure with: settings with staff in four areas, and children; every name invented."""

from __future__ import annotations

from typing import Any

AREAS = ("derby", "derbyshire", "northshire", "southshire")
SETTINGS = 120
OF_A_SETTING = ("head", "dsl", "deputy_dsl", "practitioner", "practitioner", "practitioner")
OF_AN_AREA = ("early_help_coordinator", "early_help_coordinator", "front_door", "partnership_contact")

Row = dict[str, Any]


def roster(households: int, children: int = 1) -> Row:
    """A roster: the settings with their people, and so many households of so many children, in every setting alike."""
    people = [
        _person(role, number, name_of(place), "setting")
        for place in range(SETTINGS)
        for number, role in enumerate(OF_A_SETTING)
    ]
    people += [_person(role, number, area, "area") for area in AREAS for number, role in enumerate(OF_AN_AREA)]
    keeper = {"email": "keeper@partnership.example", "name": "The administrator", "roles": [{"role": "administrator"}]}
    return {
        "settings": [_setting(place) for place in range(SETTINGS)],
        "people": [*people, keeper],
        "households": [{"key": f"household-{number}"} for number in range(households)],
        "children": [_child(number, which) for number in range(households) for which in range(children)],
    }


def child(household: int, which: int = 0) -> str:
    """The key of a household's child."""
    return f"child-{household}-{which}"


def staff(household: int, role: str) -> str:
    """The address of whoever holds `role` in the setting of a household's children."""
    return f"{role.replace('_', '-')}-{OF_A_SETTING.index(role)}@{name_of(household % SETTINGS)}.example"


def name_of(place: int) -> str:
    """The key of a setting."""
    return f"oak-{place:03d}"


def _setting(place: int) -> Row:
    name = name_of(place)
    return {"key": name, "name": f"{name} Primary School", "kind": "school", "area": AREAS[place % len(AREAS)]}


def _child(household: int, which: int) -> Row:
    key = child(household, which)
    lives = {"household": f"household-{household}", "setting": name_of(household % SETTINGS)}
    return {"key": key, "name": key, "born": "2018-05-04", **lives}


def _person(role: str, number: int, place: str, sort: str) -> Row:
    name = f"{role.replace('_', '-')}-{number}"
    return {"email": f"{name}@{place}.example", "name": name, "roles": [{"role": role, sort: place}]}
