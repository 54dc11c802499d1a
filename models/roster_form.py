"""The shape of a roster file: settings, people with roles and leave, households, children."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from config.calendars import read_days, read_hours
from models.fields import Day, Email, Key, Line, Term, read_by
from models.people import AREA_ROLES, SETTING_ROLES, Role


def _zone(value: object) -> object:
    if not isinstance(value, str) or value not in available_timezones():
        raise ValueError("is no time zone; write one such as Europe/London")
    ZoneInfo(value)
    return value


Days = Annotated[tuple[date, date], read_by(read_days)]
Hours = Annotated[str, read_by(read_hours, keep=True)]
Zone = Annotated[str, BeforeValidator(_zone)]


class Part(BaseModel):
    """A part of a roster."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SettingForm(Part):
    """A school, nursery, health team or agency; `closed` are days or ranges, `extra_open` days it opens besides."""

    key: Key
    name: Line
    kind: Term
    area: Key
    open: Hours = "08:30-15:30"
    closed: list[Days] = Field(default_factory=list)
    extra_open: list[Day] = Field(default_factory=list)


class RoleForm(Part):
    """A role of a setting, of an area, or administrator (of neither)."""

    role: Role
    setting: Key | None = None
    area: Key | None = None

    @model_validator(mode="after")
    def _where(self) -> "RoleForm":
        if self.role in SETTING_ROLES and (self.setting is None or self.area is not None):
            raise ValueError(f"role {self.role} is of a setting: give setting, and no area")
        if self.role in AREA_ROLES and (self.area is None or self.setting is not None):
            raise ValueError(f"role {self.role} is of an area: give area, and no setting")
        if self.role == Role.ADMINISTRATOR and (self.setting or self.area):
            raise ValueError("role administrator is of the whole system: give neither setting nor area")
        return self


class AwayForm(Part):
    """Leave, both days included, and who covers."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    cover: Email | None = None

    @model_validator(mode="after")
    def _forwards(self) -> "AwayForm":
        if self.last < self.first:
            raise ValueError("to: is before from")
        return self


class PersonForm(Part):
    """Somebody who works with the pathway."""

    email: Email
    name: Line
    roles: list[RoleForm] = Field(default_factory=list)
    away: list[AwayForm] = Field(default_factory=list)
    left: Day | None = None
    zone: Zone = "Europe/London"
    phone: Line | None = None


class HouseholdForm(Part):
    """Children living together."""

    key: Key


class ChildForm(Part):
    """A child, born or, with `due`, not yet."""

    key: Key
    name: Line
    born: Day | None = None
    due: Day | None = None
    household: Key
    setting: Key

    @model_validator(mode="after")
    def _born_or_due(self) -> "ChildForm":
        if (self.born is None) == (self.due is None):
            raise ValueError("give born, or for an unborn child due; one of the two")
        return self


class RosterForm(Part):
    """A whole roster; loading it again is an update."""

    settings: list[SettingForm] = Field(default_factory=list)
    people: list[PersonForm] = Field(default_factory=list)
    households: list[HouseholdForm] = Field(default_factory=list)
    children: list[ChildForm] = Field(default_factory=list)
