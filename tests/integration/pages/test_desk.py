"""The desk: what somebody owes or acts for today, what they decided, who covers them, what they have begun."""

from __future__ import annotations

from sqlmodel import select

from models.access import Look
from models.people import Absence, Person
from tests import people
from tests.driver import Driver
from tests.integration.pages.desks import away, child_called, many_concerns, statements
from tests.integration.stories import supported
from tests.site import Answer, Site

LOGGED_AT = "2026-03-02T09:05"


async def _desk(site: Site, email: str, at: str = "2026-03-02T10:00") -> Answer:
    answer = await (await site.signed_in(email, at=at)).get("/desk")
    assert answer.status == 200, answer.text
    assert answer.page.heading == "Your tasks"
    return answer


async def test_a_dsl_sees_what_is_owed_with_its_deadline_and_the_reason(site: Site, loaded: Driver) -> None:
    """The child, what is asked, by when, why then, one button to the decision and one to say that it was seen."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    answer = await _desk(site, people.DSL)
    for words in (
        "Amira Quillonby: Decide what a",
        "By tomorrow at 5pm",
        logged.reference,
        "1 working day from Mon 2 Mar",
    ):
        assert words in answer.text
    task = await loaded.task("2026-03-02T10:00")
    assert f"/tasks/{task['id']}" in answer.page.links
    assert f'action="/tasks/{task["id"]}/acknowledge"' in answer.response.text
    assert "none overdue" in answer.text


async def test_one_button_on_the_desk_says_that_it_was_seen(site: Site, loaded: Driver) -> None:
    """Without another page; the button is gone then, and a form that is out of date changes nothing."""
    await loaded.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    dana = await site.signed_in(people.DSL, at="2026-03-02T10:00")
    page = await dana.get("/desk")
    task = await loaded.task("2026-03-02T10:00")
    form = {"version": page.page.fields["version"][0]}
    assert (await dana.post(f"/tasks/{task['id']}/acknowledge", form)).status == 303
    again = await dana.get("/desk")
    assert "I have seen it" not in again.text
    assert "Say that you have seen it" not in again.text
    assert (await dana.post(f"/tasks/{task['id']}/acknowledge", form)).status == 409


async def test_overdue_stands_first_and_says_how_late(site: Site, loaded: Driver) -> None:
    """Overdue, then today, this week and later; each group says how many."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-02-25T09:00")
    await loaded.log(people.DANIEL, people.TEACHER, "2026-03-02T09:00")
    await loaded.log(people.IFEOMA, people.TEACHER, LOGGED_AT)
    await loaded.do("monitor", people.DSL, "2026-03-02T09:30", concern="NC-2026-00003", reason="Watch.")
    text = (await _desk(site, people.DSL)).text
    places = [text.index(words) for words in ("Overdue (1)", "3 days late", "This week (1)", "Later (1)", "Ifeoma")]
    assert places == sorted(places)
    assert "3 tasks, 1 overdue" in text


async def test_a_cover_and_a_deputy_see_what_falls_to_them(site: Site, loaded: Driver) -> None:
    """Named cover acts; without one the deputy does; it says for whom; and it is gone when the leave is over."""
    await loaded.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    assert "Nothing is asked of you now" in (await _desk(site, people.DEPUTY)).text
    await away(loaded, people.DSL, "2026-03-02", "2026-03-03")
    assert "You act for Dana Okoro" in (await _desk(site, people.DEPUTY)).text
    await away(loaded, people.DSL, "2026-03-02", "2026-03-03", people.HEAD)
    assert "Amira Quillonby" in (await _desk(site, people.HEAD)).text
    assert "Nothing is asked of you now" in (await _desk(site, people.DEPUTY)).text
    assert "Harriet Lowe acts for you today" in (await _desk(site, people.DSL)).text
    assert "Nothing is asked of you now" in (await _desk(site, people.HEAD, "2026-03-04T09:00")).text


async def test_the_cover_of_a_cover_acts(site: Site, loaded: Driver) -> None:
    """From another setting, through two people on leave."""
    await loaded.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    await loaded.do("early_help", people.DSL, "2026-03-02T09:30", reason="Help.", lead=people.LEAD)
    await away(loaded, people.LEAD, "2026-03-02", "2026-03-06", people.ASHDOWN_TUTOR)
    await away(loaded, people.ASHDOWN_TUTOR, "2026-03-02", "2026-03-06", people.KEY_PERSON)
    assert "You act for Leon Baptiste" in (await _desk(site, people.KEY_PERSON)).text
    assert "Nothing is asked of you now" in (await _desk(site, people.DSL)).text


async def test_a_practitioner_who_leads_has_a_desk(site: Site, loaded: Driver) -> None:
    """And one who owes an action sees what it is."""
    await loaded.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    await loaded.do("early_help", people.DSL, "2026-03-02T09:30", reason="Help.", lead=people.LEAD)
    assert "Amira Quillonby: Ask the family for consent" in (await _desk(site, people.LEAD)).text


