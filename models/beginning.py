"""An empty record and its first administrator; how far setting it up has come; inviting everybody who was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists
from sqlalchemy import select as sa_select
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import to_london
from models.access import Account, Door, Invitation
from models.deeds import note_deed
from models.errors import NotOffered
from models.fields import Email, Line, fill
from models.people import Person, Role, Setting
from models.places import all_settings
from models.policies import choose_default, policy_book
from models.record import PolicyText
from models.roster import Gap, role_gaps
from models.roster_form import Part, RoleForm
from models.staff_changes import add_person, give_role

MOST_SETTINGS = 50


class FirstForm(Part):
    """Who begins."""

    name: Line
    email: Email


async def has_accounts(session: AsyncSession) -> bool:
    """Whether anybody at all can sign in, or could once."""
    return (await session.exec(select(exists().where(col(Account.person_id).is_not(None))))).one()


async def is_unbegun(session: AsyncSession) -> bool:
    """Whether the record has neither an account nor a person."""
    anybody = exists().where(col(Person.id).is_not(None)) | exists().where(col(Account.person_id).is_not(None))
    return not (await session.exec(select(anybody))).one()


async def first_administrator(session: AsyncSession, fields: dict[str, Any], at: datetime) -> Person:
    """Whoever begins: somebody new or somebody a roster named already, made administrator.

    Raises NotOffered once anybody has an account: the way in is closed for good.
    """
    if await has_accounts(session):
        raise NotOffered("Somebody has an account already. Ask an administrator for an invitation.")
    form = fill(FirstForm, fields)
    person = (await session.exec(select(Person).where(Person.email == form.email))).first()
    if person is None:
        person = await add_person(session, {"name": form.name, "email": form.email}, None, at)
    person.left_on = person.refused_at = None
    session.add(person)
    await give_role(session, person, RoleForm(role=Role.ADMINISTRATOR), None, at)
    return person


@dataclass(frozen=True)
class Progress:
    """How far setting up has come."""

    policy: str | None
    settings: int
    people: int
    gaps: Sequence[Gap]
    uninvited: int


async def progress(session: AsyncSession, at: datetime) -> Progress:
    """How far setting up has come at `at` (UTC); roles are looked at in the first fifty settings."""
    chosen = select(PolicyText.key).where(col(PolicyText.is_default))
    counts = sa_select(
        sa_select(func.count()).select_from(Setting).scalar_subquery(),
        sa_select(func.count()).select_from(Person).scalar_subquery(),
        sa_select(func.count()).select_from(Person).where(*_uninvited(at)).scalar_subquery(),
    )
    connection = await session.connection()
    settings, people, uninvited = (await connection.execute(counts)).one()
    gaps = await role_gaps(session, list(await all_settings(session))[:MOST_SETTINGS], at) if settings else []
    return Progress((await session.exec(chosen)).first(), settings, people, gaps, uninvited)


async def is_set_up(session: AsyncSession) -> bool:
    """Whether there is a setting, and somebody beside the first administrator who can come in or was asked to."""
    others = sa_select(func.count()).select_from(Person).where(or_(_has_account(), _was_invited())).scalar_subquery()
    asked = select(exists().where(col(Setting.id).is_not(None)) & (others > 1))
    return (await session.exec(asked)).one()


def _has_account() -> Any:
    return exists().where(col(Account.person_id) == col(Person.id)).correlate(Person)


def _was_invited() -> Any:
    return exists().where(col(Invitation.person_id) == col(Person.id)).correlate(Person)


def _uninvited(at: datetime) -> list[Any]:
    """People in post who have no account, and no invitation that is still open."""
    day = to_london(at).date()
    still = exists().where(
        col(Invitation.person_id) == col(Person.id), col(Invitation.used_at).is_(None), col(Invitation.until) > at
    )
    in_post = or_(col(Person.left_on).is_(None), col(Person.left_on) > day)
    return [in_post, col(Person.refused_at).is_(None), ~_has_account(), ~still.correlate(Person)]


async def uninvited(session: AsyncSession, at: datetime, limit: int) -> Sequence[Person]:
    """Some of the people whom nobody has invited."""
    found = select(Person).where(*_uninvited(at)).order_by(col(Person.name), col(Person.id)).limit(limit)
    return (await session.exec(found)).all()


async def choose_policy(session: AsyncSession, key: str, by: Person, at: datetime) -> None:
    """Make a policy that the record knows the default; raises BadInput for another."""
    if key not in (await policy_book(session)).keys():  # noqa: SIM118  # a method of ours
        raise BadInput("policy", "is missing")
    row = await session.get(PolicyText, key)
    await choose_default(session, key, row.text if row else None)
    note_deed(session, Door.POLICY_CHOSEN, by, at, policy=key)
