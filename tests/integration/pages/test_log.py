"""Logging a concern through the pages: choosing the child, the form, what happens next, drafts and mistakes."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from sqlmodel import select

from models.access import Draft, Look
from models.people import Child, Person, Setting
from models.record import Concern, Event, Observation
from models.staffing import withdraw
from tests import people
from tests.driver import Driver, instant
from tests.integration.pages.desks import child_called, many_children, statements
from tests.site import Browser, Site

# What asks nothing of its own of a database.
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WHAT = "Came without a coat and asked twice whether there was anything to eat."


def _filled(**more: Any) -> dict[str, Any]:
    return {
        "key": "a-key-of-this-form",
        "seen_at-when": "today",
        "seen_at-on": "2026-03-02",
        "seen_at-time": "8:50",
        "place": "Classroom",
        "what": WHAT,
        "words": "own",
        "child_words": people.CHILD_WORDS,
        "types": ["physical", "nutritional"],
        "immediate_danger": "false",
    } | more


async def _form(site: Site, driver: Driver, who: str, key: str = people.AMIRA) -> tuple[Browser, str]:
    return await site.signed_in(who), f"/log/{(await child_called(driver, key)).id}"


# Choosing the child


async def test_a_child_is_found_by_parts_of_the_name_in_any_order(site: Site, loaded: Driver) -> None:
    """Whatever capitals, accents and hyphens; with age, setting and siblings; nothing in the address."""
    async with loaded.writing() as session:
        child = (await session.exec(select(Child).where(Child.key == people.IFEOMA))).one()
        child.name = "Ifeoma Núñez-O'Castlewraye"
    tessa = await site.signed_in(people.TEACHER)
    for typed in ("ifeoma", "NUNEZ ife", "ocastle", "O'Castlewraye", "  núñez  "):
        answer = await tessa.post("/log", {"name": typed})
        assert (answer.status, "1 child found" in answer.text) == (200, True), typed
        assert f"/log/{child.id}" in answer.page.links
        assert "9 years old, Oakfield Primary School" in answer.text
    for typed in ("castl ifeomaa", "eoma", "%", "_", "' or 1=1"):
        assert "No child of that name" in (await tessa.post("/log", {"name": typed})).text, typed


async def test_siblings_are_shown_but_named_only_in_reach(site: Site, loaded: Driver) -> None:
    """Amira's brother is at another school, and the third is not born yet."""
    answer = await (await site.signed_in(people.TEACHER)).post("/log", {"name": "amira"})
    assert "Lives with: 2 siblings at other settings" in answer.text
    assert people.planted_in(answer.text) == ["Amira Quillonby", "Amira", "Quillonby", "Oakfield Primary School"]
    answer = await (await site.signed_in(people.COORDINATOR)).post("/log", {"name": "quillonby amira"})
    assert "Yusuf Quillonby (13 years old, Ashdown Secondary School)" in answer.text
    assert "Unborn Quillonby (not born yet, due 20 June 2026, Marlbank Health Visiting Team)" in answer.text


async def test_another_settings_child_is_neither_found_nor_opened_nor_logged(site: Site, loaded: Driver) -> None:
    """404, as for a child that does not exist; nothing is written, not even into the access log."""
    yusuf = await child_called(loaded, people.YUSUF)
    tessa = await site.signed_in(people.TEACHER)
    assert "No child of that name" in (await tessa.post("/log", {"name": "yusuf"})).text
    for child_id in (yusuf.id, "00000000-0000-0000-0000-000000000000"):
        assert (await tessa.get(f"/log/{child_id}")).status == 404
        assert (await tessa.post(f"/log/{child_id}", _filled())).status == 404
    nowhere = await tessa.get("/log/not-an-id")
    assert (nowhere.status, nowhere.page.heading) == (404, "You cannot see this page")
    assert await loaded.rows(select(Concern)) == []
    assert await loaded.rows(select(Look).where(Look.child_id == yusuf.id)) == []


@ON_SQLITE
@pytest.mark.parametrize("who", [people.FRONT_DOOR, people.ADMIN, people.PARTNERSHIP])
async def test_who_meets_no_child_logs_none(site: Site, who: str) -> None:
    """The front door, administrators and the partnership's contact."""
    browser = await site.signed_in(who)
    assert (await browser.get("/log")).status == 404
    assert (await browser.post("/log", {"name": "amira"})).status == 404


