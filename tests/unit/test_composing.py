"""Composing: what each letter says, to whom, in whose words and zone, and what it never says."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from models.lifecycle import Kind
from models.record import Task
from models.rules import Rule
from notifications.composing import compose
from notifications.desk import Desk
from notifications.facts import Facts
from notifications.letters import LETTERS
from notifications.mime import write
from notifications.words import ROWS, NotNeeded
from tests import people
from tests.letters import (
    AT,
    DUE,
    OF_NO_CONCERN,
    REFERENCE,
    a_case,
    a_delivery,
    bodies,
    composed,
    one,
    read,
    task,
    with_telephones,
)
from tests.mail import environment

SECRET = "her mother's boyfriend"


@pytest.fixture(autouse=True)
def settings(tmp_path: Path) -> Iterator[None]:
    """Settings of the test's own."""
    address = "Neglect Pathway <pathway@pathway.example>"
    with environment(home=str(tmp_path), mail_from=address, base_url="https://pathway.example"):
        yield


def words(text: str) -> list[str]:
    """The words of a text or of HTML, without its marks."""
    plain = re.sub(r"(?s)<head>.*</head>|<[^>]+>|https://\S+", " ", text)
    return re.findall(r"[\w@./'-]+", entities.unescape(plain).replace("\u00a0", " "))


@pytest.mark.parametrize("letter", LETTERS)
def test_every_letter_says_what_it_must(letter: str) -> None:
    """Why you got it, the reference where there is one, and exactly one link; in the text and in the HTML."""
    for body in bodies(composed(letter)):
        plain = entities.unescape(body)
        assert "because you are the DSL of the setting" in plain
        about_one = LETTERS[letter].page not in OF_NO_CONCERN
        assert (REFERENCE in plain) == (about_one or "groups" in plain or letter in LISTS)
        assert len(set(re.findall(r"https?://[^\s\"<]+", plain))) == 1


LISTS = ("morning-digest", "round-up")


def a_quiet_case() -> Facts:
    """To the head, before anything is late: nothing sent, nothing waited for, with telephone numbers."""
    facts = replace(a_case(people.HEAD, DUE - timedelta(hours=9)), clocks={})
    facts.referrals[one(REFERENCE)][0].sent_at = None
    return with_telephones(facts, front_door="01332 000111", out_of_hours="01332 000222")


VARIANTS = {"agreed": (True, False, None), "trouble": ("refused", "given_up", "server"), "unreached": (True, False)}


@pytest.mark.parametrize("letter", LETTERS)
def test_text_and_html_say_the_same(letter: str) -> None:
    """Whoever reads the plain text misses nothing, whichever way a letter goes; a list's headings are its own."""
    ignored = {"--", "-", "By"} | ({"Reference", "What", "when"} if letter in LISTS else set())
    for field, values in VARIANTS.items():
        for facts, value in zip((a_case, a_quiet_case, a_case), values, strict=False):
            case = facts()
            if not case.clocks and letter in (*LISTS, "chase", "chase-copy"):
                continue
            text, html = bodies(composed(letter, case, **{field: value}))
            said, shown = ({word.strip(".") for word in words(body)} - ignored for body in (text, html))
            assert said == shown


@pytest.mark.parametrize("letter", LETTERS)
def test_no_letter_says_what_it_must_not(letter: str) -> None:
    """No rule, status, level or free text, whatever the record holds."""
    facts = a_case()
    for about in (*facts.tasks.values(), *facts.clocks[one(REFERENCE)]):
        about.about = {"what": SECRET, "question": SECRET, "rules": ["worse"], "evidence": [SECRET]}
    whole = str(composed(letter, facts)).lower()
    for forbidden in (SECRET, "boyfriend", "dsl_decision_due", "hold_worse", *(f"rule {rule}" for rule in Rule)):
        assert forbidden not in whole
    assert not re.search(r"\b(worsen|persisting|immediate_danger|monitoring|level [1-4])\b", whole)


@pytest.mark.parametrize("letter", LETTERS)
def test_headers(letter: str) -> None:
    """One recipient, a stable Message-ID, the instant it is sent, and no answers from machines."""
    facts = a_case()
    message = composed(letter, facts)
    assert message["To"] == people.DSL
    assert message["From"] == "Neglect Pathway <pathway@pathway.example>"
    assert message["Message-ID"] == a_delivery(letter, facts).message_id
    assert message["Date"].datetime == AT
    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert message["X-Pathway-Letter"] == letter
    assert (message["Importance"] == "high") == LETTERS[letter].urgent
    assert not message.defects


@pytest.mark.parametrize("letter", LETTERS)
def test_subjects_never_vary(letter: str) -> None:
    """Another reader, time or task changes nothing in a subject; only a reference does."""
    other = composed(letter, a_case(people.HEAD, AT + timedelta(days=9)), kind=Kind.ASSESS)
    assert composed(letter)["Subject"] == other["Subject"]
    assert other["Subject"].endswith(f": {REFERENCE}") == (LETTERS[letter].page not in OF_NO_CONCERN)


