"""Over a closure: somebody is named for every open concern, or has it by itself; and each child is looked for after.

Oakfield and Ashdown are closed from Good Friday, 3 April 2026, to Sunday 19 April: cover is asked for from Friday
20 March at 09:00, and Monday 20 April is the first day back. Sunbeams and the health visitors never close.
"""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, delete, select, update

from config.errors import BadInput
from models import staffing
from models.database import reading
from models.errors import NotPermitted
from models.events import Happened
from models.people import Absence, Person, RoleHeld, Setting
from models.reach import Sight, sight_of, viewer_for
from models.record import Concern, Event, Task
from models.standing import ClosureCover
from tests import people
from tests.driver import Driver, When, instant
from tests.integration import journeys
from tests.integration.refusals import refused
from tests.integration.timeline import happened, heard, settle, told

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ASKED, NAMED, DUE, BEGINS = "2026-03-20T09:00", "2026-03-24T10:00", "2026-04-02T17:00", "2026-04-03T00:00"
DURING, BACK = "2026-04-08T10:00", "2026-04-20T00:01"
CLIMBED = "2026-04-10T10:00"
EASTER = ["2026-04-03", "2026-04-17"]
SEEN = "Tessa Brook, on Thursday at the gate."
WATCHED = {people.AMIRA: "2026-03-02T09:00", people.DANIEL: "2026-03-03T09:00", people.IFEOMA: "2026-03-04T09:00"}
WHY = "you look after concerns of a setting while it is closed"


async def watch(driver: Driver, *children: str) -> list[str]:
    """Concerns of Oakfield's, each watched since the beginning of March; their references."""
    found = []
    for child in children or WATCHED:
        logged = await driver.log(child, people.TEACHER, WATCHED[child])
        await driver.do("monitor", people.DSL, WATCHED[child], concern=logged.reference, reason="Watch.")
        found.append(logged.reference)
    await settle(driver, "2026-03-05T09:00")
    return found


async def closed(driver: Driver, *periods: list[str], setting: str = people.OAKFIELD) -> None:
    """From now on a setting is closed on these days and no others."""
    await driver.act(_close, list(periods), setting)


async def _close(session: Any, periods: list[list[str]], setting: str) -> None:
    await session.exec(update(Setting).where(col(Setting.key) == setting).values(closed=periods))


async def away(driver: Driver, who: str, first: str, last: str) -> None:
    """Somebody is on leave."""
    days = (date.fromisoformat(first), date.fromisoformat(last))
    await driver.act(staffing.leave, who, *days, None, instant(ASKED))


async def refuse_letters(session: Any, email: str) -> None:
    """Somebody's address takes no letters any more."""
    await session.exec(update(Person).where(col(Person.email) == email).values(refused_at=instant("2026-04-07T09:00")))


async def covers(driver: Driver) -> list[tuple[str, str, str, str, bool]]:
    """Who looks after what: (reference, address, first, last, named by a person)."""
    found = select(ClosureCover, Concern.reference, Person.email)
    found = found.join(Concern, col(ClosureCover.concern_id) == col(Concern.id))
    found = found.join(Person, col(ClosureCover.person_id) == col(Person.id))
    rows = await driver.rows(found)
    return sorted((name, who, f"{row.first}", f"{row.last}", row.by_id is not None) for row, name, who in rows)


async def asked(driver: Driver, at: When, kind: str = "name_cover") -> list[str]:
    """The concerns in which a task of the kind is open."""
    return sorted(task["concern"] for task in await driver.tasks(at) if task["kind"] == kind)


async def name(driver: Driver, at: When = NAMED, cover: str = people.COORDINATOR, **fields: Any) -> None:
    """The DSL names who looks after a concern."""
    await driver.do("name", people.DSL, at, cover=cover, last_seen=SEEN, **fields)


