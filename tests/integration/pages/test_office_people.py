"""People: added, changed, given roles, on leave, leaving; and somebody always keeps the keys."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from models.access import Account, Invitation, SignIn
from models.people import Absence, Person, Role, RoleHeld
from models.record import Concern, Task
from models.staff_changes import take_role
from tests import people
from tests.driver import Driver, instant
from tests.integration.pages.office import ada, deeds_of, number_of, person
from tests.outbox import outbox
from tests.site import Browser, Site

AT = "2026-03-02T10:00"
NEW = {"name": "Nell Ashby", "email": "nell.ashby@oakfield.example", "phone": "01632 960111", "zone": "Europe/London"}
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def roles_of(driver: Driver, email: str) -> list[RoleHeld]:
    """The roles somebody holds."""
    return await driver.rows(select(RoleHeld).where(RoleHeld.person_id == await number_of(driver, email)))


async def second_administrator(driver: Driver) -> None:
    """The partnership's contact administers as well."""
    who = await number_of(driver, people.PARTNERSHIP)
    async with driver.writing() as session:
        session.add(RoleHeld(person_id=who, role=Role.ADMINISTRATOR))


async def test_somebody_new_gets_a_role_and_an_invitation(site: Site, loaded: Driver) -> None:
    """Three short forms; what they did is in the audit."""
    browser = await ada(site, AT)
    added = await browser.post("/admin/people/new", NEW)
    assert added.status == 303
    nell = await person(loaded, NEW["email"])
    assert (nell.name, nell.phone) == (NEW["name"], NEW["phone"])
    role = await browser.post(f"/admin/people/{nell.id}/roles", {"role": "deputy_dsl", "setting": people.OAKFIELD})
    assert role.leads_to.endswith("done=role-given")
    await browser.post(f"/admin/people/{nell.id}/invite")
    shown = await browser.get(f"/admin/people/{nell.id}")
    assert "Deputy designated safeguarding lead, Oakfield Primary School" in shown.text
    assert "Invited; the link opens until" in shown.text
    assert [one.person_id for one in await outbox(loaded, "invitation")] == [nell.id]
    assert [one.about["given"] for one in await deeds_of(loaded, "roles_changed")] == ["deputy_dsl"]


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", people.DSL),
        ("email", "nobody"),
        ("name", ""),
        ("name", "two\nlines"),
        ("zone", "Europe/Atlantis"),
        ("name", "x" * 201),
    ],
)
async def test_a_form_with_something_wrong_changes_nothing(site: Site, loaded: Driver, field: str, value: str) -> None:
    """The error stands by its field and everything typed is kept."""
    browser = await ada(site, AT)
    before = await loaded.dump()
    answer = await browser.post("/admin/people/new", {**NEW, field: value})
    assert answer.status == 422
    assert "There is a problem" in answer.text
    assert answer.page.fields["phone"] == [NEW["phone"]]
    assert await loaded.dump() == before


@on_sqlite
async def test_a_persons_details_are_changed(site: Site, loaded: Driver) -> None:
    """A new address is a deed; a telephone alone is none."""
    head = await number_of(loaded, people.HEAD)
    browser = await ada(site, AT)
    form = (await browser.get(f"/admin/people/{head}/details")).page.fields
    before = {name: values[0] for name, values in form.items()}
    await browser.post(f"/admin/people/{head}/details", {**before, "phone": "01632 960222"})
    assert await deeds_of(loaded, "address_corrected") == []
    await browser.post(f"/admin/people/{head}/details", {**before, "email": "h.lowe@oakfield.example"})
    assert (await person(loaded, "h.lowe@oakfield.example")).id == head
    assert len(await deeds_of(loaded, "address_corrected")) == 1
    taken = await browser.post(f"/admin/people/{head}/details", {**before, "email": people.DSL})
    assert taken.status == 422


async def test_people_are_found_by_name_or_address(site: Site) -> None:
    """By a form that leaves no name in an address; signs that SQL knows are letters here."""
    browser = await ada(site, AT)
    found = await browser.post("/admin/people", {"words": "BANA"})
    assert people.ASHDOWN_DEPUTY in found.text
    assert people.DSL not in found.text
    for words in ("%", "_", "nobody of that name", "'; drop table person"):
        assert (
            "Nobody’s name or address has that in it." in (await browser.post("/admin/people", {"words": words})).text
        )


