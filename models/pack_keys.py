"""The passphrase of one reader's outage pack: made by the program, shown once, renewed or taken away by its reader.

It is kept sealed by the installation's secret, because every evening a pack must be encrypted with it; it opens that
reader's packs and nothing else. Without one there is no pack: nobody has children's names sent to them unasked.
"""

import secrets
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from config.secret import NotOurs, seal, unseal
from models.access import Door, PackKey
from models.deeds import note_deed
from models.people import Person

PURPOSE = "outage pack"
# Nothing that looks like something else on paper; twenty of them are 98 bits.
SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, OF = 4, 5


async def make_passphrase(session: AsyncSession, person: Person, at: datetime) -> str:
    """A new passphrase for a person, which takes the place of the one before. This is the one time it is told."""
    passphrase = "-".join("".join(secrets.choice(SIGNS) for _ in range(OF)) for _ in range(GROUPS))
    kept = await session.get(PackKey, person.id) or PackKey(person_id=person.id, sealed="", made_at=at)
    kept.sealed, kept.made_at = seal(PURPOSE, passphrase), at
    session.add(kept)
    note_deed(session, Door.PACK_KEY_MADE, person, at, person.id)
    return passphrase


async def take_away(session: AsyncSession, person: Person, at: datetime) -> bool:
    """No more packs for a person; False when they had none. A pack they have keeps the passphrase it was made with."""
    kept = await session.get(PackKey, person.id)
    if kept is None:
        return False
    await session.delete(kept)
    note_deed(session, Door.PACK_KEY_ENDED, person, at, person.id)
    return True


async def made_at(session: AsyncSession, person_id: UUID) -> datetime | None:
    """When their passphrase was made; None for whoever has none."""
    kept = await session.get(PackKey, person_id)
    return kept.made_at if kept else None


async def passphrase_of(session: AsyncSession, person_id: UUID) -> str | None:
    """The passphrase to encrypt their pack with; None where they have none, or it was sealed under another secret."""
    kept = await session.get(PackKey, person_id)
    try:
        return unseal(PURPOSE, kept.sealed) if kept else None
    except NotOurs:
        return None
