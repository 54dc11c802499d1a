"""The front door's pages: it reads what was sent to it, answers and asks back; the referrer sees it at once."""

from __future__ import annotations

import pytest

from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.site import Answer, Browser, Site

AT = "2026-03-03T10:00"
PAGE = "/referrals/NC-2026-00001/1"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def front_door(site: Site, loaded: Driver) -> Browser:
    """Derby's front door, with one referral about Amira in its list."""
    await journeys.referred(loaded)
    return await site.signed_in(people.FRONT_DOOR, AT)


async def test_a_referral_stands_in_the_list_at_once(front_door: Browser) -> None:
    """With the child's name, the setting, and by when it is to be answered."""
    listed = (await front_door.get("/referrals")).page
    assert listed.heading == "Referrals to answer"
    assert PAGE in listed.links
    for words in ("Amira Quillonby", "Oakfield Primary School", "Not acknowledged", "1 referral waits"):
        assert words in listed.text


async def test_it_is_read_whole(front_door: Browser) -> None:
    """What was seen in the child's words, who sent it, and each child of the household."""
    read = await front_door.get(PAGE)
    assert read.status == 200
    for words in (people.CHILD_WORDS, "Yusuf Quillonby", "Dana Okoro", "Acknowledgement due"):
        assert words in read.text


async def press(front_door: Browser, move: str, **fields: str) -> Answer:
    """Open a move's form from the referral's page, fill it in and hand it in."""
    (link,) = [one for one in (await front_door.get(PAGE)).page.links if one.endswith(f"/{move}")]
    form = (await front_door.get(link)).page
    hidden = {name: values[0] for name, values in form.fields.items() if name in ("version", "seen")}
    return await front_door.post(link, hidden | fields)


async def test_acknowledging_is_seen_by_the_referrer(front_door: Browser, loaded: Driver) -> None:
    """Who took it and their number are in the concern's history, and the list says so."""
    done = await press(front_door, "acknowledge", by="Duty desk", number="SC-4711")
    assert done.leads_to.startswith(f"{PAGE}?done=")
    shown = await loaded.show("NC-2026-00001", AT)
    assert shown["referral"]["acknowledged_at"]
    assert shown["referral"]["front_door_number"] == "SC-4711"
    assert "your number SC-4711" in (await front_door.get("/referrals")).text


@pytest.mark.parametrize(("decision", "status"), [("s17", "STATUTORY"), ("nfa", "LOGGED"), ("early_help", "ASSESSING")])
async def test_deciding_moves_the_concern_on(front_door: Browser, loaded: Driver, decision: str, status: str) -> None:
    """And the referral is among those answered, with no button left."""
    done = await press(front_door, "decide", decision=decision, reason="What was found.")
    assert done.leads_to.startswith(f"{PAGE}?done=")
    assert (await loaded.show("NC-2026-00001", AT))["status"] == status
    assert "No referral waits for you" in (await front_door.get("/referrals")).text
    assert PAGE in (await front_door.get("/referrals?show=answered")).page.links
    assert not [one for one in (await front_door.get(PAGE)).page.links if one.startswith("/tasks/")]


async def test_a_question_goes_to_the_dsl_and_its_answer_comes_back(
    front_door: Browser, site: Site, loaded: Driver
) -> None:
    """The clock runs on meanwhile; the answer stands with the referral."""
    done = await press(front_door, "ask", question="Who else lives there?")
    assert done.leads_to.startswith(f"{PAGE}?done=")
    assert "Who else lives there?" in (await front_door.get(PAGE)).text
    assert "1 question waits" in (await front_door.get("/referrals")).text
    await loaded.do("answer", people.DSL, "2026-03-03T11:00", text="An uncle, at weekends.")
    site.at("2026-03-03T11:30")
    read = (await front_door.get(PAGE)).text
    assert "An uncle, at weekends." in read
    assert "not answered yet" not in read


@ON_SQLITE
async def test_a_held_referral_is_the_settings_alone(site: Site, loaded: Driver) -> None:
    """The DSL reads what is about to go; the front door knows nothing of it until it goes."""
    await journeys.worse(loaded)
    at = journeys.REVIEWED_AT
    dana, door = await site.signed_in(people.DSL, at), await site.signed_in(people.FRONT_DOOR, at)
    assert "Not yet: it goes by itself" in (await dana.get(PAGE)).text
    assert (await door.get(PAGE)).status == 404
    assert PAGE not in (await door.get("/referrals")).page.links


