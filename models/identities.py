"""People as a single sign-on provider knows them: by issuer and subject, never by an e-mail address.

An address can be given to somebody else, and a provider may not have checked it. So a person is linked once, by
themselves: while they are signed in, or through an invitation that was sent to them.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.access import Door, Identity
from models.deeds import note_deed
from models.people import Person


async def known_as(session: AsyncSession, issuer: str, subject: str) -> Person | None:
    """Who that is; None when nobody has been linked."""
    found = select(Person).join(Identity, col(Identity.person_id) == col(Person.id))
    return (await session.exec(found.where(Identity.issuer == issuer, Identity.subject == subject))).first()


async def identities_of(session: AsyncSession, person_id: UUID) -> Sequence[Identity]:
    """Everything somebody is linked to."""
    return (await session.exec(select(Identity).where(Identity.person_id == person_id))).all()


async def link(session: AsyncSession, person: Person, issuer: str, subject: str, at: datetime) -> bool:
    """Link somebody; False when somebody else is linked to that already. Again changes nothing."""
    known = await known_as(session, issuer, subject)
    if known is not None:
        return known.id == person.id
    session.add(Identity(person_id=person.id, issuer=issuer, subject=subject, made_at=at))
    note_deed(session, Door.LINKED, person, at, person.id)
    await session.flush()
    return True


async def unlink(session: AsyncSession, person: Person, by: Person, at: datetime) -> None:
    """They can no longer come in through single sign-on, until they are linked again."""
    await session.exec(delete(Identity).where(col(Identity.person_id) == person.id))
    note_deed(session, Door.UNLINKED, by, at, person.id)
