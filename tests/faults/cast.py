"""The people of a soak: they log and move through the real commands, at keyboards that are killed under their hands."""

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
from tests.faults.crew import slowness
from tests.faults.ledger import Act, Ledger
from tests.faults.points import RECORDING
from tests.faults.programs import Nursery, Program
from tests.faults.world import World

PATIENCE = 120.0  # a command that takes longer hangs
LISTED_FOR = 5.0  # seconds for which a list of tasks is good enough
JOINS, DANGER = 0.15, 0.06
ARMED, KILLED = 0.8, 0.04
LOGS = 0.6  # of what people do while observations are still to be logged
MOST_PASSES = 60  # of a point, before an armed keyboard dies
UNAVAILABLE = "the record cannot be used now"


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
    _mine: dict[int, Program] = field(default_factory=dict)
    _tasks: list[dict[str, Any]] = field(default_factory=list)
    _listed: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def live(self, number: int) -> None:
        """One person's (well, one keyboard's) work until it is over."""
        chance = random.Random(self.seed * 1_000 + number)
        while not self.over.is_set():
            step = self._log if self._should_log() and chance.random() < LOGS else self._move
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

    def act(self, act: Act, chance: random.Random, at_once: Program | None = None) -> Act:
        """Give one command at a keyboard and hear what it says; `at_once` is a keyboard for this command alone."""
        where = ["log"] if act.what == "log" else ["do", act.key, act.move]
        program = at_once or self._keyboard(chance)
        killer = self._perhaps_kill(program, chance) if not at_once else None
        answer = self._ask(program, [*where, "--file", "-", "--as", act.who, "--json"], act.at, json.dumps(act.fields))
        if killer:
            killer.cancel()
        act.pid = program.pid
        self._hear(act, answer)
        self.ledger.note(act)
        return act

    def _ask(self, program: Program, words: list[str], at: datetime, stdin: str = "") -> dict[str, Any] | None:
        hangs = threading.Timer(PATIENCE * slowness(), self._hangs, (program, words))
        hangs.start()
        answer = program.ask(words=words, now=at.isoformat(), stdin=stdin)
        hangs.cancel()
        return answer

    def _hangs(self, program: Program, words: list[str]) -> None:
        self.hangs.append(" ".join(words[:3]))
        program.send(signal.SIGKILL)

    def _keyboard(self, chance: random.Random) -> Program:
        """This person's keyboard, another when the one before was killed."""
        mine = self._mine.get(threading.get_ident())
        if mine is None or mine.over.wait(0.01 if mine.talk else 0):
            env = self.world.environment(chance.randrange(2))
            mine = self._mine[threading.get_ident()] = self.nursery.keyboard(env, self._armed(chance))
        return mine

    def _armed(self, chance: random.Random) -> dict[str, Any]:
        broken = {"broken": self.broken}
        if not self.faults or chance.random() > ARMED:
            return broken
        return {**broken, "point": chance.choice(RECORDING), "nth": chance.randint(1, MOST_PASSES)}

    def _perhaps_kill(self, program: Program, chance: random.Random) -> threading.Timer | None:
        if not self.faults or chance.random() > KILLED:
            return None
        killer = threading.Timer(chance.random() * 0.5, program.send, (signal.SIGKILL,))
        killer.start()
        return killer

    def _hear(self, act: Act, answer: dict[str, Any] | None) -> None:
        if answer is None:
            return  # killed, and nobody was told
        act.said = str(answer["err"]).strip()
        with suppress(ValueError):
            act.answer = dict(json.loads(answer["out"]))
        if act.answer:
            act.outcome = "acknowledged"
        elif answer["code"] == 2 and act.said.startswith("pathway: "):
            act.outcome = "unknown" if UNAVAILABLE in act.said else "refused"
        else:
            self.odd[f"{act.what}: {act.said[-200:]}"] += 1

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
                self._tasks = self._list(chance)
                chance.shuffle(self._tasks)
            return self._tasks.pop() if self._tasks else None

    def _list(self, chance: random.Random) -> list[dict[str, Any]]:
        answer = self._ask(self._keyboard(chance), ["tasks", "--json"], self.world.now)
        with suppress(ValueError):
            return list(json.loads(answer["out"])) if answer else []
        return []
