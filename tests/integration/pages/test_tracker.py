"""The tracker's board, list and file: what stands where, for whom, how it is chosen, and what it costs."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlmodel import col, select, update

from models import record
from models.access import Look
from models.people import Absence, Child, Person, Role, RoleHeld, Setting
from models.record import Concern
from models.tracker import TRACKED, monday_after
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.pages.tracked import many, task_of, two_areas, watched
from tests.site import Browser, Site
from web.spreadsheet import csv_line

AMIRA, DANIEL, JEROME, ELSIE = (people.CHILDREN[key].name for key in (people.AMIRA, "daniel", "jerome", "elsie"))
PATHS = ("/tracker", "/tracker/list", "/tracker/calendar", "/tracker/capacity", "/tracker/feed", "/tracker/reviews.csv")


async def test_a_coordinator_sees_the_area_and_no_other(site: Site, loaded: Driver) -> None:
    """Derby's sees Oakfield and Ashdown, Derbyshire's Sunbeams, on every page of the tracker."""
    await two_areas(loaded)
    for email, sees, never in (
        (people.COORDINATOR, (AMIRA, DANIEL, JEROME), (ELSIE,)),
        (people.DERBYSHIRE_COORDINATOR, (ELSIE,), (AMIRA, DANIEL, JEROME)),
        (people.DSL, (AMIRA, DANIEL), (JEROME, ELSIE)),
        (people.ASHDOWN_HEAD, (JEROME,), (AMIRA, DANIEL, ELSIE)),
    ):
        browser = await site.signed_in(email, "2026-03-04T09:00")
        for path in ("/tracker", "/tracker/list", "/tracker/reviews.csv", "/tracker/calendar?month=2026-04"):
            text = (await browser.get(path)).response.text
            assert [name for name in sees if name not in text] == [], (email, path)
            assert [name for name in never if name in text] == [], (email, path)


async def test_the_tracker_is_not_there_for_others(site: Site, loaded: Driver) -> None:
    """A practitioner, the front door and an administrator find nothing at any of its addresses."""
    await two_areas(loaded)
    for email in (people.TEACHER, people.FRONT_DOOR, people.ADMIN):
        browser = await site.signed_in(email)
        assert {(await browser.get(path)).status for path in PATHS} == {404}, email
        assert {(await browser.post(path)).status for path in ("/tracker/remind", "/tracker/feed")} == {404}, email


async def test_the_partnerships_contact_sees_what_has_climbed_to_them(site: Site, loaded: Driver) -> None:
    """Nothing while all is in time; what is overdue up the ladder from then on."""
    await two_areas(loaded)
    paula = await site.signed_in(people.PARTNERSHIP, "2026-03-04T09:00")
    assert AMIRA not in (await paula.get("/tracker")).text
    await loaded.sweep("2026-05-20T12:00")
    paula = await site.signed_in(people.PARTNERSHIP, "2026-05-20T12:30")
    assert AMIRA in (await paula.get("/tracker")).text


async def test_each_review_stands_in_its_column(site: Site, loaded: Driver) -> None:
    """The week ends on Sunday in London; what is overdue leads, and every column is counted."""
    references = await two_areas(loaded)  # case reviews due on Monday 27 and Tuesday 28 April, 5pm
    for at, columns in (
        ("2026-03-04T09:00", {"Later": 3}),
        ("2026-04-19T23:30", {"Next week": 0, "Later": 3}),
        ("2026-04-20T00:30", {"Next week": 3, "Later": 0}),
        ("2026-04-26T23:30", {"This week": 0, "Next week": 3}),
        ("2026-04-27T00:30", {"This week": 3, "Overdue": 0}),
        ("2026-04-27T17:30", {"Overdue": 2, "This week": 1}),
    ):
        colin = await site.signed_in(people.COORDINATOR, at)
        text = (await colin.get("/tracker")).text
        assert [column for column, number in columns.items() if f"{column} {number}" not in text] == [], at
    links = (await (await site.signed_in(people.COORDINATOR)).get("/tracker")).page.links
    assert f"/concerns/{references[people.AMIRA]}" in links


async def test_a_card_says_all_that_a_coordinator_asks(site: Site, loaded: Driver) -> None:
    """What is due, by when and why then, who acts, the child's clock, what reviews found, how often it was put off."""
    reference = await journeys.supporting(loaded)
    await journeys.review(loaded, "unchanged")
    fields = {"to": "2026-06-01", "reason": "Both parents are ill."}
    await loaded.do("postpone", people.LEAD, "2026-04-20T10:00", **fields)
    colin = await site.signed_in(people.COORDINATOR, "2026-05-06T09:00")
    text = (await colin.get("/tracker")).text
    for said in (
        reference,
        AMIRA,
        "Oakfield Primary School",
        "Leon Baptiste",
        "Due Monday 1 June",
        "65 days without improvement",
        "Reviews: unchanged",
        "Put off once",
        "Why then",
        "Unchanged once 1",
    ):
        assert said in text, said


