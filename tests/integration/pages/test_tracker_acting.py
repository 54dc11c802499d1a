"""Several at once on the tracker: handed over each for itself, and reminded once a day by a real letter."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import col, select

from models.events import Happened
from models.people import Absence, Person
from models.record import Event, Task
from models.telling import Delivery
from tests import people
from tests.driver import Driver, instant
from tests.integration.pages.tracked import task_of, two_areas
from tests.site import Answer, Browser, Site

AT = "2026-03-04T09:00"
WHY = "Dana is on long leave."


async def _person(driver: Driver, email: str) -> Person:
    found: list[Person] = await driver.rows(select(Person).where(Person.email == email))
    return found[0]


async def _tasks(driver: Driver, references: dict[str, str]) -> dict[str, str]:
    return {child: str((await task_of(driver, reference)).id) for child, reference in references.items()}


def _told(answer: Answer) -> dict[str, list[str]]:
    assert answer.status == 303
    assert urlsplit(answer.leads_to).path == "/tracker/told"
    return parse_qs(urlsplit(answer.leads_to).query)


async def _hand_over(browser: Browser, tasks: list[str], to: Person, reason: str = WHY) -> Answer:
    return await browser.post("/tracker/hand-over", {"task": tasks, "to": str(to.id), "reason": reason})


async def test_several_are_handed_over_and_deadlines_stay(site: Site, loaded: Driver) -> None:
    """Each gets its event with the reason, in the coordinator's name; the answer says what was done."""
    references = await two_areas(loaded)
    tasks = await _tasks(loaded, references)
    before = {task.id: task.due_at for task in await loaded.rows(select(Task))}
    colin, devan = await site.signed_in(people.COORDINATOR, AT), await _person(loaded, people.DEPUTY)
    form = await colin.get("/tracker/hand-over", params={"task": [tasks[people.AMIRA], tasks[people.DANIEL]]})
    assert form.page.heading == "Hand over 2 tasks"
    answer = await _hand_over(colin, [tasks[people.AMIRA], tasks[people.DANIEL]], devan)
    assert sorted(_told(answer)["handed"]) == sorted([tasks[people.AMIRA], tasks[people.DANIEL]])
    said = await colin.get(answer.leads_to)
    assert "Handed over (2)" in said.text
    assert "With Devan Pillai" in said.text
    events = await loaded.rows(select(Event).where(col(Event.kind) == Happened.REASSIGNED))
    colins = await _person(loaded, people.COORDINATOR)
    assert {(event.because, event.by_id) for event in events} == {(WHY, colins.id)}
    assert len(events) == 2
    after = await loaded.rows(select(Task).where(col(Task.closed_at).is_(None)))
    assert {task.id: task.due_at for task in after}.items() <= before.items()
    assert sum(task.owner_id == devan.id for task in after) == 2


async def test_one_that_cannot_be_handed_over_leaves_the_others_alone(site: Site, loaded: Driver) -> None:
    """Theirs already, closed meanwhile, another area's: each is said, the rest is done."""
    references = await two_areas(loaded)
    tasks = await _tasks(loaded, references)
    colin, devan = await site.signed_in(people.COORDINATOR, AT), await _person(loaded, people.DEPUTY)
    await _hand_over(colin, [tasks[people.DANIEL]], devan)
    told = _told(await _hand_over(colin, list(tasks.values()), devan))
    assert sorted(told["handed"]) == sorted([tasks[people.AMIRA], tasks[people.JEROME]])
    assert (told["same"], told["gone"]) == ([tasks[people.DANIEL]], [tasks[people.ELSIE]])
    said = (await colin.get(f"/tracker/told?gone={tasks[people.ELSIE]}")).text
    assert people.planted_in(said) == []
    assert references[people.ELSIE] not in said


async def test_a_hand_over_asks_who_and_why(site: Site, loaded: Driver) -> None:
    """What is missing is said, what was typed is kept, nothing is changed; nobody of another place can be named."""
    tasks = await _tasks(loaded, await two_areas(loaded))
    colin, stella = await site.signed_in(people.COORDINATOR, AT), await _person(loaded, people.SUNBEAMS_DSL)
    before = await loaded.dump()
    nothing = await colin.post("/tracker/hand-over", {"task": [tasks[people.AMIRA]]})
    assert nothing.status == 422
    assert "There is a problem" in nothing.text
    kept = await _hand_over(colin, [tasks[people.AMIRA]], stella)
    assert kept.status == 422
    assert kept.page.fields["reason"] == [WHY]
    after = await loaded.dump()
    assert {name for name in before if before[name] != after[name]} <= {"look", "signin"}


