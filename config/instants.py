"""Instants and days: reading what people write, saying what they read. Pure; no wall clock here.

Instants are aware and UTC everywhere inside; Europe/London is for reading and saying.
"""

from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from config.errors import BadInput

LONDON: Final = ZoneInfo("Europe/London")
A_DAY = "a day such as 2026-03-02"
AN_INSTANT = "a day and time such as 2026-03-02T08:50 (Europe/London unless it ends in Z or +01:00)"
# A typing slip such as 0206 or 20226 would give a due date that nobody lives to see.
YEARS = range(1900, 2200)


def london(day: date, clock: time) -> datetime:
    """The instant (UTC) at which London's clocks show `clock` on `day`, the first of two."""
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


def to_london(at: datetime) -> datetime:
    """The same instant as London's clocks show it; refuses a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("an instant must be aware, not naive")
    return at.astimezone(LONDON)


def read_instant(value: object, field: str) -> datetime:
    """An instant (UTC) from ISO 8601 text or a datetime; without an offset it is Europe/London.

    A local time that the clock change skips is refused; one that occurs twice is its first occurrence.
    Raises BadInput naming `field`.
    """
    at = value if isinstance(value, datetime) else _parse_instant(value, field)
    if at.year not in YEARS:
        raise BadInput(field, f"the year {at.year} cannot be meant; write {AN_INSTANT}")
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    local = at.replace(tzinfo=LONDON, fold=0)
    if local.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != at:
        raise BadInput(field, f"{at:%Y-%m-%d %H:%M} does not exist in London: the clocks go forward over it")
    return local.astimezone(UTC)


def _parse_instant(value: object, field: str) -> datetime:
    # fromisoformat also reads a bare day, as midnight: a time that nobody gave.
    text = value.strip() if isinstance(value, str) else ""
    if "T" not in text.upper() and " " not in text:
        raise BadInput(field, f"write {AN_INSTANT}, not {_shown(value)}")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(field, f"write {AN_INSTANT}, not {_shown(value)}") from None


def read_day(value: object, field: str) -> date:
    """A day from text such as 2026-03-02, or from a date; raises BadInput naming `field`.

    A datetime is refused: which day it is would depend on a zone.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        day = value
    else:
        try:
            day = datetime.strptime(value.strip() if isinstance(value, str) else "", "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            raise BadInput(field, f"write {A_DAY}, not {_shown(value)}") from None
    if day.year not in YEARS:
        raise BadInput(field, f"the year {day.year} cannot be meant; write {A_DAY}")
    return day


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def say_instant(at: datetime, zone: ZoneInfo = LONDON) -> str:
    """`Tue 7 Apr 2026 17:00`, as clocks in `zone` show it."""
    local = to_london(at).astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def say_day(day: date) -> str:
    """`Tue 7 Apr 2026`."""
    return f"{day:%a} {day.day} {day:%b %Y}"
