"""Searches of the audit: from a form to an address of ids, days and references, and from such an address to a search.

No person's name or address is ever in it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import QueryParams

from config.errors import BadInput
from config.time import london, read_day
from flows.firings import REFERENCE
from models.audit import concern_id_of, kinds_known
from models.database import engine, reading
from models.deeds import Asked
from models.staff import person_with
from models.staff_seen import named
from web.answers import Typed, an_id, read
from web.questions import Option, Question
from web.saying import sentence, spoken

FIELDS = ("person", "kind", "since", "until", "reference")


def questions(*, kinds: bool) -> Sequence[Question]:
    """The search's form; who looked at what is of one kind."""
    deeds, events = kinds_known()
    options = [Option(kind, sentence(spoken(kind))) for kind in sorted({*deeds, *events})]
    asked = (
        Question(
            "person", "Who", "line", "Their e-mail address", optional=True, kind="email", width=20, autocomplete="off"
        ),
        Question("kind", "What", "pick", options=options, optional=True),
        Question("since", "From", "day", "For example, 2 3 2026", optional=True),
        Question("until", "To, that day included", "day", optional=True),
        Question("reference", "Concern", "line", "Its reference, such as NC-2026-00042", optional=True, width=20),
    )
    return asked if kinds else [question for question in asked if question.name != "kind"]


async def _wanted(request: Request) -> tuple[Asked, dict[str, str]]:
    """What an address asks for; what it cannot mean is left out, for a search makes such addresses and nobody else."""
    given = request.query_params
    kept = {name: given[name] for name in FIELDS if given.get(name)}
    reference = kept.get("reference", "")
    async with reading(engine()) as session:
        concern_id = await concern_id_of(session, reference) if REFERENCE.fullmatch(reference) else None
    return (
        Asked(
            person_id=an_id(kept.get("person", "")),
            kind=kept.get("kind", ""),
            since=_day(kept.get("since", ""), 0),
            until=_day(kept.get("until", ""), 1),
            concern_id=concern_id,
            reference=reference,
            before=_before(given),
        ),
        kept,
    )


Wanted = Annotated[tuple[Asked, dict[str, str]], Depends(_wanted)]


def _day(text: str, later: int) -> datetime | None:
    try:
        return london(read_day(text, "") + timedelta(days=later), time(0)) if text else None
    except BadInput:
        return None


def _before(given: QueryParams) -> tuple[datetime, UUID] | None:
    number = an_id(given.get("last", ""))
    try:
        at = datetime.fromisoformat(given.get("before", ""))
        return (at.astimezone(UTC), number) if number and at.tzinfo else None
    except (ValueError, OverflowError):  # no instant, or one that UTC has none for
        return None


async def typed_of(session: AsyncSession, kept: dict[str, str]) -> Typed:
    """The search as it was typed, from its address."""
    typed = {name: [value] for name, value in kept.items() if name in ("kind", "reference")}
    if person := (await named(session, [number])).get(number) if (number := an_id(kept.get("person", ""))) else None:
        typed["person"] = [person.email]
    for name in ("since", "until"):
        parts = kept.get(name, "").split("-")
        if len(parts) == len(("year", "month", "day")):
            typed |= {f"{name}-{part}": [text] for part, text in zip(("year", "month", "day"), parts, strict=True)}
    return typed


async def search_of(session: AsyncSession, typed: Typed) -> dict[str, str]:
    """What a form asks for, as an address holds it; raises BadInput for a person, day or reference there is none of."""
    fields = read(typed, questions(kinds=True))
    kept: dict[str, str] = {name: str(fields[name]) for name in ("kind", "reference") if name in fields}
    if email := fields.get("person"):
        person = await person_with(session, email)
        if person is None:
            raise BadInput("person", "is nobody's address in the record")
        kept["person"] = str(person.id)
    if "reference" in kept:
        kept["reference"] = kept["reference"].upper()
        if await concern_id_of(session, kept["reference"]) is None:
            raise BadInput("reference", "is no concern's reference")
    for name in ("since", "until"):
        if name in fields:
            kept[name] = read_day(fields[name], name).isoformat()
    return kept
