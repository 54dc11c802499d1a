"""What somebody has chosen to see on the tracker, as the address says it: ids and our own words, nothing of a child."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import read_day
from models.lifecycle import Kind
from models.people import Person, Role, Setting
from models.permission import SAFEGUARDING
from models.reach import Viewer
from models.tracker import BY_DUE, SPANS, Choice, Column, Group
from models.views import REVIEWS
from web.answers import an_id
from web.questions import Option
from web.saying import count, sentence, spoken
from web.viewing import only

TRACKERS = SAFEGUARDING | {Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT}
Tracker = Annotated[Viewer, Depends(only(*TRACKERS))]
COLUMNS = {
    Column.OVERDUE: "Overdue",
    Column.THIS_WEEK: "This week",
    Column.NEXT_WEEK: "Next week",
    Column.LATER: "Later",
    Column.UNCHANGED_ONCE: "Unchanged once",
    Column.UNCHANGED_TWICE: "Unchanged twice",
}
KINDS = {
    Kind.GAIN_CONSENT: "Consent to gain",
    Kind.ASSESS: "Assessments",
    Kind.HOLD_REVIEW: "Team reviews",
    Kind.CASE_REVIEW: "Case reviews",
    Kind.STATUTORY_REVIEW: "Reviews of social care's work",
}


def choice_of(request: Request) -> Choice:
    """The choice an address holds; what is none of our words or no id chooses nothing."""
    asked = request.query_params
    kind, column, days = asked.get("kind", ""), asked.get("column", ""), asked.get("days", "")
    return Choice(
        area=asked.get("area", "")[:80],
        setting_id=an_id(asked.get("setting", "")),
        owner_id=an_id(asked.get("lead", "")),
        kind=Kind(kind) if kind in REVIEWS else None,
        days=int(days) if days in {str(one) for one in SPANS} else 0,
        column=Column(column) if column in set(Column) else None,
        day=a_day(asked.get("day", "")),
    )


Chosen = Annotated[Choice, Depends(choice_of)]


def a_day(text: str) -> date | None:
    """The day that a text such as 2026-03-02 is, if any."""
    try:
        return read_day(text, "day")
    except BadInput:
        return None


def address(path: str, choice: Choice, **more: Any) -> str:
    """A page's address with a choice and whatever else its query holds; empty things are left out."""
    said = {**_said(choice), **more}
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{path}?{query}" if query else path


def _said(choice: Choice) -> dict[str, Any]:
    return {
        "area": choice.area,
        "setting": choice.setting_id,
        "lead": choice.owner_id,
        "kind": choice.kind,
        "days": choice.days,
        "column": choice.column,
        "day": choice.day,
    }


@dataclass(frozen=True)
class Filter:
    """One thing to choose by: the name in the address, what it is called, what there is, what is chosen."""

    name: str
    label: str
    anything: str
    options: Sequence[Option]
    value: str


async def filters(session: AsyncSession, groups: Iterable[Group], choice: Choice) -> list[Filter]:
    """What can be chosen by: only what is there within the viewer's reach."""
    rows = list(groups)
    settings = await session.exec(select(Setting).where(col(Setting.id).in_({one.setting_id for one in rows})))
    people = await session.exec(select(Person).where(col(Person.id).in_({one.owner_id for one in rows})))
    areas = sorted({one.area for one in rows})
    found = [
        Filter("area", "Area", "Every area", [Option(one, sentence(spoken(one))) for one in areas], choice.area),
        Filter("setting", "Setting", "Every setting", _named(settings), str(choice.setting_id or "")),
        Filter("lead", "Who owes it", "Everybody", _named(people), str(choice.owner_id or "")),
        Filter("kind", "What is due", "Everything", [Option(*one) for one in KINDS.items()], choice.kind or ""),
        Filter("days", "Without improvement", "However long", _spans(), str(choice.days or "")),
    ]
    return [one for one in found if one.name != "area" or len(areas) > 1 or choice.area]


def _named(rows: Iterable[Setting | Person]) -> list[Option]:
    return [Option(str(one.id), one.name) for one in sorted(rows, key=lambda one: one.name)]


def _spans() -> list[Option]:
    return [Option(str(one), f"{count(one // 7, 'week')} or more") for one in SPANS]


def columns_to_choose(choice: Choice) -> Filter:
    """The columns of the board, as a list can be held to one of them."""
    options = [Option(one.value, text if one in BY_DUE else f"{text} running") for one, text in COLUMNS.items()]
    return Filter("column", "When", "Whenever it is due", options, choice.column or "")


def is_chosen(choice: Choice) -> bool:
    """Whether anything at all is left out."""
    return choice != Choice()


def tabs(choice: Choice) -> list[tuple[str, str, str]]:
    """The tracker's pages: path, address held to the same choice, name."""
    held = choice.within(None)
    pages = (("/tracker", "Board"), ("/tracker/list", "List"), ("/tracker/calendar", "Month"))
    found = [(path, address(path, held), name) for path, name in (*pages, ("/tracker/capacity", "Capacity"))]
    return [*found, ("/tracker/feed", "/tracker/feed", "Calendar feed")]
