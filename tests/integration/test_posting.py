"""Posting to a real SMTP server: how the conversation is secured, and what each trouble means."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from config.errors import SettingsError
from config.settings import settings
from notifications.composing import compose
from notifications.mime import Message, write
from notifications.posting import Poster, PostingError, SmtpServer, server
from tests import people
from tests.letters import a_case, a_delivery
from tests.mail import PASSWORD, USER, MailServer, environment, mail_server, make_certificate

UNUSED = 9  # the discard port: nobody listens there


def letter(to: str = people.DSL) -> Message:
    """A composed letter."""
    facts = a_case(to)
    return compose(a_delivery("task-opened", facts), facts)


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A server in the clear, on loopback."""
    async with mail_server(smtp_timeout=2) as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate nobody trusts of their own accord."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


async def post(*letters: Message) -> list[str]:
    """Post over one connection to the configured server."""
    async with Poster(server()) as poster:
        return [await poster.post(one) for one in letters]


async def refusal(of: Message) -> PostingError:
    """What posting this letter raises."""
    with pytest.raises(PostingError) as raised:
        await post(of)
    return raised.value


async def test_letters_arrive_over_one_connection(mail: MailServer) -> None:
    """A connection is used for one letter after another, and each arrives byte for byte."""
    await post(letter(), letter(people.HEAD), letter(people.DEPUTY))
    assert mail.sent_to == [people.DSL, people.HEAD, people.DEPUTY]
    assert mail.connections == 1


async def test_a_line_of_dots_arrives(mail: MailServer) -> None:
    """A line that is a single dot does not end the letter."""
    await post(write(people.DSL, {"Subject": "dots"}, "first\n.\n..\nlast\n", "<p>.</p>\n", "boundary"))
    text = mail.letters[0].get_body(("plain",))
    assert text is not None
    assert text.get_content() == "first\n.\n..\nlast\n"


async def test_starttls_with_a_trusted_certificate(certificate: tuple[Path, ssl.SSLContext]) -> None:
    """STARTTLS is the default; a private authority is trusted through SSL_CERT_FILE."""
    file, context = certificate
    async with mail_server(context, SSL_CERT_FILE=str(file)) as mail:
        await post(letter())
    assert mail.sent_to == [people.DSL]


async def test_starttls_refuses_a_certificate_it_does_not_know(certificate: tuple[Path, ssl.SSLContext]) -> None:
    """An unverified server gets no letter: it is the server's trouble, and the letter waits."""
    async with mail_server(certificate[1]) as mail:
        error = await refusal(letter())
    assert "certificate was not accepted" in str(error)
    assert error.server_wide
    assert not error.permanent
    assert not mail.letters


async def test_a_certificate_of_another_name_is_refused(certificate: tuple[Path, ssl.SSLContext]) -> None:
    """A trusted certificate serves only for the host it names."""
    file, context = certificate
    async with mail_server(context, SSL_CERT_FILE=str(file), smtp_host="127.0.0.2") as mail:
        error = await refusal(letter())
    assert error.server_wide
    assert not mail.letters


async def test_no_starttls_no_letter() -> None:
    """A server that offers no encryption gets neither a letter nor the password."""
    async with mail_server(smtp_tls="starttls", smtp_username=USER, smtp_password=PASSWORD) as mail:
        error = await refusal(letter())
    assert error.server_wide
    assert not mail.logins
    assert not mail.letters


async def test_implicit_tls_and_login(certificate: tuple[Path, ssl.SSLContext]) -> None:
    """`tls` encrypts from the first byte; the login is made with the settings' name and password."""
    file, context = certificate
    known: dict[str, Any] = {"smtp_username": USER, "smtp_password": PASSWORD, "SSL_CERT_FILE": str(file)}
    async with mail_server(context, implicit=True, login=True, **known) as mail:
        await post(letter())
    assert mail.logins == ["in"]
    assert mail.sent_to == [people.DSL]


async def test_a_failed_login_is_the_servers_trouble(certificate: tuple[Path, ssl.SSLContext]) -> None:
    """A wrong password refuses no letter for good: it is put right, and then they go."""
    file, context = certificate
    known: dict[str, Any] = {"smtp_username": USER, "smtp_password": "wrong", "SSL_CERT_FILE": str(file)}
    async with mail_server(context, login=True, **known) as mail:
        error = await refusal(letter())
    assert error.server_wide
    assert not error.permanent
    assert set(mail.logins) == {"refused"}
    assert "wrong" not in str(error)


async def _answered(mail: MailServer, answer: str) -> PostingError:
    """What it comes to when the server says so to one recipient; the next letter, to another, goes."""
    mail.refuse[people.HEAD] = answer
    async with Poster(server()) as poster:
        with pytest.raises(PostingError) as raised:
            await poster.post(letter(people.HEAD))
        await poster.post(letter())
    return raised.value


@pytest.mark.parametrize(
    ("answer", "permanent", "bad_address", "doubtful"),
    [
        ("550 no such person", True, True, False),
        ("550 5.1.1 no such person", True, True, False),
        ("552 5.2.2 mailbox full", True, True, False),
        ("554 5.7.1 relay access denied", True, False, True),
        ("450 4.2.1 try again later", False, False, False),
        ("452 too many letters", False, False, False),
    ],
)
async def test_what_an_answer_means(
    mail: MailServer, answer: str, permanent: bool, bad_address: bool, doubtful: bool
) -> None:
    """5xx is for good, 4xx for now; a refusal that blames us and not the address is doubted. The connection goes on."""
    error = await _answered(mail, answer)
    assert (error.permanent, error.bad_address, error.doubtful) == (permanent, bad_address, doubtful)
    assert error.answered
    assert not error.server_wide
    assert answer in str(error)
    assert mail.sent_to == [people.DSL]
    assert mail.connections == 1


