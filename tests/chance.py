"""How far chance is let loose: little and the same each time in `make test`, further where it is asked for.

    PATHWAY_TEST_CHANCE=50 python -m pytest -n0 tests/unit/test_ladder_chance.py

plays fifty times as many seasons, other ones each time, and makes a failing one as short as it can.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

# Taken out of the environment at once: the settings refuse names they do not know.
TIMES = int(os.environ.pop("PATHWAY_TEST_CHANCE", "0"))


def play(machine: Callable[[], RuleBasedStateMachine], seasons: int, steps: int = 30) -> None:
    """So many seasons of so many steps at most."""
    again = {} if TIMES else {"phases": [Phase.generate]}
    chosen = settings(
        max_examples=seasons * max(1, TIMES),
        stateful_step_count=steps,
        derandomize=not TIMES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **again,  # type: ignore[arg-type]  # one of its names
    )
    run_state_machine_as_test(machine, settings=chosen)  # type: ignore[arg-type]  # anything that makes one will do
