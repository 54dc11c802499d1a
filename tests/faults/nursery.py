"""The nursery: a process that has loaded the program, and is copied for each program that is started.

The same idea as tests/acceptance/warm.py, for programs that are left running and killed. Who starts one (programs.py)
learns its PID at once and its end later. A copy may be armed (points.py), so that it kills itself at a chosen point.

    python -m tests.faults.nursery SOCKET
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from pathway.cli import main
from tests.acceptance.warm import load
from tests.faults.keyboard import serve
from tests.faults.points import arm
from tests.faults.programs import KEYBOARD

# What the programs of a soak need besides.
ALSO = ("tests.faults.breaking", "pathway.ticking")


def _serve(address: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    starter = os.getppid()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(64)
        listening.settimeout(5)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while os.getppid() == starter:
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            if os.fork() == 0:
                listening.close()
                _keep(connection)
            connection.close()


def _keep(connection: socket.socket) -> NoReturn:
    """Start one program, say its PID, wait for it, and say how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    asked = json.loads(b"".join(iter(lambda: connection.recv(1 << 16), b"")))
    child = os.fork()
    if child == 0:
        connection.close()
        _become(asked, streams)
    for stream in streams:
        os.close(stream)
    with suppress(BrokenPipeError):
        connection.sendall(f"{child}\n".encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):
        connection.sendall(f"{code}\n".encode())
    os._exit(0)


def _become(asked: dict[str, Any], streams: Sequence[int]) -> NoReturn:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["pathway", *asked["words"]]
    if asked["armed"]:
        arm(asked["armed"])
    (serve if asked["words"] == [KEYBOARD] else main)()
    sys.exit(0)


if __name__ == "__main__":
    load()
    for name in ALSO:
        import_module(name)
    _serve(sys.argv[1])
