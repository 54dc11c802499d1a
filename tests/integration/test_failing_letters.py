"""Letters that fail: each ends, and somebody hears of it. For now or for good, one letter's trouble or the server's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from config.time import to_london
from models.database import reading
from models.people import Person
from models.telling import Delivery, State
from notifications.failures import Trouble
from notifications.outbox import Addressed, Counts, address, waiting
from notifications.outcomes import BACK_OFF
from tests import people
from tests.driver import Driver
from tests.letters import bodies
from tests.mail import MailServer, environment, mail_server
from tests.outbox import AT, outbox, person_id, put, put_about_task, send

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NO = "550 5.1.1 no such person"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A server that does as it is told; one that does not answer is given up on soon."""
    async with mail_server(smtp_timeout=0.5) as running:
        yield running


async def person(driver: Driver, email: str) -> Person:
    """Somebody as they now stand in the record."""
    found: Person = (await driver.rows(select(Person).where(Person.email == email)))[0]
    return found


async def one_letter(driver: Driver) -> Delivery:
    """The only delivery that there is."""
    (delivery,) = await outbox(driver)
    return delivery


async def test_a_refused_letter_goes_to_who_acts_instead(loaded: Driver, mail: MailServer) -> None:
    """The DSL's address is refused: the deputy has the task's letter, and the administrator hears."""
    mail.refuse[people.DSL] = NO
    await put_about_task(loaded, people.DSL)
    assert await send(loaded) == Counts(sent=2, refused=1, addressed=2)
    assert sorted(mail.sent_to) == sorted([people.DEPUTY, people.ADMIN])
    (refused,) = [one for one in await outbox(loaded, "task-opened") if one.state == State.REFUSED]
    assert (refused.told_at, refused.error) == (AT, NO)
    assert (await person(loaded, people.DSL)).refused_at == AT
    assert {one.slot for one in await outbox(loaded, "task-opened")} == {"event-1", "event-1:instead"}
    (to_admin,) = [letter for letter in mail.letters if letter["To"] == people.ADMIN]
    assert all(people.DSL in body for body in bodies(to_admin))


async def test_the_one_instead_may_refuse_too(loaded: Driver, mail: MailServer) -> None:
    """It climbs on, each with a letter of their own, until somebody has it."""
    mail.refuse |= {people.DSL: NO, people.DEPUTY: NO}
    await put_about_task(loaded, people.DSL)
    counts = await send(loaded)
    assert counts.refused == 2
    assert people.HEAD in mail.sent_to


async def test_who_has_the_letter_already_gets_no_copy(loaded: Driver, mail: MailServer) -> None:
    """A rung that told both the DSL and the deputy does not tell the deputy twice when the DSL refuses."""
    mail.refuse[people.DSL] = NO
    task = await put_about_task(loaded, people.DSL, "overdue")
    deputy, about = await person_id(loaded, people.DEPUTY), UUID(task["id"])
    await loaded.act(address, [Addressed("overdue", deputy, task["id"], "event-1", "a test", task_id=about)], AT)
    await send(loaded)
    assert mail.sent_to.count(people.DEPUTY) == 1


async def test_administrators_hear_once_a_day(loaded: Driver, mail: MailServer) -> None:
    """Many letters to one bad address are one letter to an administrator, and one more the next day."""
    mail.refuse[people.HEAD] = NO
    await put(loaded, people.HEAD, 10)
    assert (await send(loaded)).refused == 10
    await put(loaded, people.HEAD, 3, at=AT + 24 * HOUR)
    await send(loaded, AT + 24 * HOUR)
    assert mail.sent_to == [people.ADMIN, people.ADMIN]
    assert {one.told_at for one in await outbox(loaded, "not-covered")} == {AT, AT + 24 * HOUR}


async def test_an_administrator_nobody_can_tell_of(loaded: Driver, mail: MailServer) -> None:
    """The only administrator refuses: nobody was told, and the record says so, for the reconciler to find."""
    mail.refuse[people.ADMIN] = NO
    await put(loaded, people.ADMIN)
    assert await send(loaded) == Counts(refused=1)
    assert (await one_letter(loaded)).told_at is None


