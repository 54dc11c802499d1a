"""Reading the sample's stories, and setting them in time: working days are counted back from now."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from config.calendars import Calendar, calendar_for
from config.settings import settings
from config.time import london, to_london
from config.yaml_file import read_yaml

HERE = files("pathway.sample")
# In the wheel the examples travel inside this package; in the source tree they lie beside the packages.
INSIDE, BESIDE = "examples", Path(__file__).resolve().parents[2] / "examples"
FIRST_MOMENT, LAST_MOMENT = time(9, 30), time(16, 0)
_WHEN = re.compile(r"(-\d+) (\d\d):(\d\d)|now-(\d+)")
_DAYS = ("to", "due", "on")
_PEOPLE = ("lead", "second", "owner")


@dataclass(frozen=True)
class Step:
    """Somebody logs an observation about a child (`log`) or makes a move, perhaps on one `kind` of task."""

    at: datetime
    by: str
    child: str
    move: str
    kind: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Leave:
    """Somebody is away, known since `at`."""

    at: datetime
    who: str
    first: date
    last: date
    cover: str


@dataclass(frozen=True)
class Told:
    """Everything that happened, in the order in which it did."""

    steps: tuple[Step, ...]
    leave: tuple[Leave, ...]

    @property
    def began(self) -> datetime:
        """When the first thing happened."""
        return self.steps[0].at


def roster_text() -> str:
    """The examples' roster."""
    inside = HERE / INSIDE / "roster.yaml"
    return inside.read_text("utf-8") if inside.is_file() else (BESIDE / "roster.yaml").read_text("utf-8")


@cache
def _stories() -> dict[str, Any]:
    value, _ = read_yaml((HERE / "stories.yaml").read_text("utf-8"), "stories.yaml")
    return dict(value)


class Days:
    """Days and moments as the stories say them, counted from `at` (UTC)."""

    def __init__(self, at: datetime) -> None:
        self._calendar: Calendar = calendar_for(extra_holidays=settings().extra_holidays)
        here = to_london(at)
        day = here.date()
        if not self._calendar.is_working(day) or here.time() < FIRST_MOMENT:
            day = self.day_from(day, -1)
            self.newest = london(day, LAST_MOMENT)
        else:
            self.newest = min(at, london(day, LAST_MOMENT))
        self.day = day

    def day_from(self, day: date, count: int) -> date:
        """So many working days after `day`, before it when `count` is negative."""
        step = timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += step
            while not self._calendar.is_working(day):
                day += step
        return day

    def counted(self, text: str) -> date:
        """`-3` or `+5`: working days from the newest one."""
        return self.day_from(self.day, int(text))

    def moment(self, text: str) -> datetime:
        """`-12 09:20` or `now-35` (minutes)."""
        found = _WHEN.fullmatch(text)
        if found is None:
            raise ValueError(f"stories.yaml: {text!r} is no moment")
        if found[4]:
            return self.newest - timedelta(minutes=int(found[4]))
        return london(self.counted(found[1]), time(int(found[2]), int(found[3])))


def tell(at: datetime) -> Told:
    """What happened until `at` (UTC)."""
    days, stories = Days(at), _stories()
    who: dict[str, str] = stories["who"]
    steps = [_step(days, who, story["child"], *told) for story in stories["stories"] for told in story["steps"]]
    leave = [
        Leave(
            days.moment(one["known"]),
            who[one["who"]],
            days.counted(one["from"]),
            days.counted(one["to"]),
            who[one["cover"]],
        )
        for one in stories["leave"]
    ]
    return Told(tuple(sorted(steps, key=lambda one: one.at)), tuple(sorted(leave, key=lambda one: one.at)))


def _step(days: Days, who: dict[str, str], child: str, when: str, by: str, move: str, fields: dict[str, Any]) -> Step:
    at = days.moment(when)
    kind, _, move = move.rpartition(".")
    said = {name: _said(days, who, name, value) for name, value in fields.items()}
    if move == "log":
        said |= {"child": child, "seen_at": at - timedelta(minutes=15)}
    return Step(at, who[by], child, move, kind, said)


def _said(days: Days, who: dict[str, str], name: str, value: Any) -> Any:
    """A field's value: days are counted, and people called by their address."""
    if isinstance(value, list) and name == "actions":
        return [{key: _said(days, who, key, one) for key, one in row.items()} for row in value]
    if name in _DAYS and re.fullmatch(r"[+-]\d+", str(value)):
        return days.counted(str(value)).isoformat()
    return who[value] if name in _PEOPLE else value
