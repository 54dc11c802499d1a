"""The programs that run for ever: `up`, two clocks and ticks, started again whenever they end, as systemd would."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.faults.points import POINTS
from tests.faults.programs import Nursery, Program
from tests.faults.world import World

# Name, words, machine, whether it knows of Prefect's server. `up` and each clock have a clock and a runner.
PROGRAMS: tuple[tuple[str, str, int, bool], ...] = (
    ("up", "up", 0, True),
    ("clock", "clock", 0, False),
    ("other clock", "clock", 1, False),
    ("tick", "tick", 1, False),
)
ARMED, UP_ARMED = 0.35, 0.15  # `up` takes long to start
END_SECONDS = 60.0  # how long a program may take to end when it is told to
SKEW_MINUTES = 3
AGAIN_SECONDS = 0.3
LOADED = 3.0  # processes that want to run, for each core, with nothing else on the machine


def slowness() -> float:
    """How much slower than alone everything is here now: on a busy machine a program must live long enough to start."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / LOADED)


@dataclass
class Slot:
    """One program that is to run, and what runs of it now."""

    name: str
    words: tuple[str, ...]
    machine: int
    prefect: bool
    program: Program | None = None
    told_to_end: float = 0.0
    not_before: float = 0.0


@dataclass
class Crew:
    """Keeps the programs running while `keep` is called, and counts how each of them ended."""

    world: World
    nursery: Nursery
    seed: int
    broken: str | None = None
    faults: bool = True
    names: tuple[str, ...] = tuple(one[0] for one in PROGRAMS)
    starts: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    slots: list[Slot] = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed * 77 + 1)
        self.slots = [Slot(name, (word,), machine, prefect) for name, word, machine, prefect in PROGRAMS]
        self.slots = [slot for slot in self.slots if slot.name in self.names]

    def keep(self) -> None:
        """Start what is not running, again and again, until it is over."""
        while not self.over.wait(0.05):
            for slot in self.slots:
                self._look(slot)

    def _look(self, slot: Slot) -> None:
        program = slot.program
        if program is None:
            if time.monotonic() >= slot.not_before:
                self._start(slot)
        elif program.over.is_set():
            self._ended(slot, program)
        elif slot.told_to_end and time.monotonic() - slot.told_to_end > END_SECONDS * slowness():
            self.findings.append(f"{slot.name} did not end when it was told to")
            program.send(signal.SIGKILL)
            slot.told_to_end = 0.0

    def _start(self, slot: Slot) -> None:
        skew = timedelta(minutes=self.chance.uniform(-SKEW_MINUTES, SKEW_MINUTES))
        env = self.world.environment(slot.machine, prefect=slot.prefect, skew=skew)
        slot.program = self.nursery.start(slot.words, env, armed=self._armed(UP_ARMED if slot.name == "up" else ARMED))
        slot.told_to_end = 0.0
        self.starts[slot.words[0]] += 1

    def _armed(self, often: float) -> dict[str, Any]:
        broken = {"broken": self.broken}
        if not self.faults or self.chance.random() > often:
            return broken
        nth = self.chance.choice((1, 1, 2, 3, 5, 8, 13, 21))
        return {**broken, "point": self.chance.choice(sorted(POINTS)), "nth": nth}

    def _ended(self, slot: Slot, program: Program) -> None:
        slot.program = None
        busy = AGAIN_SECONDS if slot.words[0] != "tick" else self.chance.uniform(0.2, 2.0)
        slot.not_before = time.monotonic() + busy
        # Told to end before it could hear of it, or a tick, which ends like any command.
        if program.code not in (0, -signal.SIGKILL, -signal.SIGTERM):
            last = program.complained().strip().rpartition("\n")[2][:160]
            self.ends[f"{slot.words[0]} ended with {program.code}: {last}"] += 1

    def running(self) -> Iterator[Slot]:
        """What runs now."""
        return (slot for slot in self.slots if slot.program is not None and not slot.program.over.is_set())

    def strike(self, sign: int) -> bool:
        """Send a signal to one of them by chance; `up`, which takes long to start, is spared more often."""
        there = list(self.running())
        if not there:
            return False
        slot = self.chance.choices(there, [1 if one.name == "up" else 6 for one in there])[0]
        return self.tell(slot, sign)

    def tell(self, slot: Slot, sign: int) -> bool:
        """Send a signal to one of them."""
        if sign == signal.SIGTERM:
            slot.told_to_end = slot.told_to_end or time.monotonic()
        return bool(slot.program and slot.program.send(sign))

    def end(self) -> None:
        """Tell all of them to end, and wait until they have."""
        self.over.set()
        for slot in list(self.running()):
            self.tell(slot, signal.SIGTERM)
        for slot in self.slots:
            if slot.program and not slot.program.wait(END_SECONDS * slowness()):
                self.findings.append(f"{slot.name} did not end when it was told to")
                slot.program.send(signal.SIGKILL)
                slot.program.wait()
