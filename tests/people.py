"""The people and children of the tests: named, invented, the same in every test.

Staff are their e-mail addresses and children their keys, as every form and command takes them:

    {"child": people.AMIRA, ...} logged by people.TEACHER is owed a decision by people.DSL

Nobody in this roster is away and nobody has left; a test that needs either adds it to its own copy, since
`roster()` makes a new one at each call. The children's names occur in no other text, so that a leak of them
can be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

# Settings, by key.
OAKFIELD = "oakfield"
ASHDOWN = "ashdown"
SUNBEAMS = "sunbeams"
HV_TEAM = "hv-team"
DERBY = "derby"
DERBYSHIRE = "derbyshire"

# Oakfield, the primary school where most tests take place.
HEAD = "harriet.lowe@oakfield.example"
DSL = "dana.okoro@oakfield.example"
DEPUTY = "devan.pillai@oakfield.example"
TEACHER = "tessa.brook@oakfield.example"
ASSISTANT = "asha.lindley@oakfield.example"
LEAD = "leon.baptiste@oakfield.example"

# Ashdown, the secondary school.
ASHDOWN_HEAD = "hugh.merriman@ashdown.example"
ASHDOWN_DSL = "safiya.noor@ashdown.example"
ASHDOWN_DEPUTY = "piotr.banas@ashdown.example"
ASHDOWN_TUTOR = "tamsin.yeo@ashdown.example"

# Sunbeams, the nursery, in the other area.
SUNBEAMS_HEAD = "moira.keane@sunbeams.example"
SUNBEAMS_DSL = "stella.adomako@sunbeams.example"
SUNBEAMS_DEPUTY = "uma.chandran@sunbeams.example"
KEY_PERSON = "kirsty.vance@sunbeams.example"

# The health visiting team.
HV_HEAD = "bridget.fallow@hv.example"
HV_DSL = "naomi.asante@hv.example"
HV_DEPUTY = "carys.pugh@hv.example"
HEALTH_VISITOR = "vera.solomon@hv.example"

# The areas, and whoever keeps the system running. Without a prefix: Derby, Oakfield's area.
COORDINATOR = "colin.adair@derby.example"
FRONT_DOOR = "front-door@derby.example"
PARTNERSHIP = "paula.renshaw@derby.example"
DERBYSHIRE_COORDINATOR = "corinne.bala@derbyshire.example"
DERBYSHIRE_FRONT_DOOR = "front-door@derbyshire.example"
DERBYSHIRE_PARTNERSHIP = "percy.ogden@derbyshire.example"
ADMIN = "ada.winstanley@partnership.example"

# Children, by key. Amira, Yusuf and the unborn are siblings in three settings; Daniel and Ruthie in two.
AMIRA = "amira"
YUSUF = "yusuf"
UNBORN = "unborn-quillonby"
DANIEL = "daniel"
RUTHIE = "ruthie"
IFEOMA = "ifeoma"
JEROME = "jerome"
ELSIE = "elsie"
NOORIYAH = "nooriyah"


@dataclass(frozen=True)
class Child:
    """One child of the roster; `born` for a child who is born, `due` for one who is not."""

    key: str
    name: str
    household: str
    setting: str
    born: date | None = None
    due: date | None = None

    def row(self) -> dict[str, Any]:
        """The child as a line of the roster file."""
        when = {"born": self.born} if self.born else {"due": self.due}
        place = {"household": self.household, "setting": self.setting}
        return {"key": self.key, "name": self.name, **when, **place}


CHILDREN: dict[str, Child] = {
    child.key: child
    for child in (
        Child(AMIRA, "Amira Quillonby", "h1", OAKFIELD, born=date(2018, 5, 4)),
        Child(YUSUF, "Yusuf Quillonby", "h1", ASHDOWN, born=date(2012, 11, 19)),
        Child(UNBORN, "Unborn Quillonby", "h1", HV_TEAM, due=date(2026, 6, 20)),
        Child(DANIEL, "Daniel Threckwith", "h2", OAKFIELD, born=date(2016, 10, 23)),
        Child(RUTHIE, "Ruthie Threckwith", "h2", SUNBEAMS, born=date(2021, 12, 14)),
        Child(IFEOMA, "Ifeoma Castlewraye", "h3", OAKFIELD, born=date(2017, 2, 28)),
        Child(JEROME, "Jerome Osterfallow", "h4", ASHDOWN, born=date(2011, 9, 17)),
        Child(ELSIE, "Elsie Varrowmede", "h5", SUNBEAMS, born=date(2022, 3, 9)),
        Child(NOORIYAH, "Nooriyah Hazzlewyn", "h6", HV_TEAM, born=date(2025, 1, 30)),
    )
}

# Key, name, kind, area.
_SETTINGS: tuple[tuple[str, str, str, str], ...] = (
    (OAKFIELD, "Oakfield Primary School", "school", DERBY),
    (ASHDOWN, "Ashdown Secondary School", "school", DERBY),
    (SUNBEAMS, "Sunbeams Nursery School", "nursery", DERBYSHIRE),
    (HV_TEAM, "Marlbank Health Visiting Team", "health", DERBY),
)
# When both schools are closed; the nursery and the health visiting team never are.
EASTER = "2026-04-03..2026-04-17"


# Address, name, role, and the setting or area of that role ("" for an administrator).
_STAFF: tuple[tuple[str, str, str, str], ...] = (
    (HEAD, "Harriet Lowe", "head", OAKFIELD),
    (DSL, "Dana Okoro", "dsl", OAKFIELD),
    (DEPUTY, "Devan Pillai", "deputy_dsl", OAKFIELD),
    (TEACHER, "Tessa Brook", "practitioner", OAKFIELD),
    (ASSISTANT, "Asha Lindley", "practitioner", OAKFIELD),
    (LEAD, "Leon Baptiste", "practitioner", OAKFIELD),
    (ASHDOWN_HEAD, "Hugh Merriman", "head", ASHDOWN),
    (ASHDOWN_DSL, "Safiya Noor", "dsl", ASHDOWN),
    (ASHDOWN_DEPUTY, "Piotr Banaś", "deputy_dsl", ASHDOWN),
    (ASHDOWN_TUTOR, "Tamsin Yeo", "practitioner", ASHDOWN),
    (SUNBEAMS_HEAD, "Moira Keane", "head", SUNBEAMS),
    (SUNBEAMS_DSL, "Stella Adomako", "dsl", SUNBEAMS),
    (SUNBEAMS_DEPUTY, "Uma Chandran", "deputy_dsl", SUNBEAMS),
    (KEY_PERSON, "Kirsty Vance", "practitioner", SUNBEAMS),
    (HV_HEAD, "Bridget Fallow", "head", HV_TEAM),
    (HV_DSL, "Naomi Asante", "dsl", HV_TEAM),
    (HV_DEPUTY, "Carys Pugh", "deputy_dsl", HV_TEAM),
    (HEALTH_VISITOR, "Vera Solomon", "practitioner", HV_TEAM),
    (COORDINATOR, "Colin Adair", "early_help_coordinator", DERBY),
    (FRONT_DOOR, "Front door duty team, Derby", "front_door", DERBY),
    (PARTNERSHIP, "Paula Renshaw", "partnership_contact", DERBY),
    (DERBYSHIRE_COORDINATOR, "Corinne Bala", "early_help_coordinator", DERBYSHIRE),
    (DERBYSHIRE_FRONT_DOOR, "Front door duty team, Derbyshire", "front_door", DERBYSHIRE),
    (DERBYSHIRE_PARTNERSHIP, "Percy Ogden", "partnership_contact", DERBYSHIRE),
    (ADMIN, "Ada Winstanley", "administrator", ""),
)

# What the child said, for a test's observation: as recognisable as the names.
CHILD_WORDS = "The marmalade fox has eaten all our blankets again."


def roster() -> dict[str, Any]:
    """A new copy of the tests' roster, in the shape that YAML gives of a roster file (days are `date`s)."""
    households = dict.fromkeys(child.household for child in CHILDREN.values())
    return {
        "settings": [_setting_row(*setting) for setting in _SETTINGS],
        "people": [_person_row(*person) for person in _STAFF],
        "households": [{"key": key} for key in households],
        "children": [child.row() for child in CHILDREN.values()],
    }


