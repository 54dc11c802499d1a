"""The page of a concern: where it stands, the household's chronology, and how much of it whom is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlmodel import col, select, update

from models import staffing
from models.access import Look
from models.chronology import GROUPS
from models.events import Happened
from models.people import Child
from models.record import Concern, Observation
from models.rules import Rule
from notifications.letters import LETTERS
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.pages.filling import task_id, with_an_action
from tests.site import Answer, Site
from web import letter_words
from web.record_words import HAPPENED, RULES

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
AT = "2026-05-21T12:00"
SIBLINGS_WORDS = "Told his tutor that the cupboard is locked."


async def _page(site: Site, who: str, path: str, at: str = AT) -> Answer:
    return await (await site.signed_in(who, at=at)).get(path)


async def _with_a_sibling(loaded: Driver) -> tuple[str, str]:
    """Amira's concern, held by two unchanged reviews, and her brother's at another school."""
    reference = await journeys.persisting(loaded)
    given = {"what": SIBLINGS_WORDS, "types": ["nutritional"], "child_words": "It is locked."}
    other = await loaded.log(people.YUSUF, people.ASHDOWN_TUTOR, "2026-04-20T12:00", **given)
    return reference, other.reference


def _at(text: str, *parts: str) -> list[int]:
    return [text.index(part) for part in parts]


def test_everything_that_can_happen_has_words_and_a_filter() -> None:
    """A new kind of event, rule or letter fails here until it can be said; two kinds stand under Everything alone."""
    assert set(HAPPENED) == set(Happened)
    grouped = [kind for kinds in GROUPS.values() for kind in kinds]
    assert sorted(grouped) == sorted(set(Happened) - {Happened.REASSIGNED, Happened.ESCALATED})
    assert set(RULES) == set(Rule)
    about_concerns = {name for name, letter in LETTERS.items() if letter.page in ("task", "concern", "referral")}
    assert about_concerns - set(letter_words.LETTERS) == set()


async def test_the_top_says_where_it_stands_and_what_comes_next(site: Site, loaded: Driver) -> None:
    """Status in words, next step with owner, deadline and reason, the moves, the child's clock, setting and lead."""
    reference = await journeys.persisting(loaded)
    answer = await _page(site, people.DSL, f"/concerns/{reference}")
    assert answer.page.heading == f"Amira Quillonby, {reference}"
    for words in (
        "Referral about to go",
        "Look at a referral before it goes",
        "Due tomorrow at 5pm",
        "1 working day from Thu 21 May",
        "If nobody stops it, the referral is sent at that time by itself.",
        "80 days since the first concern without sustained improvement",
        "8 years old",
        "Oakfield Primary School",
        "Leon Baptiste",
    ):
        assert words in answer.text, words
    task = await task_id(loaded, AT, "confirm_referral")
    assert {f"/tasks/{task}/{move}" for move in ("add", "send", "stop")} <= set(answer.page.links)


@SQLITE
async def test_only_my_own_moves_have_buttons(site: Site, loaded: Driver) -> None:
    """The coordinator reads who owes it."""
    reference = await journeys.persisting(loaded)
    answer = await _page(site, people.COORDINATOR, f"/concerns/{reference}")
    assert not [link for link in answer.page.links if link.endswith(("/send", "/stop"))]
    assert "This step is not yours: Dana Okoro owes it." in answer.text


@SQLITE
async def test_the_deputy_and_a_cover_can_act(site: Site, loaded: Driver) -> None:
    """Whoever stands in sees the concern and has the buttons; the page says for whom."""
    reference = await journeys.persisting(loaded)
    away = (people.DSL, date(2026, 5, 20), date(2026, 5, 22), people.ASSISTANT, instant("2026-05-20T08:00"))
    await loaded.act(staffing.leave, *away)
    task = await task_id(loaded, AT, "confirm_referral")
    for who in (people.DEPUTY, people.ASSISTANT):
        answer = await _page(site, who, f"/concerns/{reference}")
        assert f"/tasks/{task}/send" in answer.page.links, who
        assert "Asha Lindley, who acts for Dana Okoro" in answer.text
    assert (await _page(site, people.ASSISTANT, f"/tasks/{task}/send")).status == 200


