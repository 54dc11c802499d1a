"""The people and children of a soak: twenty-four settings in two areas, siblings among the children, nobody real."""

from __future__ import annotations

from typing import Any

AREAS = ("derby", "derbyshire")
SETTINGS = 24
SIBLINGS = 6  # of so many children, the last is the first's sibling
ROLES = (
    ("teacher", "practitioner"),
    ("lead", "practitioner"),
    ("dsl", "dsl"),
    ("deputy", "deputy_dsl"),
    ("head", "head"),
)
OF_AREA = (
    ("coordinator", "early_help_coordinator"),
    ("front-door", "front_door"),
    ("partnership", "partnership_contact"),
)
ADMIN = "admin@partnership.example"


def setting(number: int) -> str:
    """The key of the setting of a child's number."""
    return f"setting-{number % SETTINGS:02d}"


def area(key: str) -> str:
    """The area of a setting."""
    return AREAS[int(key.rpartition("-")[2]) % len(AREAS)]


def staff(key: str, name: str) -> str:
    """The address of somebody at a setting or in an area."""
    return f"{name}@{key}.example"


def child(number: int) -> str:
    """The key of a child."""
    return f"child-{number:04d}"


def roster(children: int) -> dict[str, Any]:
    """A roster file's content, for so many children."""
    keys = [setting(number) for number in range(SETTINGS)]
    people = [_person(staff(key, name), {"role": role, "setting": key}) for key in keys for name, role in ROLES]
    people += [_person(staff(key, name), {"role": role, "area": key}) for key in AREAS for name, role in OF_AREA]
    people.append(_person(ADMIN, {"role": "administrator"}))
    return {
        "settings": [_setting(key) for key in keys],
        "people": people,
        "households": [{"key": home} for home in sorted({_home(number) for number in range(children)})],
        "children": [_child(number) for number in range(children)],
    }


def _home(number: int) -> str:
    return f"home-{number - SIBLINGS + 1 if number % SIBLINGS == SIBLINGS - 1 else number:04d}"


def _person(email: str, role: dict[str, str]) -> dict[str, Any]:
    return {"email": email, "name": email.partition("@")[0].replace("-", " ").title(), "roles": [role]}


def _setting(key: str) -> dict[str, str]:
    return {"key": key, "name": f"School {key[-2:]}", "kind": "school", "area": area(key)}


def _child(number: int) -> dict[str, str]:
    born = f"20{10 + number % 12}-0{1 + number % 9}-1{number % 10}"
    return {
        "key": child(number),
        "name": f"Pupil Number{number:04d}",
        "born": born,
        "household": _home(number),
        "setting": setting(number),
    }
