"""Programs that end with the one that started them: whoever kills `up` or `simulate` means all of it."""

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1  # prctl(2): the signal to get when the parent dies


def end_with(parent: int, sign: signal.Signals = signal.SIGTERM) -> bool:
    """Have this process get `sign` when `parent` (its PID) dies; False when it is dead already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sign)
    return os.getppid() == parent
