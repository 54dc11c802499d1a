"""The tracker's month, capacity and calendar feed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

import icalendar
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import CalendarKey
from models.people import Absence, Person, Setting
from models.record import Concern, Task
from models.staffing import reassign
from tests import people
from tests.driver import Driver, instant
from tests.integration.pages.tracked import many, task_of, two_areas, watched
from tests.site import Answer, Browser, Site

AT = "2026-03-04T09:00"
AMIRA = people.CHILDREN[people.AMIRA].name
OPEN = col(Task.closed_at).is_(None)


async def _person(driver: Driver, email: str) -> Person:
    found: list[Person] = await driver.rows(select(Person).where(Person.email == email))
    return found[0]


async def test_the_month_shows_days_holidays_and_closures(site: Site, loaded: Driver) -> None:
    """What falls due with its way to the list, bank holidays by name, closed settings by name or number."""
    await two_areas(loaded)
    colin = await site.signed_in(people.COORDINATOR, AT)
    april = await colin.get("/tracker/calendar?month=2026-04")
    assert april.page.heading == "April 2026"
    for said in ("Good Friday", "Easter Monday", "Closed: Ashdown Secondary School, Oakfield Primary School", AMIRA):
        assert said in april.text, said
    assert "3 assessments and reviews fall due in April 2026" in april.text
    assert "/tracker/list?day=2026-04-27" in april.page.links
    assert {"/tracker/calendar?month=2026-03", "/tracker/calendar?month=2026-05"} <= set(april.page.links)
    march = await colin.get("/tracker/calendar?month=nonsense")
    assert march.page.heading == "March 2026"
    assert "Nothing falls due in this month" in march.text


async def test_many_closed_settings_are_counted_and_listed_below(site: Site, loaded: Driver) -> None:
    """A day has room for two names."""
    reference = await watched(loaded, people.AMIRA, people.TEACHER, people.DSL)
    oakfield = (await loaded.rows(select(Setting).where(Setting.key == people.OAKFIELD)))[0]
    async with loaded.writing() as session:
        for number in range(3):
            session.add(
                Setting(key=f"s-{number}", name=f"School {number}", kind="school", area="derby", closed=oakfield.closed)
            )
    colin = await site.signed_in(people.COORDINATOR, AT)
    april = (await colin.get("/tracker/calendar?month=2026-04")).text
    assert "5 of 6 settings closed" in april
    assert "School 2: 7, 8, 9, 10, 13, 14, 15, 16, 17 April" in april
    assert reference


async def test_a_full_day_is_cut_and_counted(site: Site, loaded: Driver) -> None:
    """Three by name, the rest as a number; a day is London's."""
    reference = await watched(loaded, people.AMIRA, people.TEACHER, people.DSL)
    await many(loaded, reference, 9)  # due from 5pm on, each an hour later: two of them after midnight
    colin = await site.signed_in(people.COORDINATOR, AT)
    april = (await colin.get("/tracker/calendar?month=2026-04")).text
    assert "8 due on Monday 27 April" in april
    assert "2 due on Tuesday 28 April" in april
    assert "and 5 more" in april


async def test_capacity_counts_by_person_and_week(site: Site, loaded: Driver) -> None:
    """The chart and its table hold the same figures; the mean is said to be only that."""
    await two_areas(loaded)
    colin = await site.signed_in(people.COORDINATOR, "2026-04-01T09:00")
    seen = await colin.get("/tracker/capacity")
    for said in ("2 people owe 3 tasks: 1.5 each on average", "An average is only that", "week of Monday 27 April: 3"):
        assert said in seen.text, said
    assert re.search(r"Dana Okoro 0 0 0 0 0 2 0 2 None known", seen.text)
    assert 'role="img"' in seen.response.text
    assert "What each person owes, week by week" in seen.response.text
    assert people.planted_in(seen.text.replace("Oakfield Primary School", "").replace("Ashdown Secondary", "")) == []