async def sight(driver: Driver, who: str, reference: str, at: When) -> Sight:
    """How much of a concern somebody sees."""
    async with reading(driver.engine) as session:
        person = (await session.exec(select(Person).where(Person.email == who))).one()
        concern = (await session.exec(select(Concern).where(Concern.reference == reference))).one()
        return await sight_of(session, await viewer_for(session, person, instant(at)), concern)


# Before it closes


@SQLITE
async def test_ten_working_days_before_the_dsl_is_asked_once_a_concern_and_told_once(loaded: Driver) -> None:
    """Not a minute earlier; three concerns are three tasks and one letter; looking again does nothing."""
    references = await watch(loaded)
    assert sum((await loaded.bridge("2026-03-20T08:59")).values()) == 0
    assert (await loaded.bridge(ASKED))["asked"] == 3
    assert sum((await loaded.bridge(ASKED)).values()) == 0
    assert await asked(loaded, ASKED) == references
    task = await loaded.task(ASKED, kind="name_cover")
    assert (task["owner"], task["moves"]) == (people.DSL, ["name"])
    assert task["due_because"].startswith("Thu 2 Apr 2026 17:00: the last working day before the setting closes;")
    assert await heard(loaded, ASKED) == {"cover-asked": [people.DSL]}
    assert [one.fields for one in await told(loaded, "cover-asked")] == [{"first": "2026-04-03"}]


@SQLITE
async def test_settings_that_never_close_are_never_asked(loaded: Driver) -> None:
    """A nursery that is open all year owes no cover, whoever else is closed."""
    await loaded.log(people.ELSIE, people.KEY_PERSON, "2026-03-03T09:00")
    for at in (ASKED, BEGINS, DURING, BACK):
        assert sum((await loaded.bridge(at)).values()) == 0


@SQLITE
async def test_a_named_cover_is_written_down_and_told(loaded: Driver) -> None:
    """Who, on which days, who saw the child last; the cover hears once, whoever named them nothing."""
    (reference,) = await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await settle(loaded, ASKED)
    await name(loaded)
    assert await covers(loaded) == [(reference, people.COORDINATOR, "2026-04-03", "2026-04-19", True)]
    assert await asked(loaded, NAMED) == []
    (event,) = await happened(loaded, Happened.COVER_NAMED)
    assert (event.fields["cover"], event.fields["last_seen"]) == (people.COORDINATOR, SEEN)
    assert await heard(loaded, NAMED) == {"cover-yours": [people.COORDINATOR]}
    assert [one.why for one in await told(loaded, "cover-yours")] == [WHY]
    for at in (NAMED, DUE, BEGINS, DURING):
        assert sum((await loaded.bridge(at)).values()) == 0


@SQLITE
async def test_one_act_names_cover_for_every_concern_of_the_setting(loaded: Driver) -> None:
    """An event a concern, each with when the record last has that child seen; one letter; no other setting's."""
    references = await watch(loaded)
    other = await loaded.log(people.JEROME, people.ASHDOWN_TUTOR, "2026-03-05T09:00")
    await loaded.bridge(ASKED)
    await settle(loaded, ASKED)
    await name(loaded, concern=references[0], everywhere=True)
    assert [one[:2] for one in await covers(loaded)] == [(one, people.COORDINATOR) for one in references]
    assert await asked(loaded, NAMED) == [other.reference]
    events = await happened(loaded, Happened.COVER_NAMED)
    assert len(events) == 3
    recorded = [f"{day} Mar 2026, by Tessa Brook (from the record)" for day in ("Tue 3", "Wed 4")]
    assert sorted(event.fields["last_seen"] for event in events) == sorted([SEEN, *recorded])
    assert await heard(loaded, NAMED) == {"cover-yours": [people.COORDINATOR]}


