"""Quiet after the troubles: the world is well, and everything runs to its end by the real programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time, timedelta

from config.time import london, to_london
from tests.faults.cast import Cast
from tests.faults.programs import Nursery, Program
from tests.faults.world import World

PATIENCE = 600.0
TRIES = 3
# Past every back-off of the outbox, past the hour of greylisting, and to a morning after a working day.
STEPS = (timedelta(minutes=10), timedelta(hours=5))


def settle_down(
    world: World, programs: Nursery, cast: Cast, mornings: int = 2, say: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Make everything well, send again what nobody acknowledged, and tick until nothing is due; returns findings.

    At last on so many Monday mornings: by then every role up the ladder has heard, and the digest has gone.
    """
    world.mail.mood = "well"
    findings: list[str] = []
    world.to(world.latest + timedelta(minutes=1))
    findings += _send_again(cast)
    for step in STEPS:
        world.to(world.latest + step)
        findings += _tick(world, programs, cast)
    for morning in _mornings(world.latest, mornings):
        world.to(morning)
        say(f"quiet: {morning:%a %d %b %H:%M}")
        findings += _tick(world, programs, cast)
    return findings + _check(world, programs, cast)


def _mornings(latest: datetime, many: int) -> list[datetime]:
    day = to_london(latest).date()
    mondays = [day + timedelta(days=ahead) for ahead in range(1, 16) if (day + timedelta(days=ahead)).weekday() == 0]
    return [london(one, time(8, 5)) for one in mondays[:many]]


def _send_again(cast: Cast) -> list[str]:
    for _ in range(TRIES):
        for act in cast.ledger.missing():
            cast.again(act)
    return [
        f"observation {act.key} could not be logged in a healthy world: {act.said}" for act in cast.ledger.missing()
    ]


def _run(world: World, programs: Nursery, cast: Cast, machine: int, *words: str) -> Program:
    # As broken as the others are: a whole program would make up for what they left.
    program = programs.start(words, world.environment(machine), armed={"broken": cast.broken})
    program.wait(PATIENCE)
    return program


def _tick(world: World, programs: Nursery, cast: Cast) -> list[str]:
    """Tick on each machine, each of which knows its own dead senders."""
    found: list[str] = []
    for machine in range(len(world.homes)):
        program = _run(world, programs, cast, machine, "tick")
        if program.code != 0:
            found.append(f"tick ended with {program.code} in a healthy world: {program.said()}{program.complained()}")
    return found


def _check(world: World, programs: Nursery, cast: Cast) -> list[str]:
    program = _run(world, programs, cast, 0, "check", "--json")
    try:
        said = json.loads(program.said())["findings"]
    except ValueError:
        return [f"check said nothing that can be read: {program.complained()}"]
    found = [f"check: {one['concern']}: {one['what']}" for one in said]
    return found or ([f"check ended with {program.code} and found nothing"] if program.code else [])
