"""The parts of a policy file: figures, ladders, labels, contacts, areas and instruments, each checked as it is read.

A missing figure is refused, never filled in; a figure must have the unit that `config.figures` gives it, and a basis
and a source beside it. Every function raises PolicyError naming file, line and key.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from config.figures import BASES, CLOCKS, FIGURES, ORDERED, Expected, Value
from config.policy import (
    CONTACTS,
    ROLES,
    TASK_KINDS,
    TERMS,
    Area,
    Channel,
    Contact,
    Figure,
    Instrument,
    Ladder,
    Reminder,
    Rung,
)
from config.policy_reader import Reader, nearest, shown

Figures = Mapping[str, Figure]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
WHENS = ("opening", "unacknowledged", "before", "half_way", "chase")
COUNTED = ("before", "chase")
# What ends by itself: a referral is sent, silence becomes a disagreement, a disagreement goes up.
LAPSING = ("confirm_referral", "await_acknowledgement", "await_decision", "resolve_disagreement")
BESIDE = ("value", "unit", "basis", "source")


def read_figures(reader: Reader) -> Figures:
    """Every figure by name; all of them must be there."""
    parts = reader.mapping(FIGURES)
    figures = {name: _figure(part, FIGURES[name]) for name, part in parts.items()}
    for name, expected in FIGURES.items():
        if name not in figures:
            raise reader.refuse(f"{name} is missing ({expected.meaning}; in {expected.unit})")
    _check_order(reader, figures)
    return MappingProxyType(figures)


def _figure(reader: Reader, expected: Expected) -> Figure:
    parts = reader.mapping(BESIDE, BESIDE)
    if parts["unit"].value != expected.unit:
        raise parts["unit"].refuse(f"must be {expected.unit}, not {shown(parts['unit'].value)}")
    value = _value(parts["value"], expected)
    return Figure(value, expected.unit, parts["basis"].choice(BASES), parts["source"].text())


def _value(reader: Reader, expected: Expected) -> Value:
    if expected.locked is not None and reader.value is not expected.locked:
        raise reader.refuse(f"is locked to {str(expected.locked).lower()}: {expected.meaning}")
    if expected.unit == "boolean":
        if not isinstance(reader.value, bool):
            raise reader.refuse(f"must be true or false, not {shown(reader.value)}")
        return reader.value
    return reader.text() if expected.unit == "text" else reader.whole(*expected.bounds())


def _check_order(reader: Reader, figures: Figures) -> None:
    for less, more in ORDERED:
        if int(figures[less].value) > int(figures[more].value):
            limit = f"{more} ({figures[more].value})"
            raise reader.part(less).refuse(f"must not be more than {limit}, is {figures[less].value}")
    for name in CLOCKS:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(figures[name].value)):
            raise reader.part(name).part("value").refuse(f"must be a time such as '17:30', not {figures[name].value!r}")


def read_ladders(reader: Reader, figures: Figures) -> Mapping[str, Ladder]:
    """The ladder of every kind of task; numbers may be figures' names, and then follow them."""
    parts = reader.mapping(TASK_KINDS, TASK_KINDS)
    ladders = {kind: _ladder(part, figures) for kind, part in parts.items()}
    for kind, ladder in ladders.items():
        if not ladder.rungs and kind not in LAPSING:
            raise parts[kind].refuse("needs at least one rung: it does not lapse, and somebody must hear")
    return MappingProxyType(ladders)


def _ladder(reader: Reader, figures: Figures) -> Ladder:
    known = ("reminders", "rungs", "repeat_after", "basis", "source")
    parts = reader.mapping(known, known)
    rungs = tuple(_rung(one, figures) for one in parts["rungs"].items())
    for number, rung in enumerate(rungs[1:], start=1):
        if rung.after <= rungs[number - 1].after:
            raise parts["rungs"].part(number).refuse("must be later than the rung before it")
    repeat_after, figure = _days(parts["repeat_after"], figures, 1)
    return Ladder(
        tuple(_reminder(one, figures) for one in parts["reminders"].items()),
        rungs,
        repeat_after,
        parts["basis"].choice(BASES),
        parts["source"].text(),
        figure,
    )


def _reminder(reader: Reader, figures: Figures) -> Reminder:
    parts = reader.mapping(("when", "to", "working_days"), ("when", "to"))
    when, roles = parts["when"].choice(WHENS), _roles(parts["to"])
    if (when in COUNTED) != ("working_days" in parts):
        needs = "needs working_days" if when in COUNTED else "takes no working_days"
        raise reader.refuse(f"{when} {needs}")
    if when not in COUNTED:
        return Reminder(when, roles)
    return Reminder(when, roles, *_days(parts["working_days"], figures, 1))


