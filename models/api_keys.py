"""Personal keys of the API: a random token shown once, its SHA-256 in the record, so that a key can be ended from here.

A key reaches what its owner reaches on the day, never more. Like sessions, keys live by the wall clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.secret import digest, new_token
from models.access import ApiKey, Door, Scope
from models.deeds import note_deed
from models.errors import NotFound
from models.fields import Key, Line
from models.people import Person, Role, Setting
from models.permission import SAFEGUARDING
from models.reach import Viewer

MARK = "npw_"  # what scanners for lost keys look for
LONGEST = timedelta(days=365)
MOST = 20
# How stale `used_at` may be: not every request need write.
STALE = timedelta(minutes=2)


class KeyForm(BaseModel):
    """A new key: its name, what it may do, the settings it is narrowed to (none named: all), and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    scopes: Annotated[list[Scope], Field(min_length=1)]
    settings: list[Key] = Field(default_factory=list)
    days: Literal[7, 30, 90, 365] = 90


async def make_key(session: AsyncSession, viewer: Viewer, form: KeyForm, wall: datetime) -> str:
    """A new key for its owner; returns the token, which is kept nowhere. Raises BadInput naming the field."""
    if Scope.MANAGE in form.scopes and not viewer.is_administrator:
        raise BadInput("scopes", "only an administrator's key may manage")
    if Scope.MANAGE in form.scopes and form.settings:
        raise BadInput("settings", "a key that may manage cannot be narrowed to settings")
    if len([one for one in await keys_of(session, viewer.person.id) if is_live(one, wall)]) >= MOST:
        raise BadInput("name", f"you have {MOST} keys already; end one first")
    offered = {one.key: one for one in await settings_of(session, viewer)}
    if unknown := sorted(set(form.settings) - set(offered)):
        raise BadInput("settings", f"{unknown[0]} is not one of your settings")
    return await _make(session, viewer.person, form, [str(offered[one].id) for one in form.settings], wall)


async def _make(session: AsyncSession, owner: Person, form: KeyForm, settings: list[str], wall: datetime) -> str:
    token = MARK + new_token()
    scopes = sorted({one.value for one in form.scopes})
    until = wall + min(timedelta(days=form.days), LONGEST)
    key = ApiKey(
        person_id=owner.id,
        name=form.name,
        token=digest(token),
        scopes=scopes,
        settings=settings,
        made_at=wall,
        until=until,
    )
    session.add(key)
    note_deed(session, Door.KEY_MADE, owner, wall, owner.id, key=str(key.id), scopes=scopes)
    return token


async def end_key(session: AsyncSession, owner: Person, key_id: UUID, wall: datetime) -> None:
    """End one of one's own keys; again changes nothing. Raises NotFound for anybody else's."""
    key = await session.get(ApiKey, key_id)
    if key is None or key.person_id != owner.id:
        raise NotFound(f"key: {key_id} is not one of your keys")
    if key.ended_at is None:
        key.ended_at = wall
        note_deed(session, Door.KEY_ENDED, owner, wall, owner.id, key=str(key.id))


async def keys_of(session: AsyncSession, person_id: UUID) -> Sequence[ApiKey]:
    """Somebody's keys, newest first, ended ones too."""
    found = select(ApiKey).where(ApiKey.person_id == person_id).order_by(col(ApiKey.made_at).desc(), col(ApiKey.id))
    return (await session.exec(found.limit(5 * MOST))).all()


async def settings_of(session: AsyncSession, viewer: Viewer) -> Sequence[Setting]:
    """The settings somebody acts in, or in whose area they do: those a key can be narrowed to."""
    at = viewer.settings(Role.PRACTITIONER, *SAFEGUARDING)
    areas = viewer.areas(Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT, Role.FRONT_DOOR)
    found = select(Setting).where(or_(col(Setting.id).in_(at), col(Setting.area).in_(areas)))
    return (await session.exec(found.order_by(col(Setting.name), col(Setting.key)))).all()


async def key_of(session: AsyncSession, token: str) -> tuple[ApiKey, Person] | None:
    """The key of a token and whose it is, ended or not; None for a token that was never given out."""
    found = select(ApiKey, Person).join(Person, col(ApiKey.person_id) == col(Person.id))
    return (await session.exec(found.where(ApiKey.token == digest(token)))).first()


def is_live(key: ApiKey, wall: datetime) -> bool:
    """Whether a key still opens: neither ended nor expired."""
    return key.ended_at is None and wall < key.until


async def used_again(session: AsyncSession, key: ApiKey, wall: datetime) -> None:
    """A key was used."""
    await session.exec(update(ApiKey).where(col(ApiKey.id) == key.id).values(used_at=wall))
