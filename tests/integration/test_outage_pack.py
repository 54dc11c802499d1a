"""The outage pack: to whoever asked for it, once an evening, and readable by nobody but its reader."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from pypdf import PasswordType, PdfReader
from sqlmodel import col, select, update

from config.logs import OURS, SafeFormatter
from config.secret import seal
from flows.evenings import address_packs, evenings_due, newest_evening
from flows.firings import Ending, close_firing, open_firing
from models import pack_keys
from models.access import Look, PackKey
from models.people import Child, Person
from models.policies import choose_default
from models.record import Concern
from models.telling import Delivery, Firing, State
from notifications.packing import BY_LETTER, BY_PAGE, pack_of
from notifications.words import NotNeeded
from tests import people
from tests.driver import Driver, instant
from tests.integration import journeys
from tests.integration.policies import with_change
from tests.mail import MailServer, mail_server
from tests.outbox import outbox, person_id, send

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EARLIER, EVENING = "2026-03-02T12:00", "2026-03-02T17:30"
NAMES = ("Łukasz Wójcik", "Zoë Ñandú-O'Brien", "أحمد الخطيب", "小明", "\N{GRINNING FACE}")


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A server that takes everything."""
    async with mail_server(smtp_timeout=5) as running:
        yield running


async def _asks(loaded: Driver, email: str, at: str = EARLIER) -> str:
    async def make(session: Any) -> str:
        person = (await session.exec(select(Person).where(Person.email == email))).one()
        return await pack_keys.make_passphrase(session, person, instant(at))

    return str(await loaded.act(make))


async def _evening(loaded: Driver, at: str | datetime = EVENING) -> int:
    """What the clock does at `at`: the evening's packs, if any are due, once; returns how many were addressed."""
    moment, sent = instant(at), 0
    for evening in await loaded.act(evenings_due, moment):
        if await open_firing(loaded.engine, "outage-pack", evening.slot, moment):
            counts = await address_packs(loaded.engine, evening, moment)
            await close_firing(loaded.engine, "outage-pack", evening.slot, Ending("done", counts), moment)
            sent += counts["letters"]
    await send(loaded, moment)
    return sent


def _file(letter: EmailMessage) -> bytes:
    (attached,) = letter.iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", "outage-pack.pdf")
    content = attached.get_content()
    assert isinstance(content, bytes)
    return content


def _read(content: bytes, passphrase: str) -> str:
    reader = PdfReader(io.BytesIO(content))
    assert reader.is_encrypted
    assert reader.decrypt(passphrase) == PasswordType.USER_PASSWORD
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


async def test_an_evening_brings_what_is_open_to_who_asked(loaded: Driver, mail: MailServer) -> None:
    """Child, setting, what is asked, by when and why then, owner and next with telephones, and forms to write on."""
    reference = await journeys.logged(loaded)
    phone = {people.DSL: "01632 960001", people.DEPUTY: "01632 960002"}
    for email, number in phone.items():
        await loaded.act(
            lambda session, e=email, n=number: session.exec(
                update(Person).where(col(Person.email) == e).values(phone=n)
            )
        )
    passphrase = await _asks(loaded, people.DSL)
    assert await _evening(loaded) == 1
    (letter,) = mail.letters
    assert (letter["To"], letter["Subject"]) == (people.DSL, "Today's outage pack")
    said = _read(_file(letter), passphrase)
    child = people.CHILDREN[people.AMIRA]
    for expected in (
        child.name,
        "Oakfield Primary School",
        reference,
        "Read this concern, acknowledge it, and decide what happens next.",
        "By Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar",
        "Owner: Dana Okoro, 01632 960001",
        "Next: Devan Pillai, 01632 960002",
        "(daytime)",
        "(evenings, nights and weekends)",
        "What was done while the pathway was down",
        "On which day, at what time",
    ):
        assert expected in said, (expected, said)


