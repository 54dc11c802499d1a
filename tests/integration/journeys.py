"""The ways a concern about Amira goes, one function for each status it can reach; instants are London's of 2026.

Each starts from a record that holds the tests' roster, and returns the concern's reference. School is closed from
3 to 17 April; the bank holidays on the way are Good Friday 3 April, Easter Monday 6 April, 4 May and 25 May.
Nothing is followed up on the way: these are the record's tests.

A journey is made by its moves once a session and database; on a record that nobody has touched it is then put back
from the rows it left, which takes a twentieth of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from sqlalchemy import update

from models.people import Child
from models.record import Concern, Counter, Event, Observation, Referral, Task
from models.schema import METADATA
from models.telling import Delivery
from tests import people
from tests.driver import Driver

Journey = Callable[..., Coroutine[Any, Any, str]]
LEFT_BEHIND = {one.__tablename__ for one in (Counter, Concern, Observation, Referral, Task, Event, Delivery)}
TABLES = [table for table in METADATA.sorted_tables if table.name in LEFT_BEHIND]
CHILD = METADATA.tables[str(Child.__tablename__)]
_PICTURES: dict[tuple[str, str, str], tuple[str, dict[str, list[dict[str, Any]]]]] = {}


def remembered(journey: Journey) -> Journey:
    """The same journey, put back from a picture where it has been made before."""

    @wraps(journey)
    async def made(driver: Driver, *given: Any, **fields: Any) -> str:
        key = (driver.engine.dialect.name, journey.__name__, repr((given, fields)))
        if not driver.untouched:
            return await journey(driver, *given, **fields)
        if key not in _PICTURES:
            reference = await journey(driver, *given, **fields)
            _PICTURES[key] = reference, await _taken(driver)
        else:
            await _put_back(driver, _PICTURES[key][1])
        return _PICTURES[key][0]

    return made


async def _taken(driver: Driver) -> dict[str, list[dict[str, Any]]]:
    async with driver.engine.connect() as connection:
        found = {table.name: await connection.execute(table.select()) for table in (*TABLES, CHILD)}
        return {name: [dict(row) for row in result.mappings()] for name, result in found.items()}


async def _put_back(driver: Driver, rows: dict[str, list[dict[str, Any]]]) -> None:
    async with driver.engine.begin() as connection:
        for table in TABLES:
            if rows[table.name]:
                await connection.execute(table.insert(), rows[table.name])
        for child in rows[CHILD.name]:
            if child["clock_from"] is not None:
                clock = update(CHILD).where(CHILD.c.id == child["id"]).values(clock_from=child["clock_from"])
                await connection.execute(clock)
    driver.untouched = False


LOGGED_AT = "2026-03-02T09:00"  # a Monday
DECIDED_AT = "2026-03-02T10:00"
CONSENTED_AT = "2026-03-04T11:00"
ASSESSED_AT = "2026-03-20T11:00"
REVIEWED_AT = "2026-04-13T11:00"  # the first review's day, in the holidays
SECOND_REVIEW_AT = "2026-05-21T11:00"
ANSWERED_AT = "2026-03-03T12:00"
SILENT_UNTIL = "2026-03-05T17:00"

ASSESSMENT: dict[str, Any] = {
    "level": 3,
    "needs": "Food, warm clothes and a bed of her own.",
    "plan": "A place at breakfast club; the health visitor looks in; beds through the household fund.",
    "child_words": "I would like a pillow.",
}
REVIEW: dict[str, Any] = {
    "evidence": "The kitchen is as it was.",
    "engagement": "Both parents came.",
    "child_words": "It is still cold.",
}
CLOSING: dict[str, Any] = {
    "summary": "Needs are met.",
    "actions": "Breakfast club, beds, a boiler.",
    "outcome": "Two reviews found improvement.",
    "second": people.DEPUTY,
}


@remembered
async def logged(driver: Driver) -> str:
    """LOGGED: the DSL owes a decision by Tuesday 3 March, 17:00."""
    return (await driver.log(people.AMIRA, people.TEACHER, LOGGED_AT)).reference


@remembered
async def monitoring(driver: Driver) -> str:
    """MONITORING: the DSL owes a case review by Monday 27 April, 17:00."""
    reference = await logged(driver)
    await driver.do("monitor", people.DSL, DECIDED_AT, reason="One coat is not a pattern.")
    return reference


@remembered
async def assessing(driver: Driver) -> str:
    """ASSESSING: the lead owes consent by Monday 9 March, 17:00."""
    reference = await logged(driver)
    await driver.do("early_help", people.DSL, DECIDED_AT, reason="The family asks for help.", lead=people.LEAD)
    return reference


@remembered
async def consented(driver: Driver) -> str:
    """ASSESSING: the lead owes the assessment by Monday 23 March, 17:00."""
    reference = await assessing(driver)
    await driver.do("consent", people.LEAD, CONSENTED_AT, given_by="her mother", covers="school, health, housing")
    return reference


@remembered
async def supporting(driver: Driver, **fields: Any) -> str:
    """SUPPORTING: the lead owes the first review by Monday 13 April, 17:00."""
    reference = await consented(driver)
    await driver.do("complete", people.LEAD, ASSESSED_AT, **(ASSESSMENT | fields))
    return reference


async def review(driver: Driver, outcome: str, at: str = REVIEWED_AT, **fields: Any) -> None:
    """Hold the review that is owed."""
    await driver.do("review", people.LEAD, at, outcome=outcome, **(REVIEW | fields))


@remembered
async def worse(driver: Driver) -> str:
    """REFERRING by rule `worse`, held to Tuesday 14 April, 17:00: the school's closed days leave no opening hours."""
    reference = await supporting(driver)
    await review(driver, "worse")
    return reference


