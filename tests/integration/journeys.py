"""The ways a concern about Amira goes, one function for each status it can reach; instants are London's of 2026.

Each starts from a record that holds the tests' roster, and returns the concern's reference. School is closed from
3 to 17 April; the bank holidays on the way are Good Friday 3 April, Easter Monday 6 April, 4 May and 25 May.
Nothing is followed up on the way: these are the record's tests.
"""

from __future__ import annotations

from typing import Any

from tests import people
from tests.driver import Driver

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


async def logged(driver: Driver) -> str:
    """LOGGED: the DSL owes a decision by Tuesday 3 March, 17:00."""
    return (await driver.log(people.AMIRA, people.TEACHER, LOGGED_AT)).reference


async def monitoring(driver: Driver) -> str:
    """MONITORING: the DSL owes a case review by Monday 27 April, 17:00."""
    reference = await logged(driver)
    await driver.do("monitor", people.DSL, DECIDED_AT, reason="One coat is not a pattern.")
    return reference


async def assessing(driver: Driver) -> str:
    """ASSESSING: the lead owes consent by Monday 9 March, 17:00."""
    reference = await logged(driver)
    await driver.do("early_help", people.DSL, DECIDED_AT, reason="The family asks for help.", lead=people.LEAD)
    return reference


async def consented(driver: Driver) -> str:
    """ASSESSING: the lead owes the assessment by Monday 23 March, 17:00."""
    reference = await assessing(driver)
    await driver.do("consent", people.LEAD, CONSENTED_AT, given_by="her mother", covers="school, health, housing")
    return reference


async def supporting(driver: Driver, **fields: Any) -> str:
    """SUPPORTING: the lead owes the first review by Monday 13 April, 17:00."""
    reference = await consented(driver)
    await driver.do("complete", people.LEAD, ASSESSED_AT, **(ASSESSMENT | fields))
    return reference


async def review(driver: Driver, outcome: str, at: str = REVIEWED_AT, **fields: Any) -> None:
    """Hold the review that is owed."""
    await driver.do("review", people.LEAD, at, outcome=outcome, **(REVIEW | fields))


async def worse(driver: Driver) -> str:
    """REFERRING by rule `worse`, held to Tuesday 14 April, 17:00: the school's closed days leave no opening hours."""
    reference = await supporting(driver)
    await review(driver, "worse")
    return reference


async def persisting(driver: Driver) -> str:
    """REFERRING by rule `persisting`: two unchanged reviews running; held to Friday 22 May, 17:00."""
    reference = await supporting(driver)
    await review(driver, "unchanged")
    await review(driver, "unchanged", SECOND_REVIEW_AT)
    return reference


async def improved(driver: Driver) -> str:
    """SUPPORTING with two improved reviews running: it may close."""
    reference = await supporting(driver)
    await review(driver, "improved")
    await review(driver, "improved", SECOND_REVIEW_AT)
    return reference


async def referred(driver: Driver) -> str:
    """REFERRED by the DSL's own decision: the front door owes an answer by Tuesday 3 March, 17:00."""
    reference = await logged(driver)
    await driver.do("refer", people.DSL, DECIDED_AT, reason="No food in the house.", parents_informed="yes")
    return reference


async def answered(driver: Driver, decision: str) -> str:
    """Whatever status the front door's decision leads to."""
    reference = await referred(driver)
    await driver.do("decide", people.FRONT_DOOR, ANSWERED_AT, decision=decision, reason="After a call home.")
    return reference


async def statutory(driver: Driver) -> str:
    """STATUTORY after a section 47 decision: the DSL owes a review by Tuesday 28 April, 17:00."""
    return await answered(driver, "s47")


async def disputed(driver: Driver) -> str:
    """DISPUTED because the front door was silent: the DSL owes stage 1 by Monday 9 March, 17:00."""
    reference = await referred(driver)
    await driver.sweep(SILENT_UNTIL)
    return reference


async def closed(driver: Driver) -> str:
    """CLOSED from LOGGED on Monday 2 March, 11:00, the deputy agreeing."""
    reference = await logged(driver)
    await driver.do("close", people.DSL, DECIDED_AT, **CLOSING)
    await driver.do("agree", people.DEPUTY, "2026-03-02T11:00")
    return reference