@SQLITE
async def test_whoever_acts_for_everybody_away_can_read_it(site: Site, loaded: Driver) -> None:
    """When nobody of the school is there, the letter of the coordinator and then the contact opens a page."""
    reference = await journeys.logged(loaded)
    first, last = date(2026, 3, 2), date(2026, 3, 3)
    for who in (people.DSL, people.DEPUTY, people.HEAD, people.COORDINATOR):
        await loaded.act(staffing.leave, who, first, last, None, instant("2026-03-02T08:00"))
    answer = await _page(site, people.PARTNERSHIP, f"/concerns/{reference}", "2026-03-02T10:00")
    assert answer.status == 200
    assert f"/tasks/{await task_id(loaded, '2026-03-02T10:00', 'dsl_review')}/monitor" in answer.page.links


async def test_a_sibling_out_of_reach_is_a_kind_a_date_and_whom_to_ask(site: Site, loaded: Driver) -> None:
    """No words, no type, no name; those who may see both read both, in the order in which things happened."""
    reference, other = await _with_a_sibling(loaded)
    mine = await _page(site, people.DSL, f"/concerns/{reference}?order=oldest")
    for words in (SIBLINGS_WORDS, "It is locked.", "Yusuf", "Tamsin Yeo"):
        assert words not in mine.response.text, words
    assert f"Another child of the household , in {other}. Monday 20 April at 11:50am" in mine.text
    assert "You cannot read this one. Ask Safiya Noor at Ashdown Secondary School." in mine.text
    both = await _page(site, people.COORDINATOR, f"/concerns/{reference}?order=oldest")
    assert f"Brother or sister: Yusuf Quillonby , in {other}" in both.text
    places = _at(both.text, people.CHILD_WORDS, "Assessment completed", SIBLINGS_WORDS, "A referral to social care")
    assert places == sorted(places)


@SQLITE
async def test_a_type_of_neglect_is_never_asked_of_what_cannot_be_read(site: Site, loaded: Driver) -> None:
    """Or the filter would tell what the entry does not."""
    reference, _ = await _with_a_sibling(loaded)
    hers = await _page(site, people.DSL, f"/concerns/{reference}?type=nutritional")
    assert "0 entries" in hers.text
    assert "You cannot read this one" not in hers.text
    both = await _page(site, people.COORDINATOR, f"/concerns/{reference}?type=nutritional")
    assert "1 entry" in both.text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("group=observations", ["An observation opened"], ["Review held", "Decided to offer"]),
        ("group=reviews", ["Review held", "Assessment completed"], ["An observation opened", "Decided to offer"]),
        ("group=decisions", ["Decided to offer early help"], ["Review held", "An observation opened"]),
        ("group=referrals", ["A referral to social care was raised"], ["Review held", "An observation opened"]),
        ("type=physical", ["An observation opened"], ["Review held"]),
        ("type=medical", ["Nothing here that fits"], ["Review held", "An observation opened"]),
        ("group=x&type=%27&child=y&page=-1&order=z", ["Review held", "An observation opened"], []),
    ],
)
async def test_the_chronology_is_filtered(
    site: Site, loaded: Driver, query: str, shown: Sequence[str], hidden: Sequence[str]
) -> None:
    """By kind and type; words that are none of ours are as good as none."""
    reference = await journeys.persisting(loaded)
    text = (await _page(site, people.DSL, f"/concerns/{reference}?{query}")).text
    text = text[text.index("Chronology of the household") : text.index("When Outcome for the child")]
    assert [one for one in shown if one not in text] == []
    assert [one for one in hidden if one in text] == []


