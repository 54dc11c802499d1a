"""The drill: each chosen point once, on purpose, with work that is sure to pass it; chance may miss some in a soak."""

from __future__ import annotations

import random
from datetime import timedelta

from tests.faults import people
from tests.faults.cast import Cast
from tests.faults.ledger import Act
from tests.faults.points import POINTS, RECORDING
from tests.faults.programs import Nursery
from tests.faults.world import World

PATIENCE = 300.0
SILENCE = timedelta(days=8)  # more than the three working days after which silence lapses into dispute


class Drill:
    """Kills a `log` at each point where somebody records, and a `tick` at every point."""

    def __init__(self, world: World, programs: Nursery, cast: Cast) -> None:
        self.world, self.programs, self.cast = world, programs, cast
        self.missed: list[str] = []  # points that were passed without a kill
        self._chance = random.Random(1)
        self._number = 0

    def run(self) -> list[str]:
        """Do it; returns a finding for each point that nothing passed, for then the drill proves nothing."""
        for point in RECORDING:
            act = self._log(point)
            if act.outcome != "unknown":
                self.missed.append(f"drill: a log did not die {point}")
            self.cast.again(act)
        for point in POINTS:
            for _ in range(2):
                self._log(None, danger=point == "mid-sweep")
            if point == "mid-sweep":
                self._tick(None)
                self.world.to(self.world.latest + SILENCE)
            if not self._tick(point):
                self.missed.append(f"drill: a tick did not die {point}")
        return self.missed

    def _log(self, point: str | None, *, danger: bool = False) -> Act:
        self._number += 1
        at = self.world.now
        fields = {
            "child": people.child(self._number % self.cast.concerns),
            "seen_at": (at - timedelta(minutes=10)).isoformat(),
            "place": "playground",
            "what": f"Was hungry again, drill {self._number}.",
            "child_words_missing": "Too young to say.",
            "types": ["nutritional"],
            "immediate_danger": danger,
            "key": f"drill-{self._number:03d}",
        }
        who = people.staff(people.setting(self._number % self.cast.concerns), "teacher")
        own = self.programs.keyboard(self.world.environment(), self._armed(point)) if point else None
        return self.cast.act(Act("log", str(fields["key"]), "", who, at, fields), self._chance, own)

    def _armed(self, point: str | None) -> dict[str, object]:
        return {"broken": self.cast.broken, **({"point": point, "nth": 1} if point else {})}

    def _tick(self, point: str | None) -> bool:
        program = self.programs.start(["tick"], self.world.environment(), armed=self._armed(point))
        program.wait(PATIENCE)
        return program.was_killed
