"""Second opinion, 3: was every reminder, rung and chase said that should have been, and none before its time?

The moments are counted here from the policy's ladder alone. After an outage only the latest is owed, so a missing
earlier one is no finding. Source: design.md, "Ladder".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.policy import Ladder
from config.time import say_instant, to_london
from models.opinion_days import Days
from models.opinion_dossier import Dossier
from models.record import Event, Task

LAPSING = ("confirm_referral", "await_acknowledgement", "await_decision", "resolve_disagreement", "name_cover")
MOST_RUNGS = 400


@dataclass(frozen=True, order=True)
class Step:
    """Something that was to be said: when, how loud it is (a rung drowns a reminder), what, which rung, to whom."""

    at: datetime
    loud: int
    what: str
    rung: int = 0
    to: tuple[str, ...] = ()


def rung_times(ladder: Ladder, due: datetime, days: Days, until: datetime) -> list[Step]:
    """The rungs reached by an instant: as many working days past the deadline as the policy says, then repeated."""
    found: list[Step] = []
    at, passed = due, 0
    to: tuple[str, ...] = ("owner",)
    while len(found) < MOST_RUNGS:
        number = len(found)
        more = max(1, ladder.repeat_after)
        if number < len(ladder.rungs):
            more, passed, to = (
                ladder.rungs[number].after - passed,
                ladder.rungs[number].after,
                tuple(ladder.rungs[number].to),
            )
        at = days.same_clock(at, more)
        if at > until:
            break
        found.append(Step(at, 5, "rung", number + 1, to))
    return found


def steps(ladder: Ladder, task: Task, days: Days, until: datetime) -> list[Step]:
    """Everything that was to be said about a task since it was opened, in order of time."""
    found = _early(ladder, task, days)
    if task.kind.value in LAPSING:
        found += _chases(ladder, task, days, until)
        found += rung_times(ladder, task.due_at, days, until)[: len(ladder.rungs)]
        found = [one for one in found if task.lapse_at is None or one.at < task.lapse_at]
    else:
        found += rung_times(ladder, task.due_at, days, until)
    return sorted(one for one in found if task.opened_at < one.at <= until)


def _early(ladder: Ladder, task: Task, days: Days) -> list[Step]:
    found: list[Step] = []
    for rule in ladder.reminders:
        to = tuple(rule.to)
        if rule.when == "before" and rule.working_days:
            found.append(Step(days.morning_before(task.due_at, rule.working_days), 1, "reminder", 0, to))
        elif rule.when == "half_way":
            middle = task.opened_at + (task.due_at - task.opened_at) / 2
            found.append(Step(days.when_read(middle), 2, "reminder", 0, to))
        elif rule.when == "unacknowledged" and task.acknowledge_by and task.acknowledged_at is None:
            found.append(Step(task.acknowledge_by, 3, "unacknowledged", 0, to))
    return found


def _chases(ladder: Ladder, task: Task, days: Days, until: datetime) -> list[Step]:
    found: list[Step] = []
    for rule in ladder.reminders:
        number = rule.working_days or 1
        while rule.when == "chase" and (at := days.morning_after(task.due_at, number)) <= until:
            found.append(Step(at, 4, "chase", 0, tuple(rule.to)))
            number += 1
    return found


def ladder_findings(file: Dossier) -> Iterator[str]:
    """Open tasks about which something was not said; and what was said, but not when or to whom it should have been."""
    for task in file.tasks:
        name = f"task {str(task.id)[:8]} ({task.kind})"
        said = file.about.get(str(task.id), [])
        if task.closed_at is None:
            yield from (f"{name}: {what}" for what in _left_unsaid(file, task, said))
        yield from (f"{name}: {what}" for what in _wrongly_said(file, task, said))


def _left_unsaid(file: Dossier, task: Task, said: list[Event]) -> Iterator[str]:
    if task.lapse_at is not None and task.lapse_at <= file.late:
        yield f"should have ended by itself at {say_instant(task.lapse_at)}"
        return
    reached = steps(file.policy_of(task).ladders[task.kind.value], task, file.days[0], file.at)
    expected = [one for one in reached if one.at <= file.late]
    if not expected or expected[-1].loud < max(one.loud for one in expected):
        return
    last = expected[-1]
    if last.what == "rung":
        said_last = max((int(event.fields.get("rung", 0)) for event in said if event.kind == "escalated"), default=0)
        if said_last < last.rung:
            yield f"rung {last.rung} was due {say_instant(last.at)}; the last that was said is {said_last}"
    elif reached[-1] == last:  # what has come since may have been said in its stead
        yield from _unsaid_letter(file, task, said, last)


def _unsaid_letter(file: Dossier, task: Task, said: list[Event], last: Step) -> Iterator[str]:
    if last.what == "chase":
        chased = [one.happened_at for one in said if one.kind == "chased" and one.by_id is None]
        if task.kind.value == "await_decision" and last.at not in chased:
            yield f"the front door was not chased at {say_instant(last.at)}"
    elif task.snoozed_until is None and not _moved(file, task) and not _reminded(file, task, last):
        yield f"nobody had the {last.what} letter of {say_instant(last.at)}"


def _moved(file: Dossier, task: Task) -> bool:
    return any(one.kind == "brought_forward" and one.recorded_at >= task.opened_at for one in file.events)


def _reminded(file: Dossier, task: Task, last: Step) -> bool:
    if not file.is_judged(last.at):
        return True
    slot = "unacknowledged" if last.what == "unacknowledged" else f"reminder-{to_london(last.at):%Y-%m-%dT%H:%M}"
    return bool(file.told.get((last.what, str(task.id), slot)))


def _wrongly_said(file: Dossier, task: Task, said: list[Event]) -> Iterator[str]:
    rungs = [event for event in said if event.kind == "escalated"]
    twice = len(rungs) - len({event.fields.get("rung") for event in rungs})
    if twice:
        yield "a rung was said twice"
    for event in rungs:
        if file.is_judged(event.recorded_at):
            yield from _rung(file, task, event)


def _rung(file: Dossier, task: Task, event: Event) -> Iterator[str]:
    number, ladder = int(event.fields.get("rung", 0)), file.policy_of(task).ladders[task.kind.value]
    times = [rung_times(ladder, task.due_at, days, max(event.happened_at, event.recorded_at)) for days in file.days]
    reached = {one.at for found in times for one in found if one.rung == number}
    if event.happened_at not in reached and not _moved(file, task):
        yield f"rung {number} was said at {say_instant(event.happened_at)}, which is not when it was due"
    heard = file.told.get(("overdue", str(task.id), f"rung-{number}"), set())
    if not heard and _somebody(file, event.recorded_at):
        yield f"rung {number} was reached and nobody was written to"
        return
    to = next((one.to for found in times for one in found if one.rung == number), ())
    for role in to:
        yield from _unheard(file, task, event, role, number)


def _unheard(file: Dossier, task: Task, event: Event, role: str, number: int) -> Iterator[str]:
    """Of a role's holders who were surely there, each hears, by this rung or by a higher one of the same sweep."""
    told = _told_from(file, task, number)
    for person in sorted(_meant(file, task, role), key=str):
        if file.posts.surely_there(person, event.recorded_at) and person not in told:
            yield f"rung {number} did not reach {file.posts.people[person].email}, {role}"


def _told_from(file: Dossier, task: Task, number: int) -> set[UUID]:
    found: set[UUID] = set()
    for (letter, subject, slot), people in file.told.items():
        rung = slot.removeprefix("rung-").removesuffix(":instead")
        if (letter, subject) == ("overdue", str(task.id)) and rung.isdigit() and int(rung) >= number:
            found |= people
    return found


def _meant(file: Dossier, task: Task, role: str) -> set[UUID]:
    """Whom a ladder's word means, where that can be told; a task's owner is told apart in models.opinion_letters."""
    return set() if role in ("owner", "lead") else file.posts.holders(role, file.concern)


def _somebody(file: Dossier, at: datetime) -> bool:
    """Whether anybody at all was surely there who could hear of it."""
    roles = ("dsl", "deputy_dsl", "head", "early_help_coordinator", "partnership_contact", "administrator")
    return any(file.posts.surely_there(one, at) for role in roles for one in file.posts.holders(role, file.concern))