async def test_children_written_about_lately_come_first(site: Site, loaded: Driver) -> None:
    """Newest first, one's own only."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-01T09:00")
    await loaded.log(people.IFEOMA, people.TEACHER, "2026-03-02T09:00")
    await loaded.log(people.DANIEL, people.ASSISTANT, "2026-03-02T09:00")
    text = (await (await site.signed_in(people.TEACHER, at="2026-03-02T10:00")).get("/log")).text
    assert text.index("Ifeoma") < text.index("Amira")
    assert "Daniel" not in text


async def test_twenty_five_are_shown_at_most_and_choosing_costs_the_same(site: Site, loaded: Driver) -> None:
    """More than these: it says so."""
    await many_children(loaded, 3, name="Marigold")
    tessa = await site.signed_in(people.TEACHER)
    counted, text = [], ""
    for more in (0, 37):
        await many_children(loaded, more, start=3, name="Marigold")
        with site.statements() as seen:
            answer = await tessa.post("/log", {"name": "mari"})
        text = answer.text
        counted.append(len([one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]))
    assert counted[0] == counted[1] <= 10
    assert "The first 25 children" in text
    assert "There are more than these" in text


@ON_SQLITE
async def test_an_empty_search_is_an_error_on_the_page(site: Site) -> None:
    """With the summary."""
    answer = await (await site.signed_in(people.TEACHER)).post("/log", {"name": "  "})
    assert (answer.status, answer.page.title[:6]) == (422, "Error:")


# Handing it in


async def test_a_teacher_logs_and_hears_what_happens_next(site: Site, loaded: Driver) -> None:
    """Who must acknowledge and decide, by when; what to do if it gets worse. Seen and recorded are true."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    answer = await tessa.post(path, _filled())
    assert (answer.status, answer.leads_to) == (303, "/log/done/NC-2026-00001?done=logged")
    text = (await tessa.get(answer.leads_to)).text
    for words in (
        "today at 1pm",
        "tomorrow at 5pm",
        "Dana Okoro",
        "NC-2026-00001",
        "If it gets worse",
        "Amira Quillonby",
    ):
        assert words in text
    (seen,) = await loaded.rows(select(Observation))
    assert (seen.seen_at, seen.recorded_at) == (instant("2026-03-02T08:50"), instant("2026-03-02T09:00"))
    assert (seen.what, seen.types, seen.child_words) == (WHAT, ["physical", "nutritional"], people.CHILD_WORDS)


async def test_the_second_observation_joins(site: Site, loaded: Driver) -> None:
    """The form says so to those who know of the concern, and to nobody else; the page after says what is asked now."""
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-01T09:00")
    tessa, path = await _form(site, loaded, people.TEACHER)
    for who, told in ((people.ASSISTANT, True), (people.DSL, True), (people.TEACHER, False)):
        said = (await (await site.signed_in(who)).get(path)).text
        assert ("What you write joins it" in said) == told
    answer = await tessa.post(path, _filled())
    assert answer.leads_to.endswith("?done=joined")
    assert "what this means beside what is known already" in (await tessa.get(answer.leads_to)).text


async def test_immediate_danger_says_telephone_and_that_the_referral_went(site: Site, loaded: Driver) -> None:
    """The words stand first on the page after."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    answer = await tessa.post(path, _filled(immediate_danger="true"))
    text = (await tessa.get(answer.leads_to)).text
    assert "Telephone now." in text
    assert "The referral to children's social care has been sent" in text
    assert "today at 10am" in text


async def test_what_others_saw_afterwards_is_not_told(site: Site, loaded: Driver) -> None:
    """Who logged something ordinary reads nothing of the danger that a colleague saw later, nor of the referral."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T08:00")
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T08:30", immediate_danger=True, what="Worse.")
    told = {
        who: (await (await site.signed_in(who)).get(f"/log/done/{logged.reference}")).text
        for who in (people.TEACHER, people.ASSISTANT, people.DSL)
    }
    assert ["has been sent" in text for text in told.values()] == [False, True, True]
    assert "Telephone now" not in told[people.TEACHER]
    assert "today at 9:30am" in told[people.ASSISTANT]
    assert "today at 9:30am" not in told[people.TEACHER]