async def test_the_front_doors_refusal_makes_the_dsl_telephone(loaded: Driver, mail: MailServer) -> None:
    """A referral's letter that is refused must not end in an administrator's list alone."""
    mail.refuse[people.FRONT_DOOR] = NO
    await loaded.log(people.AMIRA, people.TEACHER, AT, immediate_danger=True)
    await loaded.follow(AT)
    await send(loaded)
    (copy,) = [letter for letter in mail.letters if letter["X-Pathway-Letter"] == "chase-copy"]
    assert copy["To"] == people.DSL
    assert all("could not be delivered" in body for body in bodies(copy))


@pytest.mark.parametrize("answer", ["450 busy", "452 4.2.2 over quota"])
async def test_what_is_refused_for_now_is_tried_again(loaded: Driver, mail: MailServer, answer: str) -> None:
    """After 1, 5, 15, 60 minutes and then every 4 hours; after 48 hours it is given up and administrators hear."""
    mail.refuse[people.HEAD] = answer
    await put(loaded, people.HEAD)
    at, waits = AT, []
    while await send(loaded, at) == Counts(later=1):
        waits.append((await one_letter(loaded)).try_after - at)
        at += waits[-1]
        assert await send(loaded, at - MINUTE / 2) == Counts()
    assert waits[:7] == [*BACK_OFF, BACK_OFF[-1], BACK_OFF[-1]]
    (given_up,) = await outbox(loaded, "not-covered")
    assert given_up.state == State.GIVEN_UP
    assert given_up.told_at == AT + 48 * HOUR
    assert (await person(loaded, people.HEAD)).refused_at is None
    assert mail.sent_to == [people.ADMIN]


async def test_what_is_urgent_is_tried_more_often(loaded: Driver, mail: MailServer) -> None:
    """An urgent letter never waits longer than a quarter of an hour."""
    mail.refuse[people.HEAD] = "450 busy"
    await put(loaded, people.HEAD, urgent=True)
    at = AT
    for _ in range(8):
        await send(loaded, at)
        waits = (await one_letter(loaded)).try_after - at
        assert waits <= 15 * MINUTE
        at += waits
    mail.refuse.clear()
    assert (await send(loaded, at)).sent == 1


async def test_a_lost_connection_costs_one_letter_a_minute(loaded: Driver, mail: MailServer) -> None:
    """A letter in whose middle the server hangs up is tried again, with the same Message-ID; the others go."""
    mail.hang_up_on.add(people.HEAD)
    await put(loaded, people.HEAD)
    await put(loaded, people.DSL, 5)
    assert await send(loaded) == Counts(sent=5, later=1)
    mail.hang_up_on.clear()
    assert await send(loaded, AT + MINUTE) == Counts(sent=1)


async def test_relaying_denied_makes_nobody_unreachable(loaded: Driver, mail: MailServer) -> None:
    """A server that refuses everybody is mistaken about us: letters wait, and no person is taken for unreachable."""
    mail.refuse_all = "554 5.7.1 relay access denied"
    for to in (people.DSL, people.HEAD, people.DEPUTY):
        await put(loaded, to)
    assert await send(loaded) == Counts(later=3)
    assert not await loaded.rows(select(Person).where(col(Person.refused_at).is_not(None)))
    mail.refuse_all = None
    assert await send(loaded, AT + MINUTE) == Counts(sent=3)


async def test_a_policy_against_one_address_is_for_good(loaded: Driver, mail: MailServer) -> None:
    """Once other letters get through, the same words are about that letter."""
    mail.refuse[people.HEAD] = "554 5.7.1 we take no letters for this person"
    await put(loaded, people.DSL, at=AT - HOUR)
    await put(loaded, people.HEAD)
    counts = await send(loaded, connections=1)
    assert (counts.refused, counts.later) == (1, 0)
    assert (await person(loaded, people.HEAD)).refused_at is None


def silent(mail: MailServer) -> None:
    """A server that answers nobody's letter."""
    mail.slow_for |= {people.DSL, people.HEAD}


async def test_a_silent_server_costs_a_few_letters_not_all(loaded: Driver, mail: MailServer) -> None:
    """After two letters without an answer a connection gives up; the rest is put back unsent, all at once."""
    silent(mail)
    await put(loaded, people.DSL, 60)
    counts = await send(loaded)
    assert counts.later == 60
    assert counts.trouble is not None
    assert mail.connections <= 8


