"""Following up: what screening makes of an event, with its evidence; done once, whoever runs it and however often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from flows import following
from models import staffing
from models.events import Happened
from models.record import Event, Observation, Task
from notifications.addressing import address
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.timeline import happened, heard, settle, told

LATER = "2026-03-02T11:00"


async def _evidence(driver: Driver, at: str) -> tuple[list[str], list[str]]:
    """The rules that fired, as history tells them, and the evidence before the DSL."""
    fired = [event.because for event in await happened(driver, Happened.RULE_FIRED)]
    asked = [task for task in await driver.tasks(at) if task["kind"] == "dsl_decision"]
    rows = await driver.rows(select(Task).where(col(Task.id).in_([UUID(task["id"]) for task in asked])))
    return fired, [line for task in rows for line in task.about["evidence"]]


SEEN = [
    (people.YUSUF, people.ASHDOWN_TUTOR, "2026-03-02T09:00"),
    (people.UNBORN, people.HEALTH_VISITOR, "2026-04-20T09:00"),
]


@pytest.mark.parametrize(
    ("last", "fires"), [("2026-05-25T09:00", True), ("2026-05-26T09:00", False)], ids=["in twelve weeks", "after"]
)
async def test_three_sightings_of_siblings_in_twelve_weeks_are_a_pattern(
    loaded: Driver, last: str, fires: bool
) -> None:
    """Three children of one household in three settings: the third setting's DSL must decide, and sees all three."""
    for child, who, at in SEEN:
        await loaded.log(child, who, at, seen_at=at)
        await settle(loaded, at)
    await loaded.log(people.AMIRA, people.TEACHER, last, seen_at=last)
    said = await heard(loaded, last)
    fired, asked = await _evidence(loaded, last)
    if not fires:
        assert (fired, asked) == ([], [])
        return
    evidence = (
        "3 observations in 12 weeks, siblings counted: "
        "2 Mar 2026 NC-2026-00001; 20 Apr 2026 NC-2026-00002; 25 May 2026 NC-2026-00003"
    )
    assert (fired, asked) == ([f"rule pattern: {evidence}"], [evidence])
    task = await loaded.task(last, kind="dsl_decision")
    assert (task["concern"], task["owner"], said["task-opened"]) == ("NC-2026-00003", people.DSL, [people.DSL] * 2)


async def test_other_households_and_withdrawn_sightings_make_no_pattern(loaded: Driver) -> None:
    """Two of this household, one of another and one withdrawn are not three."""
    for child, who, at in [*SEEN, (people.DANIEL, people.TEACHER, "2026-04-21T09:00")]:
        await loaded.log(child, who, at)
    first = (await loaded.rows(select(Observation).order_by(col(Observation.recorded_at))))[0]
    given = (first.id, "the wrong child", people.ASHDOWN_DEPUTY, people.ASHDOWN_TUTOR, instant("2026-04-22T09:00"))
    await loaded.act(staffing.withdraw, *given)
    await loaded.do("agree", people.ASHDOWN_DEPUTY, "2026-04-22T10:00")
    await loaded.log(people.AMIRA, people.TEACHER, "2026-04-23T09:00")
    await settle(loaded, "2026-04-23T09:00")
    assert await _evidence(loaded, "2026-04-23T09:00") == ([], [])


async def test_a_poor_grade_asks_for_a_decision(loaded: Driver) -> None:
    """One sub-area at 4 or 5 is enough, and each is named: a mean would hide it."""
    await stories.consented(loaded)
    scores = {"warmth": 2, "food": 4, "home": 5, "sleep": 3}
    await loaded.do("complete", people.LEAD, "2026-03-16T11:00", **stories.PLAN, scores=scores)
    assert await heard(loaded, "2026-03-16T11:00") == {"task-opened": [people.DSL]}
    assert await _evidence(loaded, "2026-03-16T11:00") == (
        ["rule grade: grades: food 4, home 5"],
        ["grades: food 4, home 5"],
    )


async def test_a_poor_grade_at_a_review_asks_too(loaded: Driver) -> None:
    """The grades of a review count as those of an assessment; threes ask for nothing."""
    await stories.supported(loaded)
    held = {"outcome": "improved", **stories.HELD}
    await loaded.do("review", people.LEAD, "2026-04-20T10:00", **held, scores={"food": 3})
    await settle(loaded, "2026-04-20T10:00")
    assert await _evidence(loaded, "2026-04-20T10:00") == ([], [])
    await loaded.do("review", people.LEAD, "2026-05-20T10:00", **held, scores={"food": 4})
    await settle(loaded, "2026-05-20T10:00")
    assert await _evidence(loaded, "2026-05-20T10:00") == (["rule grade: grades: food 4"], ["grades: food 4"])


