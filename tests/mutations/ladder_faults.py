"""Faults in the sweep and the ladder: what is said about a task, when, and to whom."""

from __future__ import annotations

from tests.mutations.fault import Fault, fault

LADDER, SWEEP, SWEEPING = "models/ladder.py", "models/sweep.py", "flows/sweeping.py"
HEARING = "notifications/hearing.py"
PURE, CHANCE = "tests/unit/test_ladder.py", "tests/unit/test_ladder_chance.py"
SWEPT, PEOPLE = "tests/integration/test_ladder_sweep.py", "tests/integration/test_ladder_people.py"

LADDER_FAULTS: tuple[Fault, ...] = (
    fault(
        "The sweep passes over one kind of task: nobody is reminded of a family's review",
        SWEEP,
        "    due = due.where(col(Task.closed_at).is_(None), Task.next_at <= at, col(Task.id).not_in(skip))",
        "    due = due.where(col(Task.closed_at).is_(None), Task.next_at <= at, col(Task.id).not_in(skip))\n"
        "    due = due.where(Task.kind != Kind.HOLD_REVIEW)",
        SWEPT,
    ),
    fault(
        "A task is looked at again a year too late",
        SWEEP,
        "task.said_until, task.next_at = at, said.next_at\n",
        "task.said_until, task.next_at = at, said.next_at.replace(year=said.next_at.year + 1)\n",
        SWEPT,
    ),
    fault(
        "The sweep swallows an error: a task that breaks is left out and not counted",
        SWEEPING,
        '                counts["failed"] += 1\n                logger.error("a due task could not be swept: %s",'
        " type(error).__name__)\n",
        "                pass\n",
        "tests/integration/test_many_sweeps.py",
        SWEPT,
        journey=False,
    ),
    fault(
        "Killed half way, letters are lost: the sweep commits before it has addressed them",
        SWEEPING,
        "        return claimed.looked_at, claimed.lapses, await address(session, letters, at)\n",
        "        await session.commit()\n"
        "        return claimed.looked_at, claimed.lapses, await address(session, letters, at)\n",
        "tests/integration/test_many_sweeps.py",
        journey=False,
    ),
    fault(
        "The sweep forgets until when it has spoken, so that what was said before hides what is new",
        SWEEP,
        "    task.said_until, task.next_at = at, said.next_at\n",
        "    task.next_at = said.next_at\n",
        CHANCE,
        SWEPT,
    ),
    fault(
        "After an outage a rung is said twice: what was said until now is said again",
        LADDER,
        "        if moment.at > said_until:\n",
        "        if moment.at >= said_until:\n",
        PURE,
        CHANCE,
    ),
    fault(
        "After an outage only the last rung's people hear; those of the rungs passed over never do",
        LADDER,
        "rungs = tuple(moment for moment in due if moment.what == What.RUNG)",
        "rungs = tuple(moment for moment in due[-1:] if moment.what == What.RUNG)",
        PURE,
        CHANCE,
    ),
    fault(
        "The last rung is followed by ten weeks of silence",
        LADDER,
        "        at = working_days_after(at, max(1, ladder.repeat_after), calendar)\n",
        "        at = working_days_after(at, 50, calendar)\n",
        PURE,
        CHANCE,
    ),
    fault(
        "A rung comes a working day late: the head hears two days after the deputy",
        LADDER,
        "        at = working_days_after(at, rung.after - days, calendar)\n",
        "        at = working_days_after(at, rung.after - days + (number == 2), calendar)\n",
        PURE,
        CHANCE,
    ),
    fault(
        "A reminder ten working days before is left out where there is one three days before",
        LADDER,
        '        if rule.when == "before" and rule.working_days:\n',
        '        if rule.when == "before" and rule.working_days and rule.working_days < 5:\n',
        PURE,
        CHANCE,
    ),
    fault(
        "The front door is chased once, and then no more",
        LADDER,
        '        while rule.when == "chase" and (at :=',
        '        if rule.when == "chase" and (at :=',
        PURE,
        CHANCE,
    ),
    fault(
        "Nobody hears that a new concern was not acknowledged",
        LADDER,
        'elif rule.when == "unacknowledged" and clocks.acknowledge_by:',
        'elif rule.when == "unacknowledged" and clocks.acknowledge_by and clocks.lapse_at:',
        PURE,
        SWEPT,
    ),
    fault(
        "The wrong person is told: the deputy instead of the head",
        HEARING,
        "    wanted = Role(role) if role in set(Role) else Role.DSL\n",
        "    wanted = Role(role) if role in set(Role) else Role.DSL\n"
        "    wanted = Role.DEPUTY_DSL if wanted == Role.HEAD else wanted\n",
        SWEPT,
        PEOPLE,
    ),
)