@remembered
async def persisting(driver: Driver) -> str:
    """REFERRING by rule `persisting`: two unchanged reviews running; held to Friday 22 May, 17:00."""
    reference = await supporting(driver)
    await review(driver, "unchanged")
    await review(driver, "unchanged", SECOND_REVIEW_AT)
    return reference


@remembered
async def improved(driver: Driver) -> str:
    """SUPPORTING with two improved reviews running: it may close."""
    reference = await supporting(driver)
    await review(driver, "improved")
    await review(driver, "improved", SECOND_REVIEW_AT)
    return reference


@remembered
async def referred(driver: Driver) -> str:
    """REFERRED by the DSL's own decision: the front door owes an answer by Tuesday 3 March, 17:00."""
    reference = await logged(driver)
    await driver.do("refer", people.DSL, DECIDED_AT, reason="No food in the house.", parents_informed="yes")
    return reference


@remembered
async def answered(driver: Driver, decision: str) -> str:
    """Whatever status the front door's decision leads to."""
    reference = await referred(driver)
    await driver.do("decide", people.FRONT_DOOR, ANSWERED_AT, decision=decision, reason="After a call home.")
    return reference


@remembered
async def statutory(driver: Driver) -> str:
    """STATUTORY after a section 47 decision: the DSL owes a review by Tuesday 28 April, 17:00."""
    return await answered(driver, "s47")


@remembered
async def disputed(driver: Driver) -> str:
    """DISPUTED because the front door was silent: the DSL owes stage 1 by Monday 9 March, 17:00."""
    reference = await referred(driver)
    await driver.sweep(SILENT_UNTIL)
    return reference


@remembered
async def closed(driver: Driver) -> str:
    """CLOSED from LOGGED on Monday 2 March, 11:00, the deputy agreeing."""
    reference = await logged(driver)
    await driver.do("close", people.DSL, DECIDED_AT, **CLOSING)
    await driver.do("agree", people.DEPUTY, "2026-03-02T11:00")
    return reference
