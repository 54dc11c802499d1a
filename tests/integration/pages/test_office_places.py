"""Settings, rosters and the policy in force, as an administrator keeps them; and the audit of it all."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
from sqlmodel import select

from models.looks import note_looks
from models.people import Child, Person, RoleHeld, Setting
from models.reach import viewer_for
from models.record import Concern
from tests import people
from tests.driver import Driver, instant
from tests.integration.pages.office import ada, children_in, deeds_of, number_of
from tests.site import Site

AT = "2026-03-02T10:00"
FORM = {
    "name": "Willowbank Primary School",
    "kind": "school",
    "area": people.DERBY,
    "open": "08:45-15:15",
    "closed": "2026-04-03..2026-04-17\n\n2026-05-25",
    "extra_open": "2026-06-13",
}
ROSTER = """
settings:
  - {key: willowbank, name: Willowbank Primary School, kind: school, area: derby}
people:
  - {email: wanda@willowbank.example, name: Wanda Hale, roles: [{role: dsl, setting: willowbank}]}
households: [{key: w1}]
children: [{key: wren, name: Wren Ottershaw, born: 2018-01-09, household: w1, setting: willowbank}]
"""
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def setting_of(driver: Driver, key: str) -> Setting | None:
    """The setting of that key."""
    return next(iter(await driver.rows(select(Setting).where(Setting.key == key))), None)


async def test_a_setting_is_added_and_changed(site: Site, loaded: Driver) -> None:
    """With hours and closures; the page says which roles nobody there holds, and who hears instead."""
    browser = await ada(site, AT)
    assert (await browser.post("/admin/settings/new", FORM)).status == 303
    made = await setting_of(loaded, "willowbank-primary-school")
    assert made is not None
    assert made.closed == [["2026-04-03", "2026-04-17"], ["2026-05-25", "2026-05-25"]]
    listed = await browser.get("/admin/settings")
    assert "Designated safeguarding lead : nobody holds it." in listed.text
    assert people.COORDINATOR in listed.text
    form = (await browser.get(f"/admin/settings/{made.id}")).page.fields
    assert form["closed"] == ["2026-04-03..2026-04-17\n2026-05-25"]
    changed = {name: values[0] for name, values in form.items()} | {"name": "Willowbank Academy", "closed": ""}
    assert (await browser.post(f"/admin/settings/{made.id}", changed)).status == 303
    after = await setting_of(loaded, made.key)
    assert after is not None
    assert (after.name, after.closed, after.opens) == ("Willowbank Academy", [], "08:45-15:15")
    assert len(await deeds_of(loaded, "setting_changed")) == 2


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "Enter an answer to “Name”"),
        ("open", "15:30-08:30", "must close after it opens"),
        ("open", "nine to five", "write opening hours such as"),
        ("closed", "2026-04-03\nEaster", "Line 2: write a day or days"),
        ("extra_open", "13 June", "Line 1: write a day"),
        ("key", people.OAKFIELD, "is another setting's short name already"),
        ("kind", "x" * 41, "at most 40 characters"),
    ],
)
async def test_a_setting_with_something_wrong(site: Site, loaded: Driver, field: str, value: str, says: str) -> None:
    """The roster's own rules, said by the field, with everything kept and nothing changed."""
    browser = await ada(site, AT)
    before = await loaded.dump()
    answer = await browser.post("/admin/settings/new", {**FORM, field: value})
    assert answer.status == 422
    assert says.lower() in answer.text.lower()
    assert answer.page.fields["area"] == [people.DERBY]
    assert await loaded.dump() == before


@pytest.mark.parametrize("how", ["file", "pasted"])
async def test_a_roster_is_loaded_from_the_office(site: Site, loaded: Driver, how: str) -> None:
    """Counts and warnings are answered, not a child; whoever loaded it sees none afterwards."""
    browser = await ada(site, AT)
    if how == "file":
        named: dict[str, Any] = {"files": {"file": ("roster.yaml", ROSTER.encode(), "application/yaml")}}
        answer = await browser.post("/admin/roster", {"text": ""}, **named)
    else:
        answer = await browser.post("/admin/roster", {"text": ROSTER})
    assert answer.leads_to.startswith("/admin/roster/loaded/")
    page = await browser.get(answer.leads_to)
    assert page.page.heading == "The roster is loaded"
    assert "willowbank: role head: nobody holds it" in page.text
    assert "Wren" not in page.text
    assert [one.key for one in await loaded.rows(select(Child).where(Child.key == "wren"))] == ["wren"]
    (deed,) = await deeds_of(loaded, "roster_loaded")
    assert (deed.about["children"], deed.about["settings"]) == (1, 1)
    assert "Wren" not in str(deed.about)


