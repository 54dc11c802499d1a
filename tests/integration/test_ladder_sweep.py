"""The ladder as the sweep climbs it: for every kind of task who hears when, and who instead when somebody is not there.

Time jumps to each instant at which the record asks to be looked at. Every expected line was counted by hand from
design.md's table, "Ladder", on the calendar of 2026: Good Friday is 3 April, Easter Monday 6 April, 4 May a holiday.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from config import policies
from flows import sweeping
from models import sweep
from models.events import Happened
from models.policies import choose_default
from models.record import Concern
from notifications.addressing import address
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.timeline import clock, happened, next_moment, timeline, told, who_heard

OPENED = "2026-03-02T09:00"
DUE = "2026-03-03T17:00"


def short(*emails: str) -> str:
    """Addresses as a timeline writes them."""
    return ", ".join(email.partition("@")[0] for email in sorted(emails))


DEPUTY, DSL, HEAD, LEAD = short(people.DEPUTY), short(people.DSL), short(people.HEAD), short(people.LEAD)
DSL_AND_COORDINATOR = short(people.DSL, people.COORDINATOR)
BOTH_OF_THE_AREA = short(people.COORDINATOR, people.PARTNERSHIP)
PARTNERSHIP = short(people.PARTNERSHIP)


async def test_a_new_concern_is_told_to_deputy_head_and_partnership(loaded: Driver) -> None:
    """dsl_review: the DSL at opening; unacknowledged the deputy; overdue deputy, head, area; then again each week."""
    await loaded.log(people.AMIRA, people.TEACHER, OPENED)
    assert await timeline(loaded, OPENED, "2026-03-19T17:00") == [
        ("Mon 2 Mar 09:00", "task-opened", DSL),
        ("Mon 2 Mar 13:00", "unacknowledged", DEPUTY),
        ("Tue 3 Mar 17:00", "overdue", DEPUTY),
        ("Wed 4 Mar 17:00", "overdue", HEAD),
        ("Thu 5 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
        ("Thu 12 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
        ("Thu 19 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
    ]


async def test_what_was_acknowledged_is_not_called_unacknowledged(loaded: Driver) -> None:
    """Once the DSL has acknowledged, the deputy hears only when the decision is late."""
    await loaded.log(people.AMIRA, people.TEACHER, OPENED)
    await loaded.do("acknowledge", people.DSL, "2026-03-02T12:00")
    lines = await timeline(loaded, OPENED, DUE)
    assert lines[1:] == [("Tue 3 Mar 17:00", "overdue", DEPUTY)]


async def test_an_observation_that_joins_is_told_up_the_same_ladder(loaded: Driver) -> None:
    """dsl_decision: the DSL at opening; overdue the deputy, then the head, then the area."""
    await stories.watched(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T11:00")
    assert await timeline(loaded, "2026-03-02T11:00", "2026-03-12T17:00", "dsl_decision") == [
        ("Mon 2 Mar 11:00", "task-opened", DSL),
        ("Tue 3 Mar 17:00", "overdue", DEPUTY),
        ("Wed 4 Mar 17:00", "overdue", HEAD),
        ("Thu 5 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
        ("Thu 12 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
    ]


async def test_immediate_danger_is_overdue_within_the_hour(loaded: Driver) -> None:
    """An urgent dsl_decision: after one hour the deputy, urgently; a working day later, to the minute, the head."""
    await loaded.log(people.AMIRA, people.TEACHER, OPENED, immediate_danger=True)
    assert await timeline(loaded, OPENED, "2026-03-04T10:00", "dsl_decision", ("task-opened", "overdue")) == [
        ("Mon 2 Mar 09:00", "task-opened", DSL),
        ("Mon 2 Mar 10:00", "overdue", DEPUTY),
        ("Tue 3 Mar 10:00", "overdue", HEAD),
        ("Wed 4 Mar 10:00", "overdue", BOTH_OF_THE_AREA),
    ]
    assert all(one.urgent for one in await told(loaded, "overdue"))


async def test_consent_is_reminded_of_and_told_up_from_the_lead(loaded: Driver) -> None:
    """gain_consent: three working days before to the lead; overdue lead, DSL and coordinator, head, partnership."""
    await stories.helped(loaded)
    assert await timeline(loaded, "2026-03-02T10:00", "2026-03-30T17:00", "gain_consent") == [
        ("Mon 2 Mar 10:00", "task-opened", LEAD),
        ("Wed 4 Mar 09:00", "reminder", LEAD),
        ("Mon 9 Mar 17:00", "overdue", LEAD),
        ("Tue 10 Mar 17:00", "overdue", DSL_AND_COORDINATOR),
        ("Mon 16 Mar 17:00", "overdue", HEAD),
        ("Mon 23 Mar 17:00", "overdue", PARTNERSHIP),
        ("Mon 30 Mar 17:00", "overdue", PARTNERSHIP),
    ]


async def test_an_assessment_is_reminded_of_twice(loaded: Driver) -> None:
    """assess: ten and three working days before; overdue up the same ladder, Easter's holidays not counted."""
    await stories.consented(loaded)
    assert await timeline(loaded, "2026-03-03T10:00", "2026-04-15T17:00", "assess") == [
        ("Mon 9 Mar 09:00", "reminder", LEAD),
        ("Wed 18 Mar 09:00", "reminder", LEAD),
        ("Mon 23 Mar 17:00", "overdue", LEAD),
        ("Tue 24 Mar 17:00", "overdue", DSL_AND_COORDINATOR),
        ("Mon 30 Mar 17:00", "overdue", HEAD),
        ("Wed 8 Apr 17:00", "overdue", PARTNERSHIP),
        ("Wed 15 Apr 17:00", "overdue", PARTNERSHIP),
    ]


