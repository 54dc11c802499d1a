"""A small record with concerns at every stage of early help, made by casework itself; `copying` makes many of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import col, select

from config.time import london
from flows.following import follow_up, waiting_events
from models.database import reading
from models.record import Concern, Task
from tests.bench.partnership import child, roster, staff
from tests.driver import Driver

# The sweep's instant: a Wednesday on which something ends at 17:00. The evening before, all was said that was due.
AT = london(date(2026, 6, 3), time(17))
EVENING = AT - timedelta(hours=23)
FIRST_DAY = date(2026, 4, 7)
REASON = {"reason": "what was seen, and what is known of the family already"}
ASSESSED = {
    "level": 2,
    "needs": "warm clothes; breakfast",
    "plan": "breakfast club; a worker",
    "child_words": "it is cold",
}

Move = tuple[str, str, dict[str, Any], timedelta]
HOURS, DAYS = timedelta(hours=1), timedelta(days=1)


def _moves(household: int) -> list[list[Move]]:
    """The stories in turn: who makes which move, with what, how long after logging."""
    lead = {"lead": staff(household, "practitioner")}
    offered: Move = ("early_help", "dsl", REASON | lead, 2 * HOURS)
    agreed: Move = ("consent", "practitioner", {"given_by": "their mother", "covers": "everything"}, 2 * DAYS)
    assessed: Move = ("complete", "practitioner", ASSESSED, 9 * DAYS)
    return [
        [("monitor", "dsl", REASON, 2 * HOURS)],
        [offered],
        [offered, agreed],
        [offered, agreed, assessed],
    ]


async def tell_stories(driver: Driver, households: int) -> None:
    """Log and move `households` concerns from April to the day of AT; what was due until that day has been said."""
    await driver.load(roster(households), london(FIRST_DAY, time(7)))
    days = [day for number in range(57) if (day := FIRST_DAY + timedelta(days=number)).weekday() < 5]
    late: list[int] = []
    for household in range(households):
        at = london(days[household * 5 % len(days)], time(10))
        if at + 9 * DAYS < EVENING:
            await _tell(driver, household, at, _moves(household)[household % 4])
        else:
            late.append(household)
    await driver.sweep(EVENING - 2 * DAYS)
    for household in late:  # nobody has looked at these yet
        await _tell(driver, household, AT - (household % 3) * DAYS - 7 * HOURS, [])
    await follow_up_everything(driver)
    await driver.sweep(EVENING)


async def _tell(driver: Driver, household: int, at: datetime, moves: list[Move]) -> None:
    logged = await driver.log(child(household), staff(household, "practitioner"), at)
    found = select(Task.id).join(Concern).where(Concern.reference == logged.reference, col(Task.closed_at).is_(None))
    (task,) = await driver.rows(found)
    for move, who, fields, after in moves:
        moved = await driver.do_task(str(task), move, staff(household, who), at + after, **fields)
        task = moved.opened[0].id


async def follow_up_everything(driver: Driver) -> None:
    """What the stage flows would have done by now."""
    async with reading(driver.engine) as session:
        waiting = await waiting_events(session)
    for start in range(0, len(waiting), 100):
        await follow_up(driver.engine, waiting[start : start + 100], AT - DAYS)