@on_sqlite
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "choose a file, or paste the roster"),
        ("settings: [}", "not valid yaml"),
        ("- a list", "a roster has settings"),
        (ROSTER.replace("area: derby", "aria: derby"), "roster line 3"),
        (ROSTER.replace("w1, setting: willowbank", "w1, setting: nowhere"), "nowhere is not a setting"),
        (ROSTER.replace("born: 2018-01-09", "born: Tuesday"), "children.0.born"),
        ("&a [*a]", "anchors and aliases"),
    ],
)
async def test_a_roster_with_something_wrong(site: Site, loaded: Driver, text: str, says: str) -> None:
    """Nothing is written; line and field are named; what was pasted is still there."""
    browser = await ada(site, AT)
    before = await loaded.dump()
    answer = await browser.post("/admin/roster", {"text": text, "file": ""})
    assert answer.status == 422
    assert says in answer.text.lower()
    assert answer.page.fields["text"][0].strip() == text.strip()
    assert await loaded.dump() == before


@on_sqlite
async def test_a_picture_is_no_roster(site: Site, loaded: Driver) -> None:
    """Nor are a file and a paste at once, eight megabytes and more, or a body that is no form."""
    browser = await ada(site, AT)
    before = await loaded.dump()
    picture = {"file": ("roster.yaml", b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "image/png")}
    assert "this is no text" in (await browser.post("/admin/roster", files=picture)).text.lower()
    both = {"file": ("roster.yaml", ROSTER.encode(), "text/plain")}
    assert (await browser.post("/admin/roster", {"text": ROSTER}, files=both)).status == 422
    huge = {"file": ("roster.yaml", b"#" * 8_100_000, "text/plain")}
    assert (await browser.post("/admin/roster", files=huge)).status == 413
    assert (await browser.post("/admin/roster", content=b"\xff\xfe")).status == 400
    assert await loaded.dump() == before


@on_sqlite
async def test_a_large_roster_may_be_pasted(site: Site, loaded: Driver) -> None:
    """More than a megabyte, which no other form takes."""
    answer = await (await ada(site, AT)).post("/admin/roster", {"text": "#" * 1_500_000 + ROSTER})
    assert answer.status == 303


async def test_a_roster_leaves_somebody_with_the_keys(site: Site, loaded: Driver) -> None:
    """One that names the only administrator without that role is refused whole."""
    demoted = f"people: [{{email: {people.ADMIN}, name: Ada Winstanley}}]"
    answer = await (await ada(site, AT)).post("/admin/roster", {"text": demoted})
    assert answer.status == 422
    assert "nobody would administer" in answer.text
    who = await number_of(loaded, people.ADMIN)
    assert await loaded.rows(select(RoleHeld).where(RoleHeld.person_id == who))


@on_sqlite
async def test_the_policy_in_force_with_its_sources(site: Site) -> None:
    """Figures in words with their standing, blank telephone numbers, and which area follows what."""
    browser = await ada(site, AT)
    text = (await browser.get("/admin/policy")).text
    assert "telephone numbers are blank" in text
    assert "derby: Derby and Derbyshire (derby-and-derbyshire)" in text
    assert "The DSL decides what a concern needs dsl_decision_due 1 working day" in text
    other = await browser.get("/admin/policy?key=derby-and-derbyshire")
    assert "Figures of its own" in other.text
    assert (await browser.get("/admin/policy?key=nowhere")).status == 404


async def looked_at(driver: Driver) -> str:
    """A concern that Dana decided on and looked at; its reference."""
    logged = await driver.log(people.AMIRA, people.TEACHER, AT)
    await driver.do("monitor", people.DSL, "2026-03-02T11:00", reason="Amira Quillonby will be watched")
    await looks_of(driver, people.DSL, logged.reference)
    return logged.reference


async def looks_of(driver: Driver, email: str, reference: str) -> None:
    """Somebody looked at a concern."""
    (concern,) = await driver.rows(select(Concern).where(Concern.reference == reference))
    async with driver.writing() as session:
        person = (await session.exec(select(Person).where(Person.email == email))).one()
        viewer = await viewer_for(session, person, instant(AT))
        await note_looks(session, viewer, "concern", [(concern.child_id, concern.id)], instant(AT))


