"""Prefect's server as a program of its own, which ends with the one that started it: `up` killed leaves none behind.

Started as `python -m flows.server_program PARENT HOST PORT`.
"""

import runpy
import sys

from flows.parentage import end_with


def main() -> None:
    """Become Prefect's server, unless the parent is gone already."""
    parent, host, port = sys.argv[1:]
    if not end_with(int(parent)):
        return
    sys.argv = ["prefect", "server", "start", "--host", host, "--port", port]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
