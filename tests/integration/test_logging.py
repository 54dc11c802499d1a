"""Logging: an observation opens a concern or joins the child's open one, once; immediate danger is referred at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from config.errors import BadInput, PathwayError
from models.casework import Logged
from models.record import Event, Observation
from tests import people
from tests.driver import Driver
from tests.integration import journeys
from tests.integration.refusals import refused

AT = journeys.LOGGED_AT
URGENT_BY = "Mon 2 Mar 2026 10:00: 1 hour from Mon 2 Mar 09:00, never paused"


async def test_a_first_observation_opens_a_concern_that_the_dsl_owes_a_decision_on(loaded: Driver) -> None:
    """The concern is LOGGED with one task: the DSL's, due in a working day, acknowledged in four opening hours."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, AT)
    (task,) = await loaded.tasks(AT)
    assert (logged.reference, logged.joined, logged.repeated) == ("NC-2026-00001", False, False)
    assert (task["kind"], task["owner"], task["setting"]) == ("dsl_review", people.DSL, people.OAKFIELD)
    because = "Tue 3 Mar 2026 17:00: 1 working day from Mon 2 Mar; policy derby-and-derbyshire, dsl_decision_due"
    assert (task["due_because"], task["due_at"]) == (because, "2026-03-03T17:00:00+00:00")
    assert task["acknowledge_by"] == "2026-03-02T13:00:00+00:00"


async def test_the_event_says_when_it_was_seen_and_when_it_was_recorded(loaded: Driver) -> None:
    """An observation written down later keeps both instants, and who saw it; it is recorded by them."""
    await loaded.log(people.AMIRA, people.TEACHER, AT, seen_at="2026-02-27T08:50")
    seen = await loaded.show("NC-2026-00001", AT)
    (event,) = seen["events"]
    assert (event["kind"], event["by"]) == ("logged", people.TEACHER)
    assert event["happened_at"] == "2026-02-27T08:50:00+00:00"
    assert event["recorded_at"] == seen["opened_at"] == "2026-03-02T09:00:00+00:00"
    assert event["fields"] == {"types": ["physical"], "immediate_danger": False}


async def test_what_was_said_is_kept_to_the_letter(loaded: Driver) -> None:
    """The observation holds the observer's and the child's own words, place, types and household."""
    await loaded.log(people.AMIRA, people.TEACHER, AT, place="by the gate", types=["physical", "emotional"], key="k1")
    (kept,) = await loaded.rows(select(Observation))
    assert (kept.child_words, kept.place, kept.types) == (people.CHILD_WORDS, "by the gate", ["physical", "emotional"])
    assert (kept.key, kept.immediate_danger, kept.withdrawn_at) == ("k1", False, None)


async def test_references_count_within_a_year_of_london(loaded: Driver) -> None:
    """Numbers run on within a year and begin again with the next, at London's midnight."""
    first = await loaded.log(people.AMIRA, people.TEACHER, AT)
    second = await loaded.log(people.DANIEL, people.TEACHER, AT)
    third = await loaded.log(people.IFEOMA, people.TEACHER, "2027-01-01T00:00")
    references = [one.reference for one in (first, second, third)]
    assert references == ["NC-2026-00001", "NC-2026-00002", "NC-2027-00001"]


@pytest.mark.parametrize(
    ("child", "who", "dsl", "hours"),
    [
        (people.YUSUF, people.ASHDOWN_TUTOR, people.ASHDOWN_DSL, "13:30"),
        (people.ELSIE, people.KEY_PERSON, people.SUNBEAMS_DSL, "13:30"),
        (people.UNBORN, people.HEALTH_VISITOR, people.HV_DSL, "15:00"),
    ],
)
async def test_each_setting_has_its_own_dsl_and_hours(
    loaded: Driver, child: str, who: str, dsl: str, hours: str
) -> None:
    """In the Easter holidays a school's hours stand still and a nursery's and a health team's do not."""
    await loaded.log(child, who, "2026-04-08T09:30" if child != people.UNBORN else "2026-04-08T11:00")
    (task,) = await loaded.tasks("2026-04-08T12:00")
    expected = f"2026-04-08T{hours}" if child != people.YUSUF else "2026-04-09T17:00"
    assert (task["owner"], task["acknowledge_by"]) == (dsl, f"{expected}:00+01:00")
    assert task["due_because"].startswith("Thu 9 Apr 2026 17:00: 1 working day from Wed 8 Apr")