@SQLITE
@pytest.mark.parametrize(
    ("cover", "said"),
    [
        ("nobody@nowhere.example", "cover: nobody@nowhere.example is not a person in the record; load a roster that…"),
        (
            people.FRONT_DOOR,
            "cover: must be somebody who may read a concern: staff of a setting, or who helps…",
        ),
        (people.ADMIN, "cover: must be somebody who may read a concern: staff of a setting, or who helps…"),
        (people.DEPUTY, f"cover: {people.DEPUTY} is not there on every day of the closure; name somebody who is"),
        (people.LEAD, f"cover: {people.LEAD} is not there on every day of the closure; name somebody who is"),
    ],
    ids=["unknown", "front door", "administrator", "away one day", "leaves meanwhile"],
)
async def test_who_may_not_be_named(loaded: Driver, cover: str, said: str) -> None:
    """Somebody who is there on every day, and who may read what they look after."""
    await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await away(loaded, people.DEPUTY, "2026-04-19", "2026-04-24")
    await loaded.act(staffing.left, people.LEAD, date(2026, 4, 10), None, "a new post", instant(ASKED))
    async with refused(loaded, BadInput, said):
        await name(loaded, cover=cover)


@SQLITE
async def test_a_concern_that_opens_late_is_asked_about_at_once(loaded: Driver) -> None:
    """Logged on the eve of the holidays: still asked, due at 17:00; after 17:00, when the setting closes."""
    await loaded.log(people.AMIRA, people.TEACHER, "2026-04-02T16:00")
    await loaded.bridge("2026-04-02T16:01")
    assert (await loaded.task("2026-04-02T16:01", kind="name_cover"))["due_at"].startswith("2026-04-02T17:00")
    await loaded.log(people.DANIEL, people.TEACHER, "2026-04-02T18:00")
    assert (await loaded.bridge("2026-04-02T18:01"))["asked"] == 1
    late = [one["due_at"] for one in await loaded.tasks("2026-04-02T18:01") if one["kind"] == "name_cover"]
    assert max(late).startswith("2026-04-03T00:00")


@SQLITE
async def test_unnamed_the_ladder_climbs_before_it_lapses(loaded: Driver) -> None:
    """Reminders three and one working days before; at the deadline deputy and head hear; at midnight it lapses."""
    await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    lines = []
    for at in ("2026-03-30T09:00", "2026-04-01T09:00", DUE, BEGINS):
        await loaded.sweep(at)
        lines.append((at, [one.to for one in await told(loaded, since=at) if one.about == "name_cover"]))
    assert lines == [
        ("2026-03-30T09:00", [people.DSL]),
        ("2026-04-01T09:00", [people.DSL, people.DEPUTY]),
        (DUE, [people.DEPUTY, people.HEAD]),
        (BEGINS, []),
    ]
    assert [one[1] for one in await covers(loaded)] == [people.COORDINATOR]


# When it closes


@SQLITE
@pytest.mark.parametrize("by", ["sweep", "bridge"])
@pytest.mark.parametrize(
    ("absent", "next_one"),
    [
        ((), people.COORDINATOR),
        ((people.COORDINATOR,), people.PARTNERSHIP),
        ((people.COORDINATOR, people.PARTNERSHIP), people.DSL),
        ((people.COORDINATOR, people.PARTNERSHIP, people.DSL, people.DEPUTY), people.HEAD),
    ],
    ids=["the coordinator", "the partnership", "the DSL", "the head"],
)
async def test_unnamed_it_goes_to_whoever_is_next(
    loaded: Driver, absent: tuple[str, ...], next_one: str, by: str
) -> None:
    """By itself at midnight, by the sweep or by the bridge; who has it is told, and so are the DSL and the head."""
    (reference,) = await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await settle(loaded, ASKED)
    for who in absent:
        await away(loaded, who, "2026-04-01", "2026-04-30")
    await (loaded.sweep(BEGINS) if by == "sweep" else loaded.bridge(BEGINS))
    assert await covers(loaded) == [(reference, next_one, "2026-04-03", "2026-04-19", False)]
    assert await asked(loaded, BEGINS) == []
    told_then = await heard(loaded, BEGINS)
    assert told_then["cover-yours"] == [next_one]
    assert told_then["cover-given"]
    assert sum((await loaded.bridge(BEGINS)).values()) == 0


