"""Driving the record as people do: log, move, look, sweep. Instants are London's, as text: "2026-03-02T09:00".

    driver = Driver(engine)
    await driver.load(at="2026-03-02T08:00")
    logged = await driver.log(people.AMIRA, people.TEACHER, "2026-03-02T09:00")
    await driver.do("monitor", people.DSL, "2026-03-02T10:00", reason="…")

People and instants are positional, so that a form's own `by` and `on` can be given as fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from config.time import read_instant
from flows.bridging import bridge
from flows.following import follow_up, waiting_events
from flows.sweeping import sweep
from models.casework import Logged, Moved, log_observation, make_move
from models.database import reading, writing
from models.reconcile import Statement, reconcile
from models.roster import Loaded, load_roster
from models.roster_form import RosterForm
from models.schema import METADATA
from models.views import open_tasks, reviews, show
from tests import people

When = str | datetime
View = dict[str, Any]
GRACE = timedelta(minutes=15)


def instant(at: When) -> datetime:
    """An instant (UTC) from London's text."""
    return read_instant(at, "at")


def observation(child: str, at: When, /, **fields: Any) -> dict[str, Any]:
    """An observation's fields, seen ten minutes before `at` unless they say otherwise."""
    return {
        "child": child,
        "seen_at": instant(at) - timedelta(minutes=10),
        "place": "classroom",
        "what": "Came without a coat and asked twice whether there was anything to eat.",
        "child_words": people.CHILD_WORDS,
        "types": ["physical"],
    } | fields


class Driver:
    """One record, on one database, driven step by step. `untouched` until something is written through it."""

    def __init__(self, engine: AsyncEngine, *, untouched: bool = False) -> None:
        self.engine = engine
        self.untouched = untouched

    def writing(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A session whose changes are committed together."""
        self.untouched = False
        return writing(self.engine)

    async def load(self, roster: Mapping[str, Any] | None = None, at: When = "2026-03-02T07:00") -> Loaded:
        """Load a roster, the tests' own unless another is given."""
        form = RosterForm.model_validate(roster or people.roster())
        async with self.writing() as session:
            return await load_roster(session, form, instant(at))

    async def log(self, child: str, who: str, at: When, /, **fields: Any) -> Logged:
        """Log an observation; what is not given is filled in."""
        async with self.writing() as session:
            return await log_observation(session, observation(child, at, **fields), who, instant(at))

    async def do(
        self, move: str, who: str, at: When, /, *, kind: str | None = None, concern: str | None = None, **fields: Any
    ) -> Moved:
        """Make a move on the one open task that offers it (of that kind, of that concern)."""
        task = await self.task(at, kind=kind, concern=concern, move=move)
        return await self.do_task(task["id"], move, who, at, **fields)

    async def do_task(self, task_id: str, move: str, who: str, at: When, /, **fields: Any) -> Moved:
        """Make a move on a task, whether it offers it or not."""
        async with self.writing() as session:
            return await make_move(session, UUID(task_id), move, fields, who, instant(at))

    async def tasks(self, at: When, for_email: str | None = None, overdue: bool = False) -> list[View]:
        """The open tasks."""
        async with reading(self.engine) as session:
            return await open_tasks(session, instant(at), for_email, overdue)

    async def task(
        self, at: When, *, kind: str | None = None, concern: str | None = None, move: str | None = None
    ) -> View:
        """The first open task of that kind and concern that offers that move."""
        tasks = await self.tasks(at)
        for task in tasks:
            fits = kind in (None, task["kind"]) and concern in (None, task["concern"])
            if fits and (move is None or move in task["moves"]):
                return task
        raise AssertionError(f"no open {kind or 'task'} offers {move}: {[(t['kind'], t['moves']) for t in tasks]}")

    async def owed(self, at: When) -> dict[str, tuple[str, str]]:
        """By kind of open task: who acts for it, and its deadline with the reason, without the policy's name."""
        tasks = await self.tasks(at)
        return {task["kind"]: (task["owner"], task["due_because"].partition("; policy")[0]) for task in tasks}

    async def history(self, reference: str, at: When = "2027-12-31T12:00") -> list[tuple[str, str, str]]:
        """A concern's events as (kind, by, because)."""
        seen = await self.show(reference, at)
        return [(event["kind"], event["by"], event["because"]) for event in seen["events"]]

    async def show(self, reference: str, at: When) -> View:
        """One concern whole."""
        async with reading(self.engine) as session:
            return await show(session, reference, instant(at))

    async def reviews(self, at: When, area: str | None = None) -> list[View]:
        """Assessments and reviews to come."""
        async with reading(self.engine) as session:
            return await reviews(session, instant(at), area)

    async def sweep(self, at: When) -> dict[str, int]:
        """Everything about deadlines that is due at `at`."""
        self.untouched = False
        return await sweep(self.engine, instant(at))

    async def bridge(self, at: When) -> dict[str, int]:
        """Everything about closures that is due at `at`."""
        self.untouched = False
        return await bridge(self.engine, instant(at))

    async def follow(self, at: When) -> dict[str, int]:
        """Follow up every event that waits."""
        self.untouched = False
        async with reading(self.engine) as session:
            ids = await waiting_events(session)
        return await follow_up(self.engine, ids, instant(at))

    async def check(self, at: When) -> Statement:
        """What the reconciler says."""
        async with reading(self.engine) as session:
            return await reconcile(session, instant(at), GRACE)

    async def act(self, step: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Any other act of casework that takes a session first, in one transaction."""
        async with self.writing() as session:
            return await step(session, *given, **named)

    async def rows(self, statement: Any) -> list[Any]:
        """What a query finds, for looking at what no view shows."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            return list((await session.exec(statement)).all())

    async def dump(self) -> dict[str, list[str]]:
        """Every row of every table, to compare before and after."""
        async with self.engine.connect() as connection:
            return {
                table.name: sorted(str(row) for row in (await connection.execute(table.select())).all())
                for table in METADATA.sorted_tables
            }