async def test_a_role_counts_from_the_next_look(site: Site, loaded: Driver) -> None:
    """Given, Dana finds the office; taken away, she is sent off. What she owes stays hers."""
    dana, browser = await site.signed_in(people.DSL, AT), await ada(site, AT)
    who = await number_of(loaded, people.DSL)
    assert (await dana.get("/admin")).status == 404
    await browser.post(f"/admin/people/{who}/roles", {"role": "administrator", "setting": people.OAKFIELD})
    assert (await dana.get("/admin")).status == 200
    again = await browser.post(f"/admin/people/{who}/roles", {"role": "administrator"})
    assert again.leads_to.endswith("done=role-held")
    (held,) = [one for one in await roles_of(loaded, people.DSL) if one.role == Role.ADMINISTRATOR]
    await browser.post(f"/admin/people/{who}/roles/{held.id}/take")
    assert (await dana.get("/admin")).status == 404
    assert (await browser.post(f"/admin/people/{who}/roles/{held.id}/take")).status == 303


@on_sqlite
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"setting": people.OAKFIELD}, "role"),
        ({"role": "emperor"}, "role"),
        ({"role": "dsl"}, "setting"),
        ({"role": "dsl", "setting": "nowhere"}, "setting"),
        ({"role": "front_door", "setting": people.OAKFIELD}, "area"),
    ],
)
async def test_a_role_needs_its_place(site: Site, loaded: Driver, fields: dict[str, str], field: str) -> None:
    """A setting's role a setting, an area's role an area."""
    who = await number_of(loaded, people.DSL)
    answer = await (await ada(site, AT)).post(f"/admin/people/{who}/roles", fields)
    assert answer.status == 422
    assert any(link.startswith(f"#{field}") for link in answer.page.links)


async def test_the_last_administrator_stays(site: Site, loaded: Driver) -> None:
    """Neither their role nor their post can be taken while nobody else has the keys; with another, both can."""
    who = await number_of(loaded, people.ADMIN)
    browser = await ada(site, AT)
    (held,) = await roles_of(loaded, people.ADMIN)
    assert (await browser.post(f"/admin/people/{who}/roles/{held.id}/take")).status == 403
    left = await browser.post(f"/admin/people/{who}/left", day("on", 2, 3, 2026))
    assert left.status == 422
    assert "make somebody else administrator first" in left.text
    assert (await person(loaded, people.ADMIN)).left_on is None
    await second_administrator(loaded)
    assert (await browser.post(f"/admin/people/{who}/roles/{held.id}/take")).status == 303
    assert (await browser.get("/admin")).status == 404


async def test_two_administrators_cannot_remove_each_other(loaded: Driver) -> None:
    """At the same moment: one of them stays."""
    await second_administrator(loaded)
    first, second = await person(loaded, people.ADMIN), await person(loaded, people.PARTNERSHIP)
    roles = await loaded.rows(select(RoleHeld).where(RoleHeld.role == Role.ADMINISTRATOR))
    held = {one.person_id: one.id for one in roles}

    async def remove(who: Person, by: Person) -> None:
        await loaded.act(take_role, who, held[who.id], by, instant(AT))

    ended = await asyncio.gather(remove(first, second), remove(second, first), return_exceptions=True)
    assert [type(one).__name__ for one in ended if one is not None] == ["NotPermitted"]
    assert len(await loaded.rows(select(RoleHeld).where(RoleHeld.role == Role.ADMINISTRATOR))) == 1


def day(name: str, number: int, month: int, year: int) -> dict[str, str]:
    """A date as a form sends it."""
    return {f"{name}-day": str(number), f"{name}-month": str(month), f"{name}-year": str(year)}


async def owing(loaded: Driver) -> str:
    """Dana owes a decision; the id of her page."""
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    return str(await number_of(loaded, people.DSL))


async def test_a_leaver_owes_nothing_afterwards(site: Site, loaded: Driver) -> None:
    """Their tasks are shown by reference, somebody must be named, and that person has them; they are signed out."""
    who = await owing(loaded)
    dana, browser = await site.signed_in(people.DSL, AT), await ada(site, AT)
    asked = await browser.get(f"/admin/people/{who}/left")
    assert "NC-2026-00001: DSL review" in asked.text
    refused = await browser.post(f"/admin/people/{who}/left", day("on", 2, 3, 2026))
    assert (refused.status, (await person(loaded, people.DSL)).left_on) == (422, None)
    done = await browser.post(f"/admin/people/{who}/left", {**day("on", 2, 3, 2026), "to": people.DEPUTY})
    assert done.status == 303
    (task,) = await loaded.rows(select(Task).where(col(Task.closed_at).is_(None)))
    assert task.owner_id == await number_of(loaded, people.DEPUTY)
    assert (await dana.get("/")).leads_to.startswith("/sign-in")
    (deed,) = await deeds_of(loaded, "left")
    assert (deed.about["tasks"], deed.about["to"]) == (1, people.DEPUTY)
    await browser.post(f"/admin/people/{who}/back")
    assert (await person(loaded, people.DSL)).left_on is None