async def test_no_change_twice_stays_in_sight_though_a_referral_is_raised(site: Site, loaded: Driver) -> None:
    """What is owed is no review any more; the child is still the one whose reviews found no change."""
    await journeys.persisting(loaded)
    colin = await site.signed_in(people.COORDINATOR, "2026-05-21T12:00")
    board = (await colin.get("/tracker")).text
    assert "Unchanged twice 1" in board
    assert "before it goes" in board
    assert AMIRA in (await colin.get("/tracker/list?column=unchanged-twice")).text
    assert AMIRA not in (await colin.get("/tracker/list")).text


async def test_cover_is_said(site: Site, loaded: Driver) -> None:
    """While the owner is away the card names who acts for them."""
    await watched(loaded, people.AMIRA, people.TEACHER, people.DSL)
    dana, devan = [await _person(loaded, email) for email in (people.DSL, people.DEPUTY)]
    async with loaded.writing() as session:
        day = "2026-03-04"
        session.add(Absence.model_validate({"person_id": dana.id, "first": day, "last": day, "cover_id": devan.id}))
    colin = await site.signed_in(people.COORDINATOR, "2026-03-04T09:00")
    assert "Devan Pillai, for Dana Okoro" in (await colin.get("/tracker")).text


async def test_what_is_chosen_is_shown_alone(site: Site, loaded: Driver) -> None:
    """By setting, by who owes it, by kind, by the child's clock; an address holds ids and our own words."""
    await two_areas(loaded)
    colin = await site.signed_in(people.COORDINATOR, "2026-03-31T09:00")
    oakfield = (await loaded.rows(select(Setting).where(Setting.key == people.OAKFIELD)))[0]
    safiya = await _person(loaded, people.ASHDOWN_DSL)
    for query, sees, never in (
        (f"setting={oakfield.id}", (AMIRA, DANIEL), (JEROME,)),
        (f"lead={safiya.id}", (JEROME,), (AMIRA, DANIEL)),
        ("kind=case_review", (AMIRA, DANIEL, JEROME), ()),
        ("kind=assess", (), (AMIRA, DANIEL, JEROME)),
        ("days=28", (AMIRA, DANIEL, JEROME), ()),
        ("days=56", (), (AMIRA, DANIEL, JEROME)),
        ("area=derbyshire", (), (AMIRA, DANIEL, JEROME)),
        ("setting=oakfield&kind=nothing&days=-1&column=x&day=32", (AMIRA, DANIEL, JEROME), ()),
    ):
        for path in ("/tracker", "/tracker/list", "/tracker/reviews.csv"):
            text = (await colin.get(f"{path}?{query}")).response.text
            assert [name for name in sees if name not in text] == [], (path, query)
            assert [name for name in never if name in text] == [], (path, query)


