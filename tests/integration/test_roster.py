"""Loading a roster: all or nothing, an update when loaded again, and a warning where a role stands empty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from config.errors import BadInput
from config.yaml_file import read_yaml
from models.people import Absence, Child, Person, RoleHeld, Setting
from models.roster import read_roster
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.refusals import refused

Change = Callable[[dict[str, Any]], object]


async def test_a_roster_is_loaded_whole(driver: Driver) -> None:
    """Everything it names is there, and it says how many of each."""
    loaded = await driver.load()
    roster = people.roster()
    assert (loaded.settings, loaded.people) == (len(roster["settings"]), len(roster["people"]))
    assert (loaded.households, loaded.children, loaded.warnings) == (6, 9, [])
    (amira,) = await driver.rows(select(Child).where(Child.key == people.AMIRA))
    assert (amira.name, amira.born, amira.due_on, amira.clock_from) == ("Amira Quillonby", date(2018, 5, 4), None, None)
    (oakfield,) = await driver.rows(select(Setting).where(Setting.key == people.OAKFIELD))
    assert (oakfield.opens, oakfield.closed) == ("08:30-15:30", [["2026-04-03", "2026-04-17"]])


async def test_the_same_roster_again_changes_nothing_that_people_see(driver: Driver) -> None:
    """An update, never a double."""
    await driver.load()
    before = await driver.dump()
    await driver.load()
    after = await driver.dump()
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    assert [after[name] for name in ("child", "person", "setting")] == [
        before[name] for name in ("child", "person", "setting")
    ]


async def test_a_changed_roster_updates_what_it_names_and_leaves_the_rest(loaded: Driver) -> None:
    """A birth, a new name, a role given up; concerns stay with the child."""
    reference = (await loaded.log(people.UNBORN, people.HEALTH_VISITOR, journeys.LOGGED_AT)).reference
    born = {
        "key": people.UNBORN,
        "name": "Zaynab Quillonby",
        "born": "2026-06-18",
        "household": "h1",
        "setting": "hv-team",
    }
    teacher = {"email": people.TEACHER.upper(), "name": "Tessa Brook-Hall", "roles": []}
    await loaded.load({"children": [born], "people": [teacher]}, "2026-06-22T09:00")
    (child,) = await loaded.rows(select(Child).where(Child.key == people.UNBORN))
    (person,) = await loaded.rows(select(Person).where(Person.email == people.TEACHER))
    assert (child.name, child.born, person.name) == ("Zaynab Quillonby", date(2026, 6, 18), "Tessa Brook-Hall")
    assert not await loaded.rows(select(RoleHeld).where(RoleHeld.person_id == person.id))
    assert (await loaded.show(reference, "2026-06-22T09:00"))["status"] == "LOGGED"
    assert len(await loaded.rows(select(Person))) == len(people.roster()["people"])


async def test_leave_and_cover_come_with_the_roster(driver: Driver) -> None:
    """Both days included; loading again replaces a person's leave by what the roster says."""
    roster = people.roster()
    roster["people"][1]["away"] = [{"from": "2026-03-02", "to": "2026-03-06", "cover": people.HEAD}]
    await driver.load(roster)
    (absence,) = await driver.rows(select(Absence))
    assert (absence.first, absence.last) == (date(2026, 3, 2), date(2026, 3, 6))
    await driver.load()
    assert await driver.rows(select(Absence)) == []


def _set(part: str, place: int, **fields: Any) -> Change:
    return lambda roster: roster[part][place].update(fields)


WRONG: list[tuple[str, Change, str]] = [
    (
        "setting of a child",
        _set("children", 0, setting="nowhere"),
        "children.setting: nowhere is not a setting in this roster or the record",
    ),
    (
        "household of a child",
        _set("children", 0, household="h99"),
        "children.household: h99 is not a household in this roster or the record",
    ),
    (
        "setting of a role",
        _set("people", 0, roles=[{"role": "head", "setting": "nowhere"}]),
        "people.roles.setting: nowhere is not a setting in this roster or the record",
    ),
    (
        "cover",
        _set("people", 0, away=[{"from": "2026-03-02", "to": "2026-03-02", "cover": "x@y.example"}]),
        "people.away.cover: x@y.example is not a person in this roster or the record",
    ),
    (
        "own cover",
        _set("people", 0, away=[{"from": "2026-03-02", "to": "2026-03-02", "cover": people.HEAD}]),
        f"people.away.cover: {people.HEAD} cannot cover their own leave",
    ),
    (
        "household without children",
        lambda roster: roster["households"].append({"key": "h7"}),
        "households: h7 has no children; leave it out or name its children",
    ),
]


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
async def test_a_reference_that_leads_nowhere_refuses_the_whole_roster(
    driver: Driver, change: Change, said: str
) -> None:
    """One transaction writes it all, or nothing."""
    roster = people.roster()
    change(roster)
    async with refused(driver, BadInput, said):
        await driver.load(roster)


async def test_a_household_that_has_its_children_already_may_be_named_alone(loaded: Driver) -> None:
    """The next roster need not repeat them."""
    assert (await loaded.load({"households": [{"key": "h1"}]})).households == 1


