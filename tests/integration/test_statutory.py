"""Statutory work seen from the school: reviews, steps recorded, expected dates, stepping down."""

from __future__ import annotations

import pytest

from config.errors import BadInput
from models.errors import NotPermitted
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.refusals import refused

AT = journeys.ANSWERED_AT
RECORDED = {"what": "strategy_discussion", "on": "2026-03-04", "note": "Held by telephone."}


async def test_a_statutory_decision_shows_when_its_steps_are_expected(loaded: Driver) -> None:
    """Strategy discussion in 24 hours, enquiry and conference in 15 working days, assessment in 45, holidays or not."""
    reference = await journeys.statutory(loaded)
    fields = (await loaded.show(reference, AT))["events"][-1]["fields"]
    assert {name: day for name, day in fields.items() if name.startswith("expected")} == {
        "expected_strategy_discussion": "Wed 4 Mar 2026",
        "expected_s47": "Wed 25 Mar 2026",
        "expected_conference": "Wed 25 Mar 2026",
        "expected_assessment": "Thu 7 May 2026",
    }
    assert (await loaded.show(reference, AT))["had_social_worker"] is True


async def test_continuing_sets_the_next_statutory_review(loaded: Driver) -> None:
    """As often as a case review; a reason may be given and need not be."""
    reference = await journeys.statutory(loaded)
    await loaded.do("continue", people.DSL, "2026-03-16T10:00")
    why = "Mon 11 May 2026 17:00: 6 school weeks from Mon 16 Mar; 2 weeks of the setting's closed days not counted"
    assert await loaded.owed("2026-03-16T10:00") == {"statutory_review": (people.DSL, why)}
    assert (await loaded.history(reference))[-1] == ("statutory_continued", people.DSL, "continues")


async def test_each_step_of_statutory_work_is_recorded(loaded: Driver) -> None:
    """What took place, on which day; the review's clock runs on."""
    reference = await journeys.statutory(loaded)
    before = await loaded.owed(AT)
    for what in ("strategy_discussion", "s47", "conference", "assessment", "plan"):
        await loaded.do("record", people.DSL, "2026-03-05T10:00", **(RECORDED | {"what": what}))
        event = (await loaded.show(reference, AT))["events"][-1]
        assert (event["kind"], event["because"]) == ("statutory_recorded", "Held by telephone.")
        assert event["fields"] == {"what": what, "on": "2026-03-04"}
    assert await loaded.owed(AT) == before


async def test_what_has_not_taken_place_is_not_recorded(loaded: Driver) -> None:
    """A day to come is refused."""
    await journeys.statutory(loaded)
    async with refused(loaded, BadInput, "on: lies in the future; record it when it has taken place"):
        await loaded.do("record", people.DSL, "2026-03-05T10:00", **(RECORDED | {"on": "2026-03-06"}))


async def test_stepping_down_names_a_lead_and_sets_a_first_review(loaded: Driver) -> None:
    """Back to support within twenty working days, led by somebody named."""
    reference = await journeys.statutory(loaded)
    await loaded.do("step_down", people.DSL, "2026-03-16T10:00", lead=people.LEAD, reason="The plan has ended.")
    why = "Wed 15 Apr 2026 17:00: 20 working days from Mon 16 Mar; Good Friday and Easter Monday skipped"
    assert await loaded.owed("2026-03-16T10:00") == {"hold_review": (people.LEAD, why)}
    assert (await loaded.show(reference, AT))["status"] == "SUPPORTING"
    assert (await loaded.history(reference))[-1] == ("stepped_down", people.DSL, "The plan has ended.")


async def test_reviews_before_statutory_work_are_not_counted_with_those_after(loaded: Driver) -> None:
    """Two reviews running are two of one stretch of support: the first unchanged one after stepping down is one."""
    await journeys.persisting(loaded)
    await loaded.do("send", people.DSL, "2026-05-21T13:00")
    await loaded.do("decide", people.FRONT_DOOR, "2026-05-22T10:00", decision="s17", reason="r")
    await loaded.do("step_down", people.DSL, "2026-06-22T10:00", lead=people.LEAD, reason="r")
    await journeys.review(loaded, "unchanged", "2026-07-13T10:00")
    assert (await loaded.task("2026-07-13T10:00"))["kind"] == "hold_review"


async def test_statutory_work_closes_with_a_second_person(loaded: Driver) -> None:
    """Asked, it stays STATUTORY; agreed, it is CLOSED."""
    reference = await journeys.statutory(loaded)
    await loaded.do("close", people.DSL, "2026-03-16T10:00", **journeys.CLOSING)
    assert (await loaded.show(reference, AT))["status"] == "STATUTORY"
    assert (await loaded.do("agree", people.DEPUTY, "2026-03-16T11:00")).status == "CLOSED"


async def test_only_who_safeguards_answers_for_statutory_work(loaded: Driver) -> None:
    """Neither the front door nor the early help coordinator owes the school's review."""
    await journeys.statutory(loaded)
    for stranger in (people.FRONT_DOOR, people.COORDINATOR, people.LEAD):
        with pytest.raises(NotPermitted):
            await loaded.do("continue", stranger, "2026-03-16T10:00")