async def test_only_the_file_names_anybody_and_only_its_reader_opens_it(
    loaded: Driver, mail: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing planted in a header, subject, body, log, delivery, firing or in the raw bytes; its title says nothing."""
    caplog.set_level(logging.DEBUG)
    reference = await journeys.logged(loaded)
    passphrase = await _asks(loaded, people.DSL)
    await _evening(loaded)
    (letter,) = mail.letters
    raw = _file(letter)
    bodies = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    kept = [str(row.model_dump()) for row in [*await loaded.rows(select(Delivery)), *await loaded.rows(select(Firing))]]
    # What the program writes: its own lines at any level, and libraries' from warnings on; as it writes them.
    shown = [one for one in caplog.records if one.levelno >= logging.WARNING or one.name.partition(".")[0] in OURS]
    logged = [f"{vars(one)} {SafeFormatter().format(one)}" for one in shown]
    everything = "\n".join([str(letter.items()), *bodies, *kept, *logged])
    assert people.planted_in(everything) == []
    assert passphrase not in everything
    assert reference not in "\n".join([str(letter.items()), *bodies])
    for name in (*people.PLANTED_NAMES, "Outage", reference, "Dana", passphrase):
        assert name.encode() not in raw
        assert name.encode("utf-16-be") not in raw
    for wrong in ("", passphrase.upper(), passphrase[:-1], people.DSL):
        assert PdfReader(io.BytesIO(raw)).decrypt(wrong) == PasswordType.NOT_DECRYPTED
    reader = PdfReader(io.BytesIO(raw), password=passphrase)
    assert set(reader.metadata or {}) <= {"/CreationDate", "/Producer"}
    lock: Any = reader.trailer["/Encrypt"].get_object()
    assert (lock["/V"], lock["/R"], lock["/CF"]["/StdCF"]["/CFM"]) == (5, 6, "/AESV3")
    assert "/EncryptMetadata" not in lock  # only what is left open is named


async def test_the_passphrase_is_kept_sealed_and_is_new_each_time(loaded: Driver) -> None:
    """Nothing in the record opens a pack, and two people's do not open each other's."""
    first, second = await _asks(loaded, people.DSL), await _asks(loaded, people.DEPUTY)
    again = await _asks(loaded, people.DSL)
    assert len({first, second, again}) == 3
    dump = str(await loaded.dump())
    assert not [one for one in (first, second, again) if one in dump]
    await journeys.logged(loaded)
    content = await pack_of(loaded.engine, await person_id(loaded, people.DSL), instant(EARLIER), BY_PAGE)
    assert PdfReader(io.BytesIO(content)).decrypt(first) == PasswordType.NOT_DECRYPTED
    assert PdfReader(io.BytesIO(content)).decrypt(second) == PasswordType.NOT_DECRYPTED
    assert _read(content, again)


async def test_what_a_pack_showed_is_in_the_access_log(loaded: Driver, mail: MailServer) -> None:
    """Each child in it, seen by its reader, on that evening; whoever owes nothing there sees nobody."""
    await journeys.logged(loaded)
    await loaded.log(people.YUSUF, people.ASHDOWN_DSL, "2026-03-02T09:30")
    await _asks(loaded, people.DSL)
    await _evening(loaded)
    child = (await loaded.rows(select(Child).where(Child.key == people.AMIRA)))[0]
    concern = (await loaded.rows(select(Concern).where(Concern.child_id == child.id)))[0]
    looks = await loaded.rows(select(Look))
    reader = await person_id(loaded, people.DSL)
    assert [(one.person_id, one.child_id, one.concern_id, one.page) for one in looks] == [
        (reader, child.id, concern.id, BY_LETTER)
    ]


WHO = [
    (people.DSL, ["Amira"]),
    (people.DEPUTY, ["Amira"]),
    (people.HEAD, ["Amira"]),
    (people.COORDINATOR, ["Amira", "Yusuf"]),
    (people.ASHDOWN_DSL, ["Yusuf"]),
]


@pytest.mark.parametrize(("email", "named"), WHO, ids=[one[0] for one in WHO])
async def test_each_reader_has_what_is_theirs(loaded: Driver, mail: MailServer, email: str, named: list[str]) -> None:
    """A setting's people have their setting, a coordinator the area, and nobody more."""
    await journeys.logged(loaded)
    await loaded.log(people.YUSUF, people.ASHDOWN_DSL, "2026-03-02T09:30")
    passphrase = await _asks(loaded, email)
    await _evening(loaded)
    said = _read(_file(mail.letters[0]), passphrase)
    assert [name for name in ("Amira", "Yusuf") if name in said] == named


@pytest.mark.parametrize("email", [people.ADMIN, people.TEACHER, people.FRONT_DOOR])
async def test_who_neither_owes_nor_oversees_has_none(loaded: Driver, mail: MailServer, email: str) -> None:
    """The letter is withdrawn and says why; whoever only runs the system has no child's name sent to them."""
    await journeys.logged(loaded)
    await _asks(loaded, email)
    await _evening(loaded)
    assert mail.letters == []
    assert [(one.state, one.error) for one in await outbox(loaded)] == [
        (State.WITHDRAWN, "nothing is open that they owe or oversee")
    ]


async def test_no_passphrase_no_pack(loaded: Driver, mail: MailServer) -> None:
    """Nobody has children's names sent to them unasked, and one taken away before it goes does not go."""
    await journeys.logged(loaded)
    assert await _evening(loaded) == 0
    await _asks(loaded, people.DSL)
    for evening in await loaded.act(evenings_due, instant(EVENING)):
        await address_packs(loaded.engine, evening, instant(EVENING))

    async def end(session: Any) -> bool:
        return await pack_keys.take_away(
            session, await session.get_one(Person, await person_id(loaded, people.DSL)), instant(EVENING)
        )

    assert await loaded.act(end)
    await send(loaded, instant(EVENING))
    assert mail.letters == []
    with pytest.raises(NotNeeded, match="no passphrase"):
        await pack_of(loaded.engine, await person_id(loaded, people.DSL), instant(EVENING), BY_PAGE)


async def test_a_passphrase_sealed_elsewhere_opens_nothing_and_stops_nothing(loaded: Driver, mail: MailServer) -> None:
    """A record moved to another secret: no pack, and the letter says why it did not go."""
    await journeys.logged(loaded)
    await _asks(loaded, people.DSL)
    await loaded.act(lambda session: session.exec(update(PackKey).values(sealed=seal("something else", "x"))))
    await _evening(loaded)
    assert [one.error for one in await outbox(loaded)] == ["they have no passphrase for it"]


async def test_who_is_away_or_has_left_has_none(loaded: Driver, mail: MailServer) -> None:
    """A pack waits in no mailbox of somebody who is not there; who covers has their own."""
    await journeys.logged(loaded)
    roster = people.roster()
    gone = {
        people.DSL: {"away": [{"from": "2026-03-02", "to": "2026-03-06", "cover": people.DEPUTY}]},
        people.HEAD: {"left": "2026-03-02"},
    }
    roster["people"] = [one | gone.get(one["email"], {}) for one in roster["people"]]
    await loaded.load(roster, "2026-03-02T11:00")
    for email in (people.DSL, people.HEAD, people.DEPUTY):
        await _asks(loaded, email)
    await _evening(loaded)
    assert mail.sent_to == [people.DEPUTY]


async def test_two_clocks_make_one_and_a_missed_evening_is_made_up_once(loaded: Driver, mail: MailServer) -> None:
    """One a person and working day; over a weekend nothing; after days without power the newest evening alone."""
    await journeys.monitoring(loaded)
    await _asks(loaded, people.DSL)
    assert await _evening(loaded, "2026-03-02T17:29") == 0
    assert [await _evening(loaded, EVENING), await _evening(loaded, EVENING)] == [1, 0]
    (evening,) = [await loaded.act(newest_evening, instant(EVENING))]
    again = await address_packs(loaded.engine, evening, instant(EVENING))
    assert again == {"people": 1, "letters": 0}
    assert await _evening(loaded, "2026-03-06T17:30") == 1  # three evenings were missed
    assert [await _evening(loaded, f"2026-03-0{day}T18:00") for day in (7, 8)] == [0, 0]
    assert await _evening(loaded, "2026-03-10T09:00") == 1  # Monday's, on Tuesday morning
    assert [one.slot for one in await outbox(loaded, "outage-pack")] == ["2026-03-02", "2026-03-06", "2026-03-09"]


async def test_the_hour_is_the_policys_and_londons(loaded: Driver, mail: MailServer) -> None:
    """Another hour by policy, and across the clock change the same one on the wall."""
    figure = "outage_pack_at: {value: '16:15', unit: text, basis: L, source: our own board}"
    await loaded.act(choose_default, *with_change("2026-03-01", figure))
    for day in ("2026-03-27", "2026-03-30"):
        due = await loaded.act(newest_evening, instant(f"{day}T23:00"))
        assert due.as_of == instant(f"{day}T16:15")


async def test_a_pack_is_made_when_it_goes_and_kept_nowhere(loaded: Driver, mail: MailServer) -> None:
    """What changed between addressing and sending is in it; the record holds no file."""
    await journeys.logged(loaded)
    passphrase = await _asks(loaded, people.DSL)
    for evening in await loaded.act(evenings_due, instant(EVENING)):
        await address_packs(loaded.engine, evening, instant(EVENING))
    await loaded.do("monitor", people.DSL, "2026-03-02T17:31", reason="One coat is not a pattern.")
    await send(loaded, instant("2026-03-02T17:40"))
    said = _read(_file(mail.letters[0]), passphrase)
    assert "Look at this concern again" in said
    assert "acknowledge it" not in said
    assert "%PDF" not in str(await loaded.dump())


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_in_any_script_is_drawn(loaded: Driver, name: str) -> None:
    """Latin beyond Latin-1 and Arabic come out as they are; a sign the font has not costs nobody the pack."""
    await journeys.logged(loaded)
    await loaded.act(
        lambda session: session.exec(update(Child).where(col(Child.key) == people.AMIRA).values(name=name))
    )
    passphrase = await _asks(loaded, people.DSL)
    content = await pack_of(loaded.engine, await person_id(loaded, people.DSL), instant(EARLIER), BY_PAGE)
    said = _read(content, passphrase)
    assert "NC-2026-00001" in said
    if name in NAMES[:2]:
        assert name in said


async def test_a_long_pack_is_whole(loaded: Driver) -> None:
    """A hundred and twenty tasks: each is listed, none is cut in two by a page's end, and it takes no long time."""
    await journeys.consented(loaded)
    actions = [{"what": f"Step {number:03}", "owner": people.LEAD, "due": "2026-05-01"} for number in range(120)]
    await loaded.do("complete", people.LEAD, "2026-03-20T11:00", **(journeys.ASSESSMENT | {"actions": actions}))
    passphrase = await _asks(loaded, people.DSL)
    content = await pack_of(loaded.engine, await person_id(loaded, people.DSL), instant("2026-03-20T12:00"), BY_PAGE)
    said = _read(content, passphrase)
    assert [number for number in range(120) if f"Step {number:03}" not in said] == []


async def test_a_letter_that_was_perhaps_sent_goes_again_as_itself(loaded: Driver, mail: MailServer) -> None:
    """Refused for now, it is tried later with the same Message-ID, and made anew then."""
    await journeys.logged(loaded)
    await _asks(loaded, people.DSL)
    mail.refuse[people.DSL] = "450 come back later"
    await _evening(loaded)
    mail.refuse.clear()
    await send(loaded, instant(EVENING) + timedelta(hours=1))
    (delivery,) = await outbox(loaded, "outage-pack")
    assert [one["Message-ID"] for one in mail.letters] == [delivery.message_id]