async def test_a_second_observation_joins_and_asks_for_a_decision(loaded: Driver) -> None:
    """Neglect is seen cumulatively: one concern, and the DSL decides on what joined it within a working day."""
    await journeys.monitoring(loaded)
    logged = await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-12T09:00")
    task = await loaded.task("2026-03-12T09:00", kind="dsl_decision")
    assert (logged.reference, logged.joined) == ("NC-2026-00001", True)
    assert (task["owner"], task["about"]) == (people.DSL, "joined")
    assert task["due_because"].startswith("Fri 13 Mar 2026 17:00: 1 working day from Thu 12 Mar; policy")
    assert (await loaded.history(logged.reference))[-1] == ("joined", people.ASSISTANT, "observation logged")


async def test_one_decision_is_owed_however_many_observations_join(loaded: Driver) -> None:
    """While a decision is owed its evidence grows; the deadline stays with the first."""
    await journeys.logged(loaded)
    for day in ("2026-03-02T11:00", "2026-03-02T14:00"):
        await loaded.log(people.AMIRA, people.ASSISTANT, day)
    owed = [task for task in await loaded.tasks("2026-03-02T15:00") if task["kind"] == "dsl_decision"]
    assert [task["about"] for task in owed] == ["joined, joined"]
    assert owed[0]["due_because"].startswith("Tue 3 Mar 2026 17:00")


@pytest.mark.parametrize(
    "again", [{}, {"what": " Came without a coat and asked  twice whether there was anything to eat.\n"}]
)
async def test_the_same_again_is_told_its_reference_and_changes_nothing(loaded: Driver, again: dict[str, Any]) -> None:
    """The same child, observer, time and text is the same observation, however the text was broken."""
    first = await loaded.log(people.AMIRA, people.TEACHER, AT)
    before = await loaded.dump()
    second = await loaded.log(people.AMIRA, people.TEACHER, AT, **again)
    assert second == Logged(first.reference, first.observation_id, repeated=True)
    assert await loaded.dump() == before


async def test_the_senders_own_key_makes_it_the_same_observation(loaded: Driver) -> None:
    """With the same key other words are not a second observation."""
    first = await loaded.log(people.AMIRA, people.TEACHER, AT, key="form-17")
    before = await loaded.dump()
    second = await loaded.log(people.AMIRA, people.TEACHER, AT, key="form-17", what="Sent again, in other words.")
    assert (second.repeated, second.reference) == (True, first.reference)
    assert await loaded.dump() == before


async def test_two_people_who_log_at_once_share_one_concern(loaded: Driver) -> None:
    """However many write at the same moment, the child has one open concern and nobody is turned away."""
    staff = (people.TEACHER, people.ASSISTANT, people.LEAD, people.DSL)
    logged = await asyncio.gather(*(loaded.log(people.AMIRA, who, AT) for who in staff))
    assert {one.reference for one in logged} == {"NC-2026-00001"}
    assert sorted(one.joined for one in logged) == [False, True, True, True]
    events = await loaded.rows(select(Event).order_by(Event.number))  # type: ignore[arg-type]  # a column
    assert [event.number for event in events] == [1, 2, 3, 4]
    assert not (await loaded.check(AT)).findings


