"""Commands that need not start: a process that has loaded the program is copied for each.

Starting Python and loading a database's library costs a second or more, hundreds of times over. Whoever runs a command
here gets the same `main` with the same words, environment and streams, in a process of its own; only what Prefect reads
on loading is left to the copy. What starts, is killed or is told to end is tried with `Pathway.start`, which is slower.

    python -m tests.acceptance.warm SOCKET
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, Any, NoReturn

from sqlalchemy.orm import configure_mappers

from config.calendars import calendar_for
from config.policy_book import shipped
from notifications import composing
from notifications.composing import PARTS
from notifications.letters import LETTERS
from web.rendering import read_templates

# Loaded beforehand, but for the flows: those load Prefect, which reads its environment once and for all.
PACKAGES = ("config", "models", "notifications", "pathway")
ALSO = (
    "aiosqlite",
    "asyncpg",
    "flows.due",
    "flows.starting",
    "flows.urgency",
    "rich._emoji_replace",
    "web.running",
)


class Warm:
    """The client's side: runs commands to their end."""

    def __init__(self, address: Path) -> None:
        self.address = address

    def run(
        self, words: Sequence[str], env: Mapping[str, str], stdin: str | None, seconds: float | None
    ) -> tuple[int, str, str]:
        """Run one command; its exit code, and what it said on its two streams. TimeoutError after `seconds`."""
        with _file(stdin or "") as given, _file() as out, _file() as err, socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(seconds)
            asked.connect(str(self.address))
            socket.send_fds(asked, [b"?"], [given.fileno(), out.fileno(), err.fileno()])
            asked.sendall(json.dumps({"words": list(words), "env": dict(env)}).encode())
            asked.shutdown(socket.SHUT_WR)
            code = int(asked.recv(16))
            return code, _read(out), _read(err)


@contextmanager
def _file(text: str = "") -> Iterator[IO[str]]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.write(text)
        file.seek(0)
        yield file


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


@contextmanager
def warm(folder: Path, root: Path, env: Mapping[str, str]) -> Iterator[Warm]:
    """A process that is copied for each command, for as long as this lasts."""
    address = folder / "warm"
    words = [sys.executable, "-m", "tests.acceptance.warm", str(address)]
    with subprocess.Popen(words, cwd=root, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "warm\n", "the process that commands are copied from did not start"
        yield Warm(address)
        process.terminate()


def load() -> None:
    """Everything that a program reads or works out at its start, whatever it is told."""
    for package in PACKAGES:
        for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    for name in ALSO:
        import_module(name)
    assert "prefect" not in sys.modules, "Prefect would keep the environment of the process that is copied"
    configure_mappers()
    calendar_for()
    shipped()
    read_templates()
    for letter in LETTERS:
        for part in PARTS:
            composing._template(f"{letter}/{part}")
    # What is there by now is never looked through again, nor written to: the copies share it.
    gc.collect()
    gc.freeze()


def _serve(address: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    session = os.getppid()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        listening.settimeout(5)
        sys.stdout.write("warm\n")
        sys.stdout.flush()
        while os.getppid() == session:  # killed or not, the tests leave nothing behind
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            if os.fork() == 0:
                listening.close()
                _keep(connection)
            connection.close()


def _keep(connection: socket.socket) -> NoReturn:
    """Start one command, wait for it, and say how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    asked = json.loads(b"".join(iter(lambda: connection.recv(1 << 16), b"")))
    child = os.fork()
    if child == 0:
        connection.close()
        _command(asked, streams)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    connection.sendall(str(code).encode())
    os._exit(0)


def _command(asked: dict[str, Any], streams: Sequence[int]) -> NoReturn:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["pathway", *asked["words"]]
    from pathway.cli import main

    main()
    sys.exit(0)


if __name__ == "__main__":
    load()
    _serve(sys.argv[1])
