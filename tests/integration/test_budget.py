"""The budget: so many letters a person and local day outside what is critical, however they come; nothing is lost.

The shipped figure is six, one of which is kept for the morning's list.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update

from models.database import writing
from models.people import Person
from models.record import Concern, Task
from models.telling import Delivery
from notifications.addressing import Addressed, address
from notifications.budget import WAITS, Budget, keep_within
from notifications.claiming import Sender, claim
from notifications.folding import FOLDED, fold
from notifications.letters import CRITICAL, LETTERS, is_critical
from tests import people
from tests.driver import Driver, When, instant
from tests.integration import stories
from tests.integration.timeline import digest_at
from tests.letters import bodies
from tests.mail import MailServer, mail_server
from tests.outbox import outbox, person_id, send

SIX = Budget(6, 6)
TUESDAY, NEXT_MORNING = "2026-03-03T10:00", "2026-03-04T08:00"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A server that takes everything."""
    async with mail_server(smtp_timeout=5) as running:
        yield running


async def put(
    driver: Driver, to: str, number: int, at: When = TUESDAY, letter: str = "concern-acted-on", **about: Any
) -> None:
    """Address so many letters."""
    who = await person_id(driver, to)
    slot = f"{letter} {instant(at):%d %H:%M}"
    letters = [
        Addressed(letter, who, f"{slot} {one}", "once", "this is a test", fields={"count": one}, **about)
        for one in range(number)
    ]
    await driver.act(address, letters, instant(at))


async def of(driver: Driver, to: str, *letters: str) -> Counter[str]:
    """How many letters of each state somebody has."""
    who = await person_id(driver, to)
    return Counter(one.state.value for one in await outbox(driver, *letters) if one.person_id == who)


def texts(mail: MailServer, to: str) -> list[str]:
    """What somebody was sent, oldest first."""
    return [bodies(letter)[0] for letter in mail.letters if letter["To"] == to]


def test_what_is_critical() -> None:
    """What must be acted on within hours, what a reader asked for, and what nobody else would learn of: no more."""
    now = {"telephone-now", "referral", "chase", "chase-copy", "referral-raised", "question-answered", "disagreement"}
    answers = {"referral-sent", "referral-stopped", "front-door-answered"}
    for_administrators = {"letter-refused", "not-covered"}
    asked_for = {"invitation", "password-reset"}
    assert now | answers | for_administrators | asked_for <= CRITICAL
    routine = {"task-opened", "reminder", "unacknowledged", "overdue", "handed-over", "countersign-answered"}
    routine |= {"concern-received", "concern-acted-on", "morning-digest", "round-up"}
    assert not routine & CRITICAL
    assert all(is_critical(letter, urgent=True) for letter in LETTERS)


async def test_the_second_person_of_a_stop_is_told_at_once(loaded: Driver) -> None:
    """A stop counts only if it is agreed before the hold ends, so that letter is urgent; other proposals' are not."""
    await stories.held(loaded)
    await loaded.do("stop", people.DSL, "2026-04-20T11:00", reason="moved", second=people.DEPUTY)
    await loaded.follow("2026-04-20T11:00")
    asked = select(Delivery).join(Task, col(Delivery.task_id) == col(Task.id)).where(Task.kind == "countersign")
    assert [one.urgent for one in await loaded.rows(asked)] == [True]