@pytest.mark.parametrize("level", [1, 2, 3, 4])
async def test_a_level_four_assessment_asks_for_a_decision(loaded: Driver, level: int) -> None:
    """Level 4 is significant harm: the DSL must decide, whatever the plan says."""
    await stories.consented(loaded)
    await loaded.do("complete", people.LEAD, "2026-03-16T11:00", **(stories.PLAN | {"level": level}))
    await settle(loaded, "2026-03-16T11:00")
    said = ["the assessment found level 4"] if level == 4 else []
    assert await _evidence(loaded, "2026-03-16T11:00") == ([f"rule level: {one}" for one in said], said)


async def test_a_new_sighting_after_consent_was_declined_asks_for_a_decision(loaded: Driver) -> None:
    """The DSL decides anew, with that evidence besides that it joined; while nothing new is seen, nothing fires."""
    await stories.helped(loaded)
    await loaded.do("decline", people.LEAD, LATER, reason="not wanted")
    await settle(loaded, LATER)
    assert await _evidence(loaded, LATER) == ([], [])
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-03T11:00")
    await settle(loaded, "2026-03-03T11:00")
    declined = "consent was refused, and there is a new observation"
    joined = "an observation joined this concern"
    assert await _evidence(loaded, "2026-03-03T11:00") == ([f"rule declined: {declined}"], [joined, declined])


async def test_screening_adds_to_the_decision_that_is_owed(loaded: Driver) -> None:
    """Two rules, one task: the DSL is asked once and told again only by what they read."""
    await stories.consented(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-04T11:00")
    at = "2026-03-16T11:00"
    await loaded.do("complete", people.LEAD, at, **(stories.PLAN | {"level": 4, "scores": {"food": 5}}))
    await settle(loaded, at)
    fired, asked = await _evidence(loaded, at)
    assert fired == ["rule grade: grades: food 5", "rule level: the assessment found level 4"]
    assert asked == ["an observation joined this concern", "grades: food 5", "the assessment found level 4"]
    assert len([task for task in await loaded.tasks(at) if task["kind"] == "dsl_decision"]) == 1


async def test_a_closed_concern_is_not_asked_about(loaded: Driver) -> None:
    """Followed up only after it was closed, a poor grade changes nothing of a closed concern."""
    await stories.supported(loaded)
    for at in ("2026-04-20T10:00", "2026-05-20T10:00"):
        await loaded.do("review", people.LEAD, at, outcome="improved", **stories.HELD, scores={"food": 4})
    await loaded.do("close", people.DSL, "2026-05-20T11:00", **stories.CLOSING)
    await loaded.do("agree", people.DEPUTY, "2026-05-20T12:00")
    await settle(loaded, "2026-05-20T13:00")
    assert await _evidence(loaded, "2026-05-20T13:00") == ([], [])
    assert not await loaded.tasks("2026-05-20T13:00")


Story = Callable[[Driver], Awaitable[str]]
EVERY_STORY: list[Story] = [stories.supported, stories.held, stories.disputed, stories.statutory]


@pytest.mark.parametrize("story", EVERY_STORY, ids=lambda story: str(story.__name__))
async def test_following_up_twice_changes_nothing(loaded: Driver, story: Story) -> None:
    """The same events again, at another instant: no letter, no event, no task; the record stays to the byte."""
    await story(loaded)
    ids = [event.id for event in await loaded.rows(select(Event))]
    before = await loaded.dump()
    for at in ("2026-04-20T10:00", "2026-08-01T10:00"):
        counts = await following.follow_up(loaded.engine, ids, instant(at))
        assert counts == {"events": 0, "letters": 0}
    assert await loaded.dump() == before


async def test_a_follow_up_cut_off_has_not_happened(loaded: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails while it addresses letters: no rule has fired, no event counts as followed up; the next does it all."""
    await stories.consented(loaded)
    at = "2026-03-16T11:00"
    await loaded.do("complete", people.LEAD, at, **(stories.PLAN | {"level": 4}))
    before = await loaded.dump()

    async def fail(*given: Any) -> int:
        await address(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(following, "address", fail)
    with pytest.raises(KeyboardInterrupt):
        await loaded.follow(at)
    assert await loaded.dump() == before
    monkeypatch.setattr(following, "address", address)
    assert await heard(loaded, at) == {"task-opened": [people.DSL]}


@pytest.mark.parametrize("story", EVERY_STORY, ids=lambda story: str(story.__name__))
async def test_no_letter_knows_more_than_a_reference(loaded: Driver, story: Story) -> None:
    """A delivery holds no child's name, birth, school or words, and no rule, level or kind of neglect."""
    await story(loaded)
    said = " ".join(f"{one.why} {one.slot} {one.fields}" for one in await told(loaded))
    assert people.planted_in(said) == []
    for word in ("worse", "persisting", "physical", "level", "decision"):
        assert word not in said
