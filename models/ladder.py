"""When something must be said or done about a task, and what: reminders, rungs, chases, lapses. Pure.

A rung informs the next person and adds them; it never takes the task away. Source: design.md, "Ladder".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from models.deadlines import DayCalendar, half_way, morning_after, working_days_after, working_days_before

LONDON = ZoneInfo("Europe/London")


class What(IntEnum):
    """What a moment asks for; the greater wins when several are due at once."""

    REMIND = 1
    HALF_WAY = 2
    UNACKNOWLEDGED = 3
    CHASE = 4
    RUNG = 5
    LAPSE = 6


class ReminderRule(Protocol):
    """A policy's reminder: `when` is opening, unacknowledged, before, half_way or chase."""

    @property
    def when(self) -> str: ...  # noqa: D102  # named by the class
    @property
    def working_days(self) -> int | None: ...  # noqa: D102  # same
    @property
    def to(self) -> Sequence[str]: ...  # noqa: D102  # same


class RungRule(Protocol):
    """A policy's rung: roles that hear `after` working days past the deadline."""

    @property
    def after(self) -> int: ...  # noqa: D102  # named by the class
    @property
    def to(self) -> Sequence[str]: ...  # noqa: D102  # same


class LadderRule(Protocol):
    """A policy's ladder for one kind of task."""

    @property
    def reminders(self) -> Sequence[ReminderRule]: ...  # noqa: D102  # named by the class
    @property
    def rungs(self) -> Sequence[RungRule]: ...  # noqa: D102  # same
    @property
    def repeat_after(self) -> int: ...  # noqa: D102  # same


@dataclass(frozen=True, order=True)
class Moment:
    """An instant (UTC) at which a task asks for something; `rung` counts from 1, past the last rung it repeats it."""

    at: datetime
    what: What
    rung: int = 0
    to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clocks:
    """A task's instants (UTC) from which its moments follow; `snoozed_until` puts off reminders and nothing else."""

    opened_at: datetime
    due_at: datetime
    lapse_at: datetime | None = None
    acknowledge_by: datetime | None = None
    snoozed_until: datetime | None = None


def moments(ladder: LadderRule, clocks: Clocks, calendar: DayCalendar) -> Iterator[Moment]:
    """A task's moments in order of time: without end for a task that never lapses, so that silence is never final."""
    early = sorted(_put_off(_reminders(ladder, clocks, calendar), clocks))
    if clocks.lapse_at is not None:
        lapse = Moment(clocks.lapse_at, What.LAPSE)
        chases = _chases(ladder, clocks, calendar, clocks.lapse_at)
        rungs = islice(_rungs(ladder, clocks, calendar), len(ladder.rungs))
        before = (moment for moment in (*early, *rungs) if moment.at < lapse.at)
        yield from sorted([*before, *chases, lapse])
        return
    late = [moment for moment in early if moment.at > clocks.due_at]
    yield from (moment for moment in early if moment.at <= clocks.due_at)
    for moment in _rungs(ladder, clocks, calendar):
        while late and late[0].at <= moment.at:
            yield late.pop(0)
        yield moment


def _reminders(ladder: LadderRule, clocks: Clocks, calendar: DayCalendar) -> Iterator[Moment]:
    for rule in ladder.reminders:
        if rule.when == "before" and rule.working_days:
            at = working_days_before(clocks.due_at, rule.working_days, calendar)
            if at > clocks.opened_at:
                yield Moment(at, What.REMIND, to=tuple(rule.to))
        elif rule.when == "half_way":
            at = half_way(clocks.opened_at, clocks.due_at)
            if not calendar.is_working(at.astimezone(LONDON).date()):
                at = morning_after(at, 1, calendar)  # nobody reads it on a Sunday
            yield Moment(at, What.HALF_WAY, to=tuple(rule.to))
        elif rule.when == "unacknowledged" and clocks.acknowledge_by:
            yield Moment(clocks.acknowledge_by, What.UNACKNOWLEDGED, to=tuple(rule.to))


def _put_off(reminders: Iterator[Moment], clocks: Clocks) -> Iterator[Moment]:
    """What reminds before the snooze ends is said once, when it does; what tells of a silence is never put off.

    A snooze that does not end before the deadline is none.
    """
    until = clocks.snoozed_until
    if until is None or until >= clocks.due_at:
        yield from reminders
        return
    what, to = What.REMIND, ["owner"]
    for moment in reminders:
        if moment.what > What.HALF_WAY or moment.at > until:
            yield moment
            continue
        what, to = max(what, moment.what), [*to, *moment.to]
    yield Moment(until, what, to=tuple(dict.fromkeys(to)))


def _chases(ladder: LadderRule, clocks: Clocks, calendar: DayCalendar, until: datetime) -> Iterator[Moment]:
    for rule in ladder.reminders:
        day = rule.working_days or 1
        while rule.when == "chase" and (at := morning_after(clocks.due_at, day, calendar)) < until:
            yield Moment(at, What.CHASE, to=tuple(rule.to))
            day += 1


def _rungs(ladder: LadderRule, clocks: Clocks, calendar: DayCalendar) -> Iterator[Moment]:
    # Each is counted from the one before: from the deadline, a year of silence would be counted fifty times over.
    at, days = clocks.due_at, 0
    roles: tuple[str, ...] = ("owner",)
    for number, rung in enumerate(ladder.rungs, start=1):
        at = working_days_after(at, rung.after - days, calendar)
        days, roles = rung.after, tuple(rung.to)
        yield Moment(at, What.RUNG, number, roles)
    number = len(ladder.rungs)
    while True:
        number += 1
        at = working_days_after(at, max(1, ladder.repeat_after), calendar)
        yield Moment(at, What.RUNG, number, roles)


@dataclass(frozen=True)
class Said:
    """What is due for a task at one instant: the latest thing only, all rungs newly reached, and when to look again."""

    latest: Moment | None
    rungs: tuple[Moment, ...]
    next_at: datetime


def say(ladder: LadderRule, clocks: Clocks, calendar: DayCalendar, said_until: datetime, at: datetime) -> Said:
    """What to say of the moments in (said_until, at]. After an outage the latest alone counts, so no storm follows.

    The people of a rung that was passed over hear with the latest: each still hears once.
    """
    due: list[Moment] = []
    for moment in moments(ladder, clocks, calendar):
        if moment.at > at:
            return _latest(due, moment.at)
        if moment.at > said_until:
            due.append(moment)
    # Only a task that lapses runs out of moments; until its lapse is done, it stays due.
    return _latest(due, clocks.lapse_at or at)


def _latest(due: list[Moment], next_at: datetime) -> Said:
    latest = max(due, key=lambda moment: (moment.what, moment.at), default=None)
    rungs = tuple(moment for moment in due if moment.what == What.RUNG)
    return Said(latest, rungs if latest and latest.what == What.RUNG else (), next_at)