async def test_five_go_and_the_sixth_is_the_morning_list_that_names_the_rest(loaded: Driver, mail: MailServer) -> None:
    """Twenty at once that nobody folded: fifteen are held back, and the digest names what they were about."""
    reference = (await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")).reference
    ((concern,),) = [await loaded.rows(select(Concern))]
    await put(loaded, people.TEACHER, 20, concern_id=concern.id)
    counts = await send(loaded, instant(TUESDAY))
    assert (counts.sent, counts.held) == (5, 15)
    assert await of(loaded, people.TEACHER) == {"sent": 5, "withdrawn": 15}
    assert {(one.error, one.tries) for one in await outbox(loaded) if one.held_at} == {(WAITS, 0)}
    await digest_at(loaded, NEXT_MORNING)
    await send(loaded, instant(NEXT_MORNING))
    text = texts(mail, people.TEACHER)[-1]
    assert f"To let you know\n- Your concern was acted on: {reference}\n" in text
    assert "Nothing is asked of you today." in text
    assert await digest_at(loaded, "2026-03-05T08:00") == 1  # the DSL's, who owes the decision
    assert await of(loaded, people.TEACHER, "morning-digest") == {"sent": 1}


async def test_what_is_critical_always_goes(loaded: Driver, mail: MailServer) -> None:
    """However many a reader has had: by its kind, or as urgent; and none of it counts against the others."""
    await put(loaded, people.HEAD, 9, letter="not-covered")
    await put(loaded, people.HEAD, 9, letter="concern-received", urgent=True)
    await put(loaded, people.HEAD, 7)
    await send(loaded, instant(TUESDAY))
    assert len(texts(mail, people.HEAD)) == 9 + 9 + 5
    await put(loaded, people.HEAD, 2, "2026-03-03T11:00", letter="not-covered")
    assert (await send(loaded, instant("2026-03-03T11:00"))).sent == 2


async def test_a_new_concern_is_told_however_many_letters_there_were(loaded: Driver, mail: MailServer) -> None:
    """Its DSL must acknowledge it within hours: the morning's list would come too late."""
    await put(loaded, people.DSL, 9)
    await send(loaded, instant(TUESDAY))
    await loaded.log(people.AMIRA, people.TEACHER, TUESDAY)
    await loaded.follow(TUESDAY)
    await send(loaded, instant(TUESDAY))
    assert await of(loaded, people.DSL, "task-opened") == {"sent": 1}


async def test_many_senders_at_once_keep_within_it(loaded: Driver, home: Path) -> None:
    """Eight that claim at once, and a ninth after them, never claim more for one person than the budget."""
    for to in (people.DSL, people.HEAD, people.DEPUTY):
        await put(loaded, to, 12)

    async def take() -> list[Delivery]:
        with Sender(home) as sender:
            async with writing(loaded.engine) as session:
                claimed = await claim(session, sender, instant(TUESDAY), 5)
                await asyncio.sleep(0)
                return await keep_within(session, claimed, SIX, instant(TUESDAY))

    going = [one for some in await asyncio.gather(*(take() for _ in range(8))) for one in some]
    going += await take()
    assert max(Counter(one.person_id for one in going).values()) == 5
    assert len(going) + len([one for one in await outbox(loaded) if one.held_at]) == 36


async def test_a_day_is_the_readers_own(loaded: Driver, mail: MailServer) -> None:
    """At 23:30 in New York there is a new budget half an hour later, when London has had the day for hours."""
    moved = update(Person).where(col(Person.email) == people.HEAD).values(zone="America/New_York")
    await loaded.act(lambda session: session.exec(moved))
    for at, sent in (("2026-03-04T04:30", 5), ("2026-03-04T04:59", 0), ("2026-03-04T05:00", 5)):
        await put(loaded, people.HEAD, 6, at)
        assert (await send(loaded, instant(at))).sent == sent


async def test_a_round_up_names_what_asks_for_nothing_too(loaded: Driver, mail: MailServer) -> None:
    """Six different letters at once are one that counts as one; what comes later goes until the budget is spent."""
    reference = (await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")).reference
    ((concern, task),) = await loaded.rows(select(Concern, Task).join(Task))
    await put(loaded, people.DSL, 5, letter="task-opened", concern_id=concern.id, task_id=task.id)
    await put(loaded, people.DSL, 1, letter="handed-over", concern_id=concern.id, task_id=task.id)
    assert await loaded.act(fold, instant(TUESDAY)) == 6
    assert (await send(loaded, instant(TUESDAY))).sent == 1
    (text,) = texts(mail, people.DSL)
    assert f"{reference}: Decide what a concern needs" in text
    assert f"- A task was handed over: {reference}" in text
    assert {one.error for one in await outbox(loaded) if one.held_at} == {FOLDED}
    await put(loaded, people.DSL, 6, "2026-03-03T11:00")
    assert await loaded.act(fold, instant("2026-03-03T11:00")) == 0
    assert (await send(loaded, instant("2026-03-03T11:00"))).sent == 4


async def test_what_an_undelivered_list_named_is_named_by_the_next(loaded: Driver, mail: MailServer) -> None:
    """Wednesday's list is given up by the server; Thursday's names what it named."""
    await put(loaded, people.TEACHER, 6)
    await send(loaded, instant(TUESDAY))
    await digest_at(loaded, NEXT_MORNING)
    two_days_old = {"created_at": instant(NEXT_MORNING) - timedelta(hours=48)}
    lists = update(Delivery).where(col(Delivery.letter) == "morning-digest").values(**two_days_old)
    await loaded.act(lambda session: session.exec(lists))
    mail.refuse[people.TEACHER] = "450 not now"
    assert (await send(loaded, instant(NEXT_MORNING))).given_up == 1
    mail.refuse.clear()
    thursday = "2026-03-05T08:00"
    assert await digest_at(loaded, thursday) == 1
    await send(loaded, instant(thursday))
    assert "- Your concern was acted on" in texts(mail, people.TEACHER)[-1]


async def test_two_lists_on_one_day_count_too(loaded: Driver, mail: MailServer) -> None:
    """Friday's list is made up for early on Monday, after five letters of that day: Monday's own is held back, and
    Tuesday's has what it would have said."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-05T09:00")
    early, monday, tuesday = "2026-03-09T07:00", "2026-03-09T08:00", "2026-03-10T08:00"
    await put(loaded, people.DSL, 6, early)
    for at, sent in ((early, 6), (monday, 0), (tuesday, 1)):
        await digest_at(loaded, at)
        await send(loaded, instant(at))
        assert len([one for one in await outbox(loaded) if one.sent_at == instant(at)]) == sent
    assert "- Your concern was acted on" in texts(mail, people.DSL)[-1]