async def test_a_review_is_reminded_of_twice(loaded: Driver) -> None:
    """hold_review: ten and three working days before; overdue lead, DSL and coordinator, head, partnership."""
    await stories.supported(loaded)
    assert await timeline(loaded, "2026-03-16T10:00", "2026-05-05T17:00", "hold_review") == [
        ("Thu 26 Mar 09:00", "reminder", LEAD),
        ("Wed 8 Apr 09:00", "reminder", LEAD),
        ("Mon 13 Apr 17:00", "overdue", LEAD),
        ("Tue 14 Apr 17:00", "overdue", DSL_AND_COORDINATOR),
        ("Mon 20 Apr 17:00", "overdue", HEAD),
        ("Mon 27 Apr 17:00", "overdue", PARTNERSHIP),
        ("Tue 5 May 17:00", "overdue", PARTNERSHIP),
    ]


LOOKED_AT = [
    ("Wed 22 Apr 09:00", "reminder", DSL),
    ("Mon 27 Apr 17:00", "overdue", DSL),
    ("Tue 28 Apr 17:00", "overdue", DEPUTY),
    ("Tue 5 May 17:00", "overdue", HEAD),
    ("Tue 12 May 17:00", "overdue", PARTNERSHIP),
    ("Tue 19 May 17:00", "overdue", PARTNERSHIP),
]


async def test_a_case_review_is_told_to_dsl_deputy_head_partnership(loaded: Driver) -> None:
    """case_review, six school weeks on: three working days before; overdue DSL, deputy, head, partnership."""
    await stories.watched(loaded)
    assert await timeline(loaded, "2026-03-02T10:00", "2026-05-19T17:00", "case_review") == LOOKED_AT


async def test_a_statutory_review_has_the_same_ladder(loaded: Driver) -> None:
    """statutory_review: as a case review."""
    await stories.statutory(loaded)
    lines = await timeline(loaded, "2026-03-02T15:00", "2026-05-19T17:00", "statutory_review")
    assert lines == [("Mon 2 Mar 15:00", "task-opened", DSL), *LOOKED_AT]


