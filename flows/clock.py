"""The clock: when to look for what is due. One clock, a few fixed ticks, nothing stored.

Each tick asks the record what is due, so a tick too many is harmless and a tick too few is made up by the next. Working
days, bank holidays and local times are more than cron can say. Nothing is put between 00:59 and 02:01 London time, when
the clock changes skip or repeat an hour.
"""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from config.calendars import Calendar, calendar_for
from config.settings import settings
from config.time import london, to_london
from flows import dispatch
from flows.due import (
    BRIDGE,
    DEADLINES,
    DIGEST,
    EVENTS,
    LETTERS,
    PACK,
    PURGE,
    RECONCILE,
    Ran,
    deadlines_job,
    purge_job,
    reconcile_job,
    run_due,
    run_job,
)
from models.database import engine

ALIVE = "alive"  # a check-deadlines although nothing is due, which shows that the clock goes

# The morning's list too: after an outage it is there before anything is told one by one.
EVERY_MINUTE = frozenset({BRIDGE, EVENTS, DEADLINES, DIGEST, LETTERS})
# An evening that was missed is caught up here.
EVERY_QUARTER = frozenset({ALIVE, PACK, LETTERS})
DIGEST_AT = time(8)
PACK_AT = time(17, 30)  # as shipped; where a policy's `outage_pack_at` says otherwise, a quarter finds it
PURGE_AT = time(3, 30)
MOST_PASSES = 10
FIRED = {ALIVE: deadlines_job, RECONCILE: reconcile_job, PURGE: purge_job}

Ring = Callable[[Collection[str]], None]


class DailyAt(BaseTrigger):  # type: ignore[misc]  # APScheduler carries no types
    """Every day, or with a calendar every working day, at one time of London's clocks."""

    def __init__(self, clock: time, working: Calendar | None = None) -> None:
        self.clock = clock
        self.working = working

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The first such instant (UTC) after `previous`, or from `now` on when there was none before."""
        day = to_london(previous or now).date()
        while not self._counts(at := london(day, self.clock), day, previous, now):
            day += timedelta(days=1)
        return at

    def _counts(self, at: datetime, day: date, previous: datetime | None, now: datetime) -> bool:
        late = at <= previous if previous is not None else at < now
        return not late and (self.working is None or self.working.is_working(day))


def ticks() -> list[tuple[BaseTrigger, frozenset[str]]]:
    """When to look, and for what."""
    working = calendar_for(extra_holidays=settings().extra_holidays)
    return [
        (CronTrigger(second=0, timezone=UTC), EVERY_MINUTE),
        (CronTrigger(minute="*/15", second=0, timezone=UTC), EVERY_QUARTER),
        (DailyAt(DIGEST_AT, working), frozenset({DIGEST, LETTERS})),
        (DailyAt(PACK_AT, working), frozenset({PACK, LETTERS})),
        (CronTrigger(minute=20, second=0, timezone=UTC), frozenset({RECONCILE, LETTERS})),
        (DailyAt(PURGE_AT), frozenset({PURGE})),
    ]


def make_clock(ring: Ring) -> AsyncIOScheduler:
    """A scheduler, to be started in the running loop, that rings for the names of each tick.

    Ticks missed while the machine was busy or asleep become one.
    """
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for trigger, names in ticks():
        scheduler.add_job(_ring, trigger, args=[ring, names], name=" ".join(sorted(names)))
    return scheduler


async def _ring(ring: Ring, names: frozenset[str]) -> None:
    # A plain coroutine function of ours: APScheduler calls anything else in a thread, a Prefect flow it never awaits.
    ring(names)


def slot(name: str, at: datetime) -> str:
    """The slot of a clock's own firing: the quarter, the hour or London's day, so that two clocks fire it once."""
    if name == PURGE:
        return to_london(at).date().isoformat()
    minute = at.minute - at.minute % 15 if name == ALIVE else 0
    return f"{at.replace(minute=minute):%Y-%m-%dT%H:%MZ}"


async def fire(names: Collection[str], at: datetime) -> list[Ran]:
    """Do what is due of `names` at `at` (UTC), again and again while that makes more work; returns what ran."""
    await dispatch.settle(engine(), at)
    ran = [await run_job(job(slot(name, at)), at) for name, job in FIRED.items() if name in names]
    for _ in range(MOST_PASSES):
        done = await run_due(at, names)
        ran += done
        if not any(one.did_something for one in done):
            break
    return ran