async def test_what_a_colleague_saw_before_is_not_told_either(site: Site, loaded: Driver) -> None:
    """Something ordinary joins a concern in which danger was flagged: the next step is said, not why it is urgent."""
    logged = await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T08:30", immediate_danger=True, what="Worse.")
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T08:45")
    text = (await (await site.signed_in(people.TEACHER)).get(f"/log/done/{logged.reference}")).text
    assert "Dana Okoro must decide by" in text
    assert "has been sent" not in text


async def test_a_double_click_and_the_same_again_are_one_observation(site: Site, loaded: Driver) -> None:
    """By the form's key, and without it by what was seen."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    await tessa.post(path, _filled())
    again = await tessa.post(path, _filled(what="Typed on after the first click."))
    assert again.leads_to == "/log/done/NC-2026-00001?done=already"
    other_tab = await tessa.post(path, _filled(key="another-key"))
    assert other_tab.leads_to == "/log/done/NC-2026-00001?done=already"
    assert "This was here already" in (await tessa.get(again.leads_to)).text
    assert len(await loaded.rows(select(Observation))) == 1


async def test_two_clicks_at_the_same_moment_are_one_observation(site: Site, loaded: Driver) -> None:
    """Both are answered, and both with the same reference."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    answers = await asyncio.gather(*(tessa.post(path, _filled()) for _ in range(4)))
    assert {answer.status for answer in answers} == {303}
    assert {answer.leads_to.partition("?")[0] for answer in answers} == {"/log/done/NC-2026-00001"}
    assert len(await loaded.rows(select(Observation))) == 1


@ON_SQLITE
async def test_a_key_of_its_own_stands_in_every_form(site: Site, loaded: Driver) -> None:
    """Two openings, two keys."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    keys = {(await tessa.get(path)).page.fields["key"][0] for _ in range(2)}
    assert len(keys) == 2
    assert all(len(key) > 16 for key in keys)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"seen_at-when": "other", "seen_at-day": "3", "seen_at-month": "3", "seen_at-year": "2026"}, "future"),
    ({"seen_at-time": "23:30"}, "lies in the future"),
    ({"seen_at-time": "25:99"}, "a day and a time that exist"),
    ({"seen_at-time": ""}, "Enter the time as well"),
    ({"seen_at-when": ""}, "Choose an answer to “When did you see it?”"),
    ({"seen_at-when": "other", "seen_at-day": "31", "seen_at-month": "2", "seen_at-year": "2026"}, "that exist"),
    ({"place": ""}, "Enter an answer to “Where?”"),
    ({"what": "  "}, "Enter an answer to “What did you see or hear?”"),
    ({"words": "none"}, "Say why there are no words"),
    ({"words": "own", "child_words": ""}, "Write down what the child said"),
    ({"words": "", "child_words": ""}, "Write down what the child said, or say why"),
    ({"types": []}, "Choose an answer to “What kind of neglect might it be?”"),
    ({"types": ["boredom"]}, "Choose from the kinds of neglect"),
    ({"immediate_danger": ""}, "Say whether the child is in immediate danger"),
    ({"observer": "colleague", "colleague": ""}, "Choose the colleague who saw it"),
    ({"what": "x" * 20_001}, "What did you see or hear?"),
]


@ON_SQLITE
@pytest.mark.parametrize(("fields", "said"), WRONG)
async def test_wrong_input_is_said_on_the_form_and_keeps_what_was_typed(
    site: Site, loaded: Driver, fields: dict[str, Any], said: str
) -> None:
    """422, an error summary that leads to the question, everything typed kept, nothing written."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    answer = await tessa.post(path, _filled(**fields))
    assert answer.status == 422
    assert said in answer.text
    page = answer.page
    assert page.title.startswith("Error:")
    assert {link[1:] for link in page.links if link.startswith("#") and link != "#main-content"} <= page.ids
    assert page.fields["what"][0].strip() == fields.get("what", WHAT).strip()
    assert page.fields["key"] == ["a-key-of-this-form"]
    assert await loaded.rows(select(Concern)) == []


@ON_SQLITE
async def test_all_that_is_wrong_is_said_at_once(site: Site, loaded: Driver) -> None:
    """An empty form names every question that needs an answer."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    answer = await tessa.post(path, {"key": "k"})
    links = [link for link in answer.page.links if link.startswith("#") and link != "#main-content"]
    assert links == ["#seen_at", "#place", "#what", "#child_words", "#types", "#immediate_danger"]


@ON_SQLITE
async def test_what_is_no_text_is_refused(site: Site, loaded: Driver) -> None:
    """NUL characters and bytes that are no text: 400, nothing written."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    assert (await tessa.post(path, _filled(what="nothing\0here"))).status == 400
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await tessa.post(path, headers=form, content=b"what=%ff%fe%00")).status == 400
    assert (await tessa.post(path, headers={"content-type": "application/json"}, content=b"{}")).status == 400
    assert await loaded.rows(select(Concern)) == []


