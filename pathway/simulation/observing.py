"""What is seen of children: first observations, more of them while nothing is better, brothers and sisters."""

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from config.errors import PathwayError
from config.time import london, to_london
from models.casework import Logged, log_observation
from models.database import writing
from models.forms import TYPES
from pathway.simulation.filling import WORDS
from pathway.simulation.life import Life
from pathway.simulation.partnership import Actor, Place

OPEN_WEEKS = 39  # of a school's year
DAY = timedelta(days=1)
HOURS = 7  # of a setting's day, from nine o'clock
ROLES = ("practitioner", "dsl")


def expect(life: Life) -> None:
    """Write the year's first observations into the agenda."""
    for place in life.partnership.places.values():
        days = [life.year.begin + DAY * number for number in range(7 * life.year.weeks)]
        for day in days:
            if life.diary.is_open(place, day):
                _of_day(life, place, day)


def _of_day(life: Life, place: Place, day: date) -> None:
    often = life.assumed.first_observations / (OPEN_WEEKS * 5)
    children = life.partnership.children[place.key]
    for number in range(life.chance.count(often, "first", place.key, day)):
        child = life.chance.one_of(children, "which", place.key, day, number)
        _observe_on(life, child, day, f"first {number}")


def _observe_on(life: Life, child: str, day: date, why: str) -> None:
    at = london(day, time(9 + life.chance.draw("hour", child, day, why).randrange(HOURS)))
    if at < life.year.ends:
        life.agenda.write(at, f"observe {child} {why}", partial(_observe, life, child, why))


async def _observe(life: Life, child: str, why: str, at: datetime) -> None:
    place = life.partnership.places[life.partnership.setting_of(child)]
    day = to_london(at).date()
    if not life.diary.is_open(place, day):
        _observe_on(life, child, day + DAY, why)
        return
    who = _observer(life, child, place, at)
    if who is None:
        return
    try:
        async with writing(life.engine) as session:
            logged = await log_observation(session, _fields(life, child, at), who.email, at)
    except PathwayError as error:
        life.refused[f"{type(error).__name__}: log"] += 1
        return
    life.did(who, at)
    if not logged.joined:
        _what_follows(life, child, day, logged)


def _observer(life: Life, child: str, place: Place, at: datetime) -> Actor | None:
    """A practitioner who is there, or the DSL."""
    able = [one for role in ROLES for one in life.partnership.holders(role, place.key)]
    able = [one for one in able if life.diary.is_at_desk(one, at)]
    return life.chance.one_of(able, "observer", child, at) if able else None


def _fields(life: Life, child: str, at: datetime) -> dict[str, Any]:
    danger = life.assumed.danger[life.child(child).severity]
    return {
        "child": child,
        "seen_at": at - timedelta(minutes=10),
        "place": "classroom",
        "what": WORDS,
        "child_words": WORDS,
        "types": [life.chance.one_of(TYPES, "type", child, at)],
        "immediate_danger": life.chance.happens(danger, "danger", child, at),
    }


def _what_follows(life: Life, child: str, day: date, logged: Logged) -> None:
    """A concern has begun: how often the child will be seen again, and whether a brother or sister will be."""
    key = logged.reference
    more = life.chance.count(life.assumed.joining[life.child(child).course], "joining", key)
    for number in range(more):
        later = life.chance.draw("when", key, number).randrange(2, 7 * life.assumed.joining_weeks)
        _observe_on(life, child, day + DAY * later, f"again {key} {number}")
    siblings = life.partnership.siblings(child)
    if siblings and life.chance.happens(life.assumed.sibling, "sibling", key):
        later = life.chance.draw("sibling's day", key).randrange(1, 28)
        _observe_on(life, life.chance.one_of(siblings, "which sibling", key), day + DAY * later, f"sibling {key}")