def _rung(reader: Reader, figures: Figures) -> Rung:
    parts = reader.mapping(("after", "to"), ("after", "to"))
    after, figure = _days(parts["after"], figures, 0)
    return Rung(after, _roles(parts["to"]), figure)


def _days(reader: Reader, figures: Figures, low: int) -> tuple[int, str | None]:
    """A number of working days, written out or as the name of a figure in working days."""
    name = reader.value
    if not isinstance(name, str):
        return reader.whole(low, 260), None
    counted = {one: figure for one, figure in figures.items() if figure.unit == "working_days"}
    if name not in counted:
        raise reader.refuse(f"must be a number or a figure in working_days, not {name!r}{nearest(name, counted)}")
    return int(counted[name].value), name


def _roles(reader: Reader) -> tuple[str, ...]:
    roles = tuple(one.choice(ROLES) for one in reader.items())
    if not roles or len(set(roles)) < len(roles):
        raise reader.refuse("must name at least one role, and each once")
    return roles


def read_labels(reader: Reader) -> Mapping[str, str]:
    """What the partnership calls things."""
    parts = reader.mapping(TERMS) if reader.value is not None else {}
    return MappingProxyType({term: part.text() for term, part in parts.items()})


def read_channel(reader: Reader) -> Channel:
    """How referrals reach a front door."""
    return CHANNELS[CHANNELS.index(reader.choice(CHANNELS))]


def read_contacts(reader: Reader) -> Mapping[str, Contact]:
    """Who can be telephoned; numbers ship blank."""
    parts = reader.mapping(CONTACTS) if reader.value is not None else {}
    return MappingProxyType({key: _contact(part) for key, part in parts.items()})


def _contact(reader: Reader) -> Contact:
    parts = reader.mapping(("name", "telephone"), ("name",))
    telephone = reader.part("telephone")
    if isinstance(telephone.value, int):
        raise telephone.refuse("put the number in quotation marks, or it loses its spaces")
    number = telephone.text(blank=True)
    if number and not set(number) <= set("+0123456789 ()-"):
        raise telephone.refuse(f"must be a telephone number such as '01632 960000', not {number!r}")
    return Contact(parts["name"].text(), number)


def read_areas(reader: Reader, elsewhere: Area, figures: Figures) -> Mapping[str, Area]:
    """The areas that follow the policy; what an area does not say is as elsewhere in the partnership."""
    parts = reader.mapping() if reader.value is not None else {}
    return MappingProxyType({key: _area(key, part, elsewhere, figures) for key, part in parts.items()})


def _area(key: str, reader: Reader, elsewhere: Area, figures: Figures) -> Area:
    parts = reader.mapping(("name", "channel", "contacts", "overrides"), ("name",))
    own = parts["overrides"].mapping(FIGURES) if "overrides" in parts else {}
    overrides = {name: _figure(part, FIGURES[name]) for name, part in own.items()}
    if overrides:
        _check_order(parts["overrides"], {**figures, **overrides})
    return Area(
        key,
        parts["name"].text(),
        read_channel(parts["channel"]) if "channel" in parts else elsewhere.channel,
        MappingProxyType({**elsewhere.contacts, **read_contacts(reader.part("contacts"))}),
        MappingProxyType(overrides),
    )


def read_instruments(reader: Reader) -> Mapping[str, Instrument]:
    """Graded assessment tools: their structure only."""
    parts = reader.mapping() if reader.value is not None else {}
    return MappingProxyType({key: _instrument(key, part) for key, part in parts.items()})


def _instrument(key: str, reader: Reader) -> Instrument:
    known = ("name", "note", "grades", "areas")
    parts = reader.mapping(known, known)
    grades = tuple(one.whole(0, 100) for one in parts["grades"].items())
    areas = MappingProxyType(_sub_areas(parts["areas"]))
    return Instrument(key, parts["name"].text(), parts["note"].text(), grades, areas)


def _sub_areas(reader: Reader) -> dict[str, tuple[str, ...]]:
    areas = {area: part.items() for area, part in reader.mapping().items()}
    named: set[str] = set()
    for one in (one for items in areas.values() for one in items):
        # Scores are given by sub-area alone: a name in two areas would be graded once.
        if one.text() in named:
            raise one.refuse(f"{one.text()} is named twice; each sub-area needs a name of its own")
        named.add(one.text())
    if not named:
        raise reader.refuse("must name at least one sub-area")
    return {area: tuple(one.text() for one in items) for area, items in areas.items()}