async def test_leave_without_cover_is_warned_of(site: Site, loaded: Driver) -> None:
    """What falls due on those days is counted; a named cover ends the warning, not one who is leaving."""
    await two_areas(loaded)
    dana, devan = await _person(loaded, people.DSL), await _person(loaded, people.DEPUTY)
    leave = Absence(person_id=dana.id, first=date(2026, 4, 27), last=date(2026, 4, 27))
    async with loaded.writing() as session:
        session.add(leave)
    colin = await site.signed_in(people.COORDINATOR, "2026-04-01T09:00")
    alone = (await colin.get("/tracker/capacity")).text
    assert "Dana Okoro is away Monday 27 April, nobody named as cover. 1 task is owed then." in alone
    async with loaded.writing() as session:
        (await session.get_one(Absence, leave.id)).cover_id = devan.id
    covered = (await colin.get("/tracker/capacity")).text
    assert "Nobody would be there" not in covered
    assert "Devan Pillai covers" in covered
    async with loaded.writing() as session:
        (await session.get_one(Person, devan.id)).left_on = date(2026, 4, 20)
    assert "Nobody would be there" in (await colin.get("/tracker/capacity")).text


async def test_a_leaver_who_still_owes_is_warned_of(site: Site, loaded: Driver) -> None:
    """From the day of leaving on, nobody is there."""
    await two_areas(loaded)
    dana = await _person(loaded, people.DSL)
    async with loaded.writing() as session:
        (await session.get_one(Person, dana.id)).left_on = date(2026, 4, 20)
    colin = await site.signed_in(people.COORDINATOR, "2026-04-01T09:00")
    assert "Dana Okoro leaves Monday 20 April. 2 tasks are owed then." in (await colin.get("/tracker/capacity")).text


async def _feed(browser: Browser) -> str:
    """The address of a new key's feed, without the host."""
    made = await browser.post("/tracker/feed")
    assert made.status == 200
    found = re.search(r"/calendar/[\w-]+\.ics", made.response.text)
    assert found
    return found[0]


def _events(answer: Answer) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(answer.response.content)
    assert isinstance(calendar, icalendar.Calendar)
    assert str(calendar["method"]) == "PUBLISH"
    return {str(event["summary"]): event for event in calendar.events}


async def test_the_feed_says_references_and_dates_alone(site: Site, loaded: Driver) -> None:
    """No sign-in but the key; nothing of a child or a setting; each event is its task's, at its deadline, in UTC."""
    references = await two_areas(loaded)
    colin = await site.signed_in(people.COORDINATOR, AT)
    path = await _feed(colin)
    answer = await site.browser().get(path)
    assert answer.response.headers["content-type"].startswith("text/calendar")
    assert answer.response.headers["cache-control"] == "private, max-age=900"
    events = _events(answer)
    wanted = {f"{references[child]} review" for child in (people.AMIRA, people.DANIEL, people.JEROME)}
    assert set(events) == wanted
    assert people.planted_in(answer.response.text.replace("\r\n ", "")) == []
    task = await task_of(loaded, references[people.AMIRA])
    event = events[f"{references[people.AMIRA]} review"]
    assert event["dtstart"].dt == task.due_at
    assert event["dtstart"].dt.utcoffset().total_seconds() == 0
    assert str(event["uid"]).startswith(f"{task.id}@")
    assert str(event["url"]).endswith(f"/tasks/{task.id}")


