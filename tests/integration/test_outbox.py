"""The outbox against a real SMTP server: every letter once, urgent first, whoever is killed and however many send."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import update

from config.errors import SettingsError
from config.time import wall
from models.database import reading
from models.telling import Delivery, State
from notifications import sending
from notifications.claiming import Sender, claim, dead_senders, renew
from notifications.outbox import Addressed, Counts, address, tell, waiting
from tests import people
from tests.driver import Driver
from tests.mail import MailServer, environment, mail_server
from tests.outbox import AT, outbox, person_id, put, put_about_task, send

# A sender that is stopped between the server's 250 and the commit: it never writes anything down.
STOPS_BEFORE_COMMIT = """
import asyncio, sys
from datetime import datetime
from notifications import sending
from notifications.outbox import tell
from models.database import make_engine
settle = sending.settle
async def stop(session, outcomes, at, counts):
    if outcomes:
        print("accepted", flush=True)
        await asyncio.sleep(3600)
sending.settle = stop
asyncio.run(tell(make_engine(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
"""


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A server that takes everything."""
    async with mail_server(smtp_timeout=5) as running:
        yield running


async def test_addressed_twice_is_one_letter(loaded: Driver) -> None:
    """The key (subject, letter, person, slot) is told once, whatever else differs; only new ones are counted."""
    dsl, head = await person_id(loaded, people.DSL), await person_id(loaded, people.HEAD)
    first = Addressed("not-covered", dsl, "reconciler", "2026-03-02", "this is a test", fields={"count": 1})
    again = Addressed("not-covered", dsl, "reconciler", "2026-03-02", "another reason", fields={"count": 2})
    other = Addressed("not-covered", head, "reconciler", "2026-03-02", "this is a test", fields={"count": 1})
    assert await loaded.act(address, [first], AT) == 1
    assert await loaded.act(address, [again, other, other], AT) == 1
    assert len(await outbox(loaded)) == 2


async def test_many_are_addressed_at_once(loaded: Driver) -> None:
    """More letters than a statement holds are addressed like a few; nothing at all is no trouble."""
    letters = await put(loaded, people.DSL, 2_500)
    assert await loaded.act(address, letters, AT) == 0
    assert await loaded.act(address, [], AT) == 0
    assert len({one.message_id for one in await outbox(loaded)}) == 2_500


@pytest.mark.parametrize(("letter", "says"), [("no-such-letter", "is not a letter"), ("not-covered", "needs count")])
async def test_what_cannot_be_composed_is_not_addressed(loaded: Driver, letter: str, says: str) -> None:
    """A mistake in a caller shows where it was made."""
    wrong = Addressed(letter, await person_id(loaded, people.DSL), "subject", "once", "this is a test")
    with pytest.raises(ValueError, match=says):
        await loaded.act(address, [wrong], AT)


async def test_a_letter_is_sent_and_written_down(loaded: Driver, mail: MailServer) -> None:
    """When, to which address and with which Message-ID stands in the record, and that is what arrived."""
    await put_about_task(loaded, people.DSL)
    assert await send(loaded) == Counts(sent=1)
    (delivery,) = await outbox(loaded)
    (letter,) = mail.letters
    assert (delivery.state, delivery.sent_at, delivery.address) == (State.SENT, AT, people.DSL)
    assert (delivery.claimed_by, delivery.error, delivery.tries) == (None, None, 1)
    assert letter["Message-ID"] == delivery.message_id
    assert letter["To"] == people.DSL
    assert await send(loaded) == Counts()


async def test_urgent_first_then_oldest(loaded: Driver, mail: MailServer) -> None:
    """What is urgent does not wait behind what is older."""
    hour = timedelta(hours=1)
    await put(loaded, people.DSL, at=AT - hour)
    await put(loaded, people.HEAD, at=AT - 2 * hour)
    await put(loaded, people.DEPUTY, urgent=True)
    await send(loaded, connections=1)
    assert mail.sent_to == [people.DEPUTY, people.HEAD, people.DSL]


async def test_progress_hears_of_every_letter(loaded: Driver, mail: MailServer) -> None:
    """The steps of the progress add up to the letters."""
    await put(loaded, people.DSL, 50)
    steps: list[int] = []
    counts = await send(loaded, progress=steps.append)
    assert counts.sent == sum(steps) == len(mail.letters) == 50
    assert mail.connections <= 4


async def test_what_is_not_due_waits(loaded: Driver, mail: MailServer) -> None:
    """A letter of the future stays where it is."""
    await put(loaded, people.DSL, at=AT + timedelta(minutes=1))
    assert await send(loaded) == Counts()
    assert mail.connections == 0


async def test_eight_senders_send_each_letter_once(loaded: Driver, mail: MailServer) -> None:
    """Eight tellings at once share the letters."""
    mail.seconds = 0.005
    await put(loaded, people.DSL, 120)
    counts = await asyncio.gather(*(send(loaded) for _ in range(8)))
    assert sum(one.sent for one in counts) == 120
    assert set(Counter(letter["Message-ID"] for letter in mail.letters).values()) == {1}
    assert {one.state for one in await outbox(loaded)} == {State.SENT}


async def test_a_killed_senders_letter_goes_again_with_the_same_message_id(
    loaded: Driver, mail: MailServer, database_url: str, home: Path
) -> None:
    """Between 250 and the commit: nobody sends it while the sender lives; once it is killed it goes again at once."""
    await put_about_task(loaded, people.DSL)
    command = [sys.executable, "-c", STOPS_BEFORE_COMMIT, database_url, AT.isoformat()]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    assert await asyncio.wait_for(child.stdout.readline(), 60) == b"accepted\n"
    try:
        assert await send(loaded) == Counts()
        assert len(mail.letters) == 1
    finally:
        os.kill(child.pid, signal.SIGKILL)
        await child.wait()
    async with reading(loaded.engine) as session:
        assert await waiting(session, AT) == 1
    assert await send(loaded) == Counts(sent=1)
    assert len({letter["Message-ID"] for letter in mail.letters}) == 1
    assert len(mail.letters) == 2
    assert not list((home / "senders").iterdir())


async def test_a_lease_of_another_machine_is_waited_out(loaded: Driver, mail: MailServer) -> None:
    """A claim without a lock file here may belong to a sender that lives elsewhere."""
    await put(loaded, people.DSL)
    elsewhere = update(Delivery).values(claimed_by="elsewhere", claimed_until=wall() + timedelta(minutes=1))
    await loaded.act(lambda session: session.exec(elsewhere))
    assert await send(loaded) == Counts()
    await loaded.act(lambda session: session.exec(update(Delivery).values(claimed_until=wall())))
    assert await send(loaded) == Counts(sent=1)


async def test_a_lease_is_renewed(loaded: Driver, home: Path) -> None:
    """A slow sender keeps what it has claimed."""
    await put(loaded, people.DSL)
    with Sender(home) as sender:
        (mine,) = await loaded.act(claim, sender, AT, 10)
        await loaded.act(lambda session: session.exec(update(Delivery).values(claimed_until=wall())))
        await loaded.act(renew, sender, [mine])
        assert await loaded.act(claim, sender, AT, 10) == []
        assert mine.claimed_until > wall() + timedelta(minutes=4)
        assert dead_senders() == []


async def test_a_sender_that_lost_its_lease_sends_nothing(
    loaded: Driver, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that slept over its lease leaves the letter to whoever may have claimed it since."""
    await put(loaded, people.DSL)
    monkeypatch.setattr(sending, "wall", lambda: wall() + timedelta(minutes=10))
    assert await send(loaded) == Counts()
    assert mail.letters == []


async def test_an_interrupted_sender_lets_go(loaded: Driver, mail: MailServer) -> None:
    """Interrupted, a sender writes down what was sent, and the rest can be sent at once."""
    mail.seconds = 0.02
    await put(loaded, people.DSL, 40)
    telling = asyncio.create_task(send(loaded))
    await mail.fifth.wait()
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
    mail.seconds = 0
    await send(loaded)
    assert {one.state for one in await outbox(loaded)} == {State.SENT}
    assert len(mail.letters) <= 40 + 4  # those that were on their way went again


async def test_a_mistake_of_ours_does_not_hold_the_claims(
    loaded: Driver, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in the middle of a telling is raised, and the letters can be sent afterwards."""
    await put(loaded, people.DSL, 3)
    with monkeypatch.context() as patch:
        patch.setattr("notifications.connections.Connections._failed", None)
        mail.refuse[people.DSL] = "550 no"
        with pytest.raises(TypeError):
            await send(loaded)
    mail.refuse.clear()
    assert (await send(loaded)).sent == 3


async def test_one_letter_that_cannot_be_composed_holds_up_no_other(loaded: Driver, mail: MailServer) -> None:
    """Its trouble is written down and it is tried again later; the others go."""
    await put(loaded, people.DSL, 3)
    head, fields = await person_id(loaded, people.HEAD), {"tasks": ["no id"]}
    wrong = Addressed("round-up", head, "round-up", "2026-03-02", "this is a test", fields=fields)
    await loaded.act(address, [wrong], AT)
    assert await send(loaded) == Counts(sent=3, later=1)
    (delivery,) = await outbox(loaded, "round-up")
    assert delivery.error == "could not be composed: ValueError"
    assert delivery.try_after == AT + timedelta(minutes=1)


async def test_without_a_mail_server_nothing_is_touched(loaded: Driver) -> None:
    """Nothing waits, nothing is said; something waits, the error says what to set, and it waits on."""
    with environment(smtp_host=None):
        assert await send(loaded) == Counts()
        await put(loaded, people.DSL)
        with pytest.raises(SettingsError, match="PATHWAY_SMTP_HOST"):
            await send(loaded)
    (delivery,) = await outbox(loaded)
    assert (delivery.state, delivery.tries, delivery.try_after) == (State.WAITING, 0, AT)


async def test_a_server_that_takes_one_connection_gets_every_letter(loaded: Driver, mail: MailServer) -> None:
    """Connections that are turned away leave their letters to the one that is not."""
    mail.most_connections = 1
    mail.seconds = 0.01
    await put(loaded, people.DSL, 30)
    counts = await send(loaded)
    assert counts.sent == 30
    assert counts.trouble is None


async def test_no_letter_holds_what_it_must_not(loaded: Driver, mail: MailServer) -> None:
    """Immediate danger, silence and rungs: no child, school or word of theirs in any subject, header or body."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00", immediate_danger=True)
    await loaded.log(people.DANIEL, people.TEACHER, "2026-03-02T09:05")
    for at in ("2026-03-02T09:06", "2026-03-03T16:00", "2026-03-04T09:30", "2026-03-06T17:30"):
        await loaded.sweep(at)
        await loaded.follow(at)
        await tell(loaded.engine, AT + timedelta(days=7))
    kinds = {letter["X-Pathway-Letter"] for letter in mail.letters}
    assert {"telephone-now", "referral", "chase", "chase-copy", "overdue", "disagreement", "task-opened"} <= kinds
    for letter in mail.letters:
        parts = [part.get_content() for part in letter.walk() if not part.is_multipart()]
        assert not people.planted_in(" ".join([*map(str, letter.values()), *parts]))
    assert {one.state for one in await outbox(loaded)} == {State.SENT}