@SQLITE
async def test_with_everybody_away_it_is_still_somebodys_and_the_reconciler_says_so(loaded: Driver) -> None:
    """Never nobody's: the first in post has it, and the check calls for help until somebody is there."""
    (reference,) = await watch(loaded, people.AMIRA)
    for who in (people.COORDINATOR, people.PARTNERSHIP, people.DSL, people.DEPUTY, people.HEAD):
        await away(loaded, who, "2026-04-01", "2026-04-30")
    await loaded.bridge(BEGINS)
    assert [one[:2] for one in await covers(loaded)] == [(reference, people.COORDINATOR)]
    await settle(loaded, BEGINS)
    await loaded.sweep(DURING)
    said = [one.what for one in (await loaded.check(DURING)).findings]
    assert any("its setting is closed, and nobody who is there looks after it" in one for one in said)
    assert sum((await loaded.bridge(DURING)).values()) == 0
    await loaded.act(_back, people.PARTNERSHIP)
    assert (await loaded.bridge(DURING))["renamed"] == 1
    assert [one[1] for one in await covers(loaded)] == [people.PARTNERSHIP]
    await settle(loaded, DURING)
    assert [one.what for one in (await loaded.check(DURING)).findings if "letter" not in one.what] == []


async def _back(session: Any, email: str) -> None:
    person = select(Person.id).where(Person.email == email).scalar_subquery()
    await session.exec(delete(Absence).where(col(Absence.person_id) == person))


@SQLITE
async def test_a_concern_logged_while_it_is_closed_has_somebody_at_once(loaded: Driver) -> None:
    """Followed up within a second of being logged: the next in line has it, and hears of the task beside the DSL."""
    logged = await loaded.log(people.AMIRA, people.COORDINATOR, DURING)
    told_then = await heard(loaded, DURING)
    assert await covers(loaded) == [(logged.reference, people.COORDINATOR, "2026-04-03", "2026-04-19", False)]
    assert told_then["task-opened"] == [people.COORDINATOR, people.DSL]
    assert sum((await loaded.bridge(DURING)).values()) == 0


# While it is closed


@SQLITE
async def test_the_cover_sees_the_concern_whole_while_it_is_closed_and_no_longer(loaded: Driver) -> None:
    """A deputy of another school sees nothing before, everything from the first day to the last, nothing after."""
    reference, other = await watch(loaded, people.AMIRA, people.DANIEL)
    await loaded.bridge(ASKED)
    await name(loaded, cover=people.ASHDOWN_DEPUTY, concern=reference)
    days = ("2026-04-02T23:59", BEGINS, "2026-04-19T23:59", "2026-04-20T00:00")
    seen = [await sight(loaded, people.ASHDOWN_DEPUTY, reference, at) for at in days]
    assert seen == [Sight.NOTHING, Sight.WHOLE, Sight.WHOLE, Sight.NOTHING]
    assert await sight(loaded, people.ASHDOWN_DEPUTY, other, DURING) == Sight.NOTHING


@SQLITE
async def test_the_cover_acts_on_what_the_closed_settings_people_owe(loaded: Driver) -> None:
    """Their moves are the cover's too, listed for them and on the morning's list, until the setting opens again."""
    (reference,) = await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await name(loaded, cover=people.ASHDOWN_DEPUTY)
    await loaded.log(people.AMIRA, people.COORDINATOR, DURING)
    assert (await heard(loaded, DURING))["task-opened"] == sorted([people.ASHDOWN_DEPUTY, people.DSL])
    listed = [(one["kind"], one["owner"]) for one in await loaded.tasks(DURING, people.ASHDOWN_DEPUTY)]
    assert listed == [("dsl_decision", people.DSL), ("case_review", people.DSL)]
    await loaded.sweep("2026-04-09T17:00")
    assert people.ASHDOWN_DEPUTY in [one.to for one in await told(loaded, "overdue")]
    await loaded.do("noted", people.ASHDOWN_DEPUTY, "2026-04-10T10:00", concern=reference, reason="I rang her aunt.")
    assert await loaded.tasks(BACK, people.ASHDOWN_DEPUTY) == []


