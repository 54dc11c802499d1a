"""Faults in what bridges days off, outages and busy mornings: snooze, budget, closures, back-entry, statements."""

from __future__ import annotations

from tests.mutations.fault import Fault, fault

BUDGET, BRIDGE, STATEMENTS = "notifications/budget.py", "models/bridge.py", "models/statements.py"
KEPT, STREAMS = "tests/integration/test_budget.py", "tests/integration/test_budget_streams.py"
BRIDGED, STATED = "tests/integration/test_bridge.py", "tests/integration/test_statements.py"

BRIDGING_FAULTS: tuple[Fault, ...] = (
    fault(
        "Putting a reminder off moves the deadline",
        "models/snoozing.py",
        "    task.snoozed_until = until\n",
        "    task.snoozed_until = until\n    task.due_at += timedelta(days=7 if until else 0)\n",
        "tests/integration/test_snoozing.py",
        journey=False,
    ),
    fault(
        "Putting a reminder off silences that nobody has acknowledged",
        "models/ladder.py",
        "        if moment.what > What.HALF_WAY or moment.at > until:\n",
        "        if moment.at > until:\n",
        "tests/unit/test_ladder_chance.py",
        "tests/integration/test_snoozing.py",
        journey=False,
    ),
    fault(
        "The day's budget of letters is ignored",
        BUDGET,
        "    over = set(_over(counted, so_far, budget))\n",
        "    over: set[UUID] = set()\n",
        KEPT,
        STREAMS,
        journey=False,
    ),
    fault(
        "The budget holds back what is critical",
        BUDGET,
        "    counted = [one for one in claimed if not is_critical(one.letter, urgent=one.urgent)]\n",
        "    counted = list(claimed)\n",
        KEPT,
        STREAMS,
    ),
    fault(
        "Before a setting closes nobody is asked who looks after its children",
        BRIDGE,
        '    Step("asked", find_near, bridge_steps.near),\n',
        "",
        BRIDGED,
    ),
    fault(
        "A setting closes, nobody was named, and nobody is given its concerns",
        "models/bridge_steps.py",
        "        give(case, now)\n    elif over:\n",
        "        _end(case, task)\n    elif over:\n",
        BRIDGED,
    ),
    fault(
        "On the first day back nobody is asked whether the child has been seen",
        BRIDGE,
        '    Step("back", find_back, bridge_steps.back),\n',
        "",
        BRIDGED,
    ),
    fault(
        "What was done on paper counts from when it is entered",
        "models/back_entry.py",
        "    due = count(start or case.acted_at)\n",
        "    due = count(start or case.at)\n",
        "tests/integration/test_back_entry.py",
        journey=False,
    ),
    fault(
        "A daily statement is not signed",
        STATEMENTS,
        "    row.signature = sign(PURPOSE, row.hash)\n",
        '    row.signature = ""\n',
        STATED,
    ),
    fault(
        "A missed obligation is stated as escalated",
        "models/obligations.py",
        '    if owed and not heard:\n        return "missed"\n',
        '    if owed and not heard:\n        return "escalated"\n',
        STATED,
        "tests/integration/test_opinion_clocks.py",
        journey=False,
    ),
)
