"""Tables of settings, the people who work there, the roles they hold, and the children and households they know."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import JSON, UniqueConstraint, event
from sqlmodel import Field, SQLModel

from models.columns import Word
from models.names import sought


class Role(StrEnum):
    """What a person is, at a setting or for an area."""

    PRACTITIONER = "practitioner"
    DSL = "dsl"
    DEPUTY_DSL = "deputy_dsl"
    HEAD = "head"
    EARLY_HELP_COORDINATOR = "early_help_coordinator"
    FRONT_DOOR = "front_door"
    PARTNERSHIP_CONTACT = "partnership_contact"
    ADMINISTRATOR = "administrator"


SETTING_ROLES = frozenset({Role.PRACTITIONER, Role.DSL, Role.DEPUTY_DSL, Role.HEAD})
AREA_ROLES = frozenset({Role.EARLY_HELP_COORDINATOR, Role.FRONT_DOOR, Role.PARTNERSHIP_CONTACT})


class Setting(SQLModel, table=True):
    """A school, nursery, health team or voluntary agency; `opens` is '08:30-15:30', `closed` [[first, last], …]."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(unique=True, max_length=80)
    name: str
    kind: str = Field(max_length=40)
    area: str = Field(index=True, max_length=80)
    opens: str = Field(default="08:30-15:30", max_length=11)
    closed: list[list[str]] = Field(default_factory=list, sa_type=JSON)
    extra_open: list[str] = Field(default_factory=list, sa_type=JSON)


class Person(SQLModel, table=True):
    """Somebody who works with the pathway. `refused_at` is set while their address refuses letters."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str
    zone: str = Field(default="Europe/London", max_length=64)
    phone: str | None = None
    left_on: date | None = None
    refused_at: datetime | None = None


class RoleHeld(SQLModel, table=True):
    """One role of one person: of a setting, of an area, or (administrator) of the whole system."""

    __table_args__ = (UniqueConstraint("person_id", "role", "setting_id", "area"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    role: Role = Field(sa_type=Word(Role))
    setting_id: UUID | None = Field(default=None, foreign_key="setting.id", index=True)
    area: str | None = Field(default=None, index=True, max_length=80)


class Absence(SQLModel, table=True):
    """Leave, both days included (local days); `cover_id` stands in meanwhile."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    first: date
    last: date
    cover_id: UUID | None = Field(default=None, foreign_key="person.id")


class Household(SQLModel, table=True):
    """The children living together."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(unique=True, max_length=80)


class Child(SQLModel, table=True):
    """A child, born (`born`) or not yet (`due_on`). `clock_from` starts the child's clock; see models.rules.

    `sought` is the name as it is looked for (models.names); it follows `name` whenever a child is written.
    """

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(unique=True, max_length=80)
    name: str
    born: date | None = None
    due_on: date | None = None
    household_id: UUID = Field(foreign_key="household.id", index=True)
    setting_id: UUID = Field(foreign_key="setting.id", index=True)
    clock_from: datetime | None = None
    sought: str = ""


@event.listens_for(Child, "before_insert")
@event.listens_for(Child, "before_update")
def _follow_the_name(_mapper: object, _connection: object, child: Child) -> None:
    child.sought = sought(child.name)