@pytest.mark.parametrize("letter", [name for name, one in LETTERS.items() if one.about_task])
def test_a_tasks_letter_says_by_when_and_why_then(letter: str) -> None:
    """The deadline, what it was reckoned from and what was skipped; and the page where it is done."""
    for body in bodies(composed(letter)):
        assert "Tue 7 Apr 2026 17:00 (2 days ago)" in body
        assert (
            "1 working day from Thu 2 Apr; Good Friday and Easter Monday skipped; policy derby-and-derbyshire" in body
        )
        assert f"https://pathway.example/tasks/{one(Kind.DSL_REVIEW)}" in body
        assert "Read this concern, acknowledge it, and decide what happens next." in body


def test_instants_are_in_the_readers_zone() -> None:
    """Whoever works by another clock reads it, and which clock that is."""
    text, _ = bodies(composed("task-opened", a_case(zone="Europe/Paris")))
    assert "By when: Tue 7 Apr 2026 18:00 (Europe/Paris)" in text


def test_until_when_to_acknowledge() -> None:
    """The nearer clock is said while it runs."""
    facts = a_case()
    facts.tasks[one(Kind.DSL_REVIEW)].acknowledge_by = DUE - timedelta(hours=3)
    assert "Acknowledge by: Tue 7 Apr 2026 14:00" in bodies(composed("task-opened", facts))[0]
    facts.tasks[one(Kind.DSL_REVIEW)].acknowledged_at = DUE - timedelta(hours=4)
    assert "Acknowledge by" not in bodies(composed("task-opened", facts))[0]


def test_overdue_says_how_long_and_whose() -> None:
    """The owner is asked to do it, anybody else to see to it; it stays with its owner."""
    mine, others = bodies(composed("overdue"))[0], bodies(composed("overdue", a_case(people.HEAD)))[0]
    assert mine.startswith("Overdue by 2 days\n")
    assert "This was yours to do" in mine
    assert "The task stays with its owner" in others


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, ""), (5, "5 minutes"), (60, "1 hour"), (150, "2 hours"), (1440, "1 day"), (9000, "6 days")],
)
def test_how_long_overdue(minutes: int, said: str) -> None:
    """In the largest unit that is whole."""
    heading = bodies(composed("overdue", a_case(at=DUE + timedelta(minutes=minutes))))[0].splitlines()[0]
    assert heading == (f"Overdue by {said}" if said else "Overdue")


def test_telephone_numbers_come_from_the_policy() -> None:
    """A number that the policy has is said; where it has none the reader is told to use their own."""
    without = bodies(composed("telephone-now"))[0]
    facts = with_telephones(a_case(), front_door="01332 000111", out_of_hours="01332 000222")
    text, html = bodies(composed("telephone-now", facts))
    assert "No number is kept here" in without
    assert "Telephone: 01332 000111\nEvenings, nights and weekends: 01332 000222" in text
    assert "01332 000111" in html
    assert all("999" in said for said in (without, text, html))


def test_a_held_referral_says_until_when() -> None:
    """While it is held; once it is sent or stopped, that is said instead."""
    facts = a_case()
    (referral,) = facts.referrals[one(REFERENCE)]
    assert "It was sent on Tue 7 Apr 2026 21:00." in bodies(composed("referral-raised", facts))[0]
    referral.sent_at = None
    assert "It is sent on Tue 7 Apr 2026 21:00 by itself." in bodies(composed("referral-raised", facts))[0]
    referral.stopped_at = DUE
    assert "It was stopped on Tue 7 Apr 2026 17:00." in bodies(composed("referral-raised", facts))[0]


def test_a_referral_links_to_its_own_number() -> None:
    """An earlier referral's letter does not open the later one."""
    facts = a_case()
    (first,) = facts.referrals[one(REFERENCE)]
    facts.referrals[one(REFERENCE)].append(first.model_copy(update={"number": 2}))
    assert "/referrals/NC-2026-00042/1" in bodies(composed("referral", facts, referral=1))[0]
    assert "/referrals/NC-2026-00042/2" in bodies(composed("referral", facts))[0]


@pytest.mark.parametrize(
    ("agreed", "said"), [(True, "They agree."), (False, "They do not agree."), (None, "on record")]
)
def test_what_a_second_person_said(agreed: bool | None, said: str) -> None:
    """The proposer need not guess."""
    assert said in bodies(composed("countersign-answered", agreed=agreed))[0]


def a_desk(facts: Facts, *own: Task) -> Facts:
    """The same, with these tasks on the reader's desk."""
    (concern,) = facts.concerns.values()
    return replace(facts, desks={one(people.DSL): Desk([(owed, concern) for owed in own], [])})