async def test_a_day_and_a_column_lead_to_their_list(site: Site, loaded: Driver) -> None:
    """From the month to a day, from the board to a column."""
    await two_areas(loaded)
    colin = await site.signed_in(people.COORDINATOR, "2026-04-28T09:00")
    monday = await colin.get("/tracker/list?day=2026-04-27")
    assert AMIRA in monday.text
    assert DANIEL not in monday.text
    overdue = await colin.get("/tracker/list?column=overdue")
    assert overdue.page.heading == "Overdue"
    assert (AMIRA in overdue.text, DANIEL in overdue.text) == (True, False)


async def test_the_list_is_sorted_as_asked(site: Site, loaded: Driver) -> None:
    """By deadline, by setting, by the child's clock; an unknown order is the deadline's."""
    await two_areas(loaded)
    async with loaded.writing() as session:
        daniel = update(Child).where(col(Child.name) == DANIEL)
        await session.exec(daniel.values(clock_from=instant("2025-03-02T09:00")))
    colin = await site.signed_in(people.COORDINATOR, "2026-03-31T09:00")
    for sort, order in (
        ("due", (AMIRA, DANIEL)),
        ("-due", (DANIEL, AMIRA)),
        ("setting", (JEROME, AMIRA)),
        ("-setting", (AMIRA, JEROME)),
        ("-days", (DANIEL, AMIRA)),
        ("days", (AMIRA, DANIEL)),
        ("name; drop table", (AMIRA, DANIEL)),
    ):
        text = (await colin.get("/tracker/list", params={"sort": sort})).text
        assert text.index(order[0]) < text.index(order[1]), sort


async def test_columns_and_lists_are_cut_and_say_so(site: Site, loaded: Driver) -> None:
    """Twenty cards with the way to all of them, fifty rows with the way to the rest."""
    reference = await watched(loaded, people.AMIRA, people.TEACHER, people.DSL)
    await many(loaded, reference, 60)
    colin = await site.signed_in(people.COORDINATOR, "2026-03-04T09:00")
    board = await colin.get("/tracker")
    assert "Later 61" in board.text
    assert board.text.count("Why then") == 20
    assert "Show all 61" in board.text
    first = await colin.get("/tracker/list?column=later")
    assert "1 to 50 of 61" in first.text
    rest = await colin.get("/tracker/list?column=later&start=50")
    assert "51 to 61 of 61" in rest.text
    assert rest.text.count("Why then") == 11


async def test_a_page_costs_the_same_for_three_rows_and_for_sixty(site: Site, loaded: Driver) -> None:
    """A fixed number of statements a page, however much there is, and few."""
    reference = await watched(loaded, people.AMIRA, people.TEACHER, people.DSL)
    await many(loaded, reference, 2)
    colin = await site.signed_in(people.COORDINATOR, "2026-03-04T09:00")
    paths = (*PATHS, "/tracker/calendar?month=2026-04")
    few = {path: await _cost(site, colin, path) for path in paths}
    await many(loaded, f"{reference}000", 57)
    assert {path: await _cost(site, colin, path) for path in paths} == few
    assert max(few.values()) <= 14


async def _cost(site: Site, browser: Browser, path: str) -> int:
    with site.statements() as seen:
        answer = await browser.get(path)
    assert answer.status == 200
    return len([one for one in seen if not one.startswith(("PRAGMA", "BEGIN"))])


async def test_every_child_shown_is_in_the_access_log(site: Site, loaded: Driver) -> None:
    """On the board, in the list, in the month and in the file."""
    await two_areas(loaded)
    colin = await site.signed_in(people.COORDINATOR, "2026-03-04T09:00")
    for path in ("/tracker", "/tracker/list", "/tracker/reviews.csv", "/tracker/calendar?month=2026-04"):
        await colin.get(path)
    looks = await loaded.rows(select(Look))
    pages = {page: sum(look.page == page for look in looks) for page in {look.page for look in looks}}
    assert pages == {"tracker": 3, "tracker-list": 3, "csv": 3, "tracker-calendar": 3}


