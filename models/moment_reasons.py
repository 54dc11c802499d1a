"""Why a moment of a task's ladder is when it is, in words: counted from what, which days were skipped. Pure."""

from datetime import datetime
from itertools import pairwise, takewhile

from models.deadlines import DayCalendar, working_days, working_days_before
from models.ladder import Clocks, LadderRule, Moment, What, moments

FURTHEST = 260  # working days; no policy counts further (config.figures)


def moments_until(ladder: LadderRule, clocks: Clocks, calendar: DayCalendar, at: datetime) -> list[Moment]:
    """A task's moments up to an instant (UTC), that one included."""
    return list(takewhile(lambda moment: moment.at <= at, moments(ladder, clocks, calendar)))


def reminder_reason(moment: Moment, clocks: Clocks, calendar: DayCalendar) -> str:
    """Why a reminder comes when it does."""
    if moment.what == What.HALF_WAY:
        return "half way to its deadline, or the first working morning after that"
    if moment.what == What.UNACKNOWLEDGED:
        return "nobody has said that they have seen it"
    for days in range(FURTHEST):
        if working_days_before(clocks.due_at, days, calendar) == moment.at:
            return f"{_days(days)} before its deadline"
    return "before its deadline"


def rung_reason(number: int, ladder: LadderRule, clocks: Clocks, calendar: DayCalendar) -> str:
    """Why a rung (from 1) comes when it does: so long after the deadline, or after the rung that it repeats."""
    if number <= len(ladder.rungs):
        after = ladder.rungs[number - 1].after
        return f"{_counted(clocks.due_at, after, calendar)} (its deadline)" if after else "its deadline has passed"
    rungs = (moment for moment in moments(ladder, clocks, calendar) if moment.what == What.RUNG)
    for before, moment in pairwise(rungs):
        if moment.rung == number:
            return f"told again: {_counted(before.at, max(1, ladder.repeat_after), calendar)}"
    return f"told again: every {_days(max(1, ladder.repeat_after))}"


def _counted(start: datetime, days: int, calendar: DayCalendar) -> str:
    """`5 working days from Thu 2 Apr; Good Friday and Easter Monday skipped`."""
    return working_days(start, days, calendar, "").because.partition(": ")[2]


def _days(count: int) -> str:
    return "1 working day" if count == 1 else f"{count} working days"
