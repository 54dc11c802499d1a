"""The budget of letters: so many a person and local day at most, outside what is critical (notifications.letters).

It is kept where letters are claimed, in the same transaction: whoever addressed them and whenever, and however many
senders run, what is over the budget is held back there, and the next morning's digest names it. One letter of each day
is kept for that digest, so that it always fits.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, bindparam, case, text, union_all
from sqlalchemy import select as sa_select
from sqlmodel import and_, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import to_london
from models.people import Person
from models.policies import policy_book
from models.telling import CLAIMED, WAITING, Delivery, State
from notifications.letters import CRITICAL, LISTS, is_critical

DIGEST = "morning-digest"
WAITS = "waits for the morning digest"
# Longer than a local day is anywhere, whichever way its clocks are changed.
A_DAY_AND_MORE = timedelta(days=2)
# Any number that nothing else locks: senders count one after the other, as SQLite's writers do anyway.
LOCK = text("SELECT pg_advisory_xact_lock(4_021_990)")
COUNTED: ColumnElement[bool] = and_(col(Delivery.urgent).is_(False), col(Delivery.letter).not_in(CRITICAL))

THESE: ColumnElement[bool] = col(Delivery.person_id).in_(bindparam("people", expanding=True))


@dataclass(frozen=True)
class Budget:
    """The default policy's figures: letters a person and local day, and how many at once become a round-up."""

    a_day: int
    at_once: int


@dataclass(frozen=True)
class Spent:
    """How many letters somebody has had on their day: the morning's digests, and others."""

    digests: int = 0
    others: int = 0

    def room(self, budget: Budget) -> int:
        """How many more may go beside the digest."""
        return max(0, min(budget.a_day - 1 - self.others, budget.a_day - self.digests - self.others))

    def may(self, letter: str, budget: Budget) -> bool:
        """Whether one more may go."""
        return self.digests + self.others < budget.a_day if letter == DIGEST else self.room(budget) > 0

    def and_one(self, letter: str) -> "Spent":
        """With one more."""
        if letter == DIGEST:
            return replace(self, digests=self.digests + 1)
        return replace(self, others=self.others + 1)


async def the_budget(session: AsyncSession, at: datetime) -> Budget:
    """What stands at `at` (UTC): one person may work in many areas, so the default policy's figures count."""
    policy = (await policy_book(session)).for_area(None, to_london(at).date())
    return Budget(int(policy.figure("letters_a_day")), int(policy.figure("letters_at_once")))


def local_day(at: datetime, zone: str) -> date:
    """The day that it is for somebody."""
    return at.astimezone(ZoneInfo(zone)).date()


async def spent(
    session: AsyncSession,
    people: ColumnElement[bool],
    at: datetime,
    besides: Collection[UUID] = (),
    of: Collection[UUID] = (),
) -> dict[UUID, Spent]:
    """What these people have had today, or are being sent now; one statement.

    `people`: a condition on deliveries that stays the same object, or THESE, with `of`, their ids.
    `besides`: deliveries that do not count, for it is they that are asked about.
    """
    asked = {"since": at - A_DAY_AND_MORE} | ({"people": list(of)} if of else {})
    rows = (await (await session.connection()).execute(_letters_of(people), asked)).all()
    so_far: dict[UUID, Spent] = {}
    for person, letter, sent_at, one, zone in rows:
        today = sent_at is None or local_day(sent_at, zone) == local_day(at, zone)
        if today and one not in besides:
            so_far[person] = so_far.get(person, Spent()).and_one(letter)
    return so_far


@cache
def _letters_of(people: ColumnElement[bool]) -> Any:
    sent = sa_select(col(Delivery.person_id), col(Delivery.letter), col(Delivery.sent_at), col(Delivery.id))
    recent = and_(COUNTED, people, col(Delivery.sent_at) > bindparam("since"))
    on_the_way = and_(COUNTED, people, WAITING, CLAIMED)
    found = union_all(sent.where(recent), sent.where(on_the_way)).subquery()
    zones = sa_select(found.c.person_id, found.c.letter, found.c.sent_at, found.c.id, col(Person.zone))
    return zones.join(Person, col(Person.id) == found.c.person_id)


async def keep_within(
    session: AsyncSession, claimed: Sequence[Delivery], budget: Budget, at: datetime
) -> list[Delivery]:
    """Of letters just claimed in this transaction, those that may go; the others are held back for the digest.

    What is critical always goes. At most two statements more, however many letters.
    """
    counted = [one for one in claimed if not is_critical(one.letter, urgent=one.urgent)]
    if not counted:
        return list(claimed)
    if session.get_bind().dialect.name == "postgresql":
        await (await session.connection()).execute(LOCK)
    so_far = await spent(session, THESE, at, {one.id for one in claimed}, {one.person_id for one in counted})
    over = set(_over(counted, so_far, budget))
    if over:
        await hold_back(session, over, at)
    return [one for one in claimed if one.id not in over]


def _over(counted: Iterable[Delivery], so_far: Mapping[UUID, Spent], budget: Budget) -> Iterable[UUID]:
    now = dict(so_far)
    for one in counted:
        had = now.get(one.person_id, Spent())
        if had.may(one.letter, budget):
            now[one.person_id] = had.and_one(one.letter)
        else:
            yield one.id


async def hold_back(session: AsyncSession, ids: Collection[UUID], at: datetime) -> None:
    """Withdraw letters for the next digest. One that lists others lets go of them: the digest names them too."""
    lists = col(Delivery.letter).in_(LISTS)
    ended = update(Delivery).where(col(Delivery.id).in_(ids))
    ended = ended.values(
        state=State.WITHDRAWN,
        error=WAITS,
        held_at=case((lists, None), else_=at),
        claimed_by=None,
        claimed_until=None,
        tries=col(Delivery.tries) - case((CLAIMED, 1), else_=0),
    )
    await session.exec(ended.execution_options(synchronize_session=False))
    await let_go(session, ids)


async def let_go(session: AsyncSession, lists: Collection[UUID]) -> None:
    """These letters did not arrive: what they listed is named by the next digest instead."""
    if not lists:
        return
    named = update(Delivery).where(col(Delivery.named_in).in_(lists)).values(named_in=None)
    await session.exec(named.execution_options(synchronize_session=False))


async def name_in(session: AsyncSession, which: ColumnElement[bool], letter: str, slot: str) -> None:
    """Have what was held back (a condition) named by its reader's letter of that slot, if that is not under way."""
    listing = Delivery.__table__.alias()  # type: ignore[attr-defined]  # SQLModel sets it
    theirs = (
        sa_select(listing.c.id)
        .where(listing.c.person_id == col(Delivery.person_id), listing.c.letter == letter, listing.c.slot == slot)
        .where(listing.c.state == State.WAITING, listing.c.claimed_by.is_(None))
        .scalar_subquery()
    )
    await session.exec(
        update(Delivery).where(which).values(named_in=theirs).execution_options(synchronize_session=False)
    )


def unnamed(by: datetime) -> ColumnElement[bool]:
    """Held back by that instant (UTC), and named in no letter yet."""
    return and_(col(Delivery.held_at) <= by, col(Delivery.held_at).is_not(None), col(Delivery.named_in).is_(None))


def held_people(by: datetime, zone: str, on: date) -> ColumnElement[bool]:
    """Of what was held back: that of people of a zone who are in post on a day and take letters."""
    there = or_(col(Person.left_on).is_(None), col(Person.left_on) > on)
    theirs = select(Person.id).where(Person.zone == zone, there, col(Person.refused_at).is_(None))
    return and_(unnamed(by), col(Delivery.person_id).in_(theirs))