@SQLITE
@pytest.mark.parametrize("who", [people.COORDINATOR, people.PARTNERSHIP])
async def test_the_area_gives_the_second_persons_word_while_it_is_closed_and_no_longer(
    loaded: Driver, who: str
) -> None:
    """Who was asked is away with the school: whom the ladder tells may answer, and nothing waits for all of summer."""
    (reference,) = await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await name(loaded, cover=people.TEACHER)
    await loaded.do("close", people.DSL, DUE, concern=reference, **journeys.CLOSING)
    await loaded.bridge(BEGINS)
    for at in (DUE, BACK):
        async with refused(loaded, NotPermitted, f"as: {who} may not agree on countersign; who may…"):
            await loaded.do("agree", who, at, concern=reference)
    await loaded.sweep(CLIMBED)
    await settle(loaded, CLIMBED)
    assert who in [one.to for one in await told(loaded, "overdue") if one.about == "countersign"]
    assert await sight(loaded, who, reference, CLIMBED) == Sight.WHOLE
    await loaded.do("agree", who, CLIMBED, concern=reference)
    assert (await loaded.show(reference, CLIMBED))["status"] == "CLOSED"


@SQLITE
@pytest.mark.parametrize(
    ("cover", "by"),
    [(people.TEACHER, people.DSL), (people.HEAD, people.HEAD), (people.COORDINATOR, people.COORDINATOR)],
)
async def test_no_cover_gives_a_second_word_that_would_be_the_first(loaded: Driver, cover: str, by: str) -> None:
    """Neither a practitioner whom the proposer named, nor whoever proposed it, coordinator or not."""
    (reference,) = await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await name(loaded, cover=cover)
    await loaded.do("close", by, DURING, concern=reference, **journeys.CLOSING)
    may = ", ".join(sorted({people.DEPUTY, people.COORDINATOR, people.PARTNERSHIP} - {by}))
    async with refused(loaded, NotPermitted, f"as: {cover} may not agree on countersign; who may: {may}"):
        await loaded.do("agree", cover, DURING, concern=reference)
    assert "countersign" not in [one["kind"] for one in await loaded.tasks(DURING, cover)]


@SQLITE
async def test_cover_that_falls_ill_leaves_or_cannot_be_reached_is_replaced_and_said(loaded: Driver) -> None:
    """On the day, by whoever is next: that person, the DSL and the head hear; the history says why."""
    await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await name(loaded, cover=people.ASHDOWN_DEPUTY)
    await settle(loaded, NAMED)
    await away(loaded, people.ASHDOWN_DEPUTY, "2026-04-03", "2026-04-24")
    await loaded.act(refuse_letters, people.COORDINATOR)
    assert (await loaded.bridge(DURING))["asked"] == 0
    assert [one[1] for one in await covers(loaded)] == [people.PARTNERSHIP]
    told_then = await heard(loaded, DURING)
    assert told_then["cover-yours"] == [people.PARTNERSHIP]
    assert told_then["cover-given"] == [people.DSL, people.HEAD]
    (event,) = await happened(loaded, Happened.COVER_GIVEN)
    assert event.because == "whoever looked after it is not there"
    await loaded.act(staffing.left, people.PARTNERSHIP, date(2026, 4, 9), None, "a new post", instant(DURING))
    assert (await loaded.bridge("2026-04-09T00:00"))["renamed"] == 1
    assert [one[1] for one in await covers(loaded)] == [people.DSL]


