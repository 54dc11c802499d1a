"""The front door's pages: it reads what was sent to it, answers and asks back; the referrer sees it at once."""

from __future__ import annotations

import pytest

from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.site import Browser, Site

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


async def test_acknowledging_is_seen_by_the_referrer(front_door: Browser, loaded: Driver) -> None:
    """Who took it and their number are in the concern's history, and the list says so."""
    done = await front_door.post(f"{PAGE}/acknowledge", {"by": "Duty desk", "number": "SC-4711", "version": ""})
    assert done.leads_to == f"{PAGE}?done=referral-acknowledged"
    shown = await loaded.show("NC-2026-00001", AT)
    assert shown["referral"]["acknowledged_at"]
    assert shown["referral"]["front_door_number"] == "SC-4711"
    assert "your number SC-4711" in (await front_door.get("/referrals")).text
    again = await front_door.get(f"{PAGE}/decide")
    assert again.page.heading == "Decide on this referral"


@pytest.mark.parametrize(("decision", "status"), [("s17", "STATUTORY"), ("nfa", "LOGGED"), ("early_help", "ASSESSING")])
async def test_deciding_moves_the_concern_on(front_door: Browser, loaded: Driver, decision: str, status: str) -> None:
    """And the referral is among those answered, with no button left."""
    done = await front_door.post(f"{PAGE}/decide", {"decision": decision, "reason": "What was found.", "version": "1"})
    if done.status == 409:  # a version of before: what was typed is there still
        done = await front_door.post(f"{PAGE}/decide", {"decision": decision, "reason": "What was found."})
    assert done.leads_to == f"{PAGE}?done=referral-decided"
    assert (await loaded.show("NC-2026-00001", AT))["status"] == status
    assert "No referral waits for you" in (await front_door.get("/referrals")).text
    assert PAGE in (await front_door.get("/referrals?show=answered")).page.links
    assert f"{PAGE}/decide" not in (await front_door.get(PAGE)).page.links


async def test_a_question_goes_to_the_dsl_and_its_answer_comes_back(
    front_door: Browser, site: Site, loaded: Driver
) -> None:
    """The clock runs on meanwhile; the answer stands with the referral."""
    done = await front_door.post(f"{PAGE}/ask", {"question": "Who else lives there?"})
    assert done.leads_to == f"{PAGE}?done=question-asked"
    assert "Who else lives there?" in (await front_door.get(PAGE)).text
    assert "1 question waits" in (await front_door.get("/referrals")).text
    await loaded.do("answer", people.DSL, "2026-03-03T11:00", text="An uncle, at weekends.")
    site.at("2026-03-03T11:30")
    read = (await front_door.get(PAGE)).text
    assert "An uncle, at weekends." in read
    assert "not answered yet" not in read


@ON_SQLITE
async def test_a_wrong_form_keeps_what_was_typed(front_door: Browser, loaded: Driver) -> None:
    """Every error at once, and nothing is changed."""
    before = await loaded.dump()
    wrong = await front_door.post(f"{PAGE}/decide", {"reason": "Because of what the health visitor said."})
    assert wrong.status == 422
    assert wrong.page.title.startswith("Error: ")
    assert wrong.page.fields["reason"] == ["Because of what the health visitor said."]
    after = await loaded.dump()
    assert {name: rows for name, rows in after.items() if name != "look"} == {
        name: rows for name, rows in before.items() if name != "look"
    }


@ON_SQLITE
async def test_who_comes_second_is_told_and_keeps_their_text(front_door: Browser, loaded: Driver) -> None:
    """A colleague at the same desk decided meanwhile."""
    await loaded.do("decide", people.FRONT_DOOR, AT, decision="s17", reason="Taken up by a colleague.")
    late = await front_door.post(f"{PAGE}/decide", {"decision": "nfa", "reason": "Typed with care."})
    assert late.status == 409
    assert late.page.fields["reason"] == ["Typed with care."]
    assert (await loaded.show("NC-2026-00001", AT))["status"] == "STATUTORY"


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
        assert (await browser.post(f"{PAGE}/decide", {"decision": "nfa", "reason": "no"})).status == 404


@ON_SQLITE
async def test_a_dsl_cannot_answer_for_the_front_door(front_door: Browser, site: Site, loaded: Driver) -> None:
    """An answer that the referrer writes down is not an answer."""
    dana = await site.signed_in(people.DSL)
    assert f"{PAGE}/decide" not in (await dana.get(PAGE)).page.links
    assert (await dana.post(f"{PAGE}/decide", {"decision": "nfa", "reason": "no"})).status == 409
    assert (await loaded.show("NC-2026-00001", AT))["status"] == "REFERRED"


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
