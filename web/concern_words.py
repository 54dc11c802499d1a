"""What the page of one concern says beside the record: the child's age, entries in words, filters, grades, letters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from config.time import to_london
from models.chronology import GROUPS, Entry, Wanted
from models.concern_view import ConcernSeen
from models.forms import TYPES as TYPES_OF_NEGLECT
from models.grading import by_sub_area, gradings
from models.household import Known
from models.lifecycle import Kind
from models.people import Child
from models.reach import Sight
from models.record import Event, Observation, Task
from models.rules import clock_days
from models.tasks_seen import TaskSeen
from notifications.asks import ASKS, Ask
from notifications.words import because
from web.answers import an_id
from web.grade_chart import worst_grades
from web.history_words import Line, happened, lines, say_field, say_rule
from web.saying import TYPES, count, on_date, say_move
from web.task_words import told

GROUP_WORDS = {"observations": "Observations", "decisions": "Decisions", "reviews": "Reviews", "referrals": "Referrals"}


@dataclass(frozen=True)
class Told:
    """One entry of the chronology in words. `known.is_open` False: its kind and instants are all there is."""

    entry: Entry
    what: str
    who: str
    own: bool
    said: list[Line]
    observer: str
    ended: str

    @property
    def observation(self) -> Observation | None:
        """The observation it brought."""
        return self.entry.observation


@dataclass(frozen=True)
class Owed:
    """An open task in words."""

    seen: TaskSeen
    ask: Ask
    because: str
    told: str
    what: str
    buttons: list[tuple[str, str]]  # a move and what its button says


def age(child: Child, day: date) -> str:
    """`7 years old`, `9 months old`, `due on 20 June 2026`."""
    if child.born is None:
        return f"due on {on_date(child.due_on)}" if child.due_on else "not born yet"
    months = (day.year - child.born.year) * 12 + day.month - child.born.month - (day.day < child.born.day)
    return f"{count(months // 12, 'year')} old" if months >= 24 else f"{count(max(0, months), 'month')} old"


def owed(seen: ConcernSeen) -> list[Owed]:
    """The open tasks in words, the next step first."""
    policy = seen.case.policy
    return [
        Owed(
            one,
            ASKS[Kind(one.task.kind)].under(policy),
            because(one.task.due_because),
            told(one, policy),
            what(one.task),
            [(move.value, say_move(move, Kind(one.task.kind))) for move in one.mine],
        )
        for one in seen.tasks
    ]


def what(task: Task) -> str:
    """What a task is about, in a line: what was agreed, the question, the rules that asked, or what is proposed."""
    told = task.about
    if task.kind == Kind.COUNTERSIGN:
        return say_field("move", told.get("move"), {})
    rules = dict.fromkeys(say_rule(rule) for rule in told.get("rules", ()))
    return str(told.get("what") or told.get("question") or "; ".join(rules))


def chronology_words(seen: ConcernSeen) -> list[Told]:
    """The entries of this page in words."""
    return [_told(seen, entry) for entry in seen.entries]


def _told(seen: ConcernSeen, entry: Entry) -> Told:
    own = entry.known.child.id == seen.known.child.id
    if entry.event is None:
        return Told(entry, happened(entry.kind), "", own, [], "", "")
    who = seen.names.get(str(entry.event.by_id), "The pathway")
    observer = seen.names.get(str(entry.observation.observer_id), "") if entry.observation else ""
    said = lines(entry.event, seen.names, seen.case.policy)
    return Told(entry, happened(entry.kind), who, own, said, observer, _withdrawn(seen, entry.withdrawal))


def _withdrawn(seen: ConcernSeen, withdrawal: Event | None) -> str:
    if withdrawal is None:
        return ""
    who = seen.names.get(str(withdrawal.by_id), "the second person")
    return f"Withdrawn on {on_date(to_london(withdrawal.recorded_at).date())}, {who} agreeing: {withdrawal.because}"


@dataclass(frozen=True)
class Filters:
    """The chronology's filters as the page offers them, and the addresses of its pages."""

    wanted: Wanted
    groups: list[tuple[str, str]]
    types: list[tuple[str, str]]
    children: list[tuple[str, str]]
    pages: int

    def address(self, page: int) -> str:
        """The query of another page of the same filters."""
        asked: Mapping[str, Any] = {
            "group": self.wanted.group,
            "type": self.wanted.of_type,
            "child": str(self.wanted.child_id or ""),
            "order": "oldest" if self.wanted.oldest_first else "",
            "page": page if page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.wanted.group or self.wanted.of_type or self.wanted.child_id)


def filters(seen: ConcernSeen, wanted: Wanted) -> Filters:
    """What may be asked of this chronology."""
    children = [
        (str(one.child.id), one.child.name if one.named else f"A child known to {one.setting.name}")
        for one in seen.household
        if one.concerns
    ]
    pages = max(1, -(-seen.total // wanted.size))
    types = [(one, TYPES[one]) for one in TYPES_OF_NEGLECT]
    return Filters(wanted, list(GROUP_WORDS.items()), types, children, pages)


def wanted_of(query: Mapping[str, str], size: int) -> Wanted:
    """The filters of an address; what is none of our words is left out."""
    page = query.get("page", "")
    return Wanted(
        group=query.get("group", "") if query.get("group") in GROUPS else "",
        of_type=query.get("type", "") if query.get("type") in TYPES_OF_NEGLECT else "",
        child_id=an_id(query.get("child", "")),
        oldest_first=query.get("order") == "oldest",
        page=int(page) if page.isdigit() and 0 < len(page) < 5 and int(page) else 1,
        size=size,
    )


def grade_words(seen: ConcernSeen) -> dict[str, Any] | None:
    """Grades over time: the columns, a row for each sub-area, the worst of each time, and its picture; None without."""
    graded = gradings(seen.looks)
    if not graded:
        return None
    asks_from = int(seen.case.policy.figure("gcp_grade_dsl_decision"))
    return {
        "times": [(one.at, happened(one.kind), seen.names.get(str(one.by_id), "")) for one in graded],
        "rows": by_sub_area(graded, seen.case.policy),
        "worst": [one.worst for one in graded],
        "chart": worst_grades(graded, asks_from),
    }


def clock(seen: ConcernSeen, at: datetime) -> int | None:
    """The child's clock in days; None while it stands."""
    return clock_days(seen.known.child.clock_from, at) if seen.known.child.clock_from else None


def beside(seen: ConcernSeen) -> Iterator[tuple[Known, str]]:
    """The household's other concerns, each with whom to ask where it is out of reach."""
    for known in seen.others:
        yield known, "" if known.sight == Sight.WHOLE else seen.ask(known)


def earlier(seen: ConcernSeen) -> Sequence[Known]:
    """The same child's other concerns that may be read, oldest first."""
    return [one for one in seen.others if one.child.id == seen.known.child.id]
