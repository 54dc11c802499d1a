"""What a batch of letters needs to know, read at once: a handful of queries, however many letters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy import Policy
from config.policy_book import PolicyBook
from config.time import to_london
from models.access import Invitation
from models.lifecycle import Kind
from models.people import Person
from models.policies import policy_book
from models.record import Concern, Referral, Task
from models.telling import Delivery
from notifications.desk import Desk, desks
from notifications.letters import LETTERS, LISTS

FRONT_DOORS_CLOCKS = (Kind.AWAIT_ACKNOWLEDGEMENT, Kind.AWAIT_DECISION, Kind.RESOLVE_DISAGREEMENT)

T = TypeVar("T", bound=SQLModel)


@dataclass(frozen=True)
class Facts:
    """People, tasks, concerns and invitations by id; by concern id referrals and open clocks.

    `kept` is what was folded or held back, by the letter that lists it instead.
    """

    at: datetime
    people: dict[UUID, Person]
    tasks: dict[UUID, Task]
    concerns: dict[UUID, Concern]
    referrals: dict[UUID, list[Referral]]
    clocks: dict[UUID, list[Task]]
    desks: dict[UUID, Desk]
    book: PolicyBook
    invitations: dict[UUID, Invitation] = field(default_factory=dict)
    kept: dict[UUID, list[Delivery]] = field(default_factory=dict)

    def policy(self, concern: Concern | None) -> Policy:
        """The policy whose words a letter about `concern` uses; the default's for a letter about none."""
        return self.book.for_area(concern.area if concern else None, to_london(self.at).date())


async def gather(session: AsyncSession, deliveries: Sequence[Delivery], at: datetime) -> Facts:
    """Everything that composing these letters at `at` (UTC) needs."""
    listed = [UUID(task) for one in deliveries if one.letter == "round-up" for task in one.fields["tasks"]]
    kept = await _kept(session, [one.id for one in deliveries if one.letter in LISTS])
    about = [*deliveries, *(one for rows in kept.values() for one in rows)]
    tasks = await _by_id(session, Task, [*(one.task_id for one in about), *listed])
    named = [*(one.concern_id for one in about), *(task.concern_id for task in tasks.values())]
    concerns = await _by_id(session, Concern, named)
    referred = {one.concern_id for one in deliveries if one.concern_id and not LETTERS[one.letter].about_task}
    refusing = [UUID(one.fields["person"]) for one in deliveries if one.fields.get("person")]
    joining = [UUID(one.fields["invitation"]) for one in deliveries if one.fields.get("invitation")]
    mornings = {
        one.person_id: datetime.fromisoformat(one.fields["as_of"])
        for one in deliveries
        if one.letter == "morning-digest"
    }
    return Facts(
        at=at,
        people=await _by_id(session, Person, [*(one.person_id for one in deliveries), *refusing]),
        tasks=tasks,
        concerns=concerns,
        referrals=await _referrals(session, referred) if referred else {},
        clocks=await _clocks(session, referred) if referred else {},
        desks=await desks(session, mornings, at) if mornings else {},
        book=await policy_book(session),
        invitations=await _by_id(session, Invitation, joining),
        kept=kept,
    )


async def _kept(session: AsyncSession, lists: Sequence[UUID]) -> dict[UUID, list[Delivery]]:
    if not lists:
        return {}
    named = select(Delivery).where(col(Delivery.named_in).in_(lists))
    kept: dict[UUID, list[Delivery]] = {}
    for one in (await session.exec(named.order_by(col(Delivery.created_at), col(Delivery.id)))).all():
        if one.named_in:
            kept.setdefault(one.named_in, []).append(one)
    return kept


async def _by_id(session: AsyncSession, table: type[T], ids: Iterable[UUID | None]) -> dict[UUID, T]:
    wanted = {one for one in ids if one}
    if not wanted:
        return {}
    rows = (await session.exec(select(table).where(col(table.id).in_(wanted)))).all()  # type: ignore[attr-defined]  # all have
    return {row.id: row for row in rows}  # type: ignore[attr-defined]  # same


async def _referrals(session: AsyncSession, concerns: Iterable[UUID]) -> dict[UUID, list[Referral]]:
    found = select(Referral).where(col(Referral.concern_id).in_(concerns)).order_by(col(Referral.number))
    referrals: dict[UUID, list[Referral]] = {}
    for one in (await session.exec(found)).all():
        referrals.setdefault(one.concern_id, []).append(one)
    return referrals


async def _clocks(session: AsyncSession, concerns: Iterable[UUID]) -> dict[UUID, list[Task]]:
    found = select(Task).where(col(Task.concern_id).in_(concerns), col(Task.kind).in_(FRONT_DOORS_CLOCKS))
    clocks: dict[UUID, list[Task]] = {}
    for one in (await session.exec(found.where(col(Task.closed_at).is_(None)))).all():
        clocks.setdefault(one.concern_id, []).append(one)
    return clocks