@ON_SQLITE
async def test_today_means_the_day_on_which_it_was_typed(site: Site, loaded: Driver) -> None:
    """A page left open past midnight, and a draft taken up the day after, keep their day."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    await tessa.post("/drafts", {"form": path} | _filled())
    site.at("2026-03-03T09:00")
    page = (await tessa.get(path)).page
    assert page.fields["seen_at-when"] == ["other"]
    assert [page.fields[f"seen_at-{part}"][0] for part in ("day", "month", "year")] == ["2", "3", "2026"]
    await tessa.post(path, _filled())
    (seen,) = await loaded.rows(select(Observation))
    assert seen.seen_at == instant("2026-03-02T08:50")


# A colleague's note


async def test_a_colleagues_note_names_who_saw_it_and_who_wrote_it_down(site: Site, loaded: Driver) -> None:
    """The observation is the colleague's, the event the recorder's; both see what they may afterwards."""
    asha, path = await _form(site, loaded, people.ASSISTANT)
    answer = await asha.post(path, _filled(observer="colleague", colleague=people.TEACHER))
    assert answer.status == 303
    (observer,) = await loaded.rows(select(Person.email).join(Observation))
    ((event, recorder),) = await loaded.rows(select(Event, Person.email).join(Person))
    assert (observer, recorder, event.fields["observer"]) == (people.TEACHER, people.ASSISTANT, people.TEACHER)
    assert (await asha.get(answer.leads_to)).status == 200
    assert "Amira Quillonby" in (await (await site.signed_in(people.TEACHER)).get("/mine")).text
    assert "Amira Quillonby" not in (await asha.get("/mine")).text


@ON_SQLITE
async def test_ones_own_observation_says_nothing_of_a_colleague(site: Site, loaded: Driver) -> None:
    """The event is as it always was."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    await tessa.post(path, _filled(observer="me", colleague=people.ASSISTANT))
    (event,) = await loaded.rows(select(Event))
    assert set(event.fields) == {"types", "immediate_danger"}


async def test_only_the_settings_people_may_be_named_and_only_by_them(site: Site, loaded: Driver) -> None:
    """Somebody of another school is refused; a coordinator, who does not work there, is not asked and not believed."""
    asha, path = await _form(site, loaded, people.ASSISTANT)
    answer = await asha.post(path, _filled(observer="colleague", colleague=people.ASHDOWN_TUTOR))
    assert (answer.status, "must be somebody who works at the child" in answer.text) == (422, True)
    colin = await site.signed_in(people.COORDINATOR)
    assert "Who saw it?" not in (await colin.get(path)).text
    refused = await colin.post(path, _filled(observer="colleague", colleague=people.TEACHER))
    assert refused.status == 403
    assert await loaded.rows(select(Concern)) == []


# Drafts


async def test_a_draft_comes_back_and_is_forgotten_when_it_is_handed_in(site: Site, loaded: Driver) -> None:
    """Kept by the script and by the button; nobody else sees it."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    assert f'data-draft="{path}"' in (await tessa.get(path)).response.text
    assert (await tessa.post("/drafts", {"form": path} | _filled(what="Half a sent"))).status == 204
    page = (await tessa.get(path)).page
    assert (page.fields["what"][0].strip(), page.fields["key"]) == ("Half a sent", ["a-key-of-this-form"])
    assert sorted(page.fields["types"]) == ["nutritional", "physical"]
    kept = await tessa.post(path, _filled(what="Half a sentence", keep="yes"))
    assert kept.leads_to == f"{path}?done=saved"
    assert "Half a sentence" in (await tessa.get(path)).response.text
    asha = await site.signed_in(people.ASSISTANT)
    assert "Half a sentence" not in (await asha.get(path)).response.text
    await tessa.post(path, _filled())
    assert await loaded.rows(select(Draft)) == []


async def test_a_draft_that_arrives_after_handing_in_does_not_come_back(site: Site, loaded: Driver) -> None:
    """The browser's last save was slower than the form."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    await tessa.post(path, _filled())
    await tessa.post("/drafts", {"form": path} | _filled())
    page = (await tessa.get(path)).page
    assert page.fields["what"][0].strip() == ""
    assert page.fields["key"] != ["a-key-of-this-form"]
    assert await loaded.rows(select(Draft)) == []