@SQLITE
async def test_cover_that_will_not_be_there_is_asked_for_again_while_there_is_time(loaded: Driver) -> None:
    """Named, then on leave for a day of the closure: the DSL is asked again before it begins."""
    (reference,) = await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await name(loaded)
    await settle(loaded, NAMED)
    await away(loaded, people.COORDINATOR, "2026-04-10", "2026-04-10")
    assert (await loaded.bridge("2026-03-25T09:00"))["renamed"] == 1
    assert (await covers(loaded), await asked(loaded, NAMED)) == ([], [reference])
    assert await heard(loaded, "2026-03-25T09:00") == {"cover-asked": [people.DSL]}
    await name(loaded, "2026-03-25T10:00", people.PARTNERSHIP)
    assert [one[1] for one in await covers(loaded)] == [people.PARTNERSHIP]


# Closures that change


@SQLITE
async def test_a_closure_that_moves_closes_its_task_and_is_asked_about_anew(loaded: Driver) -> None:
    """A task for days that are none any more ends as `closure moved`; who was named for them hears it."""
    named, open_one = await watch(loaded, people.AMIRA, people.DANIEL)
    await loaded.bridge(ASKED)
    await name(loaded, concern=named)
    await settle(loaded, NAMED)
    await closed(loaded, ["2026-03-30", "2026-04-17"])
    counts = await loaded.bridge("2026-03-25T09:00")
    assert (counts["moved"], counts["asked"]) == (2, 2)
    assert await heard(loaded, "2026-03-25T09:00") == {"cover-asked": [people.DSL], "cover-moved": [people.COORDINATOR]}
    ended = select(Task.outcome).where(col(Task.kind) == "name_cover", col(Task.closed_at).is_not(None))
    assert sorted(await loaded.rows(ended)) == ["closure moved", "name"]
    assert (await covers(loaded), await asked(loaded, NAMED)) == ([], [named, open_one])


@SQLITE
async def test_a_closure_that_is_taken_back_needs_nobody(loaded: Driver) -> None:
    """Before it begins task and cover end; nothing lapses at its old midnight, and no first day follows."""
    named, _ = await watch(loaded, people.AMIRA, people.DANIEL)
    await loaded.bridge(ASKED)
    await name(loaded, concern=named)
    await closed(loaded)
    await loaded.bridge("2026-03-25T09:00")
    assert (await covers(loaded), await asked(loaded, NAMED)) == ([], [])
    for at in (BEGINS, DURING, BACK):
        await loaded.sweep(at)
        assert sum((await loaded.bridge(at)).values()) == 0


@SQLITE
async def test_a_task_that_lapses_for_a_closure_taken_back_a_minute_ago_gives_nobody_cover(loaded: Driver) -> None:
    """The sweep asks the calendar as it is, not as it was when the task was opened."""
    await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await closed(loaded)
    await loaded.sweep(BEGINS)
    assert (await covers(loaded), await asked(loaded, BEGINS)) == ([], [])


@SQLITE
@pytest.mark.parametrize(
    ("last", "back"),
    [("2026-04-21", "2026-04-22"), ("2026-04-14", "2026-04-15")],
    ids=["longer", "shorter"],
)
async def test_cover_lasts_as_long_as_the_closure(loaded: Driver, last: str, back: str) -> None:
    """Two days more or three fewer: the cover stays, is told, and the first day back is the new one."""
    (reference,) = await watch(loaded, people.AMIRA)
    await loaded.bridge(ASKED)
    await name(loaded)
    await settle(loaded, NAMED)
    await closed(loaded, ["2026-04-03", last])
    assert (await loaded.bridge(DURING))["moved"] == 1
    assert await covers(loaded) == [(reference, people.COORDINATOR, "2026-04-03", last, True)]
    assert await heard(loaded, DURING) == {"cover-moved": [people.COORDINATOR]}
    assert (await loaded.bridge(f"{back}T00:00"))["back"] == 0
    assert (await loaded.bridge(f"{back}T00:01"))["back"] == 1