async def test_server_trouble_puts_everything_back_at_once(loaded: Driver, mail: MailServer) -> None:
    """A server that takes no letters from us is asked once, not once a letter; then nothing is due any more."""
    mail.refuse_sender = "530 log in first"
    await put(loaded, people.DSL, 200)
    counts = await send(loaded)
    assert (counts.later, counts.sent) == (200, 0)
    assert counts.trouble == "530 log in first"
    assert mail.connections <= 4
    deliveries = await outbox(loaded)
    assert {(one.state, one.tries, one.claimed_by) for one in deliveries} == {(State.WAITING, 1, None)}
    assert {one.try_after for one in deliveries} == {AT + MINUTE}
    assert {one.error for one in deliveries} == {"mail server: 530 log in first"}
    async with reading(loaded.engine) as session:
        assert await waiting(session, AT) == 0


async def test_once_the_server_is_back_everything_goes(loaded: Driver, mail: MailServer) -> None:
    """What waits for hours because the server was down goes with the first letter that gets through."""
    await put(loaded, people.DSL, 5)
    at = AT
    with environment(smtp_host="127.0.0.1", smtp_port=9, smtp_tls="none"):
        for pause in BACK_OFF:
            assert (await send(loaded, at)).later == 5
            at += pause
    await put(loaded, people.HEAD, at=at - HOUR)
    assert (await outbox(loaded, "not-covered"))[0].try_after == at
    assert await send(loaded, at - HOUR) == Counts(sent=6)


async def test_two_days_without_a_server(loaded: Driver, mail: MailServer) -> None:
    """Everything is given up, which administrators hear in one letter when the server is back."""
    await put(loaded, people.DSL, 5)
    await put(loaded, people.HEAD, 5)
    at = AT + 49 * HOUR
    with environment(smtp_host="127.0.0.1", smtp_port=9, smtp_tls="none"):
        counts = await send(loaded, at)
    assert (counts.given_up, counts.addressed) == (10, 1)
    assert await send(loaded, at + MINUTE) == Counts(sent=1)
    assert mail.sent_to == [people.ADMIN]
    assert {one.told_at for one in await outbox(loaded, "not-covered")} == {at}


async def test_a_task_closed_meanwhile_needs_no_letter(loaded: Driver, mail: MailServer) -> None:
    """Nobody is asked for what is done; the delivery says why it did not go."""
    await put_about_task(loaded, people.DSL)
    await loaded.do("monitor", people.DSL, "2026-03-02T09:00", reason="we keep an eye on it")
    assert await send(loaded) == Counts(withdrawn=1)
    assert (await one_letter(loaded)).error == "the task was closed before this could be sent"
    assert mail.connections == 0


async def test_who_has_left_gets_nothing_and_somebody_else_does(loaded: Driver, mail: MailServer) -> None:
    """A letter about a task that finds its reader gone goes to who acts instead."""
    await put_about_task(loaded, people.DSL)
    gone = update(Person).where(col(Person.email) == people.DSL).values(left_on=to_london(AT).date())
    await loaded.act(lambda session: session.exec(gone))
    assert await send(loaded) == Counts(sent=1, withdrawn=1, addressed=1)
    assert mail.sent_to == [people.DEPUTY]


@pytest.mark.parametrize("trouble", [one.value for one in Trouble if one != Trouble.GONE])
async def test_what_administrators_are_told(loaded: Driver, mail: MailServer, trouble: str) -> None:
    """Each trouble has words of its own, and none leaves the reader without something to do."""
    head = await person_id(loaded, people.HEAD)
    fields: dict[str, Any] = {"person": "" if trouble == Trouble.SERVER else str(head), "trouble": trouble}
    to = await person_id(loaded, people.ADMIN)
    await loaded.act(address, [Addressed("letter-refused", to, "it", trouble, "a test", fields=fields)], AT)
    await send(loaded)
    text, _ = bodies(mail.letters[0])
    assert "Please" in text
    assert (people.HEAD in text) == (trouble != Trouble.SERVER)
