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
from sqlmodel import col, delete, select, update

from config import policies
from flows import sweeping
from models import staffing, sweep
from models.events import Happened
from models.people import Child, Person, RoleHeld
from models.policies import choose_default
from models.record import Concern, Task
from models.telling import State
from notifications.addressing import address
from notifications.folding import fold
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


async def _rung_for(driver: Driver, at: str = DUE) -> list[tuple[str, str]]:
    """Who hears of a new concern's first rung, and why they are told that they hear."""
    await driver.log(people.AMIRA, people.TEACHER, OPENED)
    await driver.sweep(at)
    return [(one.to, one.why) for one in await told(driver, "overdue")]


async def _away(driver: Driver, who: str, cover: str | None = None) -> None:
    await driver.act(staffing.leave, who, date(2026, 3, 3), date(2026, 3, 3), cover, instant(OPENED))


async def test_leave_cover_hears_instead(loaded: Driver) -> None:
    """Whoever covers the deputy's leave hears, and is told that they stand in."""
    await _away(loaded, people.DEPUTY, people.ASSISTANT)
    assert await _rung_for(loaded) == [(people.ASSISTANT, "you stand in for a colleague who is away")]


async def test_the_cover_of_the_cover_hears_instead(loaded: Driver) -> None:
    """A cover who is away themselves passes it on to their own cover."""
    await _away(loaded, people.DEPUTY, people.ASSISTANT)
    await _away(loaded, people.ASSISTANT, people.LEAD)
    assert [to for to, _ in await _rung_for(loaded)] == [people.LEAD]


async def test_two_who_cover_each_other_pass_it_up(loaded: Driver) -> None:
    """A circle of covers is nobody: the next rung hears."""
    await _away(loaded, people.DEPUTY, people.ASSISTANT)
    await _away(loaded, people.ASSISTANT, people.DEPUTY)
    assert await _rung_for(loaded) == [(people.HEAD, "you are the head of the setting")]


async def test_leave_without_cover_passes_it_up(loaded: Driver) -> None:
    """A deputy who is away and covered by nobody: the head hears at once."""
    await _away(loaded, people.DEPUTY)
    assert await _rung_for(loaded) == [(people.HEAD, "you are the head of the setting")]


async def test_leave_that_has_ended_changes_nothing(loaded: Driver) -> None:
    """Both days of leave are included, the next is not."""
    await loaded.act(staffing.leave, people.DEPUTY, date(2026, 3, 1), date(2026, 3, 2), None, instant(OPENED))
    assert [to for to, _ in await _rung_for(loaded)] == [people.DEPUTY]


async def test_a_leaver_never_hears(loaded: Driver) -> None:
    """A deputy who left before the rung was reached does not hear; the head does."""
    await loaded.act(staffing.left, people.DEPUTY, date(2026, 3, 3), None, "moved on", instant(OPENED))
    assert [to for to, _ in await _rung_for(loaded)] == [people.HEAD]


async def test_an_address_that_refuses_letters_is_passed_over(loaded: Driver) -> None:
    """Nobody is written to at an address that is known to refuse letters; the next rung hears."""
    refused = update(Person).where(col(Person.email) == people.DEPUTY).values(refused_at=instant(OPENED))
    await loaded.act(_run, refused)
    assert [to for to, _ in await _rung_for(loaded)] == [people.HEAD]


async def _run(session: Any, statement: Any) -> None:
    await session.exec(statement)


async def _vacate(driver: Driver, *emails: str) -> None:
    """Nobody holds the roles of these people any more, though they are still in post."""
    ids = [one.id for one in await driver.rows(select(Person).where(col(Person.email).in_(emails)))]
    await driver.act(_run, delete(RoleHeld).where(col(RoleHeld.person_id).in_(ids)))


CLIMB = [people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP, people.ADMIN]


@pytest.mark.parametrize("empty", range(1, len(CLIMB)))
async def test_an_empty_role_is_the_next_rungs(loaded: Driver, empty: int) -> None:
    """However many roles are empty, the next held one hears: deputy, head, coordinator, partnership, administrator."""
    await _vacate(loaded, *CLIMB[:empty])
    assert [to for to, _ in await _rung_for(loaded)] == [CLIMB[empty]]


async def test_when_nobody_is_there_the_administrator_hears_and_knows_why(loaded: Driver) -> None:
    """Everybody of the setting and the area away at once, without cover: never nobody."""
    for who in (people.DSL, *CLIMB[:-1]):
        await _away(loaded, who)
    why = "you administer the pathway and nobody nearer could be reached"
    assert await _rung_for(loaded) == [(people.ADMIN, why)]


async def test_everybody_who_holds_a_role_hears(loaded: Driver) -> None:
    """Two deputies: both hear; one of them away: the other alone, not the cover."""
    roster = people.roster()
    second = next(one for one in roster["people"] if one["email"] == people.ASSISTANT)
    second["roles"].append({"role": "deputy_dsl", "setting": people.OAKFIELD})
    await loaded.load(roster)
    assert [to for to, _ in await _rung_for(loaded)] == [people.ASSISTANT, people.DEPUTY]