@SQLITE
async def test_two_closures_that_an_open_week_parts_are_asked_about_one_after_the_other(loaded: Driver) -> None:
    """The second is asked for once the first has somebody; each has cover and a first day of its own."""
    (reference,) = await watch(loaded, people.AMIRA)
    await closed(loaded, EASTER, ["2026-04-27", "2026-05-01"])
    await loaded.bridge(ASKED)
    await name(loaded)
    await loaded.bridge("2026-04-13T09:00")
    assert await asked(loaded, DURING) == [reference]
    await loaded.bridge(BACK)
    assert await asked(loaded, BACK, "first_day") == [reference]
    await loaded.bridge("2026-04-25T00:00")
    assert [one[1:4] for one in await covers(loaded)] == [
        (people.COORDINATOR, "2026-04-03", "2026-04-19"),
        (people.COORDINATOR, "2026-04-25", "2026-05-04"),
    ]
    # The first check is still open when the second closure ends: it stands for both.
    await loaded.bridge("2026-05-05T08:00")
    assert await asked(loaded, "2026-05-05T08:00", "first_day") == [reference]
    await loaded.do("seen", people.DSL, "2026-05-05T10:00", note="In class.")
    assert sum((await loaded.bridge("2026-05-05T10:01")).values()) == 0


@SQLITE
async def test_a_closure_added_while_it_runs_gives_cover_at_once(loaded: Driver) -> None:
    """Snow: the setting is closed from today for a week and nobody could be asked."""
    (reference,) = await watch(loaded, people.AMIRA)
    await closed(loaded, ["2026-03-09", "2026-03-13"])
    assert (await loaded.bridge("2026-03-10T08:00"))["covered"] == 1
    assert await covers(loaded) == [(reference, people.COORDINATOR, "2026-03-07", "2026-03-15", False)]


# Closing, and coming back


@SQLITE
async def test_a_concern_that_closes_before_needs_neither_cover_nor_a_first_day(loaded: Driver) -> None:
    """Its task goes with it; a cover that was named looks after nothing."""
    named, open_one = await watch(loaded, people.AMIRA, people.DANIEL)
    await loaded.bridge(ASKED)
    await name(loaded, concern=named)
    for reference in (named, open_one):
        closing = {"summary": "Met.", "actions": "Club.", "outcome": "She eats.", "second": people.DEPUTY}
        await loaded.do("close", people.DSL, "2026-03-30T10:00", concern=reference, **closing)
        await loaded.do("agree", people.DEPUTY, "2026-03-30T11:00", concern=reference)
    assert await loaded.tasks(NAMED) == []
    for at in (BEGINS, DURING, BACK):
        await loaded.bridge(at)
    assert await loaded.tasks(BACK) == []
    assert len(await covers(loaded)) == 1


@SQLITE
async def test_on_the_first_day_back_every_child_is_asked_after(loaded: Driver) -> None:
    """From a minute past midnight, once; due at 17:00; one letter to the DSL."""
    references = await watch(loaded)
    await loaded.bridge(BEGINS)
    await settle(loaded, BEGINS)
    assert (await loaded.bridge("2026-04-20T00:00"))["back"] == 0
    assert (await loaded.bridge(BACK))["back"] == 3
    assert sum((await loaded.bridge(BACK)).values()) == 0
    assert await asked(loaded, BACK, "first_day") == references
    task = await loaded.task(BACK, kind="first_day")
    assert (task["owner"], task["moves"]) == (people.DSL, ["seen", "not_seen"])
    assert task["due_because"].startswith("Mon 20 Apr 2026 17:00: the first day on which the setting is open again;")
    assert await heard(loaded, BACK) == {"first-day-back": [people.DSL]}