@pytest.mark.parametrize("answer", ["999 what?", "354 go on", "600 no"])
async def test_what_is_no_answer_refuses_nobody(mail: MailServer, answer: str) -> None:
    """A server that talks nonsense says nothing about an address: the letter goes later, over a new connection."""
    error = await _answered(mail, answer)
    assert not any((error.permanent, error.bad_address, error.answered, error.server_wide))
    assert mail.sent_to == [people.DSL]
    assert mail.connections == 2


async def test_refused_content_is_for_good_but_no_fault_of_the_address(mail: MailServer) -> None:
    """A letter that is refused after it was read is refused; the address stays good."""
    mail.refuse_content = "554 not like this"
    error = await refusal(letter())
    assert error.permanent
    assert not error.bad_address


@pytest.mark.parametrize("answer", ["550 we take no letters from you", "451 not now", "530 log in first"])
async def test_a_refused_sender_is_the_servers_trouble(mail: MailServer, answer: str) -> None:
    """What is refused about us would be refused of every letter."""
    mail.refuse_sender = answer
    error = await refusal(letter())
    assert error.server_wide
    assert not error.permanent


async def test_a_connection_lost_in_the_middle(mail: MailServer) -> None:
    """The letter was perhaps taken: for now, and no answer; the next letter goes over a new connection."""
    mail.hang_up_on.add(people.HEAD)
    async with Poster(server()) as poster:
        with pytest.raises(PostingError) as raised:
            await poster.post(letter(people.HEAD))
        await poster.post(letter())
    error = raised.value
    assert not any((error.permanent, error.answered, error.server_wide))
    assert mail.sent_to == [people.DSL]
    assert mail.connections == 2


async def test_a_connection_closed_between_letters_is_opened_again(mail: MailServer) -> None:
    """A server that closes after each letter, or is restarted, costs nothing but a new connection."""
    mail.hang_up_after = True
    async with Poster(server()) as poster:
        for _ in range(3):
            await poster.post(letter())
            await asyncio.sleep(0.03)
    assert len(mail.letters) == 3
    assert mail.connections == 3


async def test_a_slow_server_is_not_waited_for_for_ever() -> None:
    """After PATHWAY_SMTP_TIMEOUT the letter is given back, and the connection is not used again."""
    async with mail_server(smtp_timeout=0.2) as mail:
        mail.slow_for.add(people.HEAD)
        async with Poster(server()) as poster:
            with pytest.raises(PostingError, match="did not answer in time") as raised:
                await poster.post(letter(people.HEAD))
            assert not poster.is_connected
            await poster.post(letter())
    assert not raised.value.answered
    assert mail.connections == 2


async def test_nobody_listens() -> None:
    """A refused connection is the server's trouble."""
    with environment(smtp_host="127.0.0.1", smtp_port=UNUSED, smtp_tls="none"):
        error = await refusal(letter())
    assert error.server_wide
    assert not error.permanent


@pytest.mark.parametrize("port_says", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"554 go away\r\n"])
async def test_what_is_no_mail_server(port_says: bytes) -> None:
    """Something else on that port, or a server that takes nobody, is the server's trouble too."""

    async def something_else(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(port_says)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(something_else, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        with environment(smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none", smtp_timeout=1):
            error = await refusal(letter())
    assert error.server_wide


@pytest.mark.parametrize("address", ["", "no-at-sign", "two@at@signs", "a b@c.example", "<x@y.example>"])
async def test_what_is_no_address(mail: MailServer, address: str) -> None:
    """It is refused here, for good, before a word is spoken."""
    error = await refusal(Message(address, b"Subject: none\r\n\r\nnone\r\n"))
    assert error.permanent
    assert error.bad_address
    assert mail.connections == 0


async def test_an_address_with_other_letters(mail: MailServer) -> None:
    """A server that takes none says so, for that address alone."""
    error = await refusal(letter("zoë@oakfield.example"))
    assert error.bad_address
    assert not error.server_wide


async def test_the_password_is_not_shown() -> None:
    """What describes a server, in a log or a traceback, does not hold its password."""
    assert PASSWORD not in repr(SmtpServer("smtp.example", 587, username=USER, password=PASSWORD))


async def test_ours_is_not_the_machines_name(mail: MailServer) -> None:
    """The greeting names the domain that letters come from, not this machine."""
    with environment(mail_from="Neglect Pathway <pathway@pathway.example>"):
        async with Poster(server()) as poster:
            await poster.post(letter())
    assert mail.greeted_as() == "pathway.example"


def test_the_settings_name_the_server(home: Path) -> None:
    """The settings have the first word, then the local mailbox's address; without either the error says what to do."""
    with pytest.raises(SettingsError, match=r"PATHWAY_SMTP_HOST.*pathway up"):
        server()
    (home / "mailbox.json").write_text(json.dumps({"host": "127.0.0.1", "port": 2525, "pid": 1}), "utf-8")
    assert server() == SmtpServer("127.0.0.1", 2525, "none", timeout=settings().smtp_timeout)
    with environment(smtp_host="smtp.example", smtp_username=USER, smtp_password=PASSWORD):
        assert server() == SmtpServer("smtp.example", 587, "starttls", USER, PASSWORD, 20.0)


@pytest.mark.parametrize("left", ["", "[]", "{}", '{"host": "127.0.0.1", "port": "soon"}'])
def test_a_broken_address_of_the_mailbox(home: Path, left: str) -> None:
    """What another program left there is no mailbox."""
    (home / "mailbox.json").write_text(left, "utf-8")
    with pytest.raises(SettingsError, match="mail server"):
        server()
