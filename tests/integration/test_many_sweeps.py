"""Several at once: eight sweeps, eight follow-ups, a sweep that is killed, and a row that cannot be read.

Each thing is said once and done once, whoever does it; what was cut off half way has not happened, and is done next.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Uuid, column, func, table
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select, update

from config.settings import settings
from flows import following, sweeping
from models import staffing, sweep
from models.database import make_engine
from models.events import Happened
from models.people import Child, Person
from models.record import Concern, Event, Task
from models.schema import METADATA
from models.telling import Delivery
from notifications.addressing import Addressed, address
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.conftest import Rows, picture
from tests.integration.sweeper import POINTS
from tests.integration.timeline import happened, next_moment, settle, told

AT = "2026-04-20T17:00"
EIGHT = range(8)
ROOT = Path(__file__).parents[2]
OWNED_BY = col(Task.owner_id) == col(Person.id)
# What the children's concerns have in store for that instant, and what comes of it.
ONCE = {Happened.ESCALATED: 3, Happened.DISPUTED: 2, Happened.STEPPED_UP: 1, Happened.REFERRAL_SENT: 3}


async def _busy(driver: Driver) -> None:
    """By AT: a hold that ends, a front door that was silent, a stage that ended, three rungs, a reminder, a leaver."""
    await stories.held(driver)  # Amira's hold ends at 17:00
    await driver.log(people.YUSUF, people.ASHDOWN_TUTOR, "2026-04-15T09:00")
    await driver.do("refer", people.ASHDOWN_DSL, "2026-04-15T10:00", reason="harm", parents_informed=True)  # silent
    await driver.log(people.JEROME, people.ASHDOWN_TUTOR, "2026-04-13T09:00")
    await driver.do("refer", people.ASHDOWN_DSL, "2026-04-13T10:00", reason="harm", parents_informed=True)
    await driver.sweep("2026-04-16T17:00")  # a disagreement, whose first stage ends at 17:00 too
    for child, who in (
        (people.DANIEL, people.TEACHER),
        (people.ELSIE, people.KEY_PERSON),
        (people.IFEOMA, people.TEACHER),
    ):
        await driver.log(child, who, "2026-04-17T09:00")  # a rung at 17:00
    await driver.log(people.RUTHIE, people.KEY_PERSON, "2026-03-11T09:00")
    await driver.do("monitor", people.SUNBEAMS_DSL, "2026-03-11T10:00", reason="watch")  # reminded of on 17 April
    await driver.log(people.NOORIYAH, people.HEALTH_VISITOR, "2026-04-20T16:00")
    await driver.act(_leaves, people.HV_DSL)
    await settle(driver, "2026-04-20T16:30")


@pytest.fixture(scope="session")
def busy_rows(sqlite_files: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """The rows of that evening's record, made once."""
    folder = tmp_path_factory.mktemp("busy")
    shutil.copy(sqlite_files[True], folder / "busy.db")

    async def make() -> Rows:
        engine = make_engine(f"sqlite+aiosqlite:///{folder / 'busy.db'}")
        await _busy(Driver(engine))
        await engine.dispose()
        return await picture(f"sqlite+aiosqlite:///{folder / 'busy.db'}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATHWAY_HOME", str(folder))
        settings.cache_clear()
        rows = asyncio.run(make())
    settings.cache_clear()
    return rows


@pytest.fixture
async def busy(loaded: Driver, busy_rows: Rows) -> Driver:
    """A record on that evening, just before AT."""
    async with loaded.engine.begin() as connection:
        for table_ in reversed(METADATA.sorted_tables):
            await connection.execute(table_.delete())
        for table_ in METADATA.sorted_tables:
            if busy_rows[table_.name]:
                await connection.execute(table_.insert(), busy_rows[table_.name])
    return loaded


async def _leaves(session: Any, email: str) -> None:
    await session.exec(update(Person).where(col(Person.email) == email).values(left_on=date(2026, 4, 20)))