async def test_an_observation_logged_while_the_dsl_decides_is_not_turned_away(loaded: Driver) -> None:
    """A move and an observation at the same moment both count."""
    reference = await journeys.logged(loaded)
    task = await loaded.task(AT, kind="dsl_review")
    await asyncio.gather(
        loaded.do_task(task["id"], "monitor", people.DSL, journeys.DECIDED_AT, reason="To be watched."),
        loaded.log(people.AMIRA, people.ASSISTANT, journeys.DECIDED_AT),
    )
    kinds = [kind for kind, _, _ in await loaded.history(reference)]
    assert sorted(kinds) == ["joined", "logged", "monitored"]
    await loaded.follow(journeys.DECIDED_AT)
    assert not (await loaded.check(journeys.DECIDED_AT)).findings


async def test_a_closed_concern_stays_closed_and_the_new_one_is_linked_to_it(loaded: Driver) -> None:
    """Closing hides nothing: a new observation opens a new concern that names the old."""
    old = await journeys.closed(loaded)
    new = await loaded.log(people.AMIRA, people.TEACHER, "2026-03-09T09:00")
    seen = await loaded.show(new.reference, "2026-03-09T09:00")
    assert (new.joined, seen["previous"], seen["status"]) == (False, old, "LOGGED")
    assert (await loaded.show(old, "2026-03-09T09:00"))["status"] == "CLOSED"
    assert seen["child_clock_days"] == 7


# Immediate danger


async def test_immediate_danger_is_referred_and_sent_at_once(loaded: Driver) -> None:
    """No hold and nobody's decision: the referral is gone when the observation is recorded."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, AT, immediate_danger=True)
    seen = await loaded.show(logged.reference, AT)
    referral = seen["referral"]
    assert (logged.urgent, seen["status"], referral["rule"]) == (True, "REFERRED", "immediate_danger")
    assert (referral["hold_until"], referral["sent_at"]) == (None, "2026-03-02T09:00:00+00:00")
    assert referral["parents_informed"] == referral["consent"] == "not obtained: rule immediate_danger"
    because = "immediate danger was flagged when the observation was logged"
    assert (await loaded.history(logged.reference))[1:] == [
        ("rule_fired", "pathway", f"rule immediate_danger: {because}"),
        ("referral_raised", "pathway", f"rule immediate_danger: {because}"),
        ("referral_sent", "pathway", "sent at once"),
    ]


async def test_immediate_danger_gives_the_dsl_an_hour_that_never_pauses(loaded: Driver) -> None:
    """Somebody must say within the hour that they telephoned, at night as by day."""
    await loaded.log(people.AMIRA, people.TEACHER, AT, immediate_danger=True)
    assert (await loaded.owed(AT))["dsl_decision"] == (people.DSL, URGENT_BY)
    await loaded.log(people.DANIEL, people.TEACHER, "2026-03-29T00:30", immediate_danger=True)
    task = await loaded.task("2026-03-29T00:30", kind="dsl_decision", concern="NC-2026-00002")
    assert task["due_because"].startswith("Sun 29 Mar 2026 02:30: 1 hour from Sun 29 Mar 00:30, never paused")


@pytest.mark.parametrize(
    "status", ["logged", "monitoring", "assessing", "supporting", "referred", "disputed", "statutory"]
)
async def test_immediate_danger_in_any_open_status_is_a_new_referral(loaded: Driver, status: str) -> None:
    """Wherever the concern stands, danger sends a referral of its own and the front door's clocks begin again."""
    reference = await getattr(journeys, status)(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-23T09:00", immediate_danger=True)
    seen = await loaded.show(reference, "2026-03-23T09:00")
    assert (seen["status"], seen["referral"]["rule"]) == ("REFERRED", "immediate_danger")
    assert (
        seen["referral"]["number"]
        == len(seen["referrals"])
        == (2 if status in ("referred", "disputed", "statutory") else 1)
    )
    owed = await loaded.owed("2026-03-23T09:00")
    assert owed["await_decision"][1] == "Tue 24 Mar 2026 17:00: 1 working day from Mon 23 Mar"
    assert set(owed) >= {"await_acknowledgement", "await_decision", "dsl_decision"}


async def test_immediate_danger_ends_a_hold(loaded: Driver) -> None:
    """A held referral goes at once, and says under which rule it went and which held it."""
    reference = await journeys.persisting(loaded)
    await loaded.log(people.AMIRA, people.TEACHER, "2026-05-21T14:00", immediate_danger=True)
    (referral,) = (await loaded.show(reference, "2026-05-21T14:00"))["referrals"]
    assert (referral["rule"], referral["sent_at"]) == ("immediate_danger", "2026-05-21T14:00:00+01:00")
    assert (await loaded.history(reference))[-1] == ("referral_sent", "pathway", "sent at once: immediate danger")


async def test_immediate_danger_keeps_what_a_decision_was_owed_on(loaded: Driver) -> None:
    """The urgent decision takes the place of the one that was owed, with its evidence."""
    await journeys.logged(loaded)
    await loaded.log(people.AMIRA, people.ASSISTANT, "2026-03-02T10:00")
    await loaded.log(people.AMIRA, people.TEACHER, "2026-03-02T11:00", immediate_danger=True)
    owed = [task["about"] for task in await loaded.tasks("2026-03-02T11:00") if task["kind"] == "dsl_decision"]
    assert owed == ["immediate_danger, joined, joined"]


# What is refused: the exact sentence, and nothing changed.
MISSING: dict[str, Any] = {"child_words": None}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"child": "ameera"}, "child: ameera is not a child in the record; load a roster that names the child"),
    ({"seen_at": "2026-03-02T09:01"}, "seen_at: lies in the future; give when it was seen"),
    ({"seen_at": "2018-05-03T23:59"}, "seen_at: is before the child was born"),
    (
        {"seen_at": "2026-03-29T01:30"},
        "seen_at: 2026-03-29 01:30 does not exist in London: the clocks go forward over it",
    ),
    (
        {"seen_at": "yesterday"},
        "seen_at: write a day and time such as 2026-03-02T08:50 (Europe/London unless it ends in Z or +01:00), not…",
    ),
    (
        {"child_words": None},
        "child_words: give the child's own words, or child_words_missing: the reason there are none",
    ),
]


