"""Amira's concern, brought to each status by the moves that people make. Instants are London's, March and April 2026.

Each returns the concern's reference, and follows up what happened on the way.
"""

from __future__ import annotations

from typing import Any

from tests import people
from tests.driver import Driver
from tests.integration.timeline import settle

CLOSING = {"summary": "Settled and well.", "actions": "All done.", "outcome": "Needs met.", "second": people.DEPUTY}
PLAN: dict[str, Any] = {"level": 2, "needs": "Food and sleep.", "plan": "Breakfast club.", "child_words": "It is loud."}
HELD: dict[str, Any] = {"evidence": "As before.", "engagement": "They came.", "child_words": "It is loud."}
ANSWER = {"reason": "We shall assess."}


async def logged(driver: Driver, at: str = "2026-03-02T09:00") -> str:
    """LOGGED: Tessa wrote down what she saw."""
    reference = (await driver.log(people.AMIRA, people.TEACHER, at)).reference
    await settle(driver, at)
    return reference


async def watched(driver: Driver) -> str:
    """MONITORING since 2 March, 10:00."""
    reference = await logged(driver)
    await driver.do("monitor", people.DSL, "2026-03-02T10:00", reason="watch")
    await settle(driver, "2026-03-02T10:00")
    return reference


async def helped(driver: Driver) -> str:
    """ASSESSING since 2 March, 10:00; Leon leads and is to gain consent."""
    reference = await logged(driver)
    await driver.do("early_help", people.DSL, "2026-03-02T10:00", reason="help", lead=people.LEAD)
    await settle(driver, "2026-03-02T10:00")
    return reference


async def consented(driver: Driver) -> str:
    """ASSESSING; Leon has had consent since 3 March, 10:00."""
    reference = await helped(driver)
    await driver.do("consent", people.LEAD, "2026-03-03T10:00", given_by="mother", covers="all of it")
    await settle(driver, "2026-03-03T10:00")
    return reference


async def supported(driver: Driver, **more: Any) -> str:
    """SUPPORTING since 16 March, 10:00; `more` are fields of the assessment."""
    reference = await consented(driver)
    await driver.do("complete", people.LEAD, "2026-03-16T10:00", **(PLAN | more))
    await settle(driver, "2026-03-16T10:00")
    return reference


async def held(driver: Driver, outcome: str = "worse", at: str = "2026-04-20T10:00") -> str:
    """REFERRING since a review found things worse on 20 April, 10:00, a school day."""
    reference = await supported(driver)
    await driver.do("review", people.LEAD, at, outcome=outcome, **HELD)
    await settle(driver, at)
    return reference


async def referred(driver: Driver, at: str = "2026-03-02T10:00") -> str:
    """REFERRED by Dana's own decision."""
    reference = await logged(driver, at.replace("T10", "T09"))
    await driver.do("refer", people.DSL, at, reason="harm", parents_informed=True)
    await settle(driver, at)
    return reference


async def disputed(driver: Driver) -> str:
    """DISPUTED since 5 March, 17:00: the front door was silent for three working days."""
    reference = await referred(driver)
    await driver.sweep("2026-03-05T17:00")
    await settle(driver, "2026-03-05T17:00")
    return reference


async def statutory(driver: Driver) -> str:
    """STATUTORY since the front door's answer of 2 March, 15:00."""
    reference = await referred(driver)
    await driver.do("decide", people.FRONT_DOOR, "2026-03-02T15:00", decision="s17", **ANSWER)
    await settle(driver, "2026-03-02T15:00")
    return reference