async def test_an_action_is_told_to_its_owner_then_lead_then_dsl(loaded: Driver) -> None:
    """action: three working days before; overdue its owner, then the lead, then the DSL, who hears each week."""
    await stories.supported(loaded, actions=[{"what": "Beds.", "owner": people.TEACHER, "due": date(2026, 4, 22)}])
    assert await timeline(loaded, "2026-03-16T10:00", "2026-05-07T17:00", "action") == [
        ("Mon 16 Mar 10:00", "task-opened", short(people.TEACHER)),
        ("Fri 17 Apr 09:00", "reminder", short(people.TEACHER)),
        ("Wed 22 Apr 17:00", "overdue", short(people.TEACHER)),
        ("Thu 23 Apr 17:00", "overdue", LEAD),
        ("Wed 29 Apr 17:00", "overdue", DSL),
        ("Thu 7 May 17:00", "overdue", DSL),
    ]


async def test_a_held_referral_is_reminded_of_half_way_and_goes(loaded: Driver) -> None:
    """confirm_referral: the DSL at opening and half way; nobody hears of a rung, for when the hold ends it is sent."""
    reference = await stories.held(loaded)
    assert await timeline(loaded, "2026-04-20T10:00", "2026-04-20T17:00", "confirm_referral") == [
        ("Mon 20 Apr 10:00", "task-opened", DSL),
        ("Mon 20 Apr 13:30", "reminder", DSL),
    ]
    seen = await loaded.show(reference, "2026-04-20T17:00")
    assert (seen["status"], seen["referral"]["sent_at"]) == ("REFERRED", "2026-04-20T17:00:00+01:00")


async def test_a_silent_front_door_is_chased_each_working_day_and_then_disputed(loaded: Driver) -> None:
    """await_…: one chase a working day, the DSL copied, however many clocks run; after three days a disagreement."""
    reference = await stories.referred(loaded)
    chases = await timeline(loaded, "2026-03-02T10:00", "2026-03-05T17:00", letters=("chase", "chase-copy"))
    assert chases == [
        ("Wed 4 Mar 09:00", "chase", "front-door"),
        ("Wed 4 Mar 09:00", "chase-copy", DSL),
        ("Thu 5 Mar 09:00", "chase", "front-door"),
        ("Thu 5 Mar 09:00", "chase-copy", DSL),
    ]
    assert (await loaded.show(reference, "2026-03-05T17:00"))["status"] == "DISPUTED"
    assert len(await happened(loaded, Happened.CHASED)) == 2


async def test_a_disagreement_climbs_by_itself_and_never_ends_in_silence(loaded: Driver) -> None:
    """resolve_disagreement: two days the DSL's, five the head's, then the partnership's, again every two days."""
    await stories.disputed(loaded)
    assert await timeline(loaded, "2026-03-05T17:00", "2026-03-20T17:00", "resolve_disagreement", ("task-opened",)) == [
        ("Thu 5 Mar 17:00", "task-opened", DSL),
        ("Mon 9 Mar 17:00", "task-opened", HEAD),
        ("Mon 16 Mar 17:00", "task-opened", PARTNERSHIP),
        ("Wed 18 Mar 17:00", "task-opened", PARTNERSHIP),
        ("Fri 20 Mar 17:00", "task-opened", PARTNERSHIP),
    ]
    assert len(await happened(loaded, Happened.STEPPED_UP)) == 4


