"""Programs that are started and can be killed: what is known of each, and how to start one from the nursery."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

KEYBOARD = "keyboard"
KILLED_SECONDS = 10.0
TOLD_TO_END = "told to end"


@dataclass(frozen=True)
class Death:
    """A program that a signal ended: which, when (wall clock), and at which point.

    SIGTERM ends a `tick` like any command, and whatever cannot hear of it yet: the mail may know more than the record.
    """

    name: str
    pid: int
    at: float
    point: str


@dataclass
class Program:
    """One program that was started: its words, PID, when it began and, once it has ended, how.

    `talk` is there for a keyboard alone: its standard input, and the lines it answers with.
    """

    words: tuple[str, ...]
    pid: int
    out: Path
    err: Path
    armed: Mapping[str, Any] | None
    began: float = field(default_factory=time.time)
    ended: float = 0.0
    code: int | None = None
    struck: bool = False  # by somebody else's SIGKILL
    over: threading.Event = field(default_factory=threading.Event)
    talk: tuple[TextIO, TextIO] | None = None

    def ask(self, **asked: Any) -> dict[str, Any] | None:
        """Give a keyboard a command and wait for its answer; None when it died before it had answered."""
        assert self.talk is not None
        to, back = self.talk
        try:
            to.write(json.dumps(asked) + "\n")
            to.flush()
            return dict(json.loads(back.readline()))
        except (OSError, ValueError):  # half a line, or none
            return None

    def send(self, sign: int) -> bool:
        """Send it a signal; whether it was there to get it."""
        if self.over.is_set():
            return False
        with suppress(ProcessLookupError):
            self.struck = self.struck or sign == signal.SIGKILL
            os.kill(self.pid, sign)
            return True
        return False

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end; whether it came."""
        return self.over.wait(seconds)

    @property
    def was_killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.code == -signal.SIGKILL

    @property
    def killed_at(self) -> str:
        """Where SIGKILL met it: a chosen point's name, or at random."""
        return "at random" if self.struck or not self.armed else str(self.armed.get("point") or "at random")

    def said(self) -> str:
        """What it wrote to its standard output."""
        return self.out.read_text("utf-8", "replace")

    def complained(self) -> str:
        """What it wrote to its standard error."""
        return self.err.read_text("utf-8", "replace")


class Nursery:
    """The client's side: starts programs."""

    def __init__(self, address: Path, outputs: Path) -> None:
        self.address, self.outputs = address, outputs
        self.programs: dict[int, Program] = {}  # that live, by PID
        self.deaths: list[Death] = []  # that a signal ended
        self._keyboards: list[Program] = []
        self._number = 0
        self._lock = threading.Lock()

    def start(
        self, words: Sequence[str], env: Mapping[str, str], stdin: str = "", armed: Mapping[str, Any] | None = None
    ) -> Program:
        """Start a program; it is known among `programs` until it ends."""
        with self._lock:
            self._number += 1
            name = f"{self._number:05d}-{words[0]}"
        given, out, err = (self.outputs / f"{name}.{kind}" for kind in ("in", "out", "err"))
        given.write_text(stdin, "utf-8")
        with given.open("rb") as source, out.open("wb") as said, err.open("wb") as complained:
            program = self._start(words, env, (source.fileno(), said.fileno(), complained.fileno()), armed)
        given.unlink()
        program.out, program.err = out, err
        return program

    def keyboard(self, env: Mapping[str, str], armed: Mapping[str, Any] | None = None) -> Program:
        """Start a keyboard (keyboard.py)."""
        theirs, to = os.pipe()
        back, answers = os.pipe()
        with self._lock:
            self._number += 1
            err = self.outputs / f"{self._number:05d}-keyboard.err"
        with err.open("wb") as complained:
            program = self._start([KEYBOARD], env, (theirs, answers, complained.fileno()), armed)
        os.close(theirs)
        os.close(answers)
        program.out = program.err = err
        self._keyboards.append(program)
        program.talk = (os.fdopen(to, "w", encoding="utf-8"), os.fdopen(back, encoding="utf-8"))
        return program

    def close(self) -> None:
        """Kill what still runs and let go of every keyboard."""
        for program in list(self.programs.values()):
            program.send(signal.SIGKILL)
            program.wait(KILLED_SECONDS)
        for program in self._keyboards:
            for end in program.talk or ():
                with suppress(BrokenPipeError):
                    end.close()

    def _start(
        self, words: Sequence[str], env: Mapping[str, str], streams: Sequence[int], armed: Mapping[str, Any] | None
    ) -> Program:
        asked = socket.socket(socket.AF_UNIX)
        asked.connect(str(self.address))
        socket.send_fds(asked, [b"?"], list(streams))
        asked.sendall(json.dumps({"words": list(words), "env": dict(env), "armed": armed}).encode())
        asked.shutdown(socket.SHUT_WR)
        answers = asked.makefile("r", encoding="ascii")
        program = Program(tuple(words), int(answers.readline()), Path(), Path(), armed)
        self.programs[program.pid] = program
        threading.Thread(target=self._await_end, args=(program, answers, asked), daemon=True).start()
        return program

    def _await_end(self, program: Program, answers: Any, asked: socket.socket) -> None:
        line = answers.readline()
        answers.close()
        asked.close()
        program.code, program.ended = int(line or "-9"), time.time()
        self.programs.pop(program.pid, None)
        if program.was_killed:
            self.deaths.append(Death(program.words[0], program.pid, program.ended, program.killed_at))
        elif program.code == -signal.SIGTERM:
            self.deaths.append(Death(program.words[0], program.pid, program.ended, TOLD_TO_END))
        program.over.set()


@contextmanager
def nursery(folder: Path, root: Path, env: Mapping[str, str]) -> Iterator[Nursery]:
    """A process that is copied for each program, for as long as this lasts; what it started is killed at the end."""
    address, outputs = folder / "nursery", folder / "outputs"
    outputs.mkdir()
    words = [sys.executable, "-m", "tests.faults.nursery", str(address)]
    with subprocess.Popen(words, cwd=root, env=dict(env), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", "the process that programs are copied from did not start"
        ours = Nursery(address, outputs)
        try:
            yield ours
        finally:
            ours.close()
            process.terminate()
