"""What is on a person's desk, for the morning digest: what they act for today, and what they were told is overdue."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlmodel import SQLModel, col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from models.database import reading
from models.people import Absence, Person
from notifications.desk import Desk, desks
from notifications.outbox import Addressed, address
from tests import people
from tests.driver import Driver, instant
from tests.letters import bodies
from tests.mail import mail_server
from tests.outbox import AT, outbox, person_id, put_about_task, send


async def desk_of(driver: Driver, email: str, as_of: datetime = AT, at: datetime = AT) -> Desk:
    """One person's desk."""
    who = await person_id(driver, email)
    async with reading(driver.engine) as session:
        return (await desks(session, {who: as_of}, at))[who]


async def away(driver: Driver, email: str, cover: str | None) -> None:
    """Give somebody leave on the day of the test."""
    leave = Absence(
        person_id=await person_id(driver, email),
        first=date(2026, 3, 2),
        last=date(2026, 3, 2),
        cover_id=await person_id(driver, cover) if cover else None,
    )
    await driver.act(_add, leave)


async def _add(session: AsyncSession, row: SQLModel) -> None:
    session.add(row)


async def test_what_one_owes_oneself(loaded: Driver) -> None:
    """A present person acts for their own tasks, and for nobody else's."""
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    assert [task.kind for task, _ in (await desk_of(loaded, people.DSL)).own] == ["dsl_review"]
    assert await desk_of(loaded, people.DEPUTY) == Desk()


async def test_what_one_covers(loaded: Driver) -> None:
    """On a day of leave the cover has it, and the person on leave has nothing to be asked for."""
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    await away(loaded, people.DSL, people.HEAD)
    assert (await desk_of(loaded, people.DSL)).own == []
    assert len((await desk_of(loaded, people.HEAD)).own) == 1


async def test_who_cannot_be_reached_is_acted_for(loaded: Driver) -> None:
    """Leave without cover, or an address that refuses: the next role up has it."""
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    refusing = update(Person).where(col(Person.email) == people.DSL).values(refused_at=AT)
    await loaded.act(lambda session: session.exec(refusing))
    assert len((await desk_of(loaded, people.DEPUTY)).own) == 1
    await away(loaded, people.DEPUTY, None)
    assert len((await desk_of(loaded, people.HEAD)).own) == 1


async def test_what_was_opened_later_waits(loaded: Driver) -> None:
    """What came after the digest's instant is tomorrow's."""
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    assert (await desk_of(loaded, people.DSL, as_of=instant("2026-03-02T08:00"))).own == []


async def test_what_one_was_told_is_overdue(loaded: Driver) -> None:
    """Somebody who heard of a rung sees the task until it is done, once, however many rungs they heard of."""
    task = await put_about_task(loaded, people.HEAD, "overdue")
    again = Addressed(
        "overdue", await person_id(loaded, people.HEAD), task["id"], "rung-2", "it", task_id=UUID(task["id"])
    )
    await loaded.act(address, [again], AT)
    assert [str(heard.id) for heard, _ in (await desk_of(loaded, people.HEAD)).heard] == [task["id"]]
    await loaded.do("monitor", people.DSL, "2026-03-02T10:00", reason="we keep an eye on it")
    assert (await desk_of(loaded, people.HEAD)).heard == []


async def test_what_is_ones_own_is_not_told_twice(loaded: Driver) -> None:
    """The owner who heard that their own task is overdue sees it among their own."""
    await put_about_task(loaded, people.DSL, "overdue")
    desk = await desk_of(loaded, people.DSL)
    assert (len(desk.own), desk.heard) == (1, [])


async def test_a_digest_is_read_when_it_is_composed(loaded: Driver) -> None:
    """What is done between addressing and sending is not asked for; with nothing left there is no letter."""
    await loaded.log(people.AMIRA, people.TEACHER, AT)
    await loaded.log(people.DANIEL, people.TEACHER, AT)
    fields = {"as_of": AT.isoformat()}
    for email in (people.DSL, people.DEPUTY):
        who = await person_id(loaded, email)
        await loaded.act(address, [Addressed("morning-digest", who, email, "day", "it", fields=fields)], AT)
    await loaded.do("monitor", people.DSL, "2026-03-02T09:00", concern="NC-2026-00001", reason="we keep an eye on it")
    async with mail_server() as mail:
        counts = await send(loaded)
    assert (counts.sent, counts.withdrawn) == (1, 1)
    text, _ = bodies(mail.letters[0])
    assert "NC-2026-00002: Decide what a concern needs. By Tue 3 Mar 2026 17:00" in text
    assert [one.error for one in await outbox(loaded) if one.error] == ["nothing is left to do"]