async def test_a_file_cannot_carry_a_formula(site: Site, loaded: Driver) -> None:
    """A name that a spreadsheet would execute comes with an apostrophe before it; everything else as it is."""
    await two_areas(loaded)
    async with loaded.writing() as session:
        await session.exec(update(Child).where(col(Child.name) == AMIRA).values(name='=HYPERLINK("http://x","y")'))
        await session.exec(update(Person).where(col(Person.email) == people.ASHDOWN_DSL).values(name="@Noor, Zoë\nN"))
    colin = await site.signed_in(people.COORDINATOR, "2026-03-04T09:00")
    answer = (await colin.get("/tracker/reviews.csv")).response
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["Child"] for row in rows} == {'\'=HYPERLINK("http://x","y")', DANIEL, JEROME}
    assert {row["Owed by"] for row in rows} == {"Dana Okoro", "'@Noor, Zoë\nN"}
    assert [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))] == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_every_way_a_formula_begins_is_made_a_text(start: str) -> None:
    """As OWASP lists them."""
    assert next(csv.reader(io.StringIO(csv_line([f"{start}1+1"])))) == [f"'{start}1+1"]


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-03-02T00:00", "2026-03-09T00:00"),  # a Monday
        ("2026-03-08T23:59", "2026-03-09T00:00"),  # its Sunday
        ("2026-03-28T12:00", "2026-03-30T00:00"),  # the clocks go forward on the Sunday
        ("2026-10-25T23:30", "2026-10-26T00:00"),  # and back
    ],
)
def test_a_week_ends_on_sunday_at_midnight_in_london(at: str, ends: str) -> None:
    """Whatever the clocks do."""
    assert monday_after(instant(at)) == instant(ends)


def test_numbers_stay_numbers_in_the_file() -> None:
    """So that they can be added up."""
    assert csv_line([3, "a,b", -1]).strip() == '3,"a,b",-1'


async def test_an_empty_tracker_says_what_will_stand_here(site: Site) -> None:
    """And offers nothing to tick or filter."""
    colin = await site.signed_in(people.COORDINATOR)
    board = await colin.get("/tracker")
    assert "No assessment or review is to come" in board.text
    assert "Hand over" not in board.text


async def test_somebody_of_two_areas_can_choose_one(site: Site, loaded: Driver) -> None:
    """The area is a thing to choose only where there are several."""
    await two_areas(loaded)
    colin = await site.signed_in(people.COORDINATOR, "2026-03-04T09:00")
    assert "filter-area" not in (await colin.get("/tracker")).page.ids
    async with loaded.writing() as session:
        colins = await _person(loaded, people.COORDINATOR)
        session.add(RoleHeld(person_id=colins.id, role=Role.EARLY_HELP_COORDINATOR, area=people.DERBYSHIRE))
    both = await colin.get("/tracker")
    assert "filter-area" in both.page.ids
    assert ELSIE in both.text
    assert ELSIE not in (await colin.get("/tracker?area=derby")).text


async def test_a_closed_review_is_gone(site: Site, loaded: Driver) -> None:
    """The board shows what is open."""
    reference = await watched(loaded, people.AMIRA, people.TEACHER, people.DSL)
    task = await task_of(loaded, reference)
    colin = await site.signed_in(people.COORDINATOR, "2026-03-04T09:00")
    await loaded.do_task(str(task.id), "refer", people.DSL, "2026-03-04T08:00", reason="x y z", parents_informed="yes")
    assert AMIRA not in (await colin.get("/tracker")).text
    assert (await loaded.rows(select(Concern.status)))[0] == "REFERRED"


def test_the_index_holds_what_the_tracker_shows() -> None:
    """Its condition is written out for the database: it names the same kinds."""
    assert set(re.findall(r"'(\w+)'", record.TRACKED.text)) == {kind.value for kind in TRACKED}


async def _person(driver: Driver, email: str) -> Person:
    found: list[Person] = await driver.rows(select(Person).where(Person.email == email))
    return found[0]