async def test_the_roster_of_the_day_decides_not_that_of_the_opening(loaded: Driver) -> None:
    """A deputy and a head who came after the concern was opened hear of it; those before them do not."""
    await loaded.log(people.AMIRA, people.TEACHER, OPENED)
    roster = people.roster()
    for email, old in (("ines.vidal@oakfield.example", people.DEPUTY), ("omar.reyes@oakfield.example", people.HEAD)):
        person = next(one for one in roster["people"] if one["email"] == old)
        roster["people"].append(person | {"email": email, "name": "New Colleague"})
        person["left"] = "2026-03-03"
    await loaded.load(roster, "2026-03-03T09:00")
    lines = await timeline(loaded, DUE, "2026-03-04T17:00", letters=("overdue",))
    assert [names for *_, names in lines] == ["ines.vidal", "omar.reyes"]


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


async def _overdue(driver: Driver, count: int) -> None:
    """Oakfield with `count` concerns that are all due on Tuesday, 3 March, 17:00: one logged, the others like it."""
    await driver.log(people.DANIEL, people.TEACHER, OPENED)
    ((concern, task, child),) = await driver.rows(select(Concern, Task, Child).join(Task).join(Child))
    await driver.act(_like_it, concern, task, child, range(2, count + 1))


def _like(number: int) -> str:
    """The nth concern's reference, far from those that are given out."""
    return f"NC-2026-{50_000 + number}"


async def _like_it(session: Any, concern: Concern, task: Task, child: Child, numbers: range) -> None:
    own = {"id"}
    for number in numbers:
        sibling = Child(**child.model_dump(exclude=own) | {"key": f"c{number}"})
        another = {"reference": _like(number), "child_id": sibling.id, "events": 0}
        other = Concern(**concern.model_dump(exclude=own) | another)
        session.add_all([sibling, other, Task(**task.model_dump(exclude=own) | {"concern_id": other.id})])


async def _tells(driver: Driver, at: str, *letters: str) -> dict[str, int]:
    """Fold what waits, as the outbox does before it sends, and count what is left to send of these letters to each."""
    await driver.act(fold, instant(at))
    waits = [one for one in await told(driver, *letters) if one.state == State.WAITING]
    return {to: sum(one.to == to for one in waits) for to in sorted({one.to for one in waits})}


ROUTINE = ("reminder", "overdue", "round-up")


async def test_three_hundred_overdue_are_one_letter_a_person(loaded: Driver) -> None:
    """300 tasks overdue after an outage: each person has one round-up that names them all; what is urgent stands."""
    await _overdue(loaded, 300)
    await loaded.log(people.AMIRA, people.TEACHER, OPENED, immediate_danger=True)
    at = "2026-03-06T09:00"
    counts = await loaded.sweep(at)
    assert counts["letters"] >= 4 * 300
    heard = dict.fromkeys((people.COORDINATOR, people.DEPUTY, people.HEAD, people.PARTNERSHIP), 1)
    assert await _tells(loaded, at, "round-up") == heard
    assert {len(one.fields["tasks"]) for one in await told(loaded, "round-up")} == {300}
    assert await _tells(loaded, at, "reminder", "overdue") == heard
    assert all(one.urgent for one in await told(loaded, "overdue") if one.state == State.WAITING)


async def test_several_sweeps_of_one_day_are_still_one_letter_a_person(loaded: Driver) -> None:
    """What a later sweep of the same day finds waits for the next morning's digest, be it many letters or a few."""
    await _overdue(loaded, 24)
    for number, clock_time in ((2, "10:00"), (3, "11:00")):
        await _later(loaded, number, f"2026-03-04T{clock_time}")
    await loaded.sweep("2026-03-04T09:00")
    assert await _tells(loaded, "2026-03-04T09:00", *ROUTINE) == {people.DEPUTY: 1}
    for at in ("2026-03-04T10:00", "2026-03-04T11:00"):
        assert (await loaded.sweep(at))["letters"] == 1
        assert await _tells(loaded, at, *ROUTINE) == {people.DEPUTY: 1}
    await loaded.sweep("2026-03-04T17:00")
    assert await _tells(loaded, "2026-03-04T17:00", *ROUTINE) == {people.DEPUTY: 1, people.HEAD: 1}


async def _later(driver: Driver, number: int, due: str) -> None:
    """Give the nth concern's task another deadline."""
    concern = select(Concern.id).where(Concern.reference == _like(number)).scalar_subquery()
    moved = update(Task).where(col(Task.concern_id) == concern)
    await driver.act(_run, moved.values(due_at=instant(due), next_at=instant(due)))


async def test_few_letters_go_as_they_are(loaded: Driver) -> None:
    """As many as the policy's `letters_at_once` are not folded; the first beyond folds them all."""
    await _overdue(loaded, 6)
    await loaded.sweep(DUE)
    assert await _tells(loaded, DUE, *ROUTINE) == {people.DEPUTY: 6}
    await loaded.log(people.AMIRA, people.TEACHER, OPENED)
    await loaded.sweep(DUE)
    assert await _tells(loaded, DUE, *ROUTINE) == {people.DEPUTY: 1}


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