async def test_a_changed_review_keeps_its_uid_with_a_later_sequence(site: Site, loaded: Driver) -> None:
    """So that a calendar moves the entry and makes no second one; unchanged, it is not even sent again."""
    reference = await watched(loaded, people.AMIRA, people.TEACHER, people.DSL)
    colin = await site.signed_in(people.COORDINATOR, AT)
    path = await _feed(colin)
    first = await site.browser().get(path)
    tag = first.response.headers["etag"]
    same = await colin.client.get(path, headers={"if-none-match": tag})
    assert (same.status_code, same.content) == (304, b"")
    await loaded.do("early_help", people.DSL, "2026-03-04T10:00", reason="x y z", lead=people.LEAD)
    await loaded.do("consent", people.LEAD, "2026-03-05T10:00", given_by="her mother", covers="school")
    before = _events(await site.browser().get(path))[f"{reference} review"]
    task = await task_of(loaded, reference)
    await loaded.act(_handed_over, task.id)
    after = _events(await site.browser().get(path))[f"{reference} review"]
    assert before["uid"] == after["uid"]
    assert before["sequence"] < after["sequence"]
    assert (await colin.client.get(path, headers={"if-none-match": tag})).status_code == 200


async def _handed_over(session: AsyncSession, task_id: UUID) -> None:
    await reassign(session, task_id, people.DSL, "x y z", people.COORDINATOR, instant("2026-03-06T10:00"))


async def test_a_key_that_opens_nothing_is_not_there(site: Site, loaded: Driver) -> None:
    """Ended, never made, of somebody who has left or has no such role any more: 404, without a word."""
    await two_areas(loaded)
    colin = await site.signed_in(people.COORDINATOR, AT)
    path, other = await _feed(colin), await _feed(colin)
    keys = await loaded.rows(select(CalendarKey).order_by(col(CalendarKey.made_at)))
    ended = await colin.post(f"/tracker/feed/{keys[0].id}/end")
    assert (ended.status, ended.leads_to) == (303, "/tracker/feed?done=feed-ended")
    assert (await site.browser().get(path)).status == 404
    assert (await site.browser().get("/calendar/nothing.ics")).status == 404
    assert (await site.browser().get(other)).status == 200
    colins = await _person(loaded, people.COORDINATOR)
    async with loaded.writing() as session:
        (await session.get_one(Person, colins.id)).left_on = instant(AT).date()
    gone = await site.browser().get(other)
    assert (gone.status, gone.response.headers["cache-control"]) == (404, "no-store")


async def test_nobody_ends_anothers_key(site: Site, loaded: Driver) -> None:
    """And a key is shown once: its page never holds the address again."""
    colin, dana = await site.signed_in(people.COORDINATOR, AT), await site.signed_in(people.DSL, AT)
    path = await _feed(colin)
    key = (await loaded.rows(select(CalendarKey)))[0]
    assert key.token not in path
    await dana.post(f"/tracker/feed/{key.id}/end")
    assert (await site.browser().get(path)).status == 200
    again = await colin.get("/tracker/feed")
    assert "/calendar/" not in again.response.text
    assert (await colin.post("/tracker/feed/nothing/end")).status == 404


async def test_there_are_only_so_many_keys(site: Site) -> None:
    """A sixth is not made."""
    colin = await site.signed_in(people.COORDINATOR, AT)
    for _ in range(5):
        await _feed(colin)
    assert (await colin.post("/tracker/feed")).status == 303
    assert "as many as one person can have" in (await colin.get("/tracker/feed")).text


async def test_a_feed_is_the_holders_reach_as_of_now(site: Site, loaded: Driver) -> None:
    """The DSL's holds her setting's; what moves away is gone from it."""
    references = await two_areas(loaded)
    path = await _feed(await site.signed_in(people.DSL, AT))
    assert set(_events(await site.browser().get(path))) == {
        f"{references[people.AMIRA]} review",
        f"{references[people.DANIEL]} review",
    }
    ashdown = (await loaded.rows(select(Setting).where(Setting.key == people.ASHDOWN)))[0]
    async with loaded.writing() as session:
        concern = (await session.exec(select(Concern).where(Concern.reference == references[people.AMIRA]))).one()
        task = (await session.exec(select(Task).where(Task.concern_id == concern.id, OPEN))).one()
        concern.setting_id = task.setting_id = ashdown.id
    assert set(_events(await site.browser().get(path))) == {f"{references[people.DANIEL]} review"}
