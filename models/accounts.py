"""Accounts: how a person signs in, from their first password to new codes, and what an administrator may end.

What is written into the audit says who and what, never a password, a code or a seed. `at` is the record's instant,
`wall` the wall clock (`config.time`).

An administrator's page has: `notifications.inviting.invite` (a letter with a link), `end_sessions`,
`reset_second_factor` (then invite them again), `accounts_of`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.secret import NotOurs, seal, unseal
from config.time import to_london
from models import sessions
from models.access import Account, ApiKey, CalendarKey, Door, Identity, Invitation, RecoveryCode, SignIn
from models.deeds import note_deed
from models.people import Person
from models.second_factor import code_digest, new_codes, step_of


def has_left(person: Person, at: datetime) -> bool:
    """Whether somebody is no longer in post: from the day given as their leaving."""
    return person.left_on is not None and person.left_on <= to_london(at).date()


async def account_of(session: AsyncSession, person_id: UUID) -> Account | None:
    """Somebody's account."""
    return await session.get(Account, person_id)


async def begin_account(
    session: AsyncSession, person: Person, password: str | None, seed: str | None, step: int, wall: datetime
) -> Account:
    """Set up somebody's account, or set it up again: `password` as it is kept, the authenticator's seed and last step.

    Each may be None: kept as it was before, or left to single sign-on. What had been counted against them is forgotten.
    """
    account = await session.get(Account, person.id) or Account(person_id=person.id, made_at=wall)
    account.password = password or account.password
    if seed is not None:
        account.totp, account.totp_step = seal("totp", seed), step
    account.failures, account.locked_until = 0, None
    session.add(account)
    await session.flush()
    return account


async def set_password(session: AsyncSession, person: Person, kept: str, at: datetime) -> None:
    """A new password, as it is kept; the second factor stays."""
    await _set(session, person.id, password=kept, failures=0, locked_until=None)
    note_deed(session, Door.PASSWORD_CHANGED, person, at, person.id)


async def set_seed(session: AsyncSession, person: Person, seed: str, step: int, at: datetime) -> None:
    """Another authenticator in place of the one before."""
    await _set(session, person.id, totp=seal("totp", seed), totp_step=step)
    note_deed(session, Door.AUTHENTICATOR_CHANGED, person, at, person.id)


async def use_code(session: AsyncSession, account: Account, code: str, wall: datetime) -> bool:
    """Whether that is the authenticator's code; it works once, whoever else sends it at the same moment."""
    step = step_of(seed_of(account), code, wall) if account.totp else None
    if step is None:
        return False
    used = update(Account).where(col(Account.person_id) == account.person_id, col(Account.totp_step) < step)
    used = used.values(totp_step=step).returning(col(Account.person_id))
    return (await session.exec(used.execution_options(synchronize_session=False))).first() is not None


def seed_of(account: Account) -> str:
    """The authenticator's seed; empty when there is none, or when this installation's secret is another one now."""
    try:
        return unseal("totp", account.totp) if account.totp else ""
    except NotOurs:
        return ""


async def use_recovery_code(session: AsyncSession, person_id: UUID, code: str, wall: datetime) -> bool:
    """Whether that is one of their recovery codes; it works once."""
    mine = update(RecoveryCode).where(col(RecoveryCode.person_id) == person_id, col(RecoveryCode.used_at).is_(None))
    mine = mine.where(col(RecoveryCode.hash) == code_digest(person_id, code)).values(used_at=wall)
    used = mine.returning(col(RecoveryCode.id)).execution_options(synchronize_session=False)
    return (await session.exec(used)).first() is not None


async def give_codes(session: AsyncSession, person: Person, at: datetime) -> list[str]:
    """Ten new recovery codes in place of those before; they are kept nowhere as they are."""
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person.id))
    codes = new_codes()
    session.add_all(RecoveryCode(person_id=person.id, hash=code_digest(person.id, code)) for code in codes)
    note_deed(session, Door.CODES_MADE, person, at, person.id)
    return codes


