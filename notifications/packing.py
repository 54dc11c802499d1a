"""Making somebody's outage pack: read, drawn without holding the database, noted in the access log before it leaves.

Used by the letter, the account page and the command; each says on which `page` the children were shown.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london
from models.database import reading, writing
from models.looks import note_looks
from models.pack_keys import passphrase_of
from models.people import Person
from models.staff import load_staff
from notifications.mime import Attached
from notifications.pack import Pack, pack_for
from notifications.words import NotNeeded

LETTER = "outage-pack"
FILE = "outage-pack.pdf"
BY_LETTER, BY_PAGE, BY_COMMAND = "outage-pack:letter", "outage-pack:fetched", "outage-pack:command"


@dataclass(frozen=True)
class _Wanted:
    pack: Pack
    passphrase: str


async def attached(engine: AsyncEngine, person_id: UUID, at: datetime) -> Attached:
    """The pack that goes with a letter; raises NotNeeded for who is away, has no passphrase or nothing open."""
    async with reading(engine) as session:
        person = await session.get_one(Person, person_id)
        if not (await load_staff(session, [], [person_id])).is_there(person, to_london(at).date()):
            raise NotNeeded("they are away")
        wanted = await _wanted(session, person, at)
    return Attached(FILE, "application/pdf", await _made(engine, wanted, BY_LETTER, at))


async def pack_of(engine: AsyncEngine, person_id: UUID, at: datetime, page: str) -> bytes:
    """A person's pack as it stands now; raises NotNeeded, saying why, where there is none to be had."""
    async with reading(engine) as session:
        wanted = await _wanted(session, await session.get_one(Person, person_id), at)
    return await _made(engine, wanted, page, at)


async def _wanted(session: AsyncSession, person: Person, at: datetime) -> _Wanted:
    passphrase = await passphrase_of(session, person.id)
    if passphrase is None:
        raise NotNeeded("they have no passphrase for it")
    pack = await pack_for(session, person, at)
    if pack is None:
        raise NotNeeded("nothing is open that they owe or oversee")
    return _Wanted(pack, passphrase)


async def _made(engine: AsyncEngine, wanted: _Wanted, page: str, at: datetime) -> bytes:
    from notifications.pack_drawn import draw  # fonts and drawing take a second to import, and only a pack needs them

    drawn = await asyncio.to_thread(draw, wanted.pack, wanted.passphrase)
    async with writing(engine) as session:
        await note_looks(session, wanted.pack.viewer, page, wanted.pack.seen, at)
    return drawn
