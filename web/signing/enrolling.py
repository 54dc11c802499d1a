"""Setting up an authenticator: a seed that is kept nowhere until a code has shown that it works."""

import json
from dataclasses import dataclass
from uuid import UUID

import segno

from config.secret import NotOurs, seal, unseal
from models.people import Person
from models.second_factor import in_fours, new_seed, seed_address

PURPOSE = "enrol"
SECONDS = 30 * 60


@dataclass(frozen=True)
class Enrolling:
    """Somebody on the way to an authenticator: the invitation they came with, and what they chose as the first factor.

    That is a password, as it is kept, or the subject by which the single sign-on provider knows them.
    """

    person_id: UUID
    seed: str
    invitation_id: UUID | None = None
    password: str | None = None
    subject: str | None = None

    def sealed(self) -> str:
        """For a hidden field."""
        invitation = str(self.invitation_id) if self.invitation_id else None
        return seal(PURPOSE, json.dumps([str(self.person_id), self.seed, invitation, self.password, self.subject]))


def enrolling(
    person: Person, invitation_id: UUID | None = None, password: str | None = None, subject: str | None = None
) -> Enrolling:
    """A new seed for somebody."""
    return Enrolling(person.id, new_seed(), invitation_id, password, subject)


def read_enrolling(sealed: str) -> Enrolling | None:
    """What a hidden field holds; None when it is not ours, or older than half an hour."""
    try:
        person, seed, invitation, password, subject = json.loads(unseal(PURPOSE, sealed, SECONDS))
    except NotOurs:
        return None
    return Enrolling(UUID(person), seed, UUID(invitation) if invitation else None, password, subject)


def seed_words(one: Enrolling, person: Person) -> dict[str, str]:
    """What the page shows: the picture to scan, the key to type, and the sealed word."""
    address = seed_address(one.seed, person.email)
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#ffffff")
    return {
        "picture": picture,
        "address": address,
        "key": in_fours(one.seed),
        "email": person.email,
        "enrol": one.sealed(),
    }
