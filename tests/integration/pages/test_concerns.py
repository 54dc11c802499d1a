"""The list of concerns: whose, filtered, sorted, searched, a page at a time."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.access import Look
from models.people import Setting
from tests import people
from tests.driver import Driver
from tests.integration.pages.desks import AT, away, many_concerns, statements
from tests.site import Site


async def _four(loaded: Driver) -> None:
    """Amira is watched, Daniel is new, Yusuf (Ashdown) and Elsie (Sunbeams) are new."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-02-20T09:00")
    await loaded.log(people.DANIEL, people.TEACHER, "2026-03-02T09:00")
    await loaded.log(people.YUSUF, people.ASHDOWN_TUTOR, "2026-03-02T09:00")
    await loaded.log(people.ELSIE, people.KEY_PERSON, "2026-03-02T09:00")
    await loaded.do("monitor", people.DSL, AT, concern="NC-2026-00001", reason="Watch.")


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (people.DSL, {"Amira", "Daniel"}),
        (people.DEPUTY, {"Amira", "Daniel"}),
        (people.HEAD, {"Amira", "Daniel"}),
        (people.ASHDOWN_DSL, {"Yusuf"}),
        (people.COORDINATOR, {"Amira", "Daniel", "Yusuf"}),
        (people.DERBYSHIRE_COORDINATOR, {"Elsie"}),
    ],
)
async def test_everybody_sees_the_concerns_of_their_own_reach(
    site: Site, loaded: Driver, who: str, seen: set[str]
) -> None:
    """Setting or area, and no other child's name anywhere on the page, searched for or not."""
    await _four(loaded)
    browser = await site.signed_in(who, at="2026-03-02T10:00")
    for answer in (
        await browser.get("/concerns?which=all"),
        await browser.post("/concerns", {"sought": "NC-2026-00001"}),
    ):
        assert {name for name in ("Amira", "Daniel", "Yusuf", "Elsie") if name in answer.text} <= seen
    text = (await browser.get("/concerns?which=all")).text
    assert {name for name in ("Amira", "Daniel", "Yusuf", "Elsie") if name in text} == seen


@pytest.mark.parametrize("who", [people.TEACHER, people.ADMIN, people.FRONT_DOOR])
async def test_who_sees_no_concern_whole_has_no_list(site: Site, who: str) -> None:
    """Neither to read nor to search."""
    browser = await site.signed_in(who)
    assert (await browser.get("/concerns")).status == 404
    assert (await browser.post("/concerns", {"sought": "amira"})).status == 404


async def test_a_cover_sees_the_list_while_it_lasts(site: Site, loaded: Driver) -> None:
    """And not the day after."""
    await _four(loaded)
    await away(loaded, people.DSL, "2026-03-02", "2026-03-02", people.KEY_PERSON)
    kirsty = await site.signed_in(people.KEY_PERSON, at="2026-03-02T10:00")
    assert "Amira" in (await kirsty.get("/concerns")).text
    site.at("2026-03-03T10:00")
    assert (await kirsty.get("/concerns")).status == 404


async def test_a_row_says_where_it_stands_and_what_comes_next(site: Site, loaded: Driver) -> None:
    """Child, reference, status word, next step with its date, last change, days without improvement."""
    await _four(loaded)
    answer = await (await site.signed_in(people.DSL, at="2026-03-02T10:00")).get("/concerns")
    assert "/concerns/NC-2026-00001" in answer.page.links
    for words in ("Being watched", "Look at a", "Today at 9:05am", " 10 "):
        assert words in answer.text.partition("Amira")[2].partition("Daniel")[0]
    late = await (await site.signed_in(people.DSL, at="2026-03-05T10:00")).get("/concerns")
    assert "1 day late" in late.text.partition("Daniel")[2]


async def test_filters_and_sorting(site: Site, loaded: Driver) -> None:
    """By status, setting, open or closed; by last change, or by the longest clock."""
    await _four(loaded)
    colin = await site.signed_in(people.COORDINATOR, at="2026-03-02T10:00")
    assert "Daniel" not in (await colin.get("/concerns?status=MONITORING")).text
    (ashdown,) = await loaded.rows(select(Setting).where(Setting.key == people.ASHDOWN))
    only = (await colin.get(f"/concerns?setting={ashdown.id}")).text
    assert ("Yusuf Quillonby" in only, "Amira" in only) == (True, False)
    assert "There is no concern to show" in (await colin.get("/concerns?which=closed")).text
    by_clock = (await colin.get("/concerns?sort=clock")).text
    assert by_clock.index("Amira") < by_clock.index("Daniel")
    await loaded.do("acknowledge", people.DSL, "2026-03-02T10:00", concern="NC-2026-00002")
    by_change = (await colin.get("/concerns")).text
    assert by_change.index("Daniel") < by_change.index("Amira")


@pytest.mark.parametrize(
    "query", ["status=NONSENSE", "setting=x", "which=x&sort=y", "start=-5", "start=9999999999", "start=x"]
)
async def test_what_nobody_can_choose_counts_as_not_chosen(site: Site, loaded: Driver, query: str) -> None:
    """A crafted address shows the list."""
    await _four(loaded)
    answer = await (await site.signed_in(people.DSL, at="2026-03-02T10:00")).get(f"/concerns?{query}")
    assert (answer.status, "Amira" in answer.text) == (200, True)


async def test_a_search_finds_by_name_and_reference(site: Site, loaded: Driver) -> None:
    """Closed ones too; nothing of it in the address; another setting's are not there."""
    await _four(loaded)
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    for sought in ("quill ami", "nc-2026-00001", "Amira Q"):
        assert "Amira Quillonby" in (await dana.post("/concerns", {"sought": sought})).text, sought
    for sought in ("NC-2026-00003", "yusuf q", "elsie", "%"):
        answer = await dana.post("/concerns", {"sought": sought})
        assert (answer.status, "No concern of that child" in answer.text) == (200, True), sought


async def test_twenty_five_a_page_and_the_same_cost(site: Site, loaded: Driver) -> None:
    """Three rows or forty: as many statements; the second page holds the rest; each child is in the access log."""
    await many_concerns(loaded, 3)
    few = await statements(site, people.DSL, "/concerns")
    await many_concerns(loaded, 37, start=3)
    assert len(await statements(site, people.DSL, "/concerns")) == len(few) <= 10
    assert len(await loaded.rows(select(Look).where(Look.page == "concerns"))) == 2 * 3 + 2 * 25
    dana = await site.signed_in(people.DSL, at="2026-03-02T12:00")
    first, second = await dana.get("/concerns"), await dana.get("/concerns?start=25")
    assert first.response.text.count('role="rowheader"') == 25
    assert second.response.text.count('role="rowheader"') == 15
    assert "26 to 40 of 40" in second.text
