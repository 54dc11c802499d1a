"""People come and go: leave with and without cover, illness nobody saw coming, leavers, and those who come after."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from config.errors import PathwayError
from config.time import london, to_london
from models.access import Door
from models.casework import person_signed
from models.database import writing
from models.deeds import note_deed
from models.fields import fill
from models.roster import load_roster
from models.roster_form import RoleForm, RosterForm
from models.staff_changes import add_person, give_role, record_leave, record_left
from pathway.simulation.life import Life
from pathway.simulation.partnership import KEEPER, Actor, person

DAY = timedelta(days=1)
MORNING = time(8, 10)
STANDS_IN = {
    "dsl": ("deputy_dsl", "head"),
    "deputy_dsl": ("dsl", "head"),
    "head": ("deputy_dsl", "dsl"),
    "practitioner": ("practitioner", "dsl"),
    "early_help_coordinator": ("early_help_coordinator", "partnership_contact"),
    "partnership_contact": ("early_help_coordinator",),
}
# A front door is a team with one address: somebody is always there on a working day.
NEVER_AWAY = ("front_door",)


@dataclass(frozen=True)
class Spell:
    """Days away, both included; known since `known`."""

    known: date
    first: date
    last: date
    covered: float


def expect(life: Life, actors: list[Actor]) -> None:
    """Write into the agenda when these people will be away, and who of them leaves for good."""
    for actor in actors:
        if actor.role in NEVER_AWAY:
            continue
        for spell in _spells(life, actor):
            _at(life, spell.known, f"leave {actor.email} {spell.first}", partial(_go, life, actor, spell))
        if life.chance.happens(life.assumed.leavers * life.year.weeks / 52, "leaves", actor.email):
            _at(life, _some_day(life, "leaving day", actor.email), f"left {actor.email}", partial(_part, life, actor))


def _spells(life: Life, actor: Actor) -> Iterator[Spell]:
    assumed, share = life.assumed, life.year.weeks / 52
    for number in range(life.chance.count(assumed.sick_spells * share, "sick", actor.email)):
        first = _some_day(life, "sick", actor.email, number)
        yield Spell(first, first, first + DAY * _days(life, 7, "sick", actor, number), assumed.sick_cover)
    has_terms = actor.place in life.partnership.places and bool(life.partnership.places[actor.place].closed)
    for number in range(0 if has_terms else life.chance.count(assumed.holidays * share, "holiday", actor.email)):
        first = _some_day(life, "holiday", actor.email, number)
        last = first + DAY * (6 + 7 * _days(life, 2, "holiday", actor, number))
        yield Spell(max(life.year.begin, first - 14 * DAY), first, last, assumed.holiday_cover)
    if life.chance.happens(assumed.long_absence * share, "long", actor.email):
        first = _some_day(life, "long", actor.email)
        yield Spell(first, first, first + DAY * (42 + _days(life, 42, "long", actor, 0)), assumed.sick_cover)


def _days(life: Life, most: int, why: str, actor: Actor, number: int) -> int:
    return life.chance.draw("days", why, actor.email, number).randrange(most)


def _some_day(life: Life, *key: object) -> date:
    return life.year.begin + DAY * life.chance.draw("day", *key).randrange(7 * life.year.weeks)


def _at(life: Life, day: date, key: str, happen: object) -> None:
    life.agenda.write(london(day, MORNING), key, happen)  # type: ignore[arg-type]  # a partial of a coroutine function


async def _go(life: Life, actor: Actor, spell: Spell, at: datetime) -> None:
    if life.diary.has_left(actor.email, spell.first):
        return
    covered = life.chance.happens(spell.covered, "covered", actor.email, spell.first)
    cover = _stand_in(life, actor, spell.first) if covered else None
    fields = {"from": spell.first, "to": spell.last, "cover": cover.email if cover else None}
    async with writing(life.engine) as session:
        keeper = await person_signed(session, KEEPER, at)
        await record_leave(session, await person_signed(session, actor.email, at), fields, keeper, at)
    life.diary.go(actor.email, spell.first, spell.last)


def _stand_in(life: Life, actor: Actor, day: date) -> Actor | None:
    able = [one for role in STANDS_IN[actor.role] for one in life.partnership.holders(role, actor.place)]
    return next((one for one in able if one != actor and not life.diary.is_away(one.email, day)), None)


async def _part(life: Life, actor: Actor, at: datetime) -> None:
    """Somebody leaves: what they owe goes to whom they name, or the roster says that they are gone."""
    day = to_london(at).date()
    to = _stand_in(life, actor, day)
    if to is not None and life.chance.happens(life.assumed.hands_over, "hands over", actor.email):
        try:
            async with writing(life.engine) as session:
                keeper = await person_signed(session, KEEPER, at)
                await record_left(session, await person_signed(session, actor.email, at), day, to.email, keeper, at)
        except PathwayError as error:
            life.refused[f"{type(error).__name__}: left"] += 1
            return
    else:
        form = RosterForm.model_validate({"people": [person(actor, day)]})
        async with writing(life.engine) as session:
            await load_roster(session, form, at)
            note_deed(session, Door.ROSTER_LOADED, None, at)
    life.diary.part(actor.email, day)
    life.gone = True
    weeks = life.chance.draw("vacancy", actor.email).randrange(life.assumed.vacancy_weeks + 1)
    _at(life, day + DAY + timedelta(weeks=weeks), f"joins after {actor.email}", partial(_join, life, actor))


async def _join(life: Life, before: Actor, at: datetime) -> None:
    """Somebody new takes up the role."""
    before_them = sum(one.role == before.role and one.place == before.place for one in life.partnership.cast.values())
    new = life.partnership.join(before.role, before.place, before_them + 10)
    row = person(new)
    async with writing(life.engine) as session:
        keeper = await person_signed(session, KEEPER, at)
        added = await add_person(session, {"email": new.email, "name": row["name"]}, keeper, at)
        await give_role(session, added, fill(RoleForm, row["roles"][0]), keeper, at)
