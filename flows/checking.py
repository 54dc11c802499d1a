"""The reconciler, the daily statement and the nightly purge as plain functions."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london, wall
from flows.containment import SafeError
from models.answers_kept import forget_answers
from models.database import engine, reading, writing
from models.people import Child, Person, Role, RoleHeld
from models.policies import policy_book
from models.reconcile import GRACE, Finding, Statement, reconcile
from models.record import Concern
from models.sessions import forget_sessions
from models.statements import MOST_LISTED, NotCovered, chain_breaks, is_clean, make_statements
from models.telling import Firing
from notifications.outbox import Addressed, address

KEEP_FIRINGS = timedelta(days=90)
# How far back it is asked each hour whether everybody was told: what is older was asked hundreds of times.
LOOK_BACK = timedelta(days=28)
WHY = "you administer the pathway"


async def check(
    on: AsyncEngine, at: datetime, progress: Callable[[int], None] = lambda _: None, *, whole: bool = False
) -> Statement:
    """The reconciler's statement, and whether the daily statements are still what was signed; it changes nothing.

    `whole`: letters and closed tasks of all time, not only of the last weeks.
    """
    async with reading(on) as session:
        since = None if whole else at - LOOK_BACK
        statement = await reconcile(session, at, await _grace(session, at), progress, since)
        statement.findings += [Finding("statements", line) for line in await chain_breaks(session)]
        return statement


async def _grace(session: AsyncSession, at: datetime) -> timedelta:
    policy = (await policy_book(session)).for_area(None, to_london(at).date())
    return timedelta(minutes=int(policy.figure(GRACE)))


async def state_days(on: AsyncEngine, statement: Statement, at: datetime) -> int:
    """Make the statement of each London day that is over and has none; returns how many.

    When one of them is not clean, administrators have a letter, one for all that are made together.
    """
    found = tuple((one.reference, one.what) for one in statement.findings[:MOST_LISTED])
    async with writing(on) as session:
        covered = NotCovered(len(statement.findings), found)
        made = await make_statements(session, at, await _grace(session, at), covered)
        unclean = [one for one in made if not is_clean(one)]
        if unclean:
            ids, fields = await _administrators(session), {"count": len(unclean)}
            slot = unclean[-1].day.isoformat()
            await address(
                session, [Addressed("day-not-clean", one, "statement", slot, WHY, fields=fields) for one in ids], at
            )
        return len(made)


async def _administrators(session: AsyncSession) -> Sequence[UUID]:
    held = select(RoleHeld.person_id).join(Person).where(RoleHeld.role == Role.ADMINISTRATOR)
    return (await session.exec(held.where(col(Person.left_on).is_(None)).distinct())).all()


async def tell_administrators(on: AsyncEngine, statement: Statement, at: datetime) -> int:
    """One letter a day to each administrator while something is not covered; returns how many were new."""
    if not statement.findings:
        return 0
    async with writing(on) as session:
        ids, day = await _administrators(session), f"{to_london(at):%Y-%m-%d}"
        fields = {"count": len(statement.findings)}
        letters = [Addressed("not-covered", one, "reconciler", day, WHY, urgent=True, fields=fields) for one in ids]
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
    """Check, write to administrators when something is not covered, state the days that are over, count."""
    statement = await check(engine(), at)
    letters = await tell_administrators(engine(), statement, at)
    stated = await state_days(engine(), statement, at)
    return {
        "concerns": statement.concerns,
        "tasks": statement.tasks,
        "events": statement.events,
        "not_covered": len(statement.findings),
        "letters": letters,
        "statements": stated,
    }


def must_be_covered(counts: dict[str, int]) -> dict[str, int]:
    """The counts; raises SafeError, which makes the run red, when something is not covered."""
    if counts["not_covered"]:
        raise SafeError(f"NotCovered:{counts['not_covered']}")
    return counts


async def reconcile_alone(at: datetime) -> dict[str, int]:
    """The reconciler without Prefect, as red as with it."""
    return must_be_covered(await reconcile_now(at))