# What happens next, and what one logged


async def test_only_who_brought_something_and_who_sees_it_whole_reads_what_happens_next(
    site: Site, loaded: Driver
) -> None:
    """Others find nothing, whether the concern exists or not."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    seen = {}
    for who in (people.TEACHER, people.DSL, people.ASSISTANT, people.ASHDOWN_DSL, people.ADMIN, people.FRONT_DOOR):
        seen[who] = (await (await site.signed_in(who)).get(f"/log/done/{logged.reference}")).status
    assert list(seen.values()) == [200, 200, 404, 404, 404, 404]
    assert (await (await site.signed_in(people.TEACHER)).get("/log/done/NC-2026-99999")).status == 404


async def test_mine_shows_the_status_word_and_no_more(site: Site, loaded: Driver) -> None:
    """Date, child, a word, and whether it was acted on; withdrawn is said."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    tessa = await site.signed_in(people.TEACHER, at="2026-03-02T10:00")
    text = (await tessa.get("/mine")).text
    assert "Amira Quillonby New Not yet" in text
    await loaded.do("early_help", people.DSL, "2026-03-02T10:00", reason="Help them.", lead=people.LEAD)
    text = (await tessa.get("/mine")).text
    assert "Amira Quillonby Early help assessment Yes" in text
    assert "Leon" not in text
    assert "Help them" not in text
    await loaded.act(
        withdraw, logged.observation_id, "wrong child", people.DEPUTY, people.DSL, instant("2026-03-02T11:00")
    )
    await loaded.do("agree", people.DEPUTY, "2026-03-02T12:00")
    assert "Amira Quillonby Withdrawn" in (await tessa.get("/mine")).text


async def test_mine_teaches_when_it_is_empty_and_costs_the_same_with_many(site: Site, loaded: Driver) -> None:
    """Whatever the number of rows."""
    assert "You have not logged anything yet" in (await (await site.signed_in(people.TEACHER)).get("/mine")).text
    await many_children(loaded, 40)
    for number in range(3):
        await loaded.log(f"more-{number}", people.TEACHER, "2026-03-02T09:00")
    few = await statements(site, people.TEACHER, "/mine")
    for number in range(3, 40):
        await loaded.log(f"more-{number}", people.TEACHER, "2026-03-02T09:00")
    assert len(await statements(site, people.TEACHER, "/mine")) == len(few) <= 10
    assert "1 to 25 of 40" in (await (await site.signed_in(people.TEACHER)).get("/mine")).text


async def test_every_child_shown_is_in_the_access_log(site: Site, loaded: Driver) -> None:
    """Found, opened, logged, listed: each page under its name."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    await tessa.post("/log", {"name": "amira"})
    await tessa.get(path)
    done = await tessa.post(path, _filled())
    await tessa.get(done.leads_to)
    await tessa.get("/mine")
    pages = [look.page for look in await loaded.rows(select(Look))]
    assert sorted(pages) == ["log", "log", "logged", "mine"]


@ON_SQLITE
async def test_no_name_stands_in_an_address(site: Site, loaded: Driver) -> None:
    """Of any link or form of the pages on the way."""
    tessa, path = await _form(site, loaded, people.TEACHER)
    done = await tessa.post(path, _filled())
    pages = [await tessa.post("/log", {"name": "amira"}), await tessa.get(path), await tessa.get(done.leads_to)]
    addresses = " ".join(re.findall(r'(?:href|action|data-draft)="([^"]*)"', " ".join(p.response.text for p in pages)))
    assert not people.planted_in(addresses.replace("-", " "))


@pytest.mark.parametrize(
    ("who", "settings"),
    [(people.DSL, [people.OAKFIELD]), (people.COORDINATOR, [people.OAKFIELD, people.ASHDOWN, people.HV_TEAM])],
)
async def test_every_role_finds_the_children_it_may_log_about(
    site: Site, loaded: Driver, who: str, settings: list[str]
) -> None:
    """Those of the setting, or of the area."""
    browser = await site.signed_in(who)
    found = await loaded.rows(select(Child, Setting.key).join(Setting))
    for child, key in found:
        assert ((await browser.get(f"/log/{child.id}")).status == 200) is (key in settings), (child.key, key)
