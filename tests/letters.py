"""One letter of each kind with everything around it, made without a database.

    facts = a_case()
    message = compose(a_delivery("overdue", facts), facts)

The DSL owes a decision that is two days late; a referral was sent and nobody has answered it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID, uuid5

from config.policy_book import PolicyBook, shipped
from config.time import read_instant
from models.access import Invitation
from models.lifecycle import Kind, Status
from models.people import Person
from models.record import Concern, Referral, Task
from models.telling import Delivery
from notifications.composing import compose
from notifications.desk import Desk
from notifications.facts import Facts
from notifications.letters import LETTERS
from tests import people

AT = read_instant("2026-04-09T17:00", "at")
DUE = read_instant("2026-04-07T17:00", "due")
SPACE = UUID("5f2c0c9e-3a0b-4d57-9d0e-2f1b8a6c7d11")
REFERENCE = "NC-2026-00042"
BECAUSE = (
    "Tue 7 Apr 2026 17:00: 1 working day from Thu 2 Apr; Good Friday and Easter Monday skipped;"
    " policy derby-and-derbyshire, dsl_decision_due"
)


def one(name: str) -> UUID:
    """The id that belongs to a name, always the same."""
    return uuid5(SPACE, name)


def person(email: str, **fields: Any) -> Person:
    """Somebody of the tests' roster."""
    return Person(id=one(email), email=email, name="somebody", **fields)


def task(kind: Kind, **fields: Any) -> Task:
    """An open task of the concern, owed by the DSL since before Easter."""
    owed: dict[str, Any] = {
        "id": one(kind),
        "concern_id": one(REFERENCE),
        "area": people.DERBY,
        "setting_id": one(people.OAKFIELD),
        "kind": kind,
        "owner_id": one(people.DSL),
        "role": "dsl",
        "opened_at": DUE - timedelta(days=5),
        "due_at": DUE,
        "due_because": BECAUSE,
        "next_at": DUE,
        "said_until": DUE,
        "policy": "derby-and-derbyshire",
        "policy_from": date(2026, 1, 1),
    }
    return Task(**owed | fields)


def a_case(to: str = people.DSL, at: datetime = AT, **fields: Any) -> Facts:
    """Everything that any letter to `to` about one concern in Derby needs; `fields` are those of the reader."""
    reader = person(to, **fields)
    concern = Concern(
        id=one(REFERENCE),
        reference=REFERENCE,
        child_id=one(people.AMIRA),
        setting_id=one(people.OAKFIELD),
        area=people.DERBY,
        status=Status.REFERRED,
        opened_at=DUE,
        changed_at=DUE,
        opened_by=one(people.TEACHER),
    )
    referral = Referral(
        concern_id=concern.id,
        number=1,
        rule="worse",
        evidence="a review found things worse",
        raised_at=DUE,
        hold_until=DUE + timedelta(hours=4),
        sent_at=DUE + timedelta(hours=4),
        parents_informed="not obtained: rule worse",
        consent="not obtained: rule worse",
        channel="secure_link",
    )
    clocks = [task(Kind.AWAIT_DECISION, lapse_at=AT + timedelta(days=1)), task(Kind.RESOLVE_DISAGREEMENT, stage=1)]
    tasks = {about.id: about for about in (task(kind) for kind in Kind)}
    mine = [(tasks[one(Kind.DSL_REVIEW)], concern), (task(Kind.ASSESS, due_at=AT + timedelta(days=30)), concern)]
    others = [(task(Kind.HOLD_REVIEW, owner_id=one(people.LEAD)), concern)]
    return Facts(
        at=at,
        people={reader.id: reader, one(people.DEPUTY): person(people.DEPUTY)},
        tasks=tasks,
        concerns={concern.id: concern},
        referrals={concern.id: [referral]},
        clocks={concern.id: clocks},
        desks={reader.id: Desk(mine, others)},
        book=PolicyBook(shipped(), "derby-and-derbyshire"),
        invitations={one("an invitation"): an_invitation(reader.id, at)},
    )


def an_invitation(person_id: UUID, at: datetime) -> Invitation:
    """An invitation of two days ago that is open for five more."""
    made = at - timedelta(days=2)
    return Invitation(id=one("an invitation"), person_id=person_id, made_at=made, until=made + timedelta(days=7))


def with_telephones(facts: Facts, **numbers: str) -> Facts:
    """The same, in an area whose policy names telephone numbers."""
    versions = {}
    for key, policies in shipped().items():
        versions[key] = [
            replace(
                policy,
                areas={
                    name: replace(
                        area,
                        contacts={
                            which: replace(contact, telephone=numbers.get(which, ""))
                            for which, contact in {**policy.elsewhere.contacts, **area.contacts}.items()
                        },
                    )
                    for name, area in policy.areas.items()
                },
            )
            for policy in policies
        ]
    return replace(facts, book=PolicyBook(versions, "derby-and-derbyshire"))


OF_NO_CONCERN = ("desk", "join")
FIELDS: dict[str, dict[str, Any]] = {
    "overdue": {"rung": 2},
    "countersign-answered": {"agreed": True},
    "morning-digest": {"as_of": AT.isoformat()},
    "round-up": {"tasks": [str(one(Kind.DSL_REVIEW)), str(one(Kind.ASSESS))]},
    "letter-refused": {"person": str(one(people.DEPUTY)), "trouble": "refused"},
    "not-covered": {"count": 3},
    "day-not-clean": {"count": 1},
    **{one: {"first": "2026-12-19"} for one in ("cover-asked", "cover-yours", "cover-given", "cover-moved")},
    "first-day-back": {"first": "2026-12-19"},
    "invitation": {"invitation": str(one("an invitation"))},
    "password-reset": {"invitation": str(one("an invitation"))},
}


def a_delivery(letter: str, facts: Facts, kind: Kind = Kind.DSL_REVIEW, **fields: Any) -> Delivery:
    """A delivery of that letter to the reader of `facts`, about the task of that kind where it is about one."""
    about_concern = LETTERS[letter].page not in OF_NO_CONCERN
    return Delivery(
        id=one(letter),
        subject="what it is about",
        letter=letter,
        person_id=next(iter(facts.people)),
        slot="once",
        concern_id=one(REFERENCE) if about_concern else None,
        task_id=one(kind) if LETTERS[letter].page == "task" else None,
        why_you="you are the DSL of the setting",
        fields=FIELDS.get(letter, {}) | fields,
        created_at=facts.at,
        try_after=facts.at,
        message_id=f"<{one(letter)}@pathway.example>",
    )


def read(content: bytes) -> EmailMessage:
    """A posted letter as a mail program reads it."""
    parsed = message_from_bytes(content.replace(b"\r\n", b"\n"), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def composed(letter: str, facts: Facts | None = None, **given: Any) -> EmailMessage:
    """A letter composed, and read back."""
    facts = facts or a_case()
    return read(compose(a_delivery(letter, facts, **given), facts).content)


def bodies(message: EmailMessage) -> tuple[str, str]:
    """Its text and its HTML."""
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()