@pytest.mark.parametrize("path", ["/tracker/hand-over", "/tracker/remind"])
async def test_nothing_ticked_says_so(site: Site, loaded: Driver, path: str) -> None:
    """As does something that is no task, or none of theirs."""
    tasks = await _tasks(loaded, await two_areas(loaded))
    colin = await site.signed_in(people.COORDINATOR, AT)
    for chosen in ([], ["x"], [tasks[people.ELSIE]]):
        answer = await colin.post(path, {"task": chosen, "to": "", "reason": WHY})
        assert (answer.status, answer.page.heading) == (422, "Nothing was ticked")
    assert (await colin.get("/tracker/hand-over")).status == 200


async def test_a_reminder_goes_once_a_day(site: Site, loaded: Driver) -> None:
    """Twice the same day is one letter to each; the next day it is another."""
    tasks = await _tasks(loaded, await two_areas(loaded))
    chosen = {"task": [tasks[people.AMIRA], tasks[people.JEROME]]}
    colin = await site.signed_in(people.COORDINATOR, AT)
    first = await colin.post("/tracker/remind", chosen)
    assert sorted(_told(first)["sent"]) == sorted(chosen["task"])
    again = await colin.post("/tracker/remind", chosen)
    assert sorted(_told(again)["already"]) == sorted(chosen["task"])
    letters = await _reminders(loaded)
    owners = {(await _person(loaded, email)).id for email in (people.DSL, people.ASHDOWN_DSL)}
    assert {letter.person_id for letter in letters} == owners
    assert [letter.why_you for letter in letters] == ["you owe this task"] * 2
    assert "Reminded today already: no second letter (2)" in (await colin.get(again.leads_to)).text
    colin = await site.signed_in(people.COORDINATOR, "2026-03-05T09:00")
    await colin.post("/tracker/remind", chosen)
    assert len(await _reminders(loaded)) == 4


async def test_a_reminder_of_the_ladder_the_same_day_counts(site: Site, loaded: Driver) -> None:
    """Nobody is told twice in a day, whoever asked first."""
    tasks = await _tasks(loaded, await two_areas(loaded))
    await loaded.sweep("2026-04-22T17:00")  # three working days before the case review is due
    assert [str(one.task_id) for one in await _reminders(loaded) if str(one.task_id) == tasks[people.AMIRA]]
    before = len(await _reminders(loaded))
    colin = await site.signed_in(people.COORDINATOR, "2026-04-22T17:30")
    told = _told(await colin.post("/tracker/remind", {"task": [tasks[people.AMIRA]]}))
    assert told == {"already": [tasks[people.AMIRA]]}
    assert len(await _reminders(loaded)) == before


async def test_a_reminder_goes_to_whoever_acts(site: Site, loaded: Driver) -> None:
    """The cover while the owner is away, with the reason that is theirs; never the one who asks."""
    tasks = await _tasks(loaded, await two_areas(loaded))
    dana, devan = await _person(loaded, people.DSL), await _person(loaded, people.DEPUTY)
    day = instant(AT).date()
    async with loaded.writing() as session:
        session.add(Absence(person_id=dana.id, first=day, last=day, cover_id=devan.id))
    colin = await site.signed_in(people.COORDINATOR, AT)
    await colin.post("/tracker/remind", {"task": [tasks[people.AMIRA]]})
    assert [(one.person_id, one.why_you) for one in await _reminders(loaded)] == [
        (devan.id, "you stand in for a colleague who is away")
    ]
    devans = await site.signed_in(people.DEPUTY, AT)
    assert _told(await devans.post("/tracker/remind", {"task": [tasks[people.DANIEL]]})) == {
        "yours": [tasks[people.DANIEL]]
    }


async def test_what_another_area_owes_is_not_reminded(site: Site, loaded: Driver) -> None:
    """A crafted id sends nothing and tells nothing."""
    tasks = await _tasks(loaded, await two_areas(loaded))
    colin = await site.signed_in(people.COORDINATOR, AT)
    answer = await colin.post("/tracker/remind", {"task": [tasks[people.AMIRA], tasks[people.ELSIE]]})
    assert _told(answer) == {"sent": [tasks[people.AMIRA]], "gone": [tasks[people.ELSIE]]}
    assert [str(one.task_id) for one in await _reminders(loaded)] == [tasks[people.AMIRA]]


async def test_no_address_of_the_tracker_holds_a_childs_details(site: Site, loaded: Driver) -> None:
    """Every link and every redirect is of ids, references and our own words."""
    tasks = await _tasks(loaded, await two_areas(loaded))
    colin = await site.signed_in(people.COORDINATOR, AT)
    links = [(await colin.post("/tracker/remind", {"task": list(tasks.values())})).leads_to]
    for path in ("/tracker", "/tracker/list", "/tracker/calendar?month=2026-04", "/tracker/capacity"):
        links += (await colin.get(path)).page.links
    assert people.planted_in(" ".join(links)) == []
    assert [link for link in links if people.OAKFIELD in link] == []


async def _reminders(driver: Driver) -> list[Delivery]:
    return await driver.rows(select(Delivery).where(Delivery.letter == "reminder"))