@SQLITE
async def test_a_child_who_was_not_seen_asks_for_a_decision(loaded: Driver) -> None:
    """Rule not_seen, one working day, with what was tried; seen ends it."""
    first, second = await watch(loaded, people.AMIRA, people.DANIEL)
    await loaded.bridge(BEGINS)
    await loaded.bridge(BACK)
    await loaded.do("seen", people.DSL, "2026-04-20T10:00", concern=first, note="In class, cheerful.")
    await loaded.do("not_seen", people.DEPUTY, "2026-04-20T11:00", concern=second, reason="Absent; no answer at home.")
    task = await loaded.task("2026-04-20T11:00", kind="dsl_decision")
    assert (task["concern"], task["about"]) == (second, "not_seen")
    assert task["due_because"].startswith("Tue 21 Apr 2026 17:00: 1 working day from Mon 20 Apr")
    assert await asked(loaded, BACK, "first_day") == []
    await settle(loaded, "2026-04-20T11:00")
    assert people.DSL in [one.to for one in await told(loaded, "task-opened", since="2026-04-20T11:00")]
    found = (await loaded.check("2026-04-20T11:05")).findings
    assert [one.what for one in found if "letter" not in one.what] == []


@SQLITE
async def test_a_first_day_found_after_an_outage_is_asked_about_once_and_due_ahead(loaded: Driver) -> None:
    """Down since a day in the holidays, up on the evening of the third day back: asked once, and nobody is late."""
    references = await watch(loaded)
    await loaded.bridge(DURING)
    late = "2026-04-22T18:00"
    assert (await loaded.bridge(late))["back"] == 3
    assert await asked(loaded, late, "first_day") == references
    due = {one["due_at"][:16] for one in await loaded.tasks(late) if one["kind"] == "first_day"}
    assert due == {"2026-04-23T17:00"}
    assert sum((await loaded.bridge(late)).values()) == 0


@SQLITE
async def test_an_outage_over_a_whole_closure_still_asks_after_the_children(loaded: Driver) -> None:
    """Asked before, down until it was over: nobody has cover for days that have passed, and the first day is asked."""
    references = await watch(loaded)
    await loaded.bridge(ASKED)
    late = "2026-04-22T18:00"
    await loaded.bridge(late)
    await loaded.sweep(late)
    assert (await asked(loaded, late), await covers(loaded)) == ([], [])
    assert await asked(loaded, late, "first_day") == references
    assert (await heard(loaded, late))["first-day-back"] == [people.DSL]


# Several at once, and many


async def test_two_bridges_at_once_do_a_thing_once(loaded: Driver) -> None:
    """On both databases, at each step: one task, one cover and one first day a concern."""
    references = await watch(loaded)
    for at, kind in ((ASKED, "name_cover"), (BEGINS, ""), (BACK, "first_day")):
        await asyncio.gather(*(loaded.bridge(at) for _ in range(4)))
        await loaded.bridge(at)
        if kind:
            assert await asked(loaded, at, kind) == references
    assert len(await covers(loaded)) == 3
    kinds = await loaded.rows(select(Event.kind).where(col(Event.by_id).is_(None)))
    assert sorted(kinds) == sorted(["cover_asked", "cover_given", "opened_again"] * 3)


@SQLITE
async def test_an_area_without_a_coordinator_falls_to_the_partnerships_contact(loaded: Driver) -> None:
    """An empty role is passed over, not waited for."""
    await watch(loaded, people.AMIRA)
    coordinator = select(Person.id).where(Person.email == people.COORDINATOR).scalar_subquery()
    await loaded.act(_without, coordinator)
    await loaded.bridge(BEGINS)
    assert [one[1] for one in await covers(loaded)] == [people.PARTNERSHIP]


async def _without(session: Any, person: Any) -> None:
    await session.exec(delete(RoleHeld).where(col(RoleHeld.person_id) == person))
