"""Chance drives casework: people, moves, absences, outages and clocks in any order; what must always hold, holds.

The same examples each time. To look further: python -m tests.integration.test_state_machine 2000
"""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.errors import NotOffered, NotPermitted
from models.lifecycle import Move
from tests import people
from tests.driver import instant
from tests.integration.world import OBSERVERS, SECONDS, STAFF, World, pick

NUMBER = st.integers(0, 59)
NUMBERS = st.lists(NUMBER, min_size=3, max_size=3)
CHILD = st.sampled_from(list(people.CHILDREN))
PERSON = st.sampled_from(STAFF)
MOVE = st.sampled_from([move.value for move in Move])
TIMES = st.sampled_from([1, 1, 2])
# Before each change of clocks, before Easter, before Christmas.
STARTS = st.sampled_from(["2026-03-26T09:00", "2026-10-22T09:00", "2026-04-01T15:00", "2026-12-22T11:00"])
OUTAGES = st.sampled_from([timedelta(minutes=40), timedelta(hours=5), timedelta(days=1), timedelta(days=9)])


class Casework(RuleBasedStateMachine):
    """One record through one season."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.world = World(file, instant("2026-03-26T09:00"))

    @initialize(start=STARTS)
    def begin(self, start: str) -> None:
        """Some morning of 2026."""
        self.world.at = instant(start)

    def teardown(self) -> None:
        """Close the record."""
        self.world.close()
        for one in self.file.parent.glob(f"{self.file.name}*"):
            one.unlink()

    @rule(child=CHILD, who=st.sampled_from(OBSERVERS), danger=st.sampled_from([False] * 9 + [True]))
    def log(self, child: str, who: str, danger: bool) -> None:
        """Somebody writes down what they saw."""
        fields = {"immediate_danger": danger, "what": f"Seen at {self.world.at.isoformat()}."}
        self.world.attempt(self.world.driver.log(child, who, self.world.at, **fields))

    @rule(which=NUMBER, move=NUMBER, numbers=NUMBERS)
    def do_what_is_offered(self, which: int, move: int, numbers: list[int]) -> None:
        """Whoever may makes one of the moves that a task offers."""
        if tasks := self.world.tasks():
            task = pick(tasks, which)
            wanted = pick(task["moves"], move)
            self.world.move(task, wanted, self.world.actor(task, wanted), numbers)

    @rule(which=NUMBER, numbers=NUMBERS)
    def review(self, which: int, numbers: list[int]) -> None:
        """A lead holds a review, whatever else is open."""
        tasks = [task for task in self.world.tasks() if "review" in task["moves"]]
        if tasks:
            task = pick(tasks, which)
            self.world.move(task, "review", task["owner"], numbers)

    @rule(which=NUMBER, move=MOVE, who=PERSON, numbers=NUMBERS)
    def do_what_is_not_offered(self, which: int, move: str, who: str, numbers: list[int]) -> None:
        """Any move by anybody on any task: what is not offered or permitted is refused, and changes nothing."""
        if not (tasks := self.world.tasks()):
            return
        task = pick(tasks, which)
        before = self.world.run(self.world.driver.dump())
        refused = self.world.move(task, move, who, numbers)
        assert move in task["moves"] or refused is not None
        if refused is not None:
            assert self.world.run(self.world.driver.dump()) == before
            assert isinstance(refused, NotOffered | NotPermitted) or move in task["moves"] or "left" in str(refused)

    @rule(which=NUMBER, move=NUMBER)
    def fill_in_badly(self, which: int, move: int) -> None:
        """A field that is none is refused, and changes nothing."""
        if not (tasks := self.world.tasks()):
            return
        task = pick(tasks, which)
        wanted = pick(task["moves"], move)
        who, before = self.world.actor(task, wanted), self.world.run(self.world.driver.dump())
        made = self.world.driver.do_task(task["id"], wanted, who, self.world.at, mood="bad")
        assert self.world.attempt(made) is not None
        assert self.world.run(self.world.driver.dump()) == before

    @rule(which=NUMBER, to=PERSON)
    def reassign(self, which: int, to: str) -> None:
        """A task changes hands, by its owner's word."""
        if tasks := self.world.tasks():
            task = pick(tasks, which)
            self.world.reassign(task, to, task["owner"])

    @rule(who=PERSON, days=st.integers(0, 20), cover=st.one_of(st.none(), PERSON))
    def go_on_leave(self, who: str, days: int, cover: str | None) -> None:
        """Somebody is away, covered or not."""
        self.world.leave(who, days, cover)

    @rule(who=st.sampled_from([one for one in STAFF if one != people.ADMIN]), days=st.integers(0, 3), to=PERSON)
    def leave_for_good(self, who: str, days: int, to: str) -> None:
        """Somebody leaves; their tasks go to somebody. The administrator stays."""
        self.world.left(who, days, to)

    @rule(who=st.sampled_from([one for one in STAFF if one != people.ADMIN]))
    def refuse_letters(self, who: str) -> None:
        """An address stops taking letters."""
        self.world.refuse_letters(who)

    @rule()
    def everybody_back(self) -> None:
        """A new roster is loaded."""
        self.world.everybody_back()

    @rule(which=NUMBER, setting=st.sampled_from(list(SECONDS)), number=NUMBER)
    def withdraw_or_reopen(self, which: int, setting: str, number: int) -> None:
        """Somebody mends a mistake."""
        who, second = SECONDS[setting][number % 3], SECONDS[setting][(number + 1) % 3]
        if number % 2:
            self.world.withdraw(which, second, who)
        else:
            self.world.reopen(which, who)

    @rule(pause=OUTAGES)
    def let_time_pass(self, pause: timedelta) -> None:
        """Nothing runs for a while."""
        self.world.at += pause

    @rule(times=TIMES)
    def sleep_and_sweep(self, times: int) -> None:
        """The clock works: a sweep, or two at once, when the record asks for it."""
        self.world.sleep_until_next()
        self.sweep(times)

    @rule(times=TIMES)
    def sweep(self, times: int) -> None:
        """A sweep whether it is needed or not."""
        self.world.sweep(times)
        self.world.owners_are_in_post()

    @rule(times=TIMES)
    def follow_up(self, times: int) -> None:
        """Events are followed up, by one or by two at once."""
        self.world.follow(times)

    @rule()
    def tick(self) -> None:
        """Everything due is done; then the reconciler has nothing to say."""
        assert [str(one) for one in self.world.tick().findings] == []

    @invariant()
    @precondition(lambda self: True)
    def what_must_hold(self) -> None:
        """After each step."""
        self.world.check()


def explore(template: Path, folder: Path, examples: int, **more: Any) -> None:
    """So many seasons of so many steps."""
    numbers = count()

    def season() -> Casework:
        return Casework(Path(shutil.copy(template, folder / f"season-{next(numbers)}.db")))

    chosen = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
    run_state_machine_as_test(season, settings=chosen)


def test_casework_holds_whatever_happens(sqlite_files: dict[bool, Path], tmp_path: Path) -> None:
    """Open concerns are owed, sweeps leave nothing behind, referrals end, history is whole, letters are single."""
    explore(sqlite_files[True], tmp_path, 40, derandomize=True, phases=[Phase.generate])