@pytest.mark.parametrize(("fields", "said"), REFUSED, ids=[said.partition(":")[0] for _, said in REFUSED])
async def test_a_wrong_observation_is_refused_in_one_sentence(
    loaded: Driver, fields: dict[str, Any], said: str
) -> None:
    """The sentence names the field and what would be right, and the record is as it was."""
    async with refused(loaded, BadInput, said):
        await loaded.log(fields.get("child", people.AMIRA), people.TEACHER, AT, **fields)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("tess.brook@oakfield.example", "is not a person in the record; load a roster that names them"),
        ("gone@oakfield.example", "left on Fri 27 Feb 2026"),
    ],
)
async def test_only_people_in_post_log(loaded: Driver, who: str, said: str) -> None:
    """A stranger and a leaver are refused by name."""
    gone = {"email": "gone@oakfield.example", "name": "Gus Oneway", "left": "2026-02-27"}
    await loaded.load({"people": [gone]})
    async with refused(loaded, PathwayError, f"as: {who} {said}"):
        await loaded.log(people.AMIRA, who, AT)


async def test_an_unborn_child_is_written_about_before_birth(loaded: Driver) -> None:
    """Nothing lies before the birth of a child who is not born."""
    logged = await loaded.log(people.UNBORN, people.HEALTH_VISITOR, AT, types=["pre_birth"])
    assert (await loaded.show(logged.reference, AT))["observations"][0]["types"] == ["pre_birth"]


async def test_no_words_of_the_child_need_a_reason(loaded: Driver) -> None:
    """A reason stands in for the words of a child who has none."""
    logged = await loaded.log(people.NOORIYAH, people.HEALTH_VISITOR, AT, **MISSING, child_words_missing="Too young.")
    assert not logged.repeated