@SQLITE
async def test_one_child_can_be_asked_for(site: Site, loaded: Driver) -> None:
    """By id, never by name."""
    reference, _ = await _with_a_sibling(loaded)
    yusuf = (await loaded.rows(select(Child).where(Child.key == people.YUSUF)))[0].id
    text = (await _page(site, people.COORDINATOR, f"/concerns/{reference}?child={yusuf}")).text
    assert SIBLINGS_WORDS in text
    assert people.CHILD_WORDS not in text


@SQLITE
async def test_what_was_recorded_late_says_both(site: Site, loaded: Driver) -> None:
    """When it happened, and when it was recorded; and it stands where it happened."""
    reference = await journeys.monitoring(loaded)
    given = {"seen_at": instant("2026-02-25T15:00"), "what": "Alone at the gate.", "key": "late"}
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-04T09:00", **given)
    text = (await _page(site, people.DSL, f"/concerns/{reference}?order=oldest", "2026-03-04T10:00")).text
    assert "Happened Wednesday 25 February at 3pm , recorded today at 9am" in text
    places = _at(text, "Alone at the gate.", people.CHILD_WORDS)
    assert places == sorted(places)


@SQLITE
async def test_nothing_is_hidden_after_closing(site: Site, loaded: Driver) -> None:
    """A later concern shows the earlier one of the same child, whole, and links to it; the clock runs on."""
    first = await journeys.closed(loaded)
    second = (await loaded.log(people.AMIRA, people.ASSISTANT, "2026-04-20T09:00", what="Hungry.")).reference
    answer = await _page(site, people.DSL, f"/concerns/{second}", "2026-04-20T10:00")
    assert people.CHILD_WORDS in answer.text
    assert "Needs are met." in answer.text
    assert f"/concerns/{first}" in answer.page.links
    assert "49 days since the first concern" in answer.text
    closed = await _page(site, people.DSL, f"/concerns/{first}", "2026-04-20T10:00")
    assert "Nothing is owed: the concern is closed." in closed.text
    assert people.CHILD_WORDS in closed.text


@SQLITE
async def test_grades_stand_by_sub_area_with_the_worst_and_no_mean(site: Site, loaded: Driver) -> None:
    """In a table, and in a picture whose title says the same figures."""
    reference = await journeys.supporting(loaded, scores={"clothing": 4, "hygiene": 1})
    await journeys.review(loaded, "improved", scores={"clothing": 2, "nutrition": 3})
    answer = await _page(site, people.DSL, f"/concerns/{reference}")
    assert "The worst of them 4 3" in answer.text
    assert "Clothing (physical care) 4 2" in answer.text
    assert "Nutrition (physical care) Not graded 3" in answer.text
    assert "Friday 20 March 4, Monday 13 April 3." in answer.response.text
    assert "mean" not in answer.text.replace("There is no mean", "").replace("What each of these means", "")


@SQLITE
async def test_letters_and_referrals_say_who_was_told_and_where_it_stands(site: Site, loaded: Driver) -> None:
    """Who was told what; how the referral stands."""
    reference = await journeys.referred(loaded)
    await loaded.follow("2026-03-02T10:01")
    text = (await _page(site, people.DSL, f"/concerns/{reference}", "2026-03-02T11:00")).text
    assert "The referral Front door duty team, Derby Waits to be sent" in text
    assert "Sent today at 10am Not acknowledged yet Not decided yet" in text


