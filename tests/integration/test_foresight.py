"""What is foreseen if nobody acts is what happens: the real record is driven through the same months, nobody acting."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from config.errors import BadInput
from config.time import london, to_london
from flows.foresight.foreseeing import foresee, months_after
from flows.foresight.foreseen import Does, Foresight
from flows.foresight.telling import answer
from flows.sweeping import deadlines_due
from models.bridge import anything_to_bridge
from models.database import reading
from models.errors import NotFound, NotOffered
from models.people import Person
from models.record import Concern, Event, Task
from models.staffing import leave
from models.telling import Delivery
from pathway.foreseeing import print_foresight
from tests import people
from tests.driver import Driver, instant
from tests.integration.timeline import next_moment, settle

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Letter = tuple[datetime, str, str, str]
Line = tuple[datetime, str, int]
ABOUT_CLOSURES = ("cover-asked", "cover-given", "cover-yours", "cover-moved", "first-day-back")
NOT_A_STEP = ("escalated", "chased")  # their letters are the step


# Before, while and after the schools are closed, the record is looked at as each of these days begins, and at 9:00.
AROUND_EASTER = [date(2026, 3, 17) + timedelta(days=number) for number in range(35)]
AS_IT_BEGINS = (time(0), time(0, 1), time(9))
LOOKED_AT = [london(day, clock) for day in AROUND_EASTER for clock in AS_IT_BEGINS]


async def nobody_acts(driver: Driver, start: str, until: datetime) -> None:
    """Drive the real record as the clock does: at each of its moments, around the closure, and as each month begins."""
    at = instant(start)
    while at <= until:
        async with reading(driver.engine) as session:
            due, closes = await deadlines_due(session, at), await anything_to_bridge(session, at)
        if closes:
            await driver.bridge(at)
        await settle(driver, at)
        if due:
            await driver.sweep(at)
            await settle(driver, at)
        next_month = (to_london(at).date().replace(day=1) + timedelta(days=32)).replace(day=1)
        looks = [one for one in LOOKED_AT if one > at][:1]
        following = min([await next_moment(driver), london(next_month, time(0)), *looks])
        assert following > at, "a sweep leaves nothing due behind"
        at = following


async def closure_letters(driver: Driver, since: datetime, until: datetime) -> set[Letter]:
    """The letters about closures, which are one for all concerns of a setting."""
    found = select(Delivery, Person.email).join(Person, col(Delivery.person_id) == col(Person.id))
    found = found.where(col(Delivery.concern_id).is_(None), col(Delivery.subject).startswith("closure/"))
    rows = await driver.rows(found.where(Delivery.created_at >= since, Delivery.created_at <= until))
    return {(one.created_at, one.letter, email, "") for one, email in rows}


async def letters_of(driver: Driver, reference: str, since: datetime, until: datetime) -> Counter[Letter]:
    """Every letter of a concern in those months: when, which, to whom, about which kind of task."""
    found = select(Delivery, Person.email, Task.kind).join(Person, col(Delivery.person_id) == col(Person.id))
    found = found.join(Concern, col(Delivery.concern_id) == col(Concern.id)).where(Concern.reference == reference)
    found = found.outerjoin(Task, col(Delivery.task_id) == col(Task.id))
    rows = await driver.rows(found.where(Delivery.created_at >= since, Delivery.created_at <= until))
    told = [(one.created_at, one.letter, email, kind) for one, email, kind in rows]
    return Counter((at, letter, email, _kind(letter, kind)) for at, letter, email, kind in told)


async def events_of(driver: Driver, reference: str, since: datetime, until: datetime) -> Counter[Line]:
    """What was written into a concern's history in those months, but for rungs and chases."""
    found = select(Event).join(Concern).where(Concern.reference == reference, col(Event.by_id).is_(None))
    rows = await driver.rows(found.where(Event.recorded_at >= since, Event.recorded_at <= until))
    return Counter((one.recorded_at, one.kind, len(one.opened)) for one in rows if one.kind not in NOT_A_STEP)


def _kind(letter: str, kind: Any) -> str:
    """The task a letter is about; letters about an event are compared without."""
    return str(kind) if letter in ("reminder", "unacknowledged", "overdue") else ""


def letters_foreseen(seen: Foresight) -> Counter[Letter]:
    """The letters that a foresight holds."""
    return Counter((s.at, h.letter, h.email, _kind(h.letter, s.kind)) for s in seen.steps for h in s.hears)


