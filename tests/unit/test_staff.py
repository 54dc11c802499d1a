"""Who is at work: holders, leave and its cover, leavers, empty roles, and the next role up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import NobodyThere, NotFound
from models.people import Role
from models.staff import CLIMB, Staff
from tests import people
from tests.unit.office import DAY, away, id_of, place, staff

HERE = place()
SAFEGUARDING = (people.DSL, people.DEPUTY, people.HEAD)
ABOVE = (people.COORDINATOR, people.PARTNERSHIP, people.ADMIN)


def owner(of: Staff, role: Role = Role.DSL, day: date = DAY) -> str:
    """Who is to own a task of that role."""
    return of.owner(role, HERE, day).email


def gone(of: Staff, email: str, day: date = DAY) -> None:
    """Let somebody leave."""
    of.people[id_of(email)].left_on = day


@pytest.mark.parametrize(
    ("role", "email"),
    [
        (Role.DSL, people.DSL),
        (Role.DEPUTY_DSL, people.DEPUTY),
        (Role.HEAD, people.HEAD),
        (Role.EARLY_HELP_COORDINATOR, people.COORDINATOR),
        (Role.PARTNERSHIP_CONTACT, people.PARTNERSHIP),
        (Role.FRONT_DOOR, people.FRONT_DOOR),
        (Role.ADMINISTRATOR, people.ADMIN),
    ],
)
def test_a_role_is_held_at_a_setting_in_an_area_or_everywhere(role: Role, email: str) -> None:
    """Oakfield's own, Derby's own, and the one administrator of all."""
    assert [person.email for person in staff().holders(role, HERE)] == [email]


def test_roles_elsewhere_are_no_roles_here() -> None:
    """A head of another school is nobody in this one, though in the same area."""
    everybody = staff()
    assert everybody.roles_of(everybody.named(people.ASHDOWN_HEAD), HERE) == set()
    assert everybody.roles_of(everybody.named(people.DSL), HERE) == {Role.DSL}


def test_a_leaver_is_gone_from_the_day_itself() -> None:
    """The day before they are still there."""
    everybody = staff()
    gone(everybody, people.DSL)
    assert owner(everybody) == people.DEPUTY
    assert owner(everybody, day=DAY - timedelta(days=1)) == people.DSL


def test_leave_holds_on_its_first_and_last_day() -> None:
    """Both included, the days around not."""
    everybody = staff()
    away(everybody, people.DSL, first=DAY, last=DAY + timedelta(days=2))
    there = [everybody.is_there(everybody.named(people.DSL), DAY + timedelta(days=n)) for n in (-1, 0, 2, 3)]
    assert there == [True, False, False, True]


def test_cover_stands_in_and_may_come_from_elsewhere() -> None:
    """Named cover acts before the next role up."""
    everybody = staff()
    away(everybody, people.DSL, people.ASHDOWN_DEPUTY)
    assert owner(everybody) == people.ASHDOWN_DEPUTY


def test_cover_that_left_or_is_away_is_passed_over() -> None:
    """The chain of cover is followed; at its end stands the next role up."""
    everybody = staff()
    away(everybody, people.DSL, people.TEACHER)
    gone(everybody, people.TEACHER)
    assert owner(everybody) == people.DEPUTY


def test_a_refused_address_is_nobody_there() -> None:
    """Who cannot be reached is passed over like who is away."""
    everybody = staff()
    everybody.people[id_of(people.DSL)].refused_at = datetime(2026, 3, 1, tzinfo=UTC)
    assert owner(everybody) == people.DEPUTY


def test_each_empty_role_falls_to_the_next_one_up() -> None:
    """DSL, deputy, head, coordinator, partnership contact, administrator: never nobody while anybody is there."""
    everyone = (*SAFEGUARDING, *ABOVE)
    assert [owner(staff(without=everyone[:count])) for count in range(len(everyone))] == list(everyone)


def test_the_front_door_falls_to_the_school_that_refers() -> None:
    """A role outside the climb has the whole climb behind it."""
    assert owner(staff(without=[people.FRONT_DOOR]), Role.FRONT_DOOR) == people.DSL


def test_everybody_present_hears_and_covers_only_when_nobody_is() -> None:
    """Of two DSLs the one at work acts; cover is for when neither is."""
    everybody = staff()
    second = everybody.roles[0].model_copy(
        update={"person_id": id_of(people.LEAD), "role": Role.DSL, "setting_id": id_of(people.OAKFIELD)}
    )
    everybody.roles.append(second)
    away(everybody, people.DSL, people.TEACHER)
    assert [one.email for one in everybody.in_role(Role.DSL, HERE, DAY)] == [people.LEAD]
    away(everybody, people.LEAD)
    assert [one.email for one in everybody.in_role(Role.DSL, HERE, DAY)] == [people.TEACHER]


def test_when_all_are_away_the_first_in_post_owns_it() -> None:
    """A concern is never turned away."""
    everybody = staff()
    for email in (*SAFEGUARDING, *ABOVE):
        away(everybody, email)
    assert everybody.climb(Role.DSL, HERE, DAY) == []
    assert owner(everybody) == people.DSL


def test_when_nobody_is_in_post_it_says_what_to_load() -> None:
    """And a task that is owed already stays its owner's."""
    everybody = staff()
    for email in (*SAFEGUARDING, *ABOVE):
        gone(everybody, email)
    with pytest.raises(NobodyThere, match=r"^roster: nobody in post could own this; load a roster with a DSL"):
        owner(everybody)
    assert everybody.acting(id_of(people.DSL), Role.DSL, HERE, DAY).email == people.DSL


@pytest.mark.parametrize(("role", "email"), [("lead", people.DSL), ("owner", people.DSL), ("head", people.COORDINATOR)])
def test_who_acts_for_an_owner_by_name_is_the_dsl(role: str, email: str) -> None:
    """A lead's or an action owner's task falls to the DSL, a head's to the next role up."""
    everybody = staff()
    away(everybody, people.HEAD)
    away(everybody, people.LEAD)
    of = people.HEAD if role == "head" else people.LEAD
    assert everybody.acting(id_of(of), role, HERE, DAY).email == email


def test_a_person_is_found_by_address() -> None:
    """Or said to be unknown."""
    assert staff().named(people.DSL).name == "Dana Okoro"
    with pytest.raises(NotFound, match=r"^nobody@x\.example: no such person; load a roster that names them$"):
        staff().named("nobody@x.example")


emails = st.sampled_from((*SAFEGUARDING, *ABOVE, people.TEACHER))
leave = st.lists(st.tuples(emails, st.none() | emails), max_size=8)


@given(leave, st.sets(emails), st.sampled_from(CLIMB))
def test_whoever_is_away_an_owner_is_found_and_is_there_if_anybody_is(
    absent: list[tuple[str, str | None]], left: set[str], role: Role
) -> None:
    """Through any leave, cover in circles and leavers; nobody who left ever owns anything."""
    everybody = staff()
    for email, cover in absent:
        away(everybody, email, cover)
    for email in left:
        gone(everybody, email)
    holders = [one for step in CLIMB[CLIMB.index(role) :] for one in everybody.holders(step, HERE)]
    if all(everybody.has_left(one, DAY) for step in CLIMB for one in everybody.holders(step, HERE)):
        return
    found = everybody.owner(role, HERE, DAY)
    assert not everybody.has_left(found, DAY)
    assert everybody.is_there(found, DAY) or not any(everybody.is_there(one, DAY) for one in holders)