def test_a_digest_is_grouped_with_the_overdue_first() -> None:
    """Overdue, today, this week, later; in the reader's own day."""
    at = DUE - timedelta(hours=9)
    near = [task(Kind.ASSESS, due_at=DUE + timedelta(days=days)) for days in (-1, 0, 3, 5, 6)]
    text, html = bodies(composed("morning-digest", a_desk(a_case(at=at), *near)))
    titles = [line for line in text.splitlines() if line in ("Overdue", "Due today", "Due this week", "Later")]
    assert titles == ["Overdue", "Due today", "Due this week", "Later"]
    assert text.startswith("Your list for today\n\n5 things are open.")
    assert [html.index(f"{title}</caption>") for title in titles] == sorted(
        html.index(f"{title}</caption>") for title in titles
    )


def test_a_digest_of_many_stays_readable() -> None:
    """Beyond fifty lines of a kind it says how many more there are."""
    owed = [task(Kind.ASSESS) for _ in range(ROWS + 7)]
    text, _ = bodies(composed("morning-digest", a_desk(a_case(), *owed)))
    assert text.count("- NC-2026-00042") == ROWS
    assert "- and 7 more" in text
    assert f"{ROWS + 7} things are open." in text


def closed(facts: Facts) -> Facts:
    """The same, with every task closed."""
    tasks = {key: each.model_copy(update={"closed_at": AT}) for key, each in facts.tasks.items()}
    return replace(facts, tasks=tasks, clocks={}, desks={one(people.DSL): Desk()})


@pytest.mark.parametrize(
    ("letter", "reason"),
    [
        ("task-opened", "the task was closed before this could be sent"),
        ("reminder", "the task was closed before this could be sent"),
        ("unacknowledged", "the task was closed before this could be sent"),
        ("overdue", "the task was closed before this could be sent"),
        ("chase", "the front door has answered meanwhile"),
        ("chase-copy", "the front door has answered meanwhile"),
        ("morning-digest", "nothing is left to do"),
        ("round-up", "all of it was done meanwhile"),
    ],
)
def test_what_need_not_go_any_more(letter: str, reason: str) -> None:
    """Nobody is asked for what is done, and the reason is kept."""
    facts = closed(a_case())
    with pytest.raises(NotNeeded, match=reason) as raised:
        compose(a_delivery(letter, facts), facts)
    assert not raised.value.gone


def test_what_goes_all_the_same() -> None:
    """A closed task does not silence danger, a referral or what was handed over."""
    facts = closed(a_case())
    for letter in ("telephone-now", "referral", "referral-sent", "handed-over", "concern-acted-on"):
        assert composed(letter, facts)


def test_who_has_left_is_not_written_to() -> None:
    """From the day they left; the reason says so, and that somebody else should have it."""
    facts = a_case(left_on=date(2026, 4, 9))
    with pytest.raises(NotNeeded, match="they left on Thu 9 Apr 2026") as raised:
        compose(a_delivery("task-opened", facts), facts)
    assert raised.value.gone
    assert composed("task-opened", a_case(left_on=date(2026, 4, 10)))


@pytest.mark.parametrize(
    "address", ["dsl@oakfield.example\r\nBcc: all@press.example", "dsl@oakfield.example\nX: y", "a\0@b"]
)
def test_no_header_is_smuggled_in(address: str) -> None:
    """A line break in an address is refused, whatever let it into the record."""
    facts = a_case(address)
    with pytest.raises(ValueError, match="To: a header may hold no line break"):
        compose(a_delivery("task-opened", facts), facts)


def test_what_a_letter_says_is_escaped() -> None:
    """Words that look like HTML are shown, not run."""
    facts = a_case()
    delivery = a_delivery("task-opened", facts)
    delivery.why_you = "you are <script>alert(1)</script>"
    text, html = bodies(read(compose(delivery, facts).content))
    assert "<script>" in text
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def written(text: str, sender: str = "a@b.example") -> EmailMessage:
    """A message with this text, read back."""
    return read(write("c@d.example", {"From": sender, "Subject": "s"}, text, f"<p>{text}</p>", "boundary").content)


@pytest.mark.parametrize("text", ["short\n", "Siân, żółć, 雨\n", "x" * 2_000 + "\n", "--boundary-\n", "From here\n.\n"])
def test_bodies_arrive_as_they_were_written(text: str) -> None:
    """Other letters, long lines and dots survive, and every line is short enough and of seven bits."""
    message = write("c@d.example", {"Subject": "s"}, text, f"<p>{text}</p>", "boundary")
    assert message.content.isascii()
    assert max(map(len, message.content.split(b"\r\n"))) <= 998
    assert b"\n" not in message.content.replace(b"\r\n", b"")
    assert bodies(written(text))[0].splitlines() == text.splitlines()


def test_a_senders_name_may_have_other_letters() -> None:
    """It is encoded as headers are."""
    assert written("x", "Schütz-Weg Derby <weg@derby.example>")["From"] == "Schütz-Weg Derby <weg@derby.example>"