@ON_SQLITE
@pytest.mark.parametrize(
    ("who", "list_status", "page_status"),
    [
        (people.DERBYSHIRE_FRONT_DOOR, 200, 404),
        (people.DSL, 404, 200),
        (people.ASHDOWN_DSL, 404, 404),
        (people.TEACHER, 404, 404),
        (people.ADMIN, 404, 404),
        (people.COORDINATOR, 404, 200),
    ],
)
async def test_only_whom_it_was_sent_to_may_read_it(
    front_door: Browser, site: Site, who: str, list_status: int, page_status: int
) -> None:
    """Its front door, and those who see the concern whole; nobody else learns that it exists."""
    browser = await site.signed_in(who)
    assert (await browser.get("/referrals")).status == list_status
    answer = await browser.get(PAGE)
    assert answer.status == page_status
    if page_status == 404:
        assert people.planted_in(answer.text) == []


@ON_SQLITE
async def test_a_dsl_cannot_answer_for_the_front_door(front_door: Browser, site: Site) -> None:
    """An answer that the referrer writes down is not an answer: they read the referral, and find no button."""
    dana = await site.signed_in(people.DSL)
    links = (await dana.get(PAGE)).page.links
    assert not [one for one in links if one.endswith(("/decide", "/acknowledge", "/ask"))]


async def test_each_child_of_a_referral_is_in_the_access_log(front_door: Browser, loaded: Driver) -> None:
    """Reading it is a view of every child it names."""
    await front_door.get(PAGE)
    looks = (await loaded.dump())["look"]
    assert len([row for row in looks if "'referral'" in row]) == 3


async def test_the_list_asks_as_much_of_many_as_of_few(site: Site, loaded: Driver, front_door: Browser) -> None:
    """A fixed number of statements."""
    with site.statements() as few:
        await front_door.get("/referrals")
    for child, who, dsl in (
        (people.IFEOMA, people.TEACHER, people.DSL),
        (people.DANIEL, people.TEACHER, people.DSL),
        (people.JEROME, people.ASHDOWN_TUTOR, people.ASHDOWN_DSL),
    ):
        logged = await loaded.log(child, who, AT)
        await loaded.do("refer", dsl, AT, concern=logged.reference, reason="It cannot wait.", parents_informed="yes")
    with site.statements() as many:
        assert "4 referrals wait" in (await front_door.get("/referrals")).text
    assert len(many) == len(few)


async def test_a_referral_shows_nobody_a_sibling_out_of_reach(site: Site, loaded: Driver) -> None:
    """The front door reads the whole household; the DSL who sent it only how much is known of it elsewhere."""
    await loaded.log(people.YUSUF, people.ASHDOWN_TUTOR, "2026-03-01T09:00", what="Asleep in each lesson.")
    mine = (await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")).reference
    await loaded.do("refer", people.DSL, AT, concern=mine, reason="It cannot wait.", parents_informed="yes")
    page = f"/referrals/{mine}/1"
    door, dana = await site.signed_in(people.FRONT_DOOR, AT), await site.signed_in(people.DSL, AT)
    whole, part = (await door.get(page)).text, (await dana.get(page)).text
    assert "Yusuf Quillonby" in whole
    assert "Asleep in each lesson." in whole
    assert "Amira Quillonby" in part
    for words in ("Yusuf", "Unborn Quillonby", "Asleep in each lesson.", "Ashdown"):
        assert words not in part
    assert "more than you see here: 2 brothers or sisters and 1 observation of other settings" in part


async def test_the_front_doors_forms_speak_to_the_front_door(front_door: Browser) -> None:
    """It fills them in itself: nothing there speaks of it as of somebody else."""
    for move, words in (
        ("acknowledge", "The front door's number for it"),
        ("decide", "The reasons for the decision"),
        ("ask", "What do you need to know?"),
    ):
        (link,) = [one for one in (await front_door.get(PAGE)).page.links if one.endswith(f"/{move}")]
        form = (await front_door.get(link)).text
        assert words in form
        for wrong in ("Their number", "their reasons", "as it told you", "Your own clocks"):
            assert wrong not in form