def planted_in(text: str) -> list[str]:
    """The planted names in a text (already decoded), whatever its capitals and wherever its lines break."""
    plain = " ".join(text.split()).casefold()
    return [name for name in PLANTED_NAMES if name.casefold() in plain]


def _setting_row(key: str, name: str, kind: str, area: str) -> dict[str, Any]:
    opens = "08:30-17:00" if kind == "health" else "08:30-15:30"
    closed = [EASTER] if kind == "school" else []
    return {"key": key, "name": name, "kind": kind, "area": area, "open": opens, "closed": closed}


def _person_row(email: str, name: str, role: str, place: str) -> dict[str, Any]:
    holds = {"role": role}
    if place:
        holds["area" if place in (DERBY, DERBYSHIRE) else "setting"] = place
    return {"email": email, "name": name, "roles": [holds]}


def _ways_to_write(day: date) -> list[str]:
    """The forms in which a date of birth might be found: 2018-05-04, 04/05/2018, 4 May 2018."""
    return [f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}", f"{day.day} {day:%b %Y}", f"{day.day} {day:%B %Y}"]


def _planted() -> list[str]:
    """Each child's full name, its parts and date of birth, each setting's full name and what the child said.

    A day on which a child is due is left out: it is a day like any other, on which a letter may well be sent.
    """
    names = [part for child in CHILDREN.values() for part in (child.name, *child.name.split())]
    births = [text for child in CHILDREN.values() if child.born for text in _ways_to_write(child.born)]
    found = [*names, *births, *(setting[1] for setting in _SETTINGS), CHILD_WORDS]
    return [name for name in dict.fromkeys(found) if name != "Unborn"]


# What no letter, log, address, flow run or artifact may hold.
PLANTED_NAMES: list[str] = _planted()
