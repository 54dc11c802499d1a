"""Chance fills desks in four time zones: one digest a person and morning, the newest alone, and nothing is kept back.

Who should have one, and what it must name, is worked out beside the record with a paper calendar. What people get is
what was composed for them: each letter is claimed, kept within the day's budget, and read.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlmodel import col, select, update

from config.settings import settings
from models.lifecycle import Kind
from models.people import Absence, Child, Person
from models.record import Concern, Task
from models.telling import Delivery, State
from notifications.budget import keep_within, the_budget
from notifications.claiming import Sender, claim
from notifications.composing import NotNeeded, compose
from notifications.facts import gather
from notifications.folding import fold
from notifications.letters import is_critical
from notifications.outcomes import Counts, Outcome
from notifications.outcomes import settle as write_down
from tests import people
from tests.chance import play
from tests.driver import Driver, instant
from tests.integration.timeline import digest_at, settle
from tests.integration.world import World
from tests.naive import DAY, clock, day_of, days_back, days_on, works

ZONES = ("Europe/London", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
# Oakfield's people, from the one who acts first where somebody is away.
UPWARDS = (people.DSL, people.DEPUTY, people.HEAD, people.COORDINATOR, people.PARTNERSHIP, people.ADMIN)
OWNERS = (people.TEACHER, people.LEAD, people.DSL, people.DEPUTY, people.HEAD)
KINDS = (Kind.ACTION, Kind.ACTION, Kind.COUNTERSIGN, Kind.ANSWER_QUESTION)
STARTS = ("2026-03-03T10:00", "2026-03-26T10:00", "2026-04-01T09:00", "2026-10-22T12:00", "2026-12-22T09:00")
CONCERNS = 8
FAR_AWAY = instant("2028-01-10T17:00")
A_DAY = 6
OUTAGES = st.sampled_from([timedelta(hours=5), timedelta(hours=30), timedelta(days=4)])
DONE: Counter[str] = Counter()
number = st.integers(0, 59)


@dataclass(frozen=True)
class Read:
    """A letter as it was read."""

    person: UUID
    letter: str
    slot: str
    at: datetime
    critical: bool
    text: str


class Mornings(RuleBasedStateMachine):
    """Oakfield's desks through one season."""

    def __init__(self, folder: Path, season: int) -> None:
        super().__init__()
        self.folder, self.file = folder, folder / f"mornings-{season}.db"
        self.world: World

    @initialize(start=st.sampled_from(STARTS), zones=st.lists(st.sampled_from(ZONES), min_size=8, max_size=8))
    def begin(self, start: str, zones: list[str]) -> None:
        """Eight concerns that can wait; people read their mail wherever they are."""
        shutil.copy(self.folder / "desks.db", self.file)
        self.world = World(self.file, instant(start))
        self.read: list[Read] = []
        self.told: set[tuple[str, date]] = set()
        self.concerns = self.world.rows(select(Concern).order_by(col(Concern.reference)))
        everybody = dict.fromkeys((*OWNERS, *UPWARDS))
        for email, zone in zip(everybody, zones, strict=False):
            self._write(update(Person).where(col(Person.email) == email).values(zone=zone))
        self.look()

    def teardown(self) -> None:
        """One more storm, a leaver and an outage; then the clock runs on, and whatever was held back has been named."""
        if hasattr(self, "world"):
            self._add([self._task(one, 0, OWNERS.index(people.TEACHER), -1) for one in range(10)])
            self.look()
            self._write(update(Person).where(col(Person.email) == people.TEACHER).values(left_on=self.world.day))
            self.world.at += timedelta(days=4)
            self.look()
            self._run_until(clock(days_on(self.world.day, 3), 23))
            self._nothing_is_kept_back()
            self.world.close()
        for one in self.folder.glob(f"{self.file.name}*"):
            one.unlink()

    def _write(self, change: Any) -> None:
        async def run(session: Any) -> None:
            await session.exec(change)

        self.world.run(self.world.driver.act(run))

    # What people do

    @rule(many=st.lists(st.tuples(number, number, number, st.integers(-2, 240)), min_size=1, max_size=6))
    def open_tasks(self, many: list[tuple[int, int, int, int]]) -> None:
        """Somebody will do this and that; some of it is overdue already."""
        self._add([self._task(*one) for one in many])

    def _add(self, rows: list[Task]) -> None:
        async def add(session: Any) -> None:
            session.add_all(rows)

        self.world.run(self.world.driver.act(add))

    @rule(owner=number, hours=st.integers(-2, 30))
    def storm(self, owner: int, hours: int) -> None:
        """Somebody owes ten things at once."""
        self._add([self._task(one, 0, owner, hours + one % 3) for one in range(10)])

    def _task(self, concern: int, kind: int, owner: int, hours: int) -> Task:
        at, about = self.world.at, self.concerns[concern % CONCERNS]
        return Task(
            concern_id=about.id,
            area=about.area,
            setting_id=about.setting_id,
            kind=KINDS[kind % len(KINDS)],
            owner_id=self._people()[OWNERS[owner % len(OWNERS)]].id,
            role="owner",
            opened_at=at,
            due_at=at + timedelta(hours=hours),
            due_because="chance",
            next_at=at,
            said_until=at - timedelta(hours=3),
            policy="derby-and-derbyshire",
            policy_from=date(2024, 1, 1),
        )

    @rule(which=number, several=st.integers(1, 5))
    def close_tasks(self, which: int, several: int) -> None:
        """This and that is done."""
        rows = [one for one in self._open() if one.kind != Kind.DSL_REVIEW]
        done = [one.id for one in rows[which % len(rows) :][:several]] if rows else []
        self._write(update(Task).where(col(Task.id).in_(done)).values(closed_at=self.world.at))

    @rule(who=st.sampled_from(OWNERS), days=st.integers(0, 6), cover=st.sampled_from([None, *OWNERS]))
    def leave(self, who: str, days: int, cover: str | None) -> None:
        """Somebody is away, and perhaps somebody stands in."""
        self.world.leave(who, days, cover)

    @rule(
        who=st.sampled_from([people.TEACHER, people.LEAD, people.DEPUTY]), wanted=st.sampled_from([False, False, True])
    )
    def left(self, who: str, wanted: bool) -> None:
        """Somebody is not in the next roster, whatever they owe."""
        if wanted:
            self._write(update(Person).where(col(Person.email) == who).values(left_on=self.world.day))

    # What clocks do

    @rule(pause=st.sampled_from([timedelta(hours=3), timedelta(hours=14), timedelta(hours=26)]))
    def time_passes(self, pause: timedelta) -> None:
        """The clock runs: each morning and each moment of a task at its minute."""
        self._run_until(self.world.at + pause)

    @rule(pause=OUTAGES, times=st.integers(1, 2))
    def outage(self, pause: timedelta, times: int) -> None:
        """Nothing runs for a while, over a morning or four; then a look, or two."""
        self.world.at += pause
        for _ in range(times):
            self.look()

    def _run_until(self, until: datetime) -> None:
        while (at := self._next()) <= until:
            self.world.at = max(at, self.world.at)
            self.look()
        self.world.at = max(until, self.world.at)

    def _next(self) -> datetime:
        at = self.world.at
        mornings = [clock(day_of(at, zone) + one * DAY, 8, zone=zone) for zone in self._zones() for one in (0, 1)]
        return min(one for one in [*mornings, *(task.next_at for task in self._open())] if one > at)

    @rule()
    def look(self) -> None:
        """Everything that is due is done, as the clock does it: deadlines, digests, letters."""
        self.world.sweep(1)
        self.world.run(settle(self.world.driver, self.world.at))
        expected = self._expected()
        had = {one.id for one in self._letters()}
        self.world.run(digest_at(self.world.driver, self.world.at))
        addressed = [one for one in self._letters() if one.letter == "morning-digest" and one.id not in had]
        assert {(one.person_id, one.slot) for one in addressed} == set(expected)
        assert len(addressed) == len(expected)
        self.world.run(self._post())
        self._digests_say_it_all(expected)
        self._budgets_are_kept()

    async def _post(self) -> None:
        """Send what waits: fold, claim, keep within the budget, compose; every mail server answers 250."""
        driver, at = self.world.driver, self.world.at
        await driver.act(fold, at)
        with Sender(settings().home) as sender:
            while await driver.act(self._batch, sender, driver, at):
                pass

    async def _batch(self, session: Any, sender: Sender, driver: Driver, at: datetime) -> int:
        claimed = await claim(session, sender, at, 50)
        batch = await keep_within(session, claimed, await the_budget(session, at), at)
        facts = await gather(session, batch, at)
        outcomes = []
        for one in batch:
            try:
                text = compose(one, facts).content.decode()
            except NotNeeded as reason:
                outcomes.append(Outcome(one, State.WITHDRAWN, str(reason), gone=reason.gone))
                continue
            outcomes.append(Outcome(one, State.SENT))
            self.read.append(
                Read(one.person_id, one.letter, one.slot, at, is_critical(one.letter, urgent=one.urgent), text)
            )
        await write_down(session, outcomes, at, Counts())
        return len(claimed)

    # On paper

    def _people(self) -> dict[str, Person]:
        return {one.email: one for one in self.world.rows(select(Person))}

    def _zones(self) -> set[ZoneInfo]:
        return {ZoneInfo(one.zone) for one in self._people().values()}

    def _open(self) -> list[Task]:
        found = select(Task).where(col(Task.closed_at).is_(None)).order_by(col(Task.due_at), col(Task.id))
        return self.world.rows(found)

    def _letters(self) -> list[Delivery]:
        return self.world.rows(select(Delivery))

    def _expected(self) -> dict[tuple[UUID, str], set[UUID]]:
        """Who should have a digest now, of which day, with the concerns that it must name."""
        found: dict[tuple[UUID, str], set[UUID]] = {}
        for zone in self._zones():
            day = self._newest_morning(zone)
            who = None if (zone.key, day) in self.told else self._with_something(zone, day)
            if who is not None:
                found |= {(one, day.isoformat()): about for one, about in who.items()}
                self.told.add((zone.key, day))
        return found

    def _newest_morning(self, zone: ZoneInfo) -> date:
        day = day_of(self.world.at, zone)
        while not works(day) or clock(day, 8, zone=zone) > self.world.at:
            day -= DAY
        return day

    def _with_something(self, zone: ZoneInfo, day: date) -> dict[UUID, set[UUID]] | None:
        """By person of the zone, what must be named; None on a morning on which nobody anywhere has anything near."""
        eight, tasks, everybody = clock(day, 8, zone=zone), self._open(), self._people()
        near = [one for one in tasks if one.opened_at <= eight and one.due_at <= eight + timedelta(days=2)]
        held = [one for one in self._letters() if one.held_at and one.held_at <= eight and one.named_in is None]
        here = {one.id for one in everybody.values() if ZoneInfo(one.zone) == zone and not _gone(one, day)}
        held = [one for one in held if one.person_id in here]
        if not near and not held:
            return None
        about: dict[UUID, set[UUID]] = {one.person_id: set() for one in held}
        for one in near:
            about.setdefault(self._acts_for(one.owner_id), set()).add(one.concern_id)
        open_ids = {one.id: one.concern_id for one in tasks}
        for told in self._letters():
            if told.letter == "overdue" and told.task_id in open_ids:
                about.setdefault(told.person_id, set())
        for letter in held:
            if letter.task_id in open_ids:
                about[letter.person_id].add(open_ids[letter.task_id])
        return {person: which for person, which in about.items() if person in here}

    def _acts_for(self, owner: UUID) -> UUID:
        everybody = {one.id: one for one in self._people().values()}
        away = {
            one.person_id: one for one in self.world.rows(select(Absence)) if one.first <= self.world.day <= one.last
        }
        seen, now = set[UUID](), owner
        while now not in seen:
            if now not in away and not _gone(everybody[now], self.world.day):
                return now
            seen.add(now)
            stands_in = away[now].cover_id if now in away else None
            if stands_in is None:
                break
            now = stands_in
        by_email = self._people()
        climb = [by_email[one] for one in UPWARDS]
        for one in climb:
            if one.id not in away and not _gone(one, self.world.day):
                return one.id
            if one.id in away and not _gone(one, self.world.day) and (cover := self._covers(one.id, away)):
                return cover
        return owner

    def _covers(self, person: UUID, away: dict[UUID, Absence]) -> UUID | None:
        """Who covers somebody who is away, or covers the cover."""
        everybody = {one.id: one for one in self._people().values()}
        seen, now = set[UUID](), person
        while now in away and now not in seen:
            seen.add(now)
            following = away[now].cover_id
            if following is None:
                return None
            now = following
        return None if now in away or _gone(everybody[now], self.world.day) else now

    # What must hold

    def _digests_say_it_all(self, expected: dict[tuple[UUID, str], set[UUID]]) -> None:
        """Whoever has something has it named, unless the day's letters are spent; nobody has an empty one."""
        references = {one.id: one.reference for one in self.concerns}
        sent = {(one.person, one.slot): one for one in self.read if one.letter == "morning-digest"}
        assert len(sent) == sum(one.letter == "morning-digest" for one in self.read), "a digest twice"
        for key, about in expected.items():
            if key in sent:
                assert "NC-2026-" in sent[key].text, "an empty digest"
                assert {references[one] for one in about} <= set(_references(sent[key].text))
                DONE["digests"] += 1
            elif about:
                assert self._had(key[0]) >= A_DAY, "something is near, and there is no digest"
                DONE["held back themselves"] += 1

    def _had(self, person: UUID) -> int:
        zone = ZoneInfo(next(one.zone for one in self._people().values() if one.id == person))
        today = day_of(self.world.at, zone)
        return sum(one.person == person and not one.critical and day_of(one.at, zone) == today for one in self.read)

    def _budgets_are_kept(self) -> None:
        assert all(self._had(one.id) <= A_DAY for one in self._people().values())

    def _nothing_is_kept_back(self) -> None:
        """What was held back some mornings ago, and is open still, was read; whoever has left needs none."""
        before = clock(days_back(self.world.day, 1), 0)
        letters = {one.id: one for one in self._letters()}
        open_ids = {one.id for one in self._open()}
        there = {one.id for one in self._people().values() if not _gone(one, self.world.day)}
        for one in letters.values():
            if one.held_at and one.held_at < before and one.task_id in open_ids and one.person_id in there:
                assert one.named_in is not None, f"{one.letter} of {one.held_at} was held back and never named"
                assert letters[one.named_in].state == State.SENT
                DONE["named"] += 1