@SQLITE
async def test_pages_of_a_hundred_and_one_of_paper(site: Site, loaded: Driver) -> None:
    """A long history is cut in SQL; on paper it is whole, with who printed it and when."""
    reference = await journeys.monitoring(loaded)
    start = instant("2026-03-05T08:00")
    for number in range(103):
        seen = start + timedelta(hours=number)
        await loaded.log(
            people.AMIRA, people.TEACHER, seen + timedelta(minutes=5), what=f"Note {number}.", seen_at=seen
        )
    first = await _page(site, people.DSL, f"/concerns/{reference}?group=observations", "2026-03-20T10:00")
    assert "104 entries, page 1 of 2" in first.text
    assert "?group=observations&page=2#chronology" in first.page.links
    assert "Note 102." in first.text
    assert "Note 1." not in first.text
    second = await _page(site, people.DSL, f"/concerns/{reference}?group=observations&page=2", "2026-03-20T10:00")
    assert "Note 1." in second.text
    paper = await _page(site, people.DSL, f"/concerns/{reference}?print=1", "2026-03-20T10:00")
    assert "Note 102." in paper.text
    assert "Note 1." in paper.text
    assert f"child protection record {reference}. Made by Dana Okoro ({people.DSL})" in paper.text
    looks = [look.page for look in await loaded.rows(select(Look).order_by(col(Look.at)))]
    assert sorted(looks) == ["concern", "concern", "print"]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (people.DSL, 200),
        (people.HEAD, 200),
        (people.LEAD, 200),
        (people.COORDINATOR, 200),
        (people.ASHDOWN_DSL, 404),
        (people.SUNBEAMS_DSL, 404),
        (people.DERBYSHIRE_COORDINATOR, 404),
        (people.ASSISTANT, 404),
        (people.PARTNERSHIP, 404),
        (people.ADMIN, 404),
        (people.FRONT_DOOR, 404),
    ],
)
@SQLITE
async def test_who_may_see_it(site: Site, loaded: Driver, who: str, status: int) -> None:
    """Out of reach is as if there were none: the same page, no name, and no line in the access log."""
    reference = await journeys.supporting(loaded)
    task = await task_id(loaded, "2026-04-01T10:00", "hold_review")
    for path in (f"/concerns/{reference}", f"/tasks/{task}", f"/concerns/{reference}?print=1"):
        answer = await _page(site, who, path, "2026-04-01T10:00")
        assert answer.status == status, path
        assert ("Amira" in answer.text) == (status == 200)
    assert bool(await loaded.rows(select(Look))) == (status == 200)


@SQLITE
async def test_who_logged_sees_their_own_words_alone(site: Site, loaded: Driver) -> None:
    """The status word and the observations they made; nothing of anybody else's, and no moves."""
    reference = await journeys.supporting(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-23T09:00", what="Fell asleep.", child_words="I am tired.")
    answer = await _page(site, people.ASSISTANT, f"/concerns/{reference}", "2026-03-24T10:00")
    assert (answer.status, "Fell asleep." in answer.text, "Early help" in answer.text) == (200, True, True)
    for words in (people.CHILD_WORDS, "pillow", "Leon Baptiste", "days since"):
        assert words not in answer.text, words
    task = await task_id(loaded, "2026-03-24T10:00", "hold_review")
    assert (await _page(site, people.ASSISTANT, f"/tasks/{task}", "2026-03-24T10:00")).status == 404
    assert [look.page for look in await loaded.rows(select(Look))] == ["concern"]


@SQLITE
async def test_who_owes_an_action_sees_it_and_no_more(site: Site, loaded: Driver) -> None:
    """And afterwards how it ended."""
    reference = await with_an_action(loaded)
    at = "2026-03-23T10:00"
    task = await task_id(loaded, at, "action")
    async with loaded.writing() as session:
        await session.exec(update(Observation).values(observer_id=select(Concern.lead_id).scalar_subquery()))
    small = await _page(site, people.TEACHER, f"/concerns/{reference}", at)
    assert "Order two beds" in small.text
    assert f"/tasks/{task}/done" in small.page.links
    for words in (people.CHILD_WORDS, "pillow", "days since"):
        assert words not in small.text, words
    shown = await _page(site, people.TEACHER, f"/tasks/{task}", at)
    assert ("Order two beds" in shown.text, people.CHILD_WORDS in shown.text) == (True, False)
    await loaded.do_task(task, "done", people.TEACHER, at, note="Ordered.")
    ended = await _page(site, people.TEACHER, f"/tasks/{task}", at)
    assert ("This is done." in ended.text, "Amira" in ended.text) == (True, False)


@SQLITE
async def test_the_front_door_is_led_to_its_own_page(site: Site, loaded: Driver) -> None:
    """From the concern and from a task alike."""
    reference = await journeys.referred(loaded)
    at = "2026-03-02T11:00"
    for path in (f"/concerns/{reference}", f"/tasks/{await task_id(loaded, at, 'await_decision')}"):
        assert (await _page(site, people.FRONT_DOOR, path, at)).leads_to == f"/referrals/{reference}/1"


@SQLITE
async def test_the_access_log_is_for_those_who_safeguard_there(site: Site, loaded: Driver) -> None:
    """It names who looked and where; the coordinator may not read it, and others do not learn that there is one."""
    reference = await journeys.logged(loaded)
    await _page(site, people.COORDINATOR, f"/concerns/{reference}", "2026-03-02T10:00")
    shown = await _page(site, people.DEPUTY, f"/concerns/{reference}/looks", "2026-03-02T10:05")
    assert f"Colin Adair ({people.COORDINATOR}) Concern" in shown.text
    for who, status in ((people.COORDINATOR, 403), (people.TEACHER, 404), (people.ADMIN, 404)):
        assert (await _page(site, who, f"/concerns/{reference}/looks", "2026-03-02T10:05")).status == status


async def _statements(site: Site, path: str, who: str = people.COORDINATOR) -> int:
    browser = await site.signed_in(who, at="2026-06-20T10:00")
    await browser.get(path)
    with site.statements() as seen:
        assert (await browser.get(path)).status == 200
    return len([one for one in seen if one.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "WITH"))])


