"""The policy in force, with its sources: figures, ladders, contacts, and which areas follow what."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from config.errors import PolicyError
from config.figures import FIGURES
from config.policy import TASK_KINDS, Area, Figure, Ladder, Policy
from config.policy_book import PolicyBook
from models.database import engine, reading
from models.places import areas_known
from models.policies import policy_book
from web.office.keyholder import Keyholder
from web.rendering import page
from web.saying import count, on_date, sentence, spoken
from web.viewing import NotYours

router = APIRouter()
UNITS: Mapping[str, str] = {"clock_hours": "hour", "picture": "picture number", "grade": "grade"}
CHANNELS: Mapping[str, str] = {
    "secure_link": "By secure link: the front door signs in here",
    "portal": "Through the front door’s own portal, and here",
    "telephone_then_write": "By telephone, then in writing",
}
WHENS: Mapping[str, str] = {
    "opening": "When it is opened",
    "unacknowledged": "When nobody has acknowledged it",
    "before": "before it is due",
    "half_way": "Half way",
    "chase": "after an answer was due, and each working day from then",
}


@router.get("/admin/policy")
async def policy_page(request: Request, viewer: Keyholder, key: str = "") -> Response:
    """The default policy, or the one asked for, as it stands today."""
    async with reading(engine()) as session:
        book = await policy_book(session)
        areas = await areas_known(session)
    name = key or book.default
    if name not in book.keys():  # noqa: SIM118  # a method of ours
        raise NotYours
    policy = book.version(name, viewer.day, None)
    words: dict[str, Any] = {
        "policy": policy,
        "keys": book.keys(),
        "default": book.default,
        "versions": [one.in_force_from for one in book.versions(name)],
        "figures": [_figure(one, policy.figures[one]) for one in FIGURES],
        "ladders": [_ladder(kind, policy.ladders[kind]) for kind in TASK_KINDS],
        "areas": [_area(one) for one in (policy.elsewhere, *policy.areas.values())],
        "follows": _follows(book, areas, viewer.day),
        "blank": _blank(policy),
        "unsure": sum(one.basis == "U" for one in policy.figures.values()),
    }
    return page(request, "office/policy", viewer, **words)


def _figure(name: str, figure: Figure) -> dict[str, Any]:
    return {
        "name": name,
        "meaning": sentence(FIGURES[name].meaning),
        "value": say_figure(figure),
        "standing": sentence(figure.standing()),
        "is_unsure": figure.basis == "U",
        "source": figure.source,
    }


def say_figure(figure: Figure) -> str:
    """`1 working day`, `4 opening hours`, `Yes`, `grade 4`."""
    if isinstance(figure.value, bool):
        return "Yes" if figure.value else "No"
    if figure.unit in ("grade", "picture"):
        return f"{sentence(UNITS[figure.unit])} {figure.value}"
    if isinstance(figure.value, int):
        return count(figure.value, UNITS.get(figure.unit, spoken(figure.unit).removesuffix("s")))
    return str(figure.value)


def _ladder(kind: str, ladder: Ladder) -> dict[str, Any]:
    reminders = [
        f"{count(one.working_days, 'working day')} {WHENS[one.when]}" if one.working_days else WHENS[one.when]
        for one in ladder.reminders
    ]
    rungs = [
        f"{count(one.after, 'working day')} late" if one.after else "At once when it is late" for one in ladder.rungs
    ]
    return {
        "kind": sentence(spoken(kind)).replace("Dsl", "DSL"),
        "reminders": list(zip(reminders, (_who(one.to) for one in ladder.reminders), strict=True)),
        "rungs": list(zip(rungs, (_who(one.to) for one in ladder.rungs), strict=True)),
        "again": count(ladder.repeat_after, "working day"),
        "source": ladder.source,
    }


def _who(roles: Sequence[str]) -> str:
    known = {"dsl": "DSL", "deputy_dsl": "deputy DSL"}
    return ", ".join(known.get(role, spoken(role)) for role in roles)


def _area(area: Area) -> dict[str, Any]:
    return {
        "name": area.name,
        "key": area.key,
        "channel": CHANNELS[area.channel],
        "contacts": [(contact.name, contact.telephone) for contact in area.contacts.values()],
        "own": [_figure(name, figure) for name, figure in area.overrides.items()],
    }


def _follows(book: PolicyBook, areas: Sequence[str], day: date) -> list[tuple[str, str]]:
    return [(area, _followed(book, area, day)) for area in areas]


def _followed(book: PolicyBook, area: str, day: date) -> str:
    try:
        policy = book.for_area(area, day)
    except PolicyError as error:  # two policies claim it
        return str(error)
    return f"{policy.name} ({policy.key}), in force from {on_date(policy.in_force_from)}"


def _blank(policy: Policy) -> list[str]:
    places = (policy.elsewhere, *policy.areas.values())
    return [
        f"{place.name}: {contact.name}"
        for place in places
        for contact in place.contacts.values()
        if not contact.telephone
    ]