async def test_an_empty_role_is_a_warning_that_names_who_will_hear(driver: Driver) -> None:
    """Nobody holds it, or nobody holding it is at work: who hears instead is named; so is a missing front door."""
    roster = people.roster()
    gone = (people.SUNBEAMS_DEPUTY, people.DERBYSHIRE_FRONT_DOOR)
    roster["people"] = [row for row in roster["people"] if row["email"] not in gone]
    for row in roster["people"]:
        if row["email"] == people.SUNBEAMS_DSL:
            row["away"] = [{"from": "2026-03-01", "to": "2026-03-05"}]
    assert (await driver.load(roster)).warnings == [
        f"sunbeams: role dsl: nobody holding it is at work; who will hear instead: {people.SUNBEAMS_HEAD}",
        f"sunbeams: role deputy_dsl: nobody holds it; who will hear instead: {people.SUNBEAMS_HEAD}",
        f"sunbeams: role front_door: nobody holds it; who will hear instead: {people.SUNBEAMS_HEAD}",
    ]


# Files: the place of what is wrong. These need no database.


HEADER = "people:\n  - {email: dana.okoro@oakfield.example, name: Dana Okoro}\n"
FILES = [
    ("settings:\n  - {key: a, name: A, kind: school}", "r.yaml line 2, column 5: settings.0.area: is missing"),
    (
        "settings:\n  - {key: a, name: A, kind: school, area: derby, open: late}",
        "r.yaml line 2, column 50: settings.0.open: write opening hours such as '08:30-15:30', not 'late'",
    ),
    (
        "settings:\n  - {key: a, name: A, kind: school, area: derby, closed: [2026-04-17..2026-04-03]}",
        "r.yaml line 2, column 59: settings.0.closed.0: the last day is before the first: 2026-04-17..2026-04-03",
    ),
    (
        HEADER + "  - {email: Dana.Okoro@oakfield.example, name: D}",
        "r.yaml line 3, column 6: people.email: dana.okoro@oakfield.example is there twice",
    ),
    (
        "people:\n  - {email: dana, name: D}",
        "r.yaml line 2, column 6: people.0.email: value is not a valid email address: An email address must have",
    ),
    (
        'people:\n  - {email: "a@b.example\\nBcc: c@d.example", name: D}',
        "r.yaml line 2, column 6: people.0.email: value is not a valid email address",
    ),
    (
        'people:\n  - {email: a@b.example, name: "Dana\\r\\nBcc: x"}',
        "r.yaml line 2, column 26: people.0.name: must be one line, without line breaks or control characters",
    ),
    (
        "people:\n  - {email: a@b.example, name: D, roles: [{role: chef, setting: a}]}",
        "r.yaml line 2, column 44: people.0.roles.0.role: input should be 'practitioner', 'dsl'",
    ),
    (
        "people:\n  - {email: a@b.example, name: D, roles: [{role: dsl}]}",
        "r.yaml line 2, column 43: people.0.roles.0: role dsl is of a setting: give setting, and no area",
    ),
    (
        "people:\n  - {email: a@b.example, name: D, roles: [{role: front_door, setting: a}]}",
        "r.yaml line 2, column 43: people.0.roles.0: role front_door is of an area: give area, and no setting",
    ),
    (
        "people:\n  - {email: a@b.example, name: D, zone: Mars/Base}",
        "r.yaml line 2, column 35: people.0.zone: is no time zone; write one such as Europe/London",
    ),
    (
        "people:\n  - {email: a@b.example, name: D, zone: [x]}",
        "r.yaml line 2, column 35: people.0.zone: is no time zone; write one such as Europe/London",
    ),
    (
        "people:\n  - {email: a@b.example, name: D, left: soon}",
        "r.yaml line 2, column 35: people.0.left: write a day such as 2026-03-02, not 'soon'",
    ),
    (
        "people:\n  - {email: a@b.example, name: D, away: [{from: 2026-03-03, to: 2026-03-02}]}",
        "r.yaml line 2, column 42: people.0.away.0: to: is before from",
    ),
    (
        "children:\n  - {key: a, name: A, household: h, setting: s}",
        "r.yaml line 2, column 5: children.0: give born, or for an unborn child due; one of the two",
    ),
    (
        "children:\n  - {key: a, name: A, household: h, setting: s, born: 2020-01-01, due: 2020-01-01}",
        "r.yaml line 2, column 5: children.0: give born, or for an unborn child due; one of the two",
    ),
    (
        f"households:\n  - {{key: {'h' * 81}}}",
        "r.yaml line 2, column 6: households.0.key: string should have at most 80 characters",
    ),
    (
        "staff: []",
        "r.yaml line 1, column 1: staff: is not a field here; the fields are settings, people, households, children",
    ),
    ("- a", "r.yaml line 1, column 1: a roster has settings, people, households and children"),
]


@pytest.mark.parametrize(("text", "said"), FILES)
def test_a_wrong_file_says_where_and_what_would_be_right(text: str, said: str) -> None:
    """File, line, column, field and what would be right, in one line."""
    with pytest.raises(BadInput) as caught:
        read_roster(*read_yaml(text, "r.yaml"))
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
