"""A policy on trial: which areas it would apply to, and how each open task would stand had it been opened under it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.policy import Policy
from config.policy_book import PolicyBook
from config.policy_file import parse_policy
from config.policy_trial import on_trial, same_ladder
from config.time import to_london
from models.events import Happened
from models.excerpt import Excerpt, Row, excerpt
from models.ladder import Clocks, say
from models.record import Concern, Event, Referral, Task
from models.restating import Opened, Stands, restate
from models.scene import Scene, scenes, setting_calendar


@dataclass(frozen=True)
class Trial:
    """A policy to be tried: its key, its newest version and that one's file, and the policies with and without it."""

    key: str
    policy: Policy
    written: str
    book: PolicyBook
    with_it: PolicyBook
    day: date

    def applies_to(self, area: str) -> bool:
        """Whether an area would follow it."""
        return self.with_it.for_area(area, self.day).key == self.policy.key

    def in_force(self, area: str) -> Policy:
        """What the area follows without it."""
        return self.book.for_area(area, self.day)

    def new(self, area: str) -> Policy:
        """It, with the area's own figures."""
        return self.policy.under(area)


def make_trial(text: str, file: str, book: PolicyBook, at: datetime) -> Trial:
    """A trial of the policy in `text`: of its newest version, on the day it is in force.

    A policy that is known by its key takes that one's place; an unknown one becomes the default, as `init --policy`
    makes it. Raises PolicyError for a text that does not validate.
    """
    versions = parse_policy(text, file)
    policy, written = on_trial(text, file)
    key = versions[-1].key
    policies = {known: book.versions(known) for known in book.keys()}  # noqa: SIM118  # a method, no mapping
    default = policy.key if key not in policies or key == book.default else book.default
    policies.pop(key, None)
    day = max(to_london(at).date(), policy.in_force_from)
    return Trial(key, policy, written, book, PolicyBook({**policies, policy.key: [policy]}, default), day)


@dataclass(frozen=True)
class Moved:
    """One clock of an open task that would stand elsewhere: `what` is due, acknowledge or lapse."""

    concern: str
    area: str
    task_id: UUID
    kind: str
    role: str
    what: str
    figure: str
    old: datetime | None
    new: datetime | None
    old_because: str
    new_because: str


@dataclass
class Batch:
    """Some concerns as they are and as they would be: what to live through, and which clocks differ."""

    concerns: list[Concern]
    as_is: Excerpt
    tried: Excerpt
    moved: list[Moved]


async def make_batch(
    session: AsyncSession, concerns: Sequence[Concern], at: datetime, trial: Trial, *, every: bool = False
) -> Batch:
    """Those of the concerns whose future can differ, read only: as they are, and restated under the trial.

    A future without anybody's act can differ where a task is touched, where a lapse opens what comes next, or where
    something has not been followed up yet; `every` takes them all, for a change that moves every calendar.
    """
    moved: list[Moved] = []
    touched: dict[UUID, Row] = {}
    open_now = await _opened(session, concerns, at)
    for opened in open_now:
        if (row := _touch(opened, trial, moved)) is not None:
            touched[opened.task.id] = row
    waits = _of(Event, [one.id for one in concerns]).where(col(Event.followed_up_at).is_(None))
    can = {one.concern_id for one in (await session.exec(waits)).all()}
    can |= {one.task.concern_id for one in open_now if one.task.id in touched or one.task.lapse_at is not None}
    chosen = [one for one in concerns if every or one.id in can]
    as_is = await excerpt(session, chosen, at)
    return Batch(chosen, as_is, _restated(as_is, touched, trial), moved)


def _restated(as_is: Excerpt, touched: Mapping[UUID, Row], trial: Trial) -> Excerpt:
    rows = dict(as_is.rows)
    rows["task"] = [{**row, **touched.get(row["id"], {})} for row in rows["task"]]
    # Had it been opened under the trial, nothing would have been said of it under the other.
    rows["delivery"] = [row for row in rows["delivery"] if row["task_id"] not in touched]
    known = [{**row, "is_default": False} for row in rows.get("policytext", [])]
    rows["policytext"] = [*known, {"key": trial.policy.key, "text": trial.written, "is_default": True}]
    return Excerpt(rows)


async def _opened(session: AsyncSession, concerns: Sequence[Concern], at: datetime) -> list[Opened]:
    """The open tasks with what their openings followed from."""
    ids = [concern.id for concern in concerns]
    found = select(Task).where(col(Task.concern_id).in_(ids), col(Task.closed_at).is_(None))
    tasks = (await session.exec(found.order_by(col(Task.due_at), col(Task.id)))).all()
    around = await scenes(session, concerns, at, {task.owner_id for task in tasks})
    referrals = {one.id: one for one in (await session.exec(_of(Referral, ids))).all()}
    acts: dict[UUID, list[tuple[datetime, datetime]]] = defaultdict(list)
    moved = (col(Event.happened_at) != col(Event.recorded_at)) | (Event.kind == Happened.BROUGHT_FORWARD)
    for event in (await session.exec(_of(Event, ids).where(moved))).all():
        acts[event.concern_id].append((event.recorded_at, event.happened_at))
    return [
        Opened(
            task,
            around[task.concern_id],
            referrals.get(task.referral_id) if task.referral_id else None,
            acts[task.concern_id],
        )
        for task in tasks
    ]


def _of(table: Any, ids: Sequence[UUID]) -> Any:
    return select(table).where(col(table.concern_id).in_(ids))


def _touch(opened: Opened, trial: Trial, moved: list[Moved]) -> Row | None:
    """What of a task's row the trial changes, and which of its clocks; None when it leaves the task alone."""
    task, scene = opened.task, opened.scene
    old, new = trial.in_force(task.area), trial.new(task.area)
    stands = own = opened.own()
    again = restate(opened, old, new)
    if again is not None and not again[0].same_as(again[1]):
        stands = again[1]
        moved += _moved(opened, own, stands)
    elif same_ladder(old.ladders.get(task.kind), new.ladders[task.kind]):
        return None
    return {
        "due_at": stands.due.at,
        "due_because": stands.due.because,
        "acknowledge_by": stands.acknowledge_by or task.acknowledge_by,
        "lapse_at": stands.lapse_at,
        "policy": new.key,
        "policy_from": new.in_force_from,
        "next_at": _next(task, stands, new, scene),
    }


def _next(task: Task, stands: Stands, policy: Policy, scene: Scene) -> datetime:
    """As `Case.look_again` sets it."""
    clocks = Clocks(task.opened_at, stands.due.at, stands.lapse_at, stands.acknowledge_by, task.snoozed_until)
    calendar = setting_calendar(scene.setting, policy)
    return say(policy.ladders[task.kind], clocks, calendar, task.said_until, task.said_until).next_at


def _moved(opened: Opened, own: Stands, new: Stands) -> list[Moved]:
    task = opened.task
    of = Moved(
        opened.scene.concern.reference,
        task.area,
        task.id,
        task.kind.value,
        task.role,
        "due",
        new.figure,
        own.due.at,
        new.due.at,
        own.due.because,
        new.due.because,
    )
    found = [of] if own.due.at != new.due.at else []
    for what, before, after in (
        ("acknowledge", own.acknowledge_by, new.acknowledge_by),
        ("lapse", own.lapse_at, new.lapse_at),
    ):
        if before != after:
            found.append(replace(of, what=what, figure="", old=before, new=after, old_because="", new_because=""))
    return found
