"""The people of a soak: they log and move through the real commands, which may be killed under their hands."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.faults import moves, people
from tests.faults.ledger import Act, Ledger
from tests.faults.nursery import Nursery, Program
from tests.faults.points import RECORDING
from tests.faults.world import World

PATIENCE = 120.0  # a command that takes longer hangs
LISTED_FOR = 5.0  # seconds for which a list of tasks is good enough
JOINS, DANGER = 0.15, 0.06
ARMED, KILLED = 0.10, 0.07


@dataclass
class Cast:
    """Several people at once, until it is `over`; `share` of the concerns should have been logged by now."""

    world: World
    nursery: Nursery
    ledger: Ledger
    concerns: int
    seed: int
    broken: str | None = None
    faults: bool = True
    logged: int = 0
    hangs: list[str] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)  # ends that were neither success nor one clear line
    over: threading.Event = field(default_factory=threading.Event)
    share: float = 0.0  # of the concerns that should be there by now
    _children: int = 0
    _tasks: list[dict[str, Any]] = field(default_factory=list)
    _listed: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def live(self, number: int) -> None:
        """One person's (well, one keyboard's) work until it is over."""
        chance = random.Random(self.seed * 1_000 + number)
        while not self.over.is_set():
            step = self._log if self._should_log() else self._move
            if not step(chance):
                self.over.wait(0.3)

    def _should_log(self) -> bool:
        return self._children < min(self.concerns, self.share * self.concerns)

    def _log(self, chance: random.Random) -> bool:
        with self._lock:
            joins = self._children > 5 and chance.random() < JOINS
            child = chance.randrange(self._children) if joins else self._children
            self._children += not joins
            self.logged += 1
            key = f"observation-{self.logged:05d}"
        self.log(key, child, chance)
        return True

    def log(self, key: str, child: int, chance: random.Random) -> Act:
        """Log an observation of a child; what is killed or fails is tried again later."""
        at = self.world.now
        fields = {
            "child": people.child(child),
            "seen_at": (at - timedelta(minutes=10)).isoformat(),
            "place": "classroom",
            "what": f"Came without a coat, number {key}.",
            "child_words": "I am cold.",
            "types": ["physical"],
            "immediate_danger": chance.random() < DANGER,
            "key": key,
        }
        who = people.staff(people.setting(child), chance.choice(("teacher", "lead")))
        return self.act(Act("log", key, "", who, at, fields), chance)

    def again(self, act: Act) -> Act:
        """Send an observation again, under the same key and in the same words."""
        return self.act(Act("log", act.key, "", act.who, self.world.now, act.fields), random.Random(1))

    def act(self, act: Act, chance: random.Random, armed: dict[str, Any] | None = None) -> Act:
        """Give one command and hear what it says; `armed` instead of a chance to be."""
        where = ["log"] if act.what == "log" else ["do", act.key, act.move]
        words = [*where, "--file", "-", "--as", act.who, "--json"]
        env = self.world.environment(chance.randrange(2)) | {"PATHWAY_NOW": act.at.isoformat()}
        program = self.nursery.start(words, env, json.dumps(act.fields), armed or self._armed(chance))
        act.pid = program.pid
        if not armed:
            self._perhaps_kill(program, chance)
        self._await(program)
        self._hear(act, program)
        self.ledger.note(act)
        return act

    def _armed(self, chance: random.Random) -> dict[str, Any]:
        broken = {"broken": self.broken}
        if not self.faults or chance.random() > ARMED:
            return broken
        return {**broken, "point": chance.choice(RECORDING), "nth": chance.choice((1, 1, 1, 2, 3, 6))}

    def _perhaps_kill(self, program: Program, chance: random.Random) -> None:
        if self.faults and chance.random() < KILLED and not program.wait(chance.random() * 0.8):
            program.send(signal.SIGKILL)

    def _await(self, program: Program) -> None:
        if not program.wait(PATIENCE):
            self.hangs.append(" ".join(program.words))
            program.send(signal.SIGKILL)
            program.wait()

    def _hear(self, act: Act, program: Program) -> None:
        with suppress(ValueError):
            act.answer = dict(json.loads(program.said()))
        act.said = program.complained().strip()
        if act.answer:  # whatever came after, the person has it in writing
            act.outcome = "acknowledged"
        elif program.code == 2 and act.said.startswith("pathway: "):
            act.outcome = "refused"
        elif not program.was_killed:
            self.odd[f"{program.words[0]}: {act.said.rpartition(chr(10))[2][:160]}"] += 1

    def _move(self, chance: random.Random) -> bool:
        task = self._next_task(chance)
        if task is None:
            return False
        move = moves.chosen(task, chance)
        if move:
            at: datetime = self.world.now
            who = moves.who_moves(task, move)
            fields = moves.form(move, task, chance, at)
            self.act(Act("do", task["id"], move, who, at, fields, task["kind"]), chance)
        return True

    def _next_task(self, chance: random.Random) -> dict[str, Any] | None:
        with self._lock:
            if time.monotonic() - self._listed > LISTED_FOR and not self._tasks:
                self._listed = time.monotonic()
                self._tasks = self._list()
                chance.shuffle(self._tasks)
            return self._tasks.pop() if self._tasks else None

    def _list(self) -> list[dict[str, Any]]:
        program = self.nursery.start(["tasks", "--json"], self.world.environment(self.logged % 2))
        self._await(program)
        with suppress(ValueError):
            return list(json.loads(program.said()))
        return []