async def codes_left(session: AsyncSession, person_id: UUID) -> int:
    """How many recovery codes have not been used."""
    left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    return (await session.exec(left.where(col(RecoveryCode.used_at).is_(None)))).one()


async def end_sessions(session: AsyncSession, person: Person, by: Person, at: datetime, wall: datetime) -> int:
    """Sign somebody out everywhere; returns how many browsers that was."""
    ended = await sessions.end_sessions(session, person.id, wall)
    note_deed(session, Door.SESSIONS_ENDED, by, at, person.id, count=ended)
    return ended


async def reset_second_factor(session: AsyncSession, person: Person, by: Person, at: datetime, wall: datetime) -> None:
    """Take the authenticator and the recovery codes away, and sign them out: a lost telephone, a stolen bag.

    Keys of the API and of calendars end too, and single sign-on is unlinked, since whoever was in could have made some
    of these. Until they follow a new invitation they cannot sign in: invite them in the same transaction.
    """
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person.id))
    await session.exec(delete(Identity).where(col(Identity.person_id) == person.id))
    await _set(session, person.id, totp=None)
    for key in (ApiKey, CalendarKey):
        theirs = update(key).where(col(key.person_id) == person.id, col(key.ended_at).is_(None))
        await session.exec(theirs.values(ended_at=wall).execution_options(synchronize_session=False))
    await end_sessions(session, person, by, at, wall)
    note_deed(session, Door.SECOND_FACTOR_RESET, by, at, person.id)


async def _set(session: AsyncSession, person_id: UUID, **values: object) -> None:
    changed = update(Account).where(col(Account.person_id) == person_id).values(**values)
    await session.exec(changed.execution_options(synchronize_session="fetch"))


@dataclass(frozen=True)
class Standing:
    """How somebody's account stands, for an administrator's list.

    `is_live`: they can sign in. `invited_until`: an invitation that is still open. `browsers`: signed in just now.
    """

    person_id: UUID
    is_live: bool = False
    locked_until: datetime | None = None
    invited_until: datetime | None = None
    browsers: int = 0
    last_seen: datetime | None = None


async def accounts_of(
    session: AsyncSession, person_ids: Iterable[UUID], at: datetime, wall: datetime
) -> dict[UUID, Standing]:
    """How the accounts of these people stand: four queries, however many people."""
    ids = list(person_ids)
    mine = select(Account).where(col(Account.person_id).in_(ids))
    accounts = {one.person_id: one for one in (await session.exec(mine)).all()}
    single = set((await session.exec(select(Identity.person_id).where(col(Identity.person_id).in_(ids)))).all())
    waiting = select(Invitation).where(col(Invitation.person_id).in_(ids))
    waiting = waiting.where(col(Invitation.used_at).is_(None), col(Invitation.until) > at)
    invited = {one.person_id: one.until for one in (await session.exec(waiting)).all()}
    browsers: dict[UUID, list[SignIn]] = {}
    here = select(SignIn).where(col(SignIn.person_id).in_(ids), col(SignIn.until) > wall)
    for one in (await session.exec(here)).all():
        browsers.setdefault(one.person_id, []).append(one)
    return {
        one: _standing(one, accounts.get(one), one in single, invited.get(one), browsers.get(one, []), wall)
        for one in ids
    }


def _standing(
    person_id: UUID,
    account: Account | None,
    single: bool,
    invited: datetime | None,
    browsers: Sequence[SignIn],
    wall: datetime,
) -> Standing:
    live = account is not None and (single or bool(account.password and account.totp))
    locked = account.locked_until if account and account.locked_until and account.locked_until > wall else None
    here = [one for one in browsers if sessions.is_live(one, wall)]
    return Standing(person_id, live, locked, invited, len(here), max((one.seen_at for one in browsers), default=None))
