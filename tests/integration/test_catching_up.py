"""After any outage: what is critical at once, the rest as one list a person, each thing once; newest first.

The tests' Oakfield has four concerns and a danger; nothing runs for a while; then everything is back at once, and a
real mail server counts what each person gets.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from models.record import Concern
from models.telling import Delivery, State
from notifications.budget import DIGEST
from notifications.catching_up import SUPERSEDED
from notifications.folding import LISTED, fold
from notifications.letters import is_critical
from tests import people
from tests.driver import Driver, instant
from tests.integration.test_storms import _overdue as overdue
from tests.integration.timeline import digest_at
from tests.letters import bodies
from tests.mail import MailServer, mail_server
from tests.outbox import outbox, person_id, send

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LISTS = ("morning-digest", "round-up")
DOWN = "2026-03-03T16:00"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A server that takes everything."""
    async with mail_server(smtp_timeout=5) as running:
        yield running


async def _wake(loaded: Driver, at: str) -> None:
    """What one pass does, in its order, until nothing is due: events, deadlines, the morning's list, letters."""
    for _ in range(2):
        await loaded.follow(at)
        await loaded.sweep(at)
        await digest_at(loaded, instant(at))
        await loaded.act(fold, instant(at))
        await send(loaded, instant(at))


async def _until(loaded: Driver, mail: MailServer, last: str, concerns: int = 4) -> None:
    """So many concerns, opened on Monday at nine, and a pathway that runs in time until `last`."""
    await overdue(loaded, concerns)
    for at in ("2026-03-02T09:00", "2026-03-02T13:00", "2026-03-03T08:00", last):
        await _wake(loaded, at)
    mail.letters.clear()


async def _told(loaded: Driver, mail: MailServer) -> dict[str, Counter[str]]:
    """By person, how many of each routine letter the server took, by name."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    kinds = {one.message_id: one for one in await outbox(loaded)}
    for letter in mail.letters:
        row = kinds[letter["Message-ID"]]
        if not is_critical(row.letter, urgent=row.urgent):
            found[letter["To"]][row.letter] += 1
    return dict(found)


# Four decisions were due on Tuesday 3 March at 17:00.
OUTAGES = [
    pytest.param("2026-03-03T16:59", "2026-03-03T18:30", id="an hour and a half"),
    pytest.param(DOWN, "2026-03-04T16:00", id="a day"),
    pytest.param(DOWN, "2026-03-05T11:00", id="two days"),
    pytest.param(DOWN, "2026-03-09T07:00", id="over a weekend, before the morning"),
    pytest.param(DOWN, "2026-03-17T10:00", id="a fortnight"),
    pytest.param(DOWN, "2026-03-30T09:30", id="over the clocks' change"),
]


@pytest.mark.parametrize(("last", "back"), OUTAGES)
async def test_the_rest_is_one_list_a_person(loaded: Driver, mail: MailServer, last: str, back: str) -> None:
    """Whoever was to hear of four things hears of them in one letter, with every reference, and of nothing twice."""
    await _until(loaded, mail, last)
    await _wake(loaded, back)
    told = await _told(loaded, mail)
    assert people.DEPUTY in told
    assert {to: sum(count.values()) for to, count in told.items()} == dict.fromkeys(told, 1)
    assert {name for count in told.values() for name in count} <= set(LISTS)
    references = {one.reference for one in await loaded.rows(select(Concern))}
    for letter in mail.letters:
        if letter["To"] == people.DEPUTY:
            assert {one for one in references if one in bodies(letter)[0]} == references
    taken = len(mail.letters)
    await _wake(loaded, back)
    assert len(mail.letters) == taken


async def test_what_is_critical_goes_first_and_as_it_is(loaded: Driver, mail: MailServer) -> None:
    """A danger that was logged while nothing ran: everybody is told to telephone before any list goes."""
    await _until(loaded, mail, DOWN)
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-04T10:00", immediate_danger=True)
    await _wake(loaded, "2026-03-05T11:00")
    kinds = {one.message_id: one for one in await outbox(loaded)}
    order = [kinds[one["Message-ID"]] for one in mail.letters]
    critical = [is_critical(one.letter, urgent=one.urgent) for one in order if one.urgent or one.letter in LISTS]
    assert critical == sorted(critical, reverse=True)
    assert {one.letter for one in order} >= {"telephone-now", "referral", "morning-digest"}
    deputy = [one["Message-ID"] for one in mail.letters if one["To"] == people.DEPUTY]
    assert "telephone-now" in {kinds[one].letter for one in deputy}


async def test_one_thing_late_is_no_list(loaded: Driver, mail: MailServer) -> None:
    """In the evening, with no morning to make up for, one reminder goes as itself."""
    await _until(loaded, mail, DOWN, 1)
    await _wake(loaded, "2026-03-03T18:30")
    assert await _told(loaded, mail) == {people.DEPUTY: Counter({"overdue": 1})}


async def test_in_time_nothing_is_folded(loaded: Driver, mail: MailServer) -> None:
    """Four things in the minute they are due are four letters, as the day's budget allows; no outage is invented."""
    await _until(loaded, mail, DOWN)
    await _wake(loaded, "2026-03-03T17:01")
    assert (await _told(loaded, mail))[people.DEPUTY] == Counter({"overdue": 4})


async def test_what_joined_the_morning_says_so(loaded: Driver, mail: MailServer) -> None:
    """A letter that was folded into the list ends, and names where it went."""
    await _until(loaded, mail, DOWN, 2)
    await _wake(loaded, "2026-03-05T11:00")
    (digest,) = [
        one
        for one in await outbox(loaded, "morning-digest")
        if one.slot == "2026-03-05" and await _is(loaded, one, people.DEPUTY)
    ]
    folded = [one for one in await outbox(loaded, "overdue") if one.named_in == digest.id]
    assert [(one.state, one.error) for one in folded] == [(State.WITHDRAWN, LISTED)] * 2


async def _is(loaded: Driver, delivery: Delivery, email: str) -> bool:
    return delivery.person_id == await person_id(loaded, email)


async def test_of_several_mornings_only_the_newest_goes(loaded: Driver, mail: MailServer) -> None:
    """The program ran, and only mail was down, for three mornings: one list a person, and nothing it named is lost."""
    await _until(loaded, mail, DOWN)
    mail.refuse_all = "421 come back later"
    for at in ("2026-03-03T17:01", "2026-03-04T08:00", "2026-03-05T08:00", "2026-03-06T08:00"):
        await _wake(loaded, at)
    assert mail.letters == []
    mail.refuse_all = None
    await _wake(loaded, "2026-03-06T12:30")
    lists = Counter(letter["To"] for letter in mail.letters if letter["X-Pathway-Letter"] in LISTS)
    assert set(lists.values()) == {1}
    assert {one.slot for one in await outbox(loaded, DIGEST) if one.state == State.SENT} == {"2026-03-03", "2026-03-06"}
    assert SUPERSEDED in {one.error for one in await outbox(loaded, DIGEST)}
    assert not [one for one in await outbox(loaded) if one.held_at and one.named_in is None]
