"""What goes wrong and when, from a seed. The seed fixes the plan; what each fault hits is a matter of real time."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tests.faults.crew import Crew, slowness
from tests.faults.mail import MOODS
from tests.faults.world import World

# How often each trouble comes, by weight; about one a second.
WEIGHTS = {
    "kill": 5.0,
    "term": 0.5,
    "mood": 2.0,
    "forward": 3.0,
    "back": 0.3,
    "prefect": 0.2,
    "record": 0.3,
    "fill": 0.2,
}
FORWARD = WEIGHTS["forward"] / sum(WEIGHTS.values())
TROUBLED_STEP = timedelta(hours=2)
BACK_HOURS = (0.2, 20.0)
TROUBLED_SECONDS = (2.0, 15.0)
FULL_SECONDS = (2.0, 6.0)


@dataclass
class Plan:
    """Troubles one after the other until it is over; each is counted."""

    world: World
    crew: Crew
    seed: int
    pace: float  # seconds between troubles, on average
    step: timedelta  # by which time goes forward, on average
    counts: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)
    _well_at: float = 0.0
    _back: timedelta = timedelta(0)

    def run(self) -> None:
        """Until it is over; the mail server is left as it is then."""
        chance = random.Random(self.seed)
        does: dict[str, Callable[[random.Random], bool]] = {
            "kill": lambda _: self.crew.strike(signal.SIGKILL),
            "term": lambda _: self.crew.strike(signal.SIGTERM),
            "mood": self._mood,
            "forward": self._forward,
            "back": self._go_back,
            "prefect": self._prefect,
            "record": self._record,
            "fill": self._fill,
        }
        while not self.over.wait(chance.expovariate(1 / self.pace) * slowness()):
            if self.world.mail.mood != "well" and time.monotonic() > self._well_at:
                self.world.mail.mood = "well"
            name = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            self.counts[name] += does[name](chance)

    def _mood(self, chance: random.Random) -> bool:
        self.world.mail.mood = chance.choice(MOODS[1:])
        self._well_at = time.monotonic() + chance.uniform(*TROUBLED_SECONDS)
        return True

    def _forward(self, chance: random.Random) -> bool:
        """Time passes; some of what runs is told to end, so that it begins again at the new time."""
        step = self.step * chance.uniform(0.05, 1.95) * slowness()
        # No trouble with the mail lasts for the two days after which letters are given up.
        step = step if self.world.mail.mood == "well" else min(step, TROUBLED_STEP)
        self.world.to(self.world.now + self._back + step)
        self._back = timedelta(0)
        for slot in list(self.crew.running()):
            if chance.random() < (0.15 if slot.name == "up" else 0.4):
                self.crew.tell(slot, signal.SIGTERM)
        return True

    def _go_back(self, chance: random.Random) -> bool:
        """Clocks are wrong for a while: the next step forward leads past where they were."""
        if self._back:
            return False
        self._back = timedelta(hours=chance.uniform(*BACK_HOURS))
        self.world.to(self.world.now - self._back)
        return True

    def _prefect(self, _: random.Random) -> bool:
        if self.world.stop_prefect():
            self.world.start_prefect()
            return True
        return False

    def _record(self, chance: random.Random) -> bool:
        """PostgreSQL is killed, is away for a moment, and recovers."""
        if self.world.postgres is None:
            return False
        began = time.time()
        self.world.postgres.kill()
        self.over.wait(chance.uniform(0.2, 3.0))
        self.world.postgres.start()
        self.world.down.append((began, time.time()))
        return True

    def _fill(self, chance: random.Random) -> bool:
        """The data folder is full for a while."""
        began = time.time()
        if not self.world.fill():
            return False
        self.over.wait(chance.uniform(*FULL_SECONDS))
        self.world.free()
        self.world.down.append((began, time.time()))
        return True
