"""Tables of who signs in, what they looked at, and what they have begun to write. Instants are UTC and aware.

Nothing here that opens a door is kept as it was given: passwords are hashed by Argon2id, recovery codes, keys and
cookies are kept as their SHA-256, the second factor's seed is encrypted (`config.secret`).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Word


class Account(SQLModel, table=True):
    """How one person signs in. `totp` is the encrypted seed, `totp_step` the last step used: a code works once.

    `failures` since the last success; while `locked_until` lies ahead no password is even looked at.
    """

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    password: str | None = None
    totp: str | None = None
    totp_step: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    made_at: datetime


class RecoveryCode(SQLModel, table=True):
    """A code that stands in once for the second factor; `hash` is its SHA-256 (`models.second_factor`)."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    hash: str
    used_at: datetime | None = None


class Invitation(SQLModel, table=True):
    """Somebody may set a password, once, until `until`. The link carries the id and a signature, never kept here."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    made_at: datetime
    made_by: UUID | None = Field(default=None, foreign_key="person.id")
    until: datetime
    used_at: datetime | None = None


class Identity(SQLModel, table=True):
    """A person as a single sign-on provider knows them: issuer and subject, never the e-mail address."""

    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    issuer: str = Field(max_length=300)
    subject: str = Field(max_length=300)
    made_at: datetime


class SignIn(SQLModel, table=True):
    """One signed-in browser: `token` is the SHA-256 of its cookie. Ended by its person, time or an administrator."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    token: str = Field(unique=True, max_length=64)
    how: str = Field(max_length=20)
    browser: str = Field(default="", max_length=200)
    began_at: datetime
    seen_at: datetime
    until: datetime
    ended_at: datetime | None = None


class Look(SQLModel, table=True):
    """One view of a child by one person: on which page, export or answer. Never changed, kept as long as the record."""

    __table_args__ = (
        Index("look_at", "at"),
        Index("look_at_concern", "concern_id", "at"),
        Index("look_at_child", "child_id", "at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    at: datetime
    person_id: UUID = Field(foreign_key="person.id", index=True)
    child_id: UUID = Field(foreign_key="child.id")
    concern_id: UUID | None = Field(default=None, foreign_key="concern.id")
    page: str = Field(max_length=40)


class Draft(SQLModel, table=True):
    """What somebody has typed and not yet handed in, one for each form (`form` is its path); theirs alone."""

    __table_args__ = (UniqueConstraint("person_id", "form"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    form: str = Field(max_length=200)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    saved_at: datetime


class Scope(StrEnum):
    """What a key of the API may do; its reach is never more than its owner's."""

    READ = "read"
    RECORD = "record"
    MANAGE = "manage"


class ApiKey(SQLModel, table=True):
    """A personal key of the API: `token` is its SHA-256; `settings` and `areas`, when given, narrow its reach."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    name: str = Field(max_length=200)
    token: str = Field(unique=True, max_length=64)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    settings: list[str] = Field(default_factory=list, sa_type=JSON)
    made_at: datetime
    until: datetime
    used_at: datetime | None = None
    ended_at: datetime | None = None


class CalendarKey(SQLModel, table=True):
    """The address of a calendar feed: `token` is the SHA-256 of its last part. It opens opaque titles alone."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    token: str = Field(unique=True, max_length=64)
    made_at: datetime
    used_at: datetime | None = None
    ended_at: datetime | None = None


class Answered(SQLModel, table=True):
    """What the API answered to a POST with an Idempotency-Key: the same key again has the same answer.

    `fingerprint` is of what was asked: the same key for something else is refused. `status` 0: still being worked on.
    """

    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    key: str = Field(max_length=200)
    fingerprint: str = Field(max_length=64)
    status: int = 0
    body: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime


class Door(StrEnum):
    """What happened at the door and in the administrator's office."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    LOCKED = "locked"
    INVITED = "invited"
    JOINED = "joined"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # the name of what happened
    CODES_MADE = "codes_made"
    AUTHENTICATOR_CHANGED = "authenticator_changed"
    SECOND_FACTOR_RESET = "second_factor_reset"
    LINKED = "linked"
    UNLINKED = "unlinked"
    SESSIONS_ENDED = "sessions_ended"
    KEY_MADE = "key_made"
    KEY_ENDED = "key_ended"
    PACK_KEY_MADE = "pack_key_made"
    PACK_KEY_ENDED = "pack_key_ended"
    PERSON_ADDED = "person_added"
    ROLES_CHANGED = "roles_changed"
    SETTING_CHANGED = "setting_changed"
    POLICY_CHOSEN = "policy_chosen"
    LEAVE_RECORDED = "leave_recorded"
    LEFT = "left"
    LETTER_RESENT = "letter_resent"
    ADDRESS_CORRECTED = "address_corrected"
    FLOW_RUN = "flow_run"
    ROSTER_LOADED = "roster_loaded"


class Deed(SQLModel, table=True):
    """One line of the audit beside concerns' own histories: who did what to whom. `about` holds ids and our words."""

    __table_args__ = (Index("deed_at", "at"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    what: Door = Field(sa_type=Word(Door))
    about: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class PackKey(SQLModel, table=True):
    """The passphrase under which one reader's outage pack is encrypted; `sealed` by this installation's secret."""

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    sealed: str
    made_at: datetime