async def _keys(driver: Driver) -> Counter[tuple[Any, ...]]:
    """Who has been told what, by what makes it one letter, but for the task's own id."""
    found = select(Delivery.letter, Delivery.slot, Delivery.person_id, Delivery.concern_id, Task.kind)  # type: ignore[call-overload]
    return Counter(await driver.rows(found.outerjoin(Task, col(Delivery.task_id) == col(Task.id))))


async def _said_once(driver: Driver, counts: list[dict[str, int]]) -> None:
    """What must hold of any number of sweeps at AT: each lapse, rung, chase and rescue once, and nothing left."""
    total = Counter[str]()
    for one in counts:
        total.update(one)
    assert (total["lapsed"], total["rescued"], total["failed"]) == (3, 1, 0)
    events = Counter(event.kind for event in await happened(driver, *ONCE))
    assert events == ONCE
    assert len(await happened(driver, Happened.REASSIGNED)) == 1
    assert set((await _keys(driver)).values()) == {1}
    assert len(await told(driver, since=AT)) == total["letters"]
    assert await next_moment(driver) > instant(AT)
    assert [one for one in (await driver.check(AT)).findings if "letter" not in one.what] == []


async def test_one_sweep_does_it_all(busy: Driver) -> None:
    """The measure for the tests below: what one sweep alone makes of that evening."""
    await _said_once(busy, [await busy.sweep(AT)])


async def test_eight_sweeps_at_once_do_it_once(busy: Driver) -> None:
    """Eight sweeps in one process, none of which knows of the others."""
    await _said_once(busy, await asyncio.gather(*(busy.sweep(AT) for _ in EIGHT)))


async def test_eight_sweeps_one_task_at_a_time_do_it_once(busy: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with the smallest chunks, so that the sweeps are in each other's way at every step."""
    monkeypatch.setattr(sweeping, "CHUNK", 1)
    await _said_once(busy, await asyncio.gather(*(busy.sweep(AT) for _ in EIGHT)))


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of our processes: the first leaves what it compiled to the next."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("compiled"))}


async def _sweeper(engine: AsyncEngine, env: dict[str, str], how: str) -> Process:
    """Processes that sweep this database at AT."""
    url = engine.url.render_as_string(hide_password=False)
    command = (sys.executable, "-m", "tests.integration.sweeper", url, AT, how)
    env = {name: value for name, value in env.items() if not name.startswith("PATHWAY_")}
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, env=env, cwd=ROOT)


async def _line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_eight_processes_sweep_one_file_once(busy: Driver, compiled: dict[str, str]) -> None:
    """Eight processes on one SQLite file, let go at the same moment."""
    process = await _sweeper(busy.engine, compiled, "8")
    counts = [json.loads(await _line(process)) for _ in EIGHT]
    assert await process.wait() == 0
    await _said_once(busy, counts)


async def test_eight_follow_ups_of_the_same_events_tell_each_once(busy: Driver) -> None:
    """Eight runs are given the same events: each event is followed up by one, each letter addressed once."""
    await busy.sweep(AT)
    waiting = await busy.rows(select(Event.id).where(col(Event.followed_up_at).is_(None)))
    before = len(await told(busy))
    counts = await asyncio.gather(*(following.follow_up(busy.engine, waiting, instant(AT)) for _ in EIGHT))
    assert sum(one["events"] for one in counts) == len(waiting) > 3
    assert len(await told(busy)) - before == sum(one["letters"] for one in counts) > 10
    assert set((await _keys(busy)).values()) == {1}


async def test_eight_follow_ups_screen_once(loaded: Driver) -> None:
    """A rule fires once, with one line of history, one task and one piece of evidence."""
    await stories.consented(loaded)
    at = "2026-03-16T10:00"
    await loaded.do("complete", people.LEAD, at, **(stories.PLAN | {"level": 4}))
    waiting = await loaded.rows(select(Event.id).where(col(Event.followed_up_at).is_(None)))
    await asyncio.gather(*(following.follow_up(loaded.engine, waiting, instant(at)) for _ in EIGHT))
    await asyncio.gather(*(settle(loaded, at) for _ in EIGHT))
    assert len(await happened(loaded, Happened.RULE_FIRED)) == 1
    (task,) = await loaded.rows(select(Task).where(col(Task.kind) == "dsl_decision"))
    assert task.about["evidence"] == ["the assessment found level 4"]
    assert [one.to for one in await told(loaded, "task-opened") if one.about == "dsl_decision"] == [people.DSL]


