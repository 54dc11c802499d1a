"""Checking who is at the door. The same answer, after about the same time, for whoever is not let in.

No session of the record is held open while a password is looked at: that takes its time on purpose.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import wall
from models.access import Account, Door
from models.accounts import account_of, has_left, use_code, use_recovery_code
from models.attempts import ALLOWED, count_attempt, forget_attempts, take_back
from models.database import engine, writing
from models.deeds import note_deed
from models.passwords import is_password
from models.people import Person
from models.second_factor import is_recovery_code
from models.staff import person_with
from web.signing.half import Half


@dataclass(frozen=True)
class Knock:
    """One attempt, as it was counted: `why` it cannot succeed (empty when it can), and how many there have been."""

    person: Person | None
    account: Account | None
    why: str
    failures: int = 0


async def check_password(email: str, password: str, at: datetime) -> Account | None:
    """Whose account that is, when the password is right.

    1. Count the attempt, before anything is known about it.
    2. Look at the password, or for whoever has none at one that is nobody's.
    3. Take the attempt back, or write the refusal into the audit.
    """
    async with writing(engine()) as session:
        knock = await _knock(session, await person_with(session, email), at)
    kept = knock.account.password if knock.account and not knock.why else None
    right = await is_password(kept, password)
    async with writing(engine()) as session:
        if right and knock.account:
            await take_back(session, knock.account.person_id, knock.failures)
            return knock.account
        _refuse(session, knock, at)
    return None


async def _knock(session: AsyncSession, person: Person | None, at: datetime) -> Knock:
    if person is None:
        return Knock(None, None, "unknown")
    account = await account_of(session, person.id)
    if account is None or not (account.password and account.totp):
        return Knock(person, account, "no account")
    if has_left(person, at):
        return Knock(person, account, "left")
    failures = await count_attempt(session, person.id, wall())
    return Knock(person, account, "" if failures else "closed", failures or 0)


def _refuse(session: AsyncSession, knock: Knock, at: datetime) -> None:
    who = knock.person.id if knock.person else None
    note_deed(session, Door.REFUSED, None, at, who, why=knock.why or "wrong")
    if knock.failures >= ALLOWED:
        note_deed(session, Door.LOCKED, None, at, who, failures=knock.failures)


async def check_code(session: AsyncSession, half: Half, code: str, at: datetime) -> Person | None:
    """Who is let in with that code, of the authenticator or a recovery code; the caller begins their session."""
    person = await session.get(Person, half.person_id)
    account = await account_of(session, half.person_id)
    if person is None or account is None or has_left(person, at) or not half.still_counts(account):
        return None
    failures = await count_attempt(session, person.id, wall())
    if failures is not None and await _is_theirs(session, account, code):
        await forget_attempts(session, person.id)
        return person
    _refuse(session, Knock(person, account, "code" if failures else "closed", failures or 0), at)
    return None


async def _is_theirs(session: AsyncSession, account: Account, code: str) -> bool:
    if is_recovery_code(code):
        return await use_recovery_code(session, account.person_id, code, wall())
    return await use_code(session, account, code, wall())


async def closed_until(session: AsyncSession, person_id: UUID) -> datetime | None:
    """Until when somebody's account is closed; None when it is open."""
    account = await account_of(session, person_id)
    until = account.locked_until if account else None
    return until if until and until > wall() else None
