"""The reconciler and the nightly purge as plain functions."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london, wall
from flows.containment import SafeError
from models.answers_kept import forget_answers
from models.database import engine, reading, writing
from models.people import Child, Person, Role, RoleHeld
from models.policies import policy_book
from models.reconcile import GRACE, Statement, reconcile
from models.record import Concern
from models.sessions import forget_sessions
from models.telling import Firing
from notifications.outbox import Addressed, address

KEEP_FIRINGS = timedelta(days=90)


async def check(on: AsyncEngine, at: datetime, progress: Callable[[int], None] = lambda _: None) -> Statement:
    """The reconciler's statement; it changes nothing."""
    async with reading(on) as session:
        policy = (await policy_book(session)).for_area(None, to_london(at).date())
        grace = timedelta(minutes=int(policy.figure(GRACE)))
        return await reconcile(session, at, grace, progress)


async def tell_administrators(on: AsyncEngine, statement: Statement, at: datetime) -> int:
    """One letter a day to each administrator while something is not covered; returns how many were new."""
    if not statement.findings:
        return 0
    async with writing(on) as session:
        held = select(RoleHeld.person_id).join(Person).where(RoleHeld.role == Role.ADMINISTRATOR)
        ids = (await session.exec(held.where(col(Person.left_on).is_(None)).distinct())).all()
        day, why = f"{to_london(at):%Y-%m-%d}", "you administer the pathway"
        fields = {"count": len(statement.findings)}
        letters = [Addressed("not-covered", one, "reconciler", day, why, urgent=True, fields=fields) for one in ids]
        return await address(session, letters, at)


async def purge(on: AsyncEngine, at: datetime) -> dict[str, int]:
    """Forget old firings, sessions and answers of the API; count closed concerns past retention, for people to review.

    Nothing about a child is ever deleted by a clock. Retention: the policy's `record_retention` in years from birth.
    """
    async with writing(on) as session:
        old = delete(Firing).where(col(Firing.started_at) < at - KEEP_FIRINGS)
        gone = (await session.exec(old.returning(col(Firing.id)))).all()
        answers = await forget_answers(session, wall())
        browsers = await forget_sessions(session, wall())
        past = len(await past_retention(session, at))
        return {"firings": len(gone), "answers": answers, "sessions": browsers, "past_retention": past}


async def past_retention(session: AsyncSession, at: datetime) -> list[str]:
    """References of closed concerns whose child was born longer ago than records are kept."""
    policy = (await policy_book(session)).for_area(None, to_london(at).date())
    today = to_london(at).date()
    years = int(policy.figure("record_retention"))
    born_before = today.replace(year=today.year - years, day=min(today.day, 28))
    found = select(Concern.reference).join(Child, col(Concern.child_id) == col(Child.id))
    found = found.where(col(Concern.closed_at).is_not(None), col(Child.born) < born_before)
    return list((await session.exec(found)).all())


async def reconcile_now(at: datetime) -> dict[str, int]:
    """Check, write to administrators when something is not covered, and return the counts."""
    statement = await check(engine(), at)
    letters = await tell_administrators(engine(), statement, at)
    return {
        "concerns": statement.concerns,
        "tasks": statement.tasks,
        "events": statement.events,
        "not_covered": len(statement.findings),
        "letters": letters,
    }


def must_be_covered(counts: dict[str, int]) -> dict[str, int]:
    """The counts; raises SafeError, which makes the run red, when something is not covered."""
    if counts["not_covered"]:
        raise SafeError(f"NotCovered:{counts['not_covered']}")
    return counts


async def reconcile_alone(at: datetime) -> dict[str, int]:
    """The reconciler without Prefect, as red as with it."""
    return must_be_covered(await reconcile_now(at))