def events_foreseen(seen: Foresight) -> Counter[Line]:
    """The events that a foresight holds."""
    old = "recorded before; its letters go now"
    return Counter((s.at, s.happened, len(s.opens)) for s in seen.steps if s.happened and s.because != old)


async def agrees(driver: Driver, start: str, months: int, *references: str) -> list[Foresight]:
    """Foresee these concerns, let the months pass for real, and hold the one against the other."""
    at, until = instant(start), months_after(instant(start), months)
    foreseen = [await foresee(driver.engine, one, at, months) for one in references]
    await nobody_acts(driver, start, until)
    shared = await closure_letters(driver, at, until)
    told = {one for seen in foreseen for one in letters_foreseen(seen)}
    assert {one for one in told if one[1] in ABOUT_CLOSURES} == shared
    for reference, seen in zip(references, foreseen, strict=True):
        own = Counter({one: n for one, n in letters_foreseen(seen).items() if one[1] not in ABOUT_CLOSURES})
        assert own == await letters_of(driver, reference, at, until), reference
        assert events_foreseen(seen) == await events_of(driver, reference, at, until), reference
        assert seen.steps, reference
        assert "Silence ends nowhere" in seen.ends[-1].said
    return foreseen


async def away(driver: Driver, who: str, first: date, last: date, cover: str | None) -> None:
    """Record leave."""
    await driver.act(leave, who, first, last, cover, instant("2026-03-02T08:00"))


@ON_SQLITE
async def test_months_are_foreseen_over_easter_both_clock_changes_leave_and_a_leaver(loaded: Driver) -> None:
    """A decision nobody takes, a child watched, early help without consent: all as it comes, letter by letter."""
    await away(loaded, people.DSL, date(2026, 3, 30), date(2026, 4, 10), people.DEPUTY)
    await away(loaded, people.HEAD, date(2026, 10, 26), date(2026, 11, 6), None)
    (lead,) = await loaded.rows(select(Person).where(Person.email == people.LEAD))
    async with loaded.writing() as session:
        session.add(lead)
        lead.left_on = date(2026, 9, 1)
    logged = await loaded.log(people.IFEOMA, people.TEACHER, "2026-03-26T14:37")
    watched = await loaded.log(people.JEROME, people.ASHDOWN_TUTOR, "2026-03-26T09:00")
    await loaded.do("monitor", people.ASHDOWN_DSL, "2026-03-26T10:00", concern=watched.reference, reason="watch")
    helped = await loaded.log(people.DANIEL, people.TEACHER, "2026-03-26T09:30")
    at, lead_by = "2026-03-26T11:00", people.LEAD
    await loaded.do("early_help", people.DSL, at, concern=helped.reference, reason="support", lead=lead_by)
    references = (logged.reference, watched.reference, helped.reference)
    first, second, third = await agrees(loaded, "2026-03-26T16:00", 9, *references)

    rungs = [one.at for one in first.steps if one.does in (Does.RUNG, Does.REPEAT)]
    assert {to_london(at).strftime("%H:%M") for at in rungs} == {"17:00"}, "17:00 in London, whatever the clocks do"
    assert {at.hour for at in rungs} == {16, 17}, "these months have both offsets"
    assert not [at for at in rungs if to_london(at).date() in _BANK_HOLIDAYS or to_london(at).weekday() > 4]
    easter = next(one for one in second.steps if one.does == Does.REMINDER)
    assert "working days before its deadline" in easter.because
    by_itself = [one.happened for one in third.steps if one.does == Does.HAPPENED]
    assert [one for one in by_itself if one in CLOSED][:3] == ["cover_asked", "cover_given", "opened_again"]
    assert by_itself[-1] == "reassigned"
    assert to_london(third.steps[-1].at).date() > date(2026, 12, 14)


CLOSED = ("cover_asked", "cover_given", "opened_again")
_BANK_HOLIDAYS = {
    date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 5, 25), date(2026, 8, 31),
    date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1), date(2027, 3, 26),
}  # fmt: skip


