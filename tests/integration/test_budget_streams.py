"""Chance addresses letters for days on end, over both changes of clocks and in three zones; the budget holds, and
nothing is lost.

Whoever reads has at most six letters on a day of theirs outside what is critical, and each letter was sent, or a later
list names it. What is critical goes with the next sending, always.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import col, delete, select, update

from models.database import make_engine, writing
from models.people import Child, Person
from models.record import Concern, Task
from models.telling import Delivery, Firing, State
from notifications.addressing import Addressed, address
from notifications.budget import keep_within, the_budget
from notifications.claiming import Sender, claim
from notifications.composing import NotNeeded, render
from notifications.facts import gather
from notifications.folding import fold
from notifications.letters import LISTS, is_critical
from notifications.outcomes import Counts, Outcome, settle
from notifications.words import words
from tests import people
from tests.driver import Driver, instant
from tests.integration.conftest import hasten_sqlite
from tests.integration.timeline import digest_at

ZONES = {people.DSL: "Europe/London", people.HEAD: "America/New_York", people.DEPUTY: "Pacific/Auckland"}
CONCERNS = 80
BUDGET = 6
FAR = instant("2028-01-03T17:00")
# Before each change of clocks, in London and in New York, before Easter and before Christmas.
STARTS = st.sampled_from(
    [instant(f"2026-{day}T06:00") for day in ("03-06", "03-27", "04-02", "10-23", "10-30", "12-23")]
)
ROUTINE = ("task-opened", "reminder", "overdue", "concern-received", "concern-acted-on", "handed-over")
CRITICAL = ("referral-sent", "telephone-now")
LETTER = st.sampled_from((*ROUTINE, *ROUTINE, *CRITICAL))


@dataclass(frozen=True)
class Step:
    """After `minutes`: these letters are addressed, then the outbox runs; lists may be lost on the way."""

    minutes: int
    letters: list[tuple[str, str]]
    folds: bool
    batch: int
    loses_lists: bool


BATCH = st.lists(st.tuples(st.sampled_from(list(ZONES)), LETTER), max_size=9)
MINUTES = st.sampled_from([0, 1, 17, 90, 240, 600, 1_000])
STEPS = st.lists(
    st.builds(Step, MINUTES, BATCH, st.booleans(), st.sampled_from([2, 5, 64]), st.sampled_from([False] * 4 + [True])),
    min_size=4,
    max_size=14,
)


class Post:
    """One record with eighty concerns, each with a task of its own that is due far away, and what was read of it."""

    def __init__(self, file: Path, home: Path) -> None:
        self.engine = make_engine(f"sqlite+aiosqlite:///{file}")
        event.listen(self.engine.sync_engine, "connect", hasten_sqlite)
        self.driver = Driver(self.engine)
        self.home = home
        self.readers: dict[str, UUID] = {}
        self.about: list[tuple[UUID, UUID, str]] = []
        self.texts: dict[UUID, str] = {}
        self.number = 0

    async def fill(self) -> None:
        """Make the concerns, and have each reader live in their zone."""
        await self.driver.log(people.DANIEL, people.TEACHER, "2026-03-02T09:00")
        async with writing(self.engine) as session:
            concern, child = (await session.exec(select(Concern, Child).join(Child))).one()
            task = (await session.exec(select(Task))).one()
            for number in range(CONCERNS):
                other = Child(**child.model_dump(exclude={"id"}) | {"key": f"c{number}"})
                named = {"reference": f"NC-2026-{60_000 + number}", "child_id": other.id, "events": 0}
                another = Concern(**concern.model_dump(exclude={"id"}) | named)
                owed = Task(
                    **task.model_dump(exclude={"id"}) | {"concern_id": another.id, "due_at": FAR, "next_at": FAR}
                )
                session.add_all([other, another, owed])
                self.about.append((another.id, owed.id, another.reference))
            task.due_at = task.next_at = FAR
            session.add(task)
            for email, zone in ZONES.items():
                await session.exec(update(Person).where(col(Person.email) == email).values(zone=zone))
                self.readers[email] = (await session.exec(select(Person.id).where(Person.email == email))).one()

    async def begin_again(self) -> None:
        """Forget every letter."""
        self.number = 0
        self.texts.clear()
        async with writing(self.engine) as session:
            for table in (Delivery, Firing):
                await session.exec(delete(table))

    async def put(self, letters: list[tuple[str, str]], at: datetime) -> None:
        """Address letters, each about the next concern."""
        made = []
        for to, letter in letters:
            concern, task, _ = self.about[self.number % CONCERNS]
            self.number += 1
            slot, why = f"{self.number}", "this is a test"
            fields = {"rung": 1} if letter == "overdue" else {}
            made.append(Addressed(letter, self.readers[to], str(task), slot, why, concern, task, fields=fields))
        await self.driver.act(address, made, at)

    async def send(self, at: datetime, step: Step) -> None:
        """As the outbox does: claim, hold back, compose, and write down what became of it, batch by batch."""
        with Sender(self.home) as sender:
            while await self._batch(sender, at, step):
                pass

    async def _batch(self, sender: Sender, at: datetime, step: Step) -> int:
        async with writing(self.engine) as session:
            claimed = await claim(session, sender, at, step.batch)
            going = await keep_within(session, claimed, await the_budget(session, at), at)
            facts = await gather(session, going, at)
            outcomes = [self._outcome(one, facts, step) for one in going]
            await settle(session, outcomes, at, Counts())
        return len(claimed)

    def _outcome(self, one: Delivery, facts: Any, step: Step) -> Outcome:
        if one.letter in LISTS and step.loses_lists:
            return Outcome(one, State.REFUSED, "552 too large")
        try:
            self.texts[one.id] = render(one.letter, words(one, facts))[1]
        except NotNeeded as reason:
            return Outcome(one, State.WITHDRAWN, str(reason))
        return Outcome(one, State.SENT, address="reader")


Living = tuple[Post, asyncio.Runner]


@pytest.fixture(scope="module")
def post(
    sqlite_files: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Post, asyncio.Runner]]:
    """One record for every stream, in one loop."""
    folder = tmp_path_factory.mktemp("streams")
    shutil.copy(sqlite_files[True], folder / "pathway.db")
    with asyncio.Runner() as runner:
        made = Post(folder / "pathway.db", folder)
        runner.run(made.fill())
        yield made, runner
        runner.run(made.engine.dispose())


async def live(post: Post, start: datetime, steps: list[Step]) -> None:
    """Live through a stream and a week more, in which nothing is lost any more."""
    await post.begin_again()
    at = start
    rest = [Step(24 * 60, [], True, 64, False)] * 8
    for step in [*steps, *rest]:
        at += timedelta(minutes=step.minutes)
        await post.put(step.letters, at)
        await digest_at(post.driver, at)
        if step.folds:
            await post.driver.act(fold, at)
        await post.send(at, step)


@hypothesis_settings(
    deadline=None,
    max_examples=15,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a stream is lived through in a third of a second: shrink by hand
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=STARTS, steps=STEPS)
def test_the_budget_holds_and_nothing_is_lost(post: Living, start: datetime, steps: list[Step]) -> None:
    """At most six on anybody's day, each letter sent or named later, what is critical at once."""
    made, runner = post
    runner.run(live(made, start, steps))
    letters = runner.run(made.driver.rows(select(Delivery)))
    assert not [one for one in letters if one.state == State.WAITING]
    counted = [one for one in letters if one.sent_at and not is_critical(one.letter, urgent=one.urgent)]
    zones = {made.readers[email]: zone for email, zone in ZONES.items()}
    days = Counter((one.person_id, one.sent_at.astimezone(ZoneInfo(zones[one.person_id])).date()) for one in counted)
    assert max(days.values(), default=0) <= BUDGET
    for one in letters:
        if is_critical(one.letter, urgent=one.urgent):
            assert one.sent_at == one.created_at or one.letter == "letter-refused"
        elif one.letter not in LISTS and one.sent_at is None:
            _must_be_named(one, letters, made)


def _must_be_named(one: Delivery, letters: list[Delivery], made: Post) -> None:
    """A later list that was sent to the same person says its concern's reference."""
    reference = next(name for concern, _, name in made.about if concern == one.concern_id)
    later = [
        made.texts[each.id]
        for each in letters
        if each.letter in LISTS and each.person_id == one.person_id and each.sent_at and each.sent_at >= one.created_at
    ]
    assert any(reference in text for text in later), f"{one.letter} about {reference} was lost"