def _gone(person: Person, day: date) -> bool:
    return person.left_on is not None and person.left_on <= day


def _references(text: str) -> list[str]:
    return [
        word
        for word in text.replace("=\n", "").replace(":", " ").replace(",", " ").split()
        if word.startswith("NC-2026-")
    ]


async def _like_it(session: Any, concern: Concern, child: Child, task: Task) -> None:
    own = {"id"}
    for one in range(2, CONCERNS + 1):
        sibling = Child(**child.model_dump(exclude=own) | {"key": f"c{one}"})
        another = {"reference": f"NC-2026-{50_000 + one}", "child_id": sibling.id, "events": 0}
        other = Concern(**concern.model_dump(exclude=own) | another)
        session.add_all([sibling, other, Task(**task.model_dump(exclude=own) | {"concern_id": other.id})])


async def _far_away(session: Any) -> None:
    await session.exec(update(Task).values(due_at=FAR_AWAY, next_at=FAR_AWAY, acknowledge_by=None))
    await session.exec(update(Delivery).values(state=State.SENT))


@pytest.fixture
def desks(sqlite_files: dict[bool, Path], tmp_path: Path) -> Path:
    """A folder with a record of eight concerns about which nothing is owed for long."""
    shutil.copy(sqlite_files[True], tmp_path / "desks.db")
    world = World(tmp_path / "desks.db", instant("2026-03-02T09:00"))
    driver = world.driver
    world.run(driver.log(people.DANIEL, people.TEACHER, world.at))
    world.run(settle(driver, world.at))
    ((concern, child, task),) = world.rows(select(Concern, Child, Task).join(Child).join(Task))
    world.run(driver.act(_like_it, concern, child, task))
    world.run(driver.act(_far_away))
    world.close()
    return tmp_path


def test_mornings_hold_whatever_happens(desks: Path) -> None:
    """One digest a person and morning, of the newest; what was held back is named; nothing to say, no mail."""
    DONE.clear()
    seasons = count()
    play(lambda: Mornings(desks, next(seasons)), 4, steps=14)
    assert set(DONE) >= {"digests", "named"}