async def test_a_held_referral_goes_and_the_front_door_stays_silent_over_easter(loaded: Driver) -> None:
    """The hold ends, the referral goes by itself, silence is disputed, stage after stage, across the clock change."""
    logged = await loaded.log(people.ELSIE, people.KEY_PERSON, "2026-01-12T09:00")
    fields = {"reason": "support", "lead": people.KEY_PERSON}
    await loaded.do("early_help", people.SUNBEAMS_DSL, "2026-01-12T10:00", **fields)
    await loaded.do("consent", people.KEY_PERSON, "2026-01-13T10:00", given_by="mother", covers="all")
    plan: dict[str, Any] = {"level": 2, "needs": "n", "plan": "p", "child_words": "w"}
    await loaded.do("complete", people.KEY_PERSON, "2026-01-20T10:00", **plan)
    await settle(loaded, "2026-01-20T11:00")
    found = {"outcome": "worse", "evidence": "e", "engagement": "g", "child_words": "w"}
    await loaded.do("review", people.KEY_PERSON, "2026-03-27T14:00", **found)
    (seen,) = await agrees(loaded, "2026-03-27T14:05", 2, logged.reference)
    by_itself = [one.does for one in seen.steps if one.does in (Does.REFERRAL_SENT, Does.DISPUTED, Does.STEPPED_UP)]
    assert by_itself[:4] == [Does.REFERRAL_SENT, Does.DISPUTED, Does.STEPPED_UP, Does.STEPPED_UP]
    assert [one.stage for one in seen.steps if one.does == Does.STEPPED_UP][:3] == [2, 3, 3]
    assert Does.CHASE in [one.does for one in seen.steps]


@ON_SQLITE
async def test_christmas_is_foreseen(loaded: Driver) -> None:
    """A referral of the last afternoon before Christmas: its clocks run over the bank holidays as foreseen."""
    logged = await loaded.log(people.NOORIYAH, people.HEALTH_VISITOR, "2026-12-23T14:00", immediate_danger=True)
    (seen,) = await agrees(loaded, "2026-12-23T14:01", 1, logged.reference)
    disputed = next(one for one in seen.steps if one.does == Does.DISPUTED)
    assert to_london(disputed.at).strftime("%a %d %b %H:%M") == "Wed 30 Dec 17:00", "24, 29 and 30 are working days"


async def test_foreseeing_writes_nothing(loaded: Driver) -> None:
    """The record is only read, on both databases."""
    logged = await loaded.log(people.AMIRA, people.TEACHER, "2026-03-26T14:37")
    before = await loaded.dump()
    await foresee(loaded.engine, logged.reference, instant("2026-03-26T15:00"), 1)
    assert await loaded.dump() == before


@ON_SQLITE
async def test_what_lies_beyond_the_months_is_said_rather_than_nothing(loaded: Driver) -> None:
    """Nothing falls due within a month of a review eight weeks off: the list holds the first thing after that."""
    logged = await loaded.log(people.NOORIYAH, people.HEALTH_VISITOR, "2026-03-26T09:00")
    await loaded.do("monitor", people.HV_DSL, "2026-03-26T10:00", reason="watch")
    await settle(loaded, "2026-03-26T10:05")
    seen = await foresee(loaded.engine, logged.reference, instant("2026-03-26T11:00"), 1)
    assert seen.beyond
    assert [one.does for one in seen.steps] == [Does.REMINDER]
    assert seen.steps[0].at > seen.until


@ON_SQLITE
async def test_what_cannot_be_foreseen_is_refused_in_a_sentence(loaded: Driver) -> None:
    """Months without sense, a concern that is not there, and a closed one."""
    at = instant("2026-03-26T11:00")
    for months in (0, 61, -1, True):
        with pytest.raises(BadInput, match="months: must be a whole number from 1 to 60"):
            await foresee(loaded.engine, "NC-2026-00001", at, months)
    with pytest.raises(NotFound, match="no such concern"):
        await foresee(loaded.engine, "NC-2026-00077", at)
    logged = await loaded.log(people.AMIRA, people.TEACHER, "2026-03-26T09:00")
    summary = {"summary": "s", "actions": "a", "outcome": "o", "second": people.HEAD}
    await loaded.do("close", people.DSL, "2026-03-26T10:00", **summary)
    await loaded.do("agree", people.HEAD, "2026-03-26T10:30")
    with pytest.raises(NotOffered, match="is closed"):
        await foresee(loaded.engine, logged.reference, at)


@ON_SQLITE
async def test_no_child_is_named_and_repeats_are_whole_in_json(
    loaded: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed puts repeats together, what programs get has each; neither says who the child is."""
    logged = await loaded.log(people.NOORIYAH, people.HEALTH_VISITOR, "2026-03-26T09:00")
    seen = await foresee(loaded.engine, logged.reference, instant("2026-03-26T09:05"), 3)
    print_foresight(seen)
    printed, told = capsys.readouterr().out, answer(seen)
    assert printed.count("overdue, told again: dsl review") == 1
    assert "then every 5 working days, 10 times more until " in printed
    assert len([one for one in told["steps"] if one["does"] == "repeat"]) == 11
    assert not people.planted_in(printed + json.dumps(told))
