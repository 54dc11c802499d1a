"""Chance drives casework: people, moves, absences, outages and clocks in any order; what must always hold, holds.

The same seasons are played each time with the same tests loaded (Hypothesis also draws from the constants of loaded
modules, so that one file alone plays others). To look further, change `derandomize` and the number of examples for a
while.
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from models.errors import NotOffered, NotPermitted
from models.lifecycle import Move
from tests import people
from tests.driver import Driver, instant
from tests.integration import stories
from tests.integration.world import OBSERVERS, SECONDS, STAFF, World, pick

NUMBER = st.integers(0, 59)
NUMBERS = st.lists(NUMBER, min_size=5, max_size=5)
PERSON = st.sampled_from(STAFF)
TIMES = st.sampled_from([1, 1, 2])
OUTAGES = st.sampled_from([timedelta(minutes=40), timedelta(hours=5), timedelta(days=1), timedelta(days=9)])
Story = Callable[[Driver], Awaitable[str]]
# Where Amira's concern stands when a season begins, and since when.
BEGINNINGS: dict[Story, str] = {
    stories.watched: "2026-03-02T10:00",
    stories.helped: "2026-03-02T10:00",
    stories.supported: "2026-03-16T10:00",
    stories.held: "2026-04-20T10:00",
    stories.referred: "2026-03-02T10:00",
    stories.disputed: "2026-03-05T17:00",
    stories.statutory: "2026-03-02T15:00",
}
# Before Easter, before each change of clocks, before Christmas; or at once.
STARTS = st.sampled_from(
    ["2026-03-02T10:00", "2026-03-27T14:00", "2026-04-01T15:00", "2026-10-23T15:00", "2026-12-23T11:00"]
)


class Casework(RuleBasedStateMachine):
    """One record through one season."""

    def __init__(self, folder: Path, number: int) -> None:
        super().__init__()
        self.folder = folder
        self.file = folder / f"season-{number}.db"
        self.world: World

    @initialize(story=st.sampled_from(list(BEGINNINGS)), start=STARTS, danger=st.sampled_from([False, False, True]))
    def begin(self, story: Story, start: str, danger: bool) -> None:
        """Some day of 2026: Amira's concern stands somewhere, and somebody writes down a worry about her brother."""
        shutil.copy(self.folder / f"{story.__name__}.db", self.file)
        self.world = World(self.file, max(instant(start), instant(BEGINNINGS[story])))
        self.log(people.YUSUF, people.ASHDOWN_TUTOR, danger)

    def teardown(self) -> None:
        """Close the record."""
        if hasattr(self, "world"):
            self.world.close()
        for one in self.folder.glob(f"{self.file.name}*"):
            one.unlink()

    @rule(
        child=st.sampled_from(list(people.CHILDREN)),
        who=st.sampled_from(OBSERVERS),
        danger=st.sampled_from([False] * 5 + [True]),
    )
    def log(self, child: str, who: str, danger: bool) -> None:
        """Somebody writes down what they saw."""
        fields = {"immediate_danger": danger, "what": f"Seen at {self.world.at.isoformat()}."}
        self.world.attempt(self.world.driver.log(child, who, self.world.at, **fields))

    @rule(doing=st.lists(NUMBERS, min_size=1, max_size=4))
    def do_what_is_offered(self, doing: list[list[int]]) -> None:
        """Whoever may makes some of the moves that tasks offer."""
        for which, move, *numbers in doing:
            if tasks := self.world.tasks():
                task = pick(tasks, which)
                wanted = pick(task["moves"], move)
                self.world.move(task, wanted, self.world.actor(task, wanted), numbers)
                self.world.check()

    @rule(numbers=NUMBERS)
    def go_on(self, numbers: list[int]) -> None:
        """A concern goes on to the next stage, whatever else is open."""
        forward = ("consent", "complete", "review", "decide", "resolve", "agree", "close", "step_down")
        _, move, *rest = numbers
        for task in self.world.tasks():
            if wanted := [one for one in task["moves"] if one in forward]:
                chosen = pick(wanted, move)
                self.world.move(task, chosen, self.world.actor(task, chosen), rest)
                self.world.check()

    @rule(move=st.sampled_from([move.value for move in Move]), who=PERSON, numbers=NUMBERS)
    def do_what_is_not_offered(self, move: str, who: str, numbers: list[int]) -> None:
        """Any move by anybody on any task: what is not offered or not permitted is refused, and changes nothing."""
        if not (tasks := self.world.tasks()):
            return
        task, before = pick(tasks, numbers[0]), self.world.dump()
        refused = self.world.move(task, move, who, numbers[2:])
        assert refused is not None or move in task["moves"]
        if refused is not None:
            assert self.world.dump() == before
            assert isinstance(refused, NotOffered | NotPermitted) or move in task["moves"] or "left" in str(refused)

    @rule(which=NUMBER, move=NUMBER)
    def fill_in_badly(self, which: int, move: int) -> None:
        """A field that is none is refused, and changes nothing."""
        if not (tasks := self.world.tasks()):
            return
        task = pick(tasks, which)
        wanted = pick(task["moves"], move)
        who, before = self.world.actor(task, wanted), self.world.dump()
        made = self.world.driver.do_task(task["id"], wanted, who, self.world.at, mood="bad")
        assert self.world.attempt(made) is not None
        assert self.world.dump() == before

    @rule(
        what=st.sampled_from(["leave", "leave", "left", "refuse", "back", "reassign", "withdraw", "reopen"]),
        who=PERSON,
        other=PERSON,
        number=NUMBER,
    )
    def come_and_go(self, what: str, who: str, other: str, number: int) -> None:
        """People are away, leave, cannot be reached, pass tasks on, mend mistakes. The administrator stays."""
        setting = pick(SECONDS.values(), number)
        first, second = pick(setting, number), pick(setting, number + 1)
        if what == "leave":
            self.world.leave(who, number % 20, other if number % 3 else None)
        elif what == "left" and who != people.ADMIN:
            self.world.left(who, number % 3, other)
        elif what == "refuse" and who != people.ADMIN:
            self.world.refuse_letters(who)
        elif what == "back":
            self.world.everybody_back()
        elif what == "reassign" and (tasks := self.world.tasks()):
            task = pick(tasks, number)
            self.world.reassign(task, other, task["owner"])
        elif what == "withdraw":
            self.world.withdraw(number, second, first)
        elif what == "reopen":
            self.world.reopen(number, first)

    @rule(pause=OUTAGES)
    def let_time_pass(self, pause: timedelta) -> None:
        """Nothing runs for a while."""
        self.world.at += pause

    @rule(times=TIMES, moments=st.integers(1, 3))
    def let_the_clock_work(self, times: int, moments: int) -> None:
        """Sweeps, or two at once, whenever the record asks for one."""
        for _ in range(moments):
            self.world.sleep_until_next()
            self.sweep(times)

    @rule(times=TIMES)
    def sweep(self, times: int) -> None:
        """A sweep whether it is needed or not."""
        self.world.sweep(times)
        self.world.owners_are_in_post()
        self.world.check()

    @rule(times=TIMES)
    def look_at_closures(self, times: int) -> None:
        """Settings close and open again, whether or not anything else is done."""
        self.world.bridge(times)

    @rule(times=TIMES)
    def follow_up(self, times: int) -> None:
        """Events are followed up, by one or by two at once."""
        self.world.follow(times)

    @rule()
    def tick(self) -> None:
        """Everything due is done; then the reconciler has nothing to say."""
        assert [str(one) for one in self.world.tick().findings] == []

    @invariant()
    def what_must_hold(self) -> None:
        """After each step."""
        self.world.check()


@pytest.fixture
def beginnings(sqlite_files: dict[bool, Path], tmp_path: Path) -> Path:
    """A folder with a record for each beginning."""
    for story in BEGINNINGS:
        shutil.copy(sqlite_files[True], tmp_path / f"{story.__name__}.db")
        world = World(tmp_path / f"{story.__name__}.db", instant("2026-03-02T07:00"))
        world.run(story(world.driver))
        world.close()
    return tmp_path


def explore(folder: Path, examples: int, **more: Any) -> None:
    """So many seasons."""
    numbers = count()
    chosen = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
    run_state_machine_as_test(lambda: Casework(folder, next(numbers)), settings=chosen)  # type: ignore[arg-type]


def test_casework_holds_whatever_happens(beginnings: Path) -> None:
    """Open concerns are owed, sweeps leave nothing behind, referrals end, history is whole, letters are single."""
    explore(beginnings, 24, derandomize=True, phases=[Phase.generate])
