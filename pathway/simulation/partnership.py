"""An invented partnership, a part of it at a time: settings, people with their tempers, households and children.

A part is a few whole areas, so that nobody in it has to do with anybody in another, and is lived through by itself.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pathway.simulation.assumptions import TEMPERS, Temper
from pathway.simulation.chance import Chance
from pathway.simulation.terms import Closed, closures
from pathway.simulation.year import Year

OF_A_SETTING = ("dsl", "deputy_dsl", "head", "practitioner", "practitioner", "practitioner")
OF_AN_AREA = ("early_help_coordinator", "early_help_coordinator", "front_door", "partnership_contact")
KEEPER = "keeper@partnership.example"
HOUSEHOLDS = 40
SURNAME = "Quillfeather"  # of every child: wherever it turns up, something of a child's has leaked
DAY = timedelta(days=1)
Row = dict[str, Any]


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: their role, its place (a setting's or an area's key), and how they take letters."""

    email: str
    role: str
    place: str
    temper: Temper


@dataclass(frozen=True)
class Place:
    """A setting, its area, and when it is closed."""

    key: str
    area: str
    closed: tuple[Closed, ...]


def parts_of(year: Year) -> int:
    """How many parts a year's partnership has."""
    return -(-year.settings // year.assumed.settings_a_part)


class Partnership:
    """Part `number` of a year's partnership. Areas that the policy lists come first, by their own names."""

    def __init__(self, year: Year, number: int) -> None:
        self.chance = Chance(year.seed, f"part {number}")
        first = number * year.assumed.settings_a_part
        indices = range(first, min(year.settings, first + year.assumed.settings_a_part))
        self.places = {one.key: one for one in (self._place(year, index) for index in indices)}
        self.areas = list(dict.fromkeys(one.area for one in self.places.values()))
        self.cast: dict[str, Actor] = {}
        for key in self.places:
            for index, role in enumerate(OF_A_SETTING):
                self.join(role, key, index)
        for area in self.areas:
            for index, role in enumerate(OF_AN_AREA):
                self.join(role, area, index)
        self.keeper = Actor(KEEPER, "administrator", "", TEMPERS["prompt"])
        self.children = {key: self._children(key) for key in self.places}
        self.household = {child: child.rpartition("-")[0] for of in self.children.values() for child in of}

    def _place(self, year: Year, index: int) -> Place:
        area = _area(year, index // year.assumed.settings_an_area)
        key = f"{area}-setting-{index + 1:03d}"
        is_school = self.chance.happens(year.assumed.schools, "school", key)
        last = year.begin + timedelta(weeks=year.weeks + 60)
        return Place(key, area, tuple(closures(year.begin - 30 * DAY, last)) if is_school else ())

    def join(self, role: str, place: str, number: int) -> Actor:
        """Somebody takes up a role; their temper is their own."""
        email = f"{role.replace('_', '-')}-{number + 1}@{place}.example"
        shares = {name: temper.share for name, temper in TEMPERS.items()}
        temper = TEMPERS[self.chance.pick(shares, "temper", email)]
        self.cast[email] = Actor(email, role, place, temper)
        return self.cast[email]

    def holders(self, role: str, place: str) -> list[Actor]:
        """Everybody who ever held a role at a setting, or else in the area, newest first."""
        where = place if role in OF_A_SETTING or place not in self.places else self.places[place].area
        return [one for one in reversed(self.cast.values()) if one.role == role and one.place == where]

    def siblings(self, child: str) -> list[str]:
        """The other children of a child's household."""
        mine = self.household[child]
        return [one for one in self.children[self.setting_of(child)] if one != child and self.household[one] == mine]

    def setting_of(self, child: str) -> str:
        """Where a child goes."""
        return self.household[child].rpartition("-home-")[0]

    def _children(self, place: str) -> list[str]:
        sizes = {"1": 0.55, "2": 0.30, "3": 0.15}
        homes = [f"{place}-home-{number:02d}" for number in range(HOUSEHOLDS)]
        return [f"{home}-{which}" for home in homes for which in range(int(self.chance.pick(sizes, "size", home)))]

    def roster(self) -> Row:
        """The roster that loads it."""
        return {
            "settings": [self._setting(place) for place in self.places.values()],
            "people": [person(one) for one in self.cast.values()]
            + [{"email": KEEPER, "name": "The administrator", "roles": [{"role": "administrator"}]}],
            "households": [{"key": key} for key in dict.fromkeys(self.household.values())],
            "children": [self._child(child) for child in self.household],
        }

    def _setting(self, place: Place) -> Row:
        closed = [f"{first}..{last}" for first, last in place.closed]
        return {"key": place.key, "name": place.key, "kind": "school", "area": place.area, "closed": closed}

    def _child(self, child: str) -> Row:
        born = date(2008, 1, 1) + DAY * self.chance.draw("born", child).randrange(5_500)
        home = self.household[child]
        name = f"{child} {SURNAME}"
        return {"key": child, "name": name, "born": born, "household": home, "setting": self.setting_of(child)}


def _area(year: Year, number: int) -> str:
    named = list(year.policies()[-1].areas)
    return named[number] if number < len(named) else f"area-{number + 1:02d}"


def person(actor: Actor, left: date | None = None) -> Row:
    """A person's row of a roster."""
    sort = "setting" if actor.role in OF_A_SETTING else "area"
    roles = [{"role": actor.role, sort: actor.place}]
    name = actor.email.partition("@")[0].replace("-", " ").capitalize()
    return {"email": actor.email, "name": name, "roles": roles} | ({"left": left} if left else {})