async def test_the_audit_is_searched_by_who_what_when_and_reference(site: Site, loaded: Driver) -> None:
    """No e-mail address stands in its own; a reason given about a child is not shown."""
    reference = await looked_at(loaded)
    browser = await ada(site, "2026-03-02T12:00")
    await browser.post("/admin/settings/new", FORM)
    everything = await browser.get("/admin/audit")
    assert "Setting changed" in everything.text
    assert reference in everything.text
    search = {"person": people.DSL.upper(), "reference": reference.lower(), "since-day": "2", "since-month": "3"}
    answer = await browser.post("/admin/audit", {**search, "since-year": "2026"})
    assert people.DSL not in answer.leads_to
    found = await browser.get(answer.leads_to)
    lines = found.text.partition("newest first")[2]
    assert "Setting changed" not in lines
    assert "Monitored" in lines
    assert found.page.fields["person"] == [people.DSL]
    assert not children_in(found.response.text)
    only = await browser.get("/admin/audit?kind=setting_changed")
    assert "Logged" not in only.text.partition("newest first")[2]
    tomorrow = await browser.get("/admin/audit?since=2026-03-03")
    assert "Nothing fits this search." in tomorrow.text


async def test_who_looked_is_found_by_person_and_by_reference(site: Site, loaded: Driver) -> None:
    """The child is not named."""
    reference = await looked_at(loaded)
    other = await loaded.log(people.JEROME, people.ASHDOWN_TUTOR, AT)
    await looks_of(loaded, people.ASHDOWN_DSL, other.reference)
    browser = await ada(site, "2026-03-02T12:00")
    for fields in ({"person": people.DSL}, {"reference": reference}):
        answer = await browser.get((await browser.post("/admin/audit/looks", fields)).leads_to)
        assert people.DSL in answer.text.partition("newest first")[2]
        assert reference in answer.text
        assert people.ASHDOWN_DSL not in answer.text
    nobody = await browser.post("/admin/audit/looks", {"person": people.HEAD})
    assert "Nothing fits this search." in (await browser.get(nobody.leads_to)).text


@on_sqlite
async def test_the_audit_as_a_file(site: Site, loaded: Driver) -> None:
    """Every line of a search, and no cell that a spreadsheet would take for a formula."""
    reference = await looked_at(loaded)
    async with loaded.writing() as session:
        dana = (await session.exec(select(Person).where(Person.email == people.DSL))).one()
        dana.email = "=cmd|calc@oakfield.example"
        session.add(dana)
    browser = await ada(site, "2026-03-02T12:00")
    answer = await browser.get(f"/admin/audit.csv?reference={reference}")
    rows = list(csv.reader(StringIO(answer.response.text.removeprefix("\ufeff"))))
    assert rows[0][0] == "when (Europe/London)"
    assert {row[4] for row in rows[1:]} == {reference}
    assert "'=cmd|calc@oakfield.example" in {row[1] for row in rows}
    looks = await browser.get("/admin/audit/looks.csv")
    assert looks.response.headers["content-disposition"] == 'attachment; filename="looks.csv"'
    assert reference in looks.response.text


@on_sqlite
@pytest.mark.parametrize(
    "fields",
    [{"person": "nobody@oakfield.example"}, {"reference": "NC-2026-99999"}, {"since-day": "31", "since-month": "2"}],
)
async def test_a_search_for_what_there_is_not(site: Site, fields: dict[str, str]) -> None:
    """The field says so; an address made by hand finds nothing, or everything, and never fails."""
    browser = await ada(site, AT)
    answer = await browser.post("/admin/audit", fields)
    assert answer.status == 422
    for odd in ("person=x", "reference=NC-2026-99999", "since=soon", "before=2026&last=1", "kind=nothing"):
        assert (await browser.get(f"/admin/audit?{odd}")).status == 200


@on_sqlite
async def test_fifty_lines_a_page(site: Site, loaded: Driver) -> None:
    """Page after page shows every line once."""
    for number in range(13):
        child = (people.AMIRA, people.DANIEL, people.IFEOMA)[number % 3]
        await loaded.log(child, people.TEACHER, AT, what=f"Came without a coat for the {number}th time.")
        for _ in range(3):
            await (await ada(site, AT)).post("/admin/settings/new", {**FORM, "name": f"Willowbank {number}"})
    browser = await ada(site, AT)
    first = await browser.get("/admin/audit")
    (older,) = [link for link in first.page.links if "before=" in link]
    second = await browser.get(older)
    both = [one.response.text.count('role="rowheader"') for one in (first, second)]
    assert both == [50, 2]
    assert not [link for link in second.page.links if "before=" in link]