@SQLITE
async def test_the_number_of_queries_does_not_grow(site: Site, loaded: Driver) -> None:
    """The same with few entries and one sibling as with many and four: nothing is read row by row."""
    reference = await journeys.monitoring(loaded)
    await loaded.log(people.YUSUF, people.ASHDOWN_TUTOR, "2026-03-02T12:00")
    task = await task_id(loaded, "2026-03-03T10:00", "case_review")
    few = await _statements(site, f"/concerns/{reference}"), await _statements(site, f"/tasks/{task}")
    async with loaded.writing() as session:
        house = (await session.exec(select(Child.household_id).where(Child.key == people.AMIRA))).one()
        moved = col(Child.key).in_([people.JEROME, people.IFEOMA, people.NOORIYAH])
        await session.exec(update(Child).where(moved).values(household_id=house))
    for number in range(60):
        seen = instant("2026-03-05T08:00") + timedelta(hours=number)
        await loaded.log(
            people.AMIRA, people.TEACHER, seen + timedelta(minutes=5), what=f"Note {number}.", seen_at=seen
        )
    for child, who in (
        (people.JEROME, people.ASHDOWN_TUTOR),
        (people.IFEOMA, people.TEACHER),
        (people.NOORIYAH, people.HEALTH_VISITOR),
    ):
        await loaded.log(child, who, "2026-03-20T09:00", what=f"Seen with {child}.")
    many = await _statements(site, f"/concerns/{reference}"), await _statements(site, f"/tasks/{task}")
    assert many == few
    assert max(many) <= 22, many


@SQLITE
async def test_no_day_on_paper_is_said_by_today(site: Site, loaded: Driver) -> None:
    """`Tomorrow` is false the day after: on paper every day has its date and year."""
    reference = await journeys.persisting(loaded)
    paper = (await _page(site, people.DSL, f"/concerns/{reference}?print=1")).text
    paper = paper[paper.index("Confidential") :]
    assert f"Made by Dana Okoro ({people.DSL}), Thursday 21 May 2026 at noon." in paper
    assert "Due Friday 22 May 2026 at 5pm" in paper
    assert [word for word in ("today", "tomorrow", "yesterday") if word in paper.lower()] == []