@pytest.mark.parametrize("point", POINTS)
async def test_a_sweep_that_fails_half_way_has_not_happened(
    busy: Driver, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """It breaks off after the letters were addressed, or after a lapse was done, before either was committed."""
    await busy.act(staffing.rescue, *await _leavers_task(busy))
    if point == "lapsing":
        await _only_lapses(busy)
    where, name = POINTS[point]
    step, before = vars(where)[name], await busy.dump()

    async def break_off(*given: Any) -> None:
        await step(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(where, name, break_off)
    with pytest.raises(KeyboardInterrupt):
        await busy.sweep(AT)
    assert await busy.dump() == before
    monkeypatch.setattr(where, name, step)
    assert (await busy.sweep(AT))["lapsed"] == 3


async def _leavers_task(driver: Driver) -> tuple[Any, Any]:
    (task,) = await driver.rows(select(Task).join(Person, OWNED_BY).where(col(Person.left_on).is_not(None)))
    return task.id, instant("2026-04-20T16:45")


async def _only_lapses(driver: Driver) -> None:
    """Nothing is due but what lapses by itself."""

    async def wait(session: Any) -> None:
        others = update(Task).where(col(Task.lapse_at).is_(None))
        await session.exec(others.values(next_at=instant("2026-05-20T17:00")))

    await driver.act(wait)


@pytest.mark.parametrize("point", POINTS)
async def test_a_sweep_that_is_killed_has_not_happened(busy: Driver, compiled: dict[str, str], point: str) -> None:
    """kill -9 of a process in the middle of its transaction: the record is as before; the next sweep does it all."""
    await busy.act(staffing.rescue, *await _leavers_task(busy))
    if point == "lapsing":
        await _only_lapses(busy)
    before = await busy.dump()
    process = await _sweeper(busy.engine, compiled, point)
    assert await _line(process) == "here"
    os.kill(process.pid, signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    assert await busy.dump() == before
    await busy.act(_wait_for_its_locks)
    counts = await busy.sweep(AT)
    assert (counts["lapsed"], counts["failed"]) == (3, 0)
    assert await next_moment(busy) > instant(AT)


async def _wait_for_its_locks(session: Any) -> None:
    """A server notices a moment later that its client is gone; until then what it held is passed over."""
    await session.exec(select(Task).with_for_update())
    await session.exec(select(Concern).with_for_update())


POISON = [
    pytest.param("task", "kind", "telepathy", id="an unknown kind"),
    pytest.param("task", "policy", "nowhere", id="a policy that is gone"),
    pytest.param("concern", "status", "LIMBO", id="an unknown status"),
]


async def _write(driver: Driver, name: str, key: str, child: str, **values: str) -> None:
    """Write to a row of the child's concern what the record itself would never write."""
    concern = select(Concern.id).join(Child).where(Child.key == child)
    row = table(name, column(key, Uuid()), *(column(one) for one in values))
    await driver.act(_run, update(row).where(row.c[key].in_(concern)).values(values))


async def _run(session: Any, statement: Any) -> None:
    await session.exec(statement)


async def _poison(driver: Driver, name: str, what: str, value: str) -> None:
    """Make a row of Daniel's concern unreadable."""
    await _write(driver, name, "concern_id" if name == "task" else "id", people.DANIEL, **{what: value})


RIGHT = {"kind": "dsl_review", "policy": "derby-and-derbyshire", "status": "LOGGED"}


@pytest.mark.parametrize(("row", "what", "value"), POISON)
async def test_one_broken_row_stops_nobody_else(busy: Driver, row: str, what: str, value: str) -> None:
    """What cannot be read is counted as failed and left; all else is done; once it is mended it is done as well."""
    await _poison(busy, row, what, value)
    counts = await busy.sweep(AT)
    assert (counts["failed"], counts["lapsed"], counts["rescued"]) == (1, 3, 1)
    assert len(await happened(busy, Happened.ESCALATED)) == ONCE[Happened.ESCALATED] - 1
    again = await busy.sweep(AT)
    assert (again["failed"], again["said"], again["letters"]) == (1, 0, 0)
    await _poison(busy, row, what, RIGHT[what])
    mended = await busy.sweep(AT)
    assert (mended["failed"], mended["said"]) == (0, 1)
    assert len(await happened(busy, Happened.ESCALATED)) == ONCE[Happened.ESCALATED]


async def test_a_lapse_that_cannot_be_done_stops_no_other(busy: Driver) -> None:
    """A concern whose status and task contradict each other: its lapse fails and is counted, the two others happen."""
    await _write(busy, "concern", "id", people.AMIRA, status="LOGGED")
    counts = await busy.sweep(AT)
    assert (counts["failed"], counts["lapsed"]) == (1, 2)
    assert (await busy.sweep(AT))["failed"] == 1


async def test_a_leavers_broken_task_stops_no_other(busy: Driver) -> None:
    """A leaver's unreadable task is counted as failed; their other tasks go to whoever acts for them."""
    await _poison(busy, "task", "kind", "telepathy")
    await busy.act(_leaves, people.DSL)
    counts = await busy.sweep(AT)
    owed = select(func.count()).select_from(Task).join(Person, OWNED_BY).where(col(Task.closed_at).is_(None))
    (left,) = await busy.rows(owed.where(col(Person.email).in_([people.DSL, people.HV_DSL])))
    assert (left, counts["rescued"], counts["failed"]) == (1, 3, 2)


async def test_the_two_clocks_of_a_referral_lapse_into_one_disagreement(loaded: Driver) -> None:
    """Two sweeps take one clock each: one disagreement comes of it, and neither is in the other's way."""
    await stories.referred(loaded)
    at = instant("2026-03-05T17:00")
    tasks = await loaded.rows(select(Task.id).where(col(Task.closed_at).is_(None)))
    assert len(tasks) == 2
    assert sorted(await asyncio.gather(*(loaded.act(sweep.lapse, task, at) for task in tasks * 4))) == [False] * 7 + [
        True
    ]
    assert len(await happened(loaded, Happened.DISPUTED)) == 1


async def test_many_follow_the_same_person_out(busy: Driver) -> None:
    """Eight sweeps meet a leaver's tasks: each is handed over once, and being second is no failure."""
    await busy.act(_leaves, people.DSL)
    counts = await asyncio.gather(*(busy.sweep(AT) for _ in EIGHT))
    assert sum(one["failed"] for one in counts) == 0
    handed = await happened(busy, Happened.REASSIGNED)
    assert len(handed) == len({event.task_id for event in handed}) == sum(one["rescued"] for one in counts)
    assert {event.fields["to"] for event in handed} == {people.DEPUTY, people.HV_DEPUTY}


async def test_two_who_reassign_at_once_leave_one_line_after_the_other(loaded: Driver) -> None:
    """The second begins where the first ended: history tells from whom to whom without a gap."""
    await stories.logged(loaded)
    (task,) = await loaded.rows(select(Task.id))
    given = [(task, to, "busy", people.HEAD, instant("2026-03-02T10:00")) for to in (people.TEACHER, people.ASSISTANT)]
    done = await asyncio.gather(*(loaded.act(staffing.reassign, *one) for one in given), return_exceptions=True)
    handed = [(event.fields["from"], event.fields["to"]) for event in await happened(loaded, Happened.REASSIGNED)]
    assert [one for one in done if isinstance(one, BaseException)] == []
    assert handed[0][0] == people.DSL
    assert handed[1][0] == handed[0][1]
    assert {to for _, to in handed} == {people.TEACHER, people.ASSISTANT}


async def test_addressing_again_makes_no_second_letter(loaded: Driver) -> None:
    """Eight writers of one letter make one row: its key is what it is about, its name, its reader and its slot."""
    (dsl,) = await loaded.rows(select(Person.id).where(col(Person.email) == people.DSL))
    letter = Addressed("concern-received", dsl, "an observation", "once", "you logged this concern")
    added = await asyncio.gather(*(loaded.act(address, [letter], instant(AT)) for _ in EIGHT))
    assert sorted(added) == [0] * 7 + [1]
