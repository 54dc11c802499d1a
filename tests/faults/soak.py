"""A soak from beginning to end: a world, people in it, troubles for a while, quiet, and the verdict."""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.program import ROOT, environment
from tests.faults import people
from tests.faults.cast import Cast
from tests.faults.crew import Crew
from tests.faults.drill import Drill
from tests.faults.ledger import Ledger
from tests.faults.mail import caller
from tests.faults.plan import FORWARD, Plan
from tests.faults.programs import TOLD_TO_END, Death, Nursery, nursery
from tests.faults.quiet import settle_down
from tests.faults.verdict import Case, judge
from tests.faults.world import Database, World

BEGINS = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
POLICY = "england-default"
KEYBOARDS = 3
LOGGED_BY = 0.7  # of the time all concerns should have been logged


@dataclass(frozen=True)
class Asked:
    """What a soak is to be: minutes of troubles, concerns, seed, database; and whether the product is broken first."""

    minutes: float
    concerns: int
    seed: int
    database: Database
    broken: str | None = None
    prefect: bool = True
    programs: tuple[str, ...] = ("up", "clock", "other clock", "tick")
    pace: float = 4.0  # seconds between troubles, on average
    days: float = 42.0  # that pass meanwhile
    mornings: int = 2  # of quiet at the end

    @property
    def step(self) -> timedelta:
        """By how much time must go forward at once, so that the days pass."""
        steps = self.minutes * 60 / self.pace * FORWARD
        return timedelta(days=self.days / max(1.0, steps))


@dataclass
class Report:
    """What a soak did, and what was found."""

    asked: Asked
    minutes: float = 0.0
    counts: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    allowed: dict[str, int] = field(default_factory=dict)
    odd: dict[str, int] = field(default_factory=dict)


Say = Callable[[str], None]


def soak(asked: Asked, say: Say = lambda _: None, look: Callable[[Case], None] = lambda _: None) -> Report:
    """Run a soak; `say` hears how it goes, `look` may look at what it left before it is thrown away."""
    began = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(_bytecode())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pathway-soak-", dir="/tmp")))
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        world = World(folder, asked.database, BEGINS, stack)
        stack.enter_context(world.mail)
        programs = stack.enter_context(nursery(folder, ROOT, environment({})))
        world.mail.who = lambda port: caller(port, list(programs.programs))
        world.mail.chance = random.Random(asked.seed)
        _begin(world, programs, asked)
        stage = _act(world, programs, asked, say)
        stage.cast.faults = False
        say("the drill: each chosen point once")
        findings = Drill(world, programs, stage.cast).run()
        say("quiet: everything is well now, and runs to its end")
        findings += settle_down(world, programs, stage.cast, asked.mornings, say)
        taken, down = list(world.mail.taken), list(world.down)
        case = Case(world.url, world.now, taken, down, stage.cast.ledger, programs.deaths)
        verdict = judge(case)
        report = Report(asked, round((time.monotonic() - began) / 60, 1))
        report.findings = (
            stage.crew.findings + [f"hung: {one}" for one in stage.cast.hangs] + findings + verdict.findings
        )
        report.allowed = dict(verdict.allowed)
        report.counts = stage.counts(programs.deaths) | verdict.counts
        report.odd = dict(stage.cast.odd + stage.crew.ends)
        look(case)
    return report


@contextmanager
def _bytecode() -> Iterator[None]:
    """Where Python is told to write no bytecode beside the code, the programs keep theirs for the soak."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="pathway-bytecode-") as folder:
        if os.environ.get("PYTHONDONTWRITEBYTECODE"):
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", folder)
        yield


def _begin(world: World, programs: Nursery, asked: Asked) -> None:
    """Make the record and load the roster; Prefect's server starts beside."""
    if asked.prefect:
        world.start_prefect()
    roster = world.folder / "roster.yaml"
    roster.write_text(yaml.safe_dump(people.roster(asked.concerns)), "utf-8")
    for words in (["init", "--policy", POLICY], ["load", str(roster)]):
        program = programs.start(words, world.environment())
        program.wait()
        assert program.code == 0, f"{words[0]} failed: {program.complained()}"
    if asked.prefect:
        world.await_prefect()


@dataclass
class Stage:
    """Who takes part in a soak."""

    world: World
    cast: Cast
    crew: Crew
    plan: Plan

    def counts(self, deaths: list[Death]) -> dict[str, Any]:
        """What was done to the programs and to the world."""
        kills = Counter(f"{one.name}, {one.point}" for one in deaths)
        done = self.plan.counts
        return {
            "concerns_logged": self.cast._children,
            "acts": self.cast.ledger.counts(),
            "programs_started": dict(self.crew.starts),
            "kills": sum(one.point != TOLD_TO_END for one in deaths),
            "kills_by": dict(sorted(kills.items())),
            "prefect_restarts": done["prefect"],
            "record_restarts": done["record"],
            "folder_filled": done["fill"],
            "time_forward": done["forward"],
            "time_back": done["back"],
            "days_passed": (self.world.latest - BEGINS).days,
            "mail_troubles": dict(self.world.mail.troubles),
            "letters_taken": len(self.world.mail.taken),
        }


def _act(world: World, programs: Nursery, asked: Asked, say: Say) -> Stage:
    """The troubled part."""
    ledger = Ledger()
    cast = Cast(world, programs, ledger, asked.concerns, asked.seed, asked.broken)
    crew = Crew(world, programs, asked.seed, asked.broken, names=asked.programs)
    plan = Plan(world, crew, asked.seed, asked.pace, asked.step)
    stage = Stage(world, cast, crew, plan)
    works = [crew.keep, plan.run, *((lambda n=number: cast.live(n)) for number in range(KEYBOARDS))]
    with _all_at_once(works):
        _watch(stage, asked, say)
        for one in (plan, cast):
            one.over.set()
    world.mail.mood = "well"
    world.free()
    crew.end()
    return stage


@contextmanager
def _all_at_once(works: list[Callable[[], None]]) -> Iterator[None]:
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # told by the thread that waits
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    yield
    for thread in threads[1:]:
        thread.join(120)
    if errors:
        raise errors[0]


def _watch(stage: Stage, asked: Asked, say: Say) -> None:
    """Wait until the time is over, saying now and then how it goes."""
    begun, seconds = time.monotonic(), asked.minutes * 60
    said = begun
    while (passed := time.monotonic() - begun) < seconds:
        stage.cast.share = passed / seconds / LOGGED_BY
        time.sleep(min(0.2, seconds))
        if time.monotonic() - said > 60:
            said = time.monotonic()
            say(_how_it_goes(stage, passed))


def _how_it_goes(stage: Stage, passed: float) -> str:
    acts, mail = stage.cast.ledger.counts(), stage.world.mail
    killed = sum(one.point != TOLD_TO_END for one in stage.cast.nursery.deaths)
    when = f"{stage.world.now:%a %d %b %H:%M}"
    return (
        f"{passed / 60:.0f} min, {when}: {acts}, {len(mail.taken)} letters, {killed} kills, {dict(stage.plan.counts)}"
    )
