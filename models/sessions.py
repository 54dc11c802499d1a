"""Signed-in browsers: a random token in a cookie, its SHA-256 in the record, so that a session can be ended from here.

Sessions are about people at their machines, so they live in real time: `wall` is the wall clock (`config.time.wall`),
whatever instant the record is at.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.secret import digest, new_token
from models.access import SignIn
from models.people import Person

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=30)
# How stale `seen_at` may be: a page need not write at each look.
STALE = timedelta(minutes=2)
KEEP = timedelta(days=30)


async def begin_session(session: AsyncSession, person: Person, how: str, browser: str, wall: datetime) -> str:
    """Sign somebody in; returns the token for their cookie, which is kept nowhere."""
    token = new_token()
    session.add(
        SignIn(
            person_id=person.id,
            token=digest(token),
            how=how,
            browser=browser[:200],
            began_at=wall,
            seen_at=wall,
            until=wall + LONGEST,
        )
    )
    return token


async def session_of(session: AsyncSession, token: str) -> tuple[SignIn, Person] | None:
    """The session of a cookie and whose it is, ended or not; None for a token that was never given out."""
    found = select(SignIn, Person).join(Person, col(SignIn.person_id) == col(Person.id))
    return (await session.exec(found.where(SignIn.token == digest(token)))).first()


def is_live(one: SignIn, wall: datetime) -> bool:
    """Whether a session still counts: not ended, not idle for half an hour, not older than twelve hours."""
    return one.ended_at is None and wall < one.until and wall - one.seen_at < IDLE


async def seen_again(session: AsyncSession, one: SignIn, wall: datetime) -> None:
    """Somebody is still there."""
    await session.exec(update(SignIn).where(col(SignIn.id) == one.id).values(seen_at=wall))


async def end_session(session: AsyncSession, session_id: UUID, wall: datetime) -> None:
    """Sign one browser out; again changes nothing."""
    ended = update(SignIn).where(col(SignIn.id) == session_id, col(SignIn.ended_at).is_(None))
    await session.exec(ended.values(ended_at=wall))


async def end_sessions(session: AsyncSession, person_id: UUID, wall: datetime, but: UUID | None = None) -> int:
    """Sign somebody out everywhere (`but` one browser); returns how many sessions ended."""
    ended = update(SignIn).where(col(SignIn.person_id) == person_id, col(SignIn.ended_at).is_(None))
    if but is not None:
        ended = ended.where(col(SignIn.id) != but)
    return (await session.exec(ended.values(ended_at=wall))).rowcount


async def live_sessions(session: AsyncSession, person_id: UUID, wall: datetime) -> list[SignIn]:
    """The browsers in which somebody is signed in just now, the one used last first."""
    found = select(SignIn).where(SignIn.person_id == person_id, col(SignIn.ended_at).is_(None))
    found = found.where(col(SignIn.seen_at) > wall - IDLE, col(SignIn.until) > wall)
    return list((await session.exec(found.order_by(col(SignIn.seen_at).desc()))).all())


async def forget_sessions(session: AsyncSession, wall: datetime) -> int:
    """Forget browsers that have been signed out for long; the audit still says who came in and when."""
    old = delete(SignIn).where(col(SignIn.until) < wall - KEEP)
    return (await session.exec(old)).rowcount
