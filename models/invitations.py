"""Invitations: somebody may choose a password, once, for seven days. The link is signed and the signature kept nowhere.

The letter is addressed by `notifications.inviting.invite`; what is here makes, reads and uses up the row.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.secret import is_signed, sign
from models.access import Invitation
from models.accounts import has_left
from models.people import Person

VALID = timedelta(days=7)
# How soon after one letter the sign-in page may ask for the next: nobody can fill a colleague's mailbox.
APART = timedelta(minutes=15)
PURPOSE = "invitation"


async def make_invitation(session: AsyncSession, person: Person, by: Person | None, at: datetime) -> Invitation:
    """Invite somebody, in place of every earlier invitation of theirs; `by` None: they asked themselves."""
    await end_invitations(session, person.id, at)
    made = Invitation(person_id=person.id, made_at=at, made_by=by.id if by else None, until=at + VALID)
    session.add(made)
    await session.flush()
    return made


async def end_invitations(session: AsyncSession, person_id: UUID, at: datetime) -> None:
    """No invitation of theirs opens anything any more."""
    ended = update(Invitation).where(col(Invitation.person_id) == person_id, col(Invitation.used_at).is_(None))
    ended = ended.where(col(Invitation.until) > at).values(until=at)
    await session.exec(ended.execution_options(synchronize_session=False))


def invitation_path(invitation_id: UUID) -> str:
    """The address that an invitation opens, without the host."""
    return f"/join/{invitation_id}/{sign(PURPOSE, str(invitation_id))}"


async def invited(
    session: AsyncSession, invitation_id: str, signature: str, at: datetime
) -> tuple[Invitation, Person] | None:
    """The invitation of a link and whose it is; None when we did not sign it, it was used, has ended, or they left."""
    if not is_signed(PURPOSE, invitation_id, signature):
        return None
    found = select(Invitation, Person).join(Person, col(Invitation.person_id) == col(Person.id))
    row = (await session.exec(found.where(Invitation.id == UUID(invitation_id)))).first()
    return row if row and is_open(row[0], at) and not has_left(row[1], at) else None


def is_open(invitation: Invitation, at: datetime) -> bool:
    """Whether it still opens anything."""
    return invitation.used_at is None and at < invitation.until


async def use_invitation(session: AsyncSession, invitation_id: UUID, at: datetime) -> bool:
    """Use it up; False when somebody, or the same person twice, was first."""
    used = update(Invitation).where(col(Invitation.id) == invitation_id, col(Invitation.used_at).is_(None))
    used = used.where(col(Invitation.until) > at).values(used_at=at).returning(col(Invitation.id))
    return (await session.exec(used.execution_options(synchronize_session=False))).first() is not None


async def invited_lately(session: AsyncSession, person_id: UUID, at: datetime) -> bool:
    """Whether a letter went to them so shortly ago that another would say nothing new."""
    found = select(Invitation.id).where(Invitation.person_id == person_id, col(Invitation.made_at) > at - APART)
    return (await session.exec(found.where(col(Invitation.used_at).is_(None)).limit(1))).first() is not None