async def test_a_second_persons_word_is_told_up_too(loaded: Driver) -> None:
    """countersign: who was asked at opening and with the DSL when late, then the head, then the area."""
    await stories.watched(loaded)
    await loaded.do("close", people.DSL, "2026-03-02T11:00", **stories.CLOSING)
    assert await timeline(loaded, "2026-03-02T11:00", "2026-03-12T17:00", "countersign") == [
        ("Mon 2 Mar 11:00", "task-opened", DEPUTY),
        ("Tue 3 Mar 17:00", "overdue", short(people.DEPUTY, people.DSL)),
        ("Wed 4 Mar 17:00", "overdue", HEAD),
        ("Thu 5 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
        ("Thu 12 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
    ]


async def test_writing_a_telephoned_referral_is_told_up_by_the_hour(driver: Driver) -> None:
    """file_referral, 24 hours whatever the day: the DSL at opening; deputy, then head, then partnership."""
    text = (Path(policies.__path__[0]) / "england-default.yaml").read_text("utf-8")
    text = text.replace("key: england-default", "key: moorland").replace("channel: secure_link", "channel: portal", 1)
    await driver.act(choose_default, "moorland", text)
    await driver.load(_in_area("moorland"))
    await stories.referred(driver)
    assert await timeline(
        driver, "2026-03-02T10:00", "2026-03-12T10:00", "file_referral", ("task-opened", "overdue")
    ) == [
        ("Mon 2 Mar 10:00", "task-opened", DSL),
        ("Tue 3 Mar 10:00", "overdue", DEPUTY),
        ("Wed 4 Mar 10:00", "overdue", HEAD),
        ("Thu 5 Mar 10:00", "overdue", PARTNERSHIP),
        ("Thu 12 Mar 10:00", "overdue", PARTNERSHIP),
    ]


async def test_a_question_of_the_front_doors_is_told_up_too(loaded: Driver) -> None:
    """answer_question: the DSL at opening, urgently; overdue the deputy, then the head, then the area; each week."""
    await stories.disputed(loaded)
    await loaded.do("ask", people.FRONT_DOOR, "2026-03-06T10:00", question="Who lives there?")
    letters = ("task-opened", "overdue")
    assert await timeline(loaded, "2026-03-06T10:00", "2026-03-18T17:00", "answer_question", letters) == [
        ("Fri 6 Mar 10:00", "task-opened", DSL),
        ("Mon 9 Mar 17:00", "overdue", DEPUTY),
        ("Tue 10 Mar 17:00", "overdue", HEAD),
        ("Wed 11 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
        ("Wed 18 Mar 17:00", "overdue", BOTH_OF_THE_AREA),
    ]
    about = [one for one in await told(loaded, *letters) if one.about == "answer_question"]
    assert all(one.urgent for one in about)


def _in_area(area: str) -> dict[str, Any]:
    """The tests' roster with everything of Derby's in another area."""
    roster = people.roster()
    held = [role for person in roster["people"] for role in person["roles"]]
    for place in [*roster["settings"], *held]:
        if place.get("area") == people.DERBY:
            place["area"] = area
    return roster


Story = Callable[[Driver], Awaitable[str]]
STANDING: list[tuple[Story, str]] = [
    (stories.logged, "dsl_review"),
    (stories.helped, "gain_consent"),
    (stories.consented, "assess"),
    (stories.supported, "hold_review"),
    (stories.watched, "case_review"),
    (stories.statutory, "statutory_review"),
]


@pytest.mark.parametrize(("story", "kind"), STANDING, ids=[kind for _, kind in STANDING])
async def test_the_ladder_never_takes_a_task_away(loaded: Driver, story: Story, kind: str) -> None:
    """However many rungs are climbed, the same person owes the same task by the same deadline, and may still do it."""
    reference = await story(loaded)
    before = await loaded.task("2026-03-16T12:00", kind=kind, concern=reference)
    await timeline(loaded, "2026-03-02T09:00", "2026-05-20T12:00", kind)
    after = await loaded.task("2026-05-20T12:00", kind=kind, concern=reference)
    assert after["rung"] >= 5
    for what in ("id", "owner", "owed_by", "due_at", "due_because", "moves"):
        assert after[what] == before[what]


async def test_a_new_deadline_starts_the_ladder_afresh(loaded: Driver) -> None:
    """A review brought forward is overdue by its new deadline, and reminded of before it."""
    await stories.watched(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-16T11:00")
    await loaded.do("bring_forward", people.DSL, "2026-03-16T12:00", kind="dsl_decision", reason="sooner")
    assert await timeline(loaded, "2026-03-16T12:00", "2026-03-24T17:00", "case_review") == [
        ("Wed 18 Mar 09:00", "reminder", DSL),
        ("Mon 23 Mar 17:00", "overdue", DSL),
        ("Tue 24 Mar 17:00", "overdue", DEPUTY),
    ]


async def test_after_an_outage_each_hears_once_and_only_the_latest(loaded: Driver) -> None:
    """Nothing ran from the opening to Friday of the next week: one letter a person, one rung in the history."""
    await loaded.log(people.AMIRA, people.TEACHER, OPENED)
    counts = await loaded.sweep("2026-03-13T08:00")
    everybody = sorted([people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP])
    assert await who_heard(loaded) == everybody
    assert (counts["said"], counts["letters"], counts["failed"]) == (1, 4, 0)
    (rung,) = await happened(loaded, Happened.ESCALATED)
    assert (rung.fields["rung"], clock(rung.happened_at)) == (4, "Thu 12 Mar 17:00")
    assert clock(await next_moment(loaded)) == "Thu 19 Mar 17:00"


async def test_after_an_outage_passed_reminders_are_not_made_up_for(loaded: Driver) -> None:
    """Ten and three working days before, both missed: one reminder; and none once the deadline has passed too."""
    await stories.supported(loaded)
    await loaded.sweep("2026-04-10T12:00")
    assert [one.slot for one in await told(loaded, "reminder")] == ["reminder-2026-04-08T09:00"]
    await loaded.sweep("2026-04-13T18:00")
    assert await who_heard(loaded, "reminder", "overdue") == [people.LEAD, people.LEAD]


async def test_after_an_outage_a_chase_is_sent_once(loaded: Driver) -> None:
    """Two mornings missed are one chase, not two."""
    await stories.referred(loaded)
    await loaded.sweep("2026-03-05T11:00")
    assert await who_heard(loaded, "chase", "chase-copy") == sorted([people.FRONT_DOOR, people.DSL])


async def test_sweeping_again_says_nothing_again(loaded: Driver) -> None:
    """At one instant the second sweep finds nothing to do, and the record stays as it is, to the byte."""
    await stories.referred(loaded)
    await loaded.log(people.DANIEL, people.TEACHER, OPENED)
    await loaded.sweep("2026-03-05T17:00")
    before = await loaded.dump()
    again = await loaded.sweep("2026-03-05T17:00")
    assert set(again.values()) == {0}
    assert await loaded.dump() == before


async def test_the_newest_deadline_is_looked_at_first(loaded: Driver) -> None:
    """After an outage the sweep begins with what is freshest: the nearest thing still to be saved."""
    for day in (2, 3, 4, 5):
        child = (people.AMIRA, people.DANIEL, people.IFEOMA, people.YUSUF)[day - 2]
        await loaded.log(child, people.TEACHER, f"2026-03-0{day}T09:00")
    at, order = instant("2026-03-20T09:00"), list[str]()
    while hits := (await loaded.act(sweep.claim, at, (), 1)).hits:
        order.append(clock(hits[0].task.opened_at))
    assert order == ["Thu 5 Mar 09:00", "Wed 4 Mar 09:00", "Tue 3 Mar 09:00", "Mon 2 Mar 09:00"]


async def test_a_killed_sweep_has_done_the_newest(loaded: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that stops half way has told of the newest; the next tells of the rest, and only of that."""
    monkeypatch.setattr(sweeping, "CHUNK", 1)
    tells, calls = address, list[int]()
    for day, child in ((2, people.AMIRA), (3, people.DANIEL)):
        await loaded.log(child, people.TEACHER, f"2026-03-0{day}T09:00")

    async def once(*given: Any) -> int:
        calls.append(1)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return await tells(*given)

    monkeypatch.setattr(sweeping, "address", once)
    with pytest.raises(KeyboardInterrupt):
        await loaded.sweep("2026-03-20T09:00")
    older, newer = await _concern(loaded, 1), await _concern(loaded, 2)
    assert [event.concern_id for event in await happened(loaded, Happened.ESCALATED)] == [newer]
    monkeypatch.setattr(sweeping, "address", tells)
    assert (await loaded.sweep("2026-03-20T09:00"))["said"] == 1
    assert sorted(event.concern_id for event in await happened(loaded, Happened.ESCALATED)) == sorted([older, newer])


async def _concern(driver: Driver, number: int) -> UUID:
    found = await driver.rows(select(Concern).where(Concern.reference == f"NC-2026-{number:05d}"))
    return UUID(str(found[0].id))