async def test_an_administrator_reads_references_only(site: Site, loaded: Driver) -> None:
    """When nobody else is in post it falls to the administrator, without the child's name."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    for email in (people.DSL, people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP):
        await away(loaded, email, "2026-03-02", "2026-03-06")
    owned = await loaded.log(people.DANIEL, people.TEACHER, "2026-03-02T09:30")
    answer = await _desk(site, people.ADMIN)
    assert logged.reference in answer.text
    assert owned.reference in answer.text
    assert not people.planted_in(answer.text)
    assert await loaded.rows(select(Look)) == []


async def test_whoever_did_one_action_hears_nothing_of_what_became_of_the_concern(site: Site, loaded: Driver) -> None:
    """That they did it stays on their desk; the child, the status and what follows are out of their reach."""
    actions = [{"what": "Ring the dentist.", "owner": people.ASSISTANT, "due": "2026-03-20"}]
    await supported(loaded, actions=actions)
    await loaded.do("done", people.ASSISTANT, "2026-03-16T11:00", note="Rung.")
    text = (await _desk(site, people.ASSISTANT, at="2026-03-16T12:00")).text
    assert "You did what was agreed" in text
    for words in ("Now:", "Then:", "Amira"):
        assert words not in text


async def test_what_was_decided_lately_says_what_followed(site: Site, loaded: Driver) -> None:
    """The last decisions, newest first, with the task that each opened; what was only logged is none."""
    await loaded.log(people.AMIRA, people.DSL, LOGGED_AT)
    await loaded.do("acknowledge", people.DSL, "2026-03-02T09:20")
    await loaded.do("monitor", people.DSL, "2026-03-02T09:30", reason="Watch.")
    text = (await _desk(site, people.DSL)).text
    assert text.index("You decided to watch: Amira Quillonby") < text.index("You said that you had seen it")
    assert "Then: Look at a" in text
    assert "Being watched" in text
    assert "You logged" not in text


async def test_who_covers_and_where_there_is_a_gap(site: Site, loaded: Driver) -> None:
    """Names while somebody is there; a warning for the days on which nobody is."""
    assert "When you are away, Devan Pillai acts as DSL" in (await _desk(site, people.DSL)).text
    await away(loaded, people.DEPUTY, "2026-03-05", "2026-03-06")
    assert "Nobody else is there on Thursday 5 March and Friday 6 March" in (await _desk(site, people.DSL)).text
    await away(loaded, people.DEPUTY, "2026-03-02", "2026-03-04")
    assert "falls to Harriet Lowe" in (await _desk(site, people.DSL)).text


async def test_days_closed_in_the_next_fortnight_are_named(site: Site) -> None:
    """Bank holidays by their names, the setting's own closures as closed."""
    text = (await _desk(site, people.DSL, "2026-03-30T10:00")).text
    assert "Friday 3 April: Good Friday" in text
    assert "Monday 6 April: Easter Monday" in text
    assert "Tuesday 7 April: closed" in text
    assert "Days closed" not in (await _desk(site, people.DSL, "2026-03-02T10:00")).text


async def test_every_child_on_the_desk_is_in_the_access_log(site: Site, loaded: Driver) -> None:
    """Once for each concern, by whom and on which page."""
    await loaded.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    await _desk(site, people.DSL)
    rows = await loaded.rows(select(Look, Person).join(Person))
    assert [(look.page, person.email, look.concern_id is not None) for look, person in rows] == [
        ("desk", people.DSL, True)
    ]


async def test_a_desk_costs_the_same_whatever_lies_on_it(site: Site, loaded: Driver) -> None:
    """Three tasks or forty: as many statements."""
    await many_concerns(loaded, 3)
    few = await statements(site, people.DSL, "/desk")
    await many_concerns(loaded, 40, start=3)
    many = await statements(site, people.DSL, "/desk")
    assert len(many) == len(few) <= 16


async def test_more_than_fifty_are_on_further_pages(site: Site, loaded: Driver) -> None:
    """The groups say how many there are in all."""
    await many_concerns(loaded, 52)
    first = await _desk(site, people.DSL)
    assert "This week (52)" in first.text
    assert first.response.text.count("Why then?") == 50
    second = await (await site.signed_in(people.DSL)).get("/desk?start=50")
    assert second.response.text.count("Why then?") == 2


async def test_the_front_door_has_no_desk_here(site: Site) -> None:
    """It has its referrals."""
    assert (await (await site.signed_in(people.FRONT_DOOR)).get("/desk")).status == 404


async def test_a_draft_lies_on_the_desk_until_it_is_discarded(site: Site, loaded: Driver) -> None:
    """With the child's name, a link back to the form and a button to drop it; nobody else has it."""
    amira = await child_called(loaded, people.AMIRA)
    tessa = await site.signed_in(people.TEACHER)
    await tessa.post("/drafts", {"form": f"/log/{amira.id}", "what": "Something I saw."})
    answer = await tessa.get("/desk")
    assert "A concern about Amira Quillonby" in answer.text
    assert f"/log/{amira.id}" in answer.page.links
    assert "Not handed in yet" not in (await (await site.signed_in(people.DSL)).get("/desk")).text
    gone = await tessa.post("/desk/drafts/discard", {"form": f"/log/{amira.id}"})
    assert gone.status == 303
    assert "Not handed in yet" not in (await tessa.get("/desk")).text


async def test_the_covered_days_are_the_days_of_london(site: Site, loaded: Driver) -> None:
    """Leave that ended yesterday covers nothing today."""
    await loaded.log(people.AMIRA, people.TEACHER, LOGGED_AT)
    await away(loaded, people.DSL, "2026-02-23", "2026-03-01", people.HEAD)
    assert len(await loaded.rows(select(Absence))) == 1
    assert "Nothing is asked of you now" in (await _desk(site, people.HEAD)).text