@on_sqlite
@pytest.mark.parametrize("to", ["nobody@oakfield.example", people.DSL])
async def test_a_leavers_tasks_go_to_nobody_there_is_not(site: Site, loaded: Driver, to: str) -> None:
    """Nor back to the leaver."""
    who = await owing(loaded)
    before = await loaded.dump()
    answer = await (await ada(site, AT)).post(f"/admin/people/{who}/left", {**day("on", 2, 3, 2026), "to": to})
    assert answer.status in (404, 422)
    after = await loaded.dump()
    assert {name for name in after if after[name] != before[name]} <= {"signin"}


async def test_leave_is_recorded_and_taken_back(site: Site, loaded: Driver) -> None:
    """With who acts meanwhile; leave that has begun is history."""
    who = await number_of(loaded, people.DSL)
    browser = await ada(site, AT)
    days = day("from", 9, 3, 2026) | day("to", 13, 3, 2026)
    done = await browser.post(f"/admin/people/{who}/leave", {**days, "cover": people.DEPUTY})
    assert done.leads_to.endswith("done=their-leave-recorded")
    (absence,) = await loaded.rows(select(Absence))
    assert absence.cover_id == await number_of(loaded, people.DEPUTY)
    backwards = await browser.post(f"/admin/people/{who}/leave", day("from", 9, 3, 2026) | day("to", 8, 3, 2026))
    assert backwards.status == 422
    assert (await browser.post(f"/admin/people/{who}/leave/{absence.id}/withdraw")).status == 303
    assert await loaded.rows(select(Absence)) == []
    assert [one.about.get("withdrawn") for one in await deeds_of(loaded, "leave_recorded")] == [None, True]


async def test_a_lost_telephone(site: Site, loaded: Driver) -> None:
    """The second factor is taken away, every browser signed out, and an invitation sent: one press."""
    who = await number_of(loaded, people.DSL)
    async with loaded.writing() as session:
        session.add(Account(person_id=who, password="kept", totp="sealed", made_at=instant(AT)))
    dana, browser = await site.signed_in(people.DSL, AT), await ada(site, AT)
    assert "signed in at 1 browser now" in (await browser.get(f"/admin/people/{who}")).text
    await browser.post(f"/admin/people/{who}/second-factor")
    (account,) = await loaded.rows(select(Account).where(Account.person_id == who))
    assert account.totp is None
    assert (await dana.get("/")).leads_to.startswith("/sign-in")
    assert len(await loaded.rows(select(Invitation))) == 1
    await browser.post(f"/admin/people/{who}/sign-out")
    live: list[Any] = await loaded.rows(select(SignIn).where(SignIn.person_id == who, col(SignIn.ended_at).is_(None)))
    assert live == []


@on_sqlite
async def test_nobody_who_left_is_invited(site: Site, loaded: Driver) -> None:
    """The page says what to do first."""
    who = await owing(loaded)
    browser = await ada(site, AT)
    await browser.post(f"/admin/people/{who}/left", {**day("on", 2, 3, 2026), "to": people.DEPUTY})
    answer = await browser.post(f"/admin/people/{who}/invite")
    assert answer.status == 409
    assert "They have left." in answer.text
    assert await loaded.rows(select(Invitation)) == []


@on_sqlite
async def test_ids_that_lead_nowhere(site: Site, loaded: Driver) -> None:
    """Another person's role, leave and nobody at all: 404 or nothing, and nothing changes."""
    who, other = await number_of(loaded, people.DSL), await roles_of(loaded, people.HEAD)
    browser: Browser = await ada(site, AT)
    before = await loaded.dump()
    assert (await browser.get("/admin/people/c0ffee00-0000-4000-8000-000000000000")).status == 404
    assert (await browser.get("/admin/people/nobody/left")).status == 404
    await browser.post(f"/admin/people/{who}/roles/{other[0].id}/take")
    assert await loaded.dump() == before
    assert await loaded.rows(select(Concern)) == []
