"""Over a closure: naming who looks after a child meanwhile, and whether the child was seen on the first day back."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from config.time import say_day, to_london
from models.bridge import cases_of
from models.bridge_steps import told
from models.case import Case
from models.closures import Closure
from models.covers import must_cover
from models.events import Happened
from models.forms import NameCover, Reason, Seen
from models.lifecycle import Kind, Move
from models.moves.asking import person_called
from models.noting import note_rule
from models.people import Person
from models.permission import who_may
from models.record import Observation, Task
from models.rules import Fired, Rule
from models.standing import ClosureCover


async def name_cover(case: Case, task: Task, form: NameCover) -> None:
    """Somebody looks after the child while the setting is closed; `everywhere` wherever this is asked there."""
    person = await person_called(case, form.cover, "cover")
    await must_cover(case.session, case.staff, person, _days(task))
    _name(case, task, person, form.last_seen, form.reason)
    if form.everywhere:
        await _name_everywhere(case, task, person, form)


def _days(task: Task) -> Closure:
    return Closure(date.fromisoformat(task.about["first"]), date.fromisoformat(task.about["last"]))


def _name(case: Case, task: Task, person: Person, last_seen: str, reason: str | None) -> None:
    days, by = _days(task), case.by.id if case.by else None
    case.close(task, "name")
    case.session.add(
        ClosureCover(
            concern_id=case.concern.id,
            first=days.first,
            last=days.last,
            person_id=person.id,
            by_id=by,
            named_at=case.at,
        )
    )
    fields = told(person, days) | {"last_seen": last_seen}
    case.record(Happened.COVER_NAMED, reason or "cover named", fields, task=task)


async def _name_everywhere(case: Case, task: Task, person: Person, form: NameCover) -> None:
    """The same for the setting's other concerns; one that somebody is changing at this moment keeps its task."""
    same = select(Task.concern_id).where(
        Task.setting_id == task.setting_id,
        col(Task.kind) == Kind.NAME_COVER,
        col(Task.closed_at).is_(None),
        Task.lapse_at == task.lapse_at,
        Task.concern_id != case.concern.id,
    )
    ids = (await case.session.exec(same)).all()
    seen = await _last_observed(case, ids)
    for one, other in (await cases_of(case.session, ids, case.at, case.by, [person.id])).items():
        other.done_at = case.done_at
        for asked in other.open_of(Kind.NAME_COVER):
            if case.by and case.by.id in who_may(other, asked, Move.NAME):
                _name(other, asked, person, seen.get(one, "the record does not say"), form.reason)
                other.settle_locked()


async def _last_observed(case: Case, concerns: Sequence[UUID]) -> dict[UUID, str]:
    """By concern, when the record last has the child seen, and by whom."""
    found = select(Observation.concern_id, Observation.seen_at, Person.name).join(Person)
    found = found.where(col(Observation.concern_id).in_(concerns), col(Observation.withdrawn_at).is_(None))
    rows = (await case.session.exec(found.order_by(col(Observation.seen_at)))).all()
    return {concern: f"{say_day(to_london(at).date())}, by {name} (from the record)" for concern, at, name in rows}


async def seen(case: Case, task: Task, form: Seen) -> None:
    """The child was seen on the first day back."""
    case.close(task, "seen")
    case.record(Happened.SEEN, form.note, task=task)


async def not_seen(case: Case, task: Task, form: Reason) -> None:
    """Nobody has seen the child: the DSL decides within a working day what that means."""
    case.close(task, "not_seen")
    note_rule(case, Fired(Rule.NOT_SEEN, form.reason))
    case.record(Happened.NOT_SEEN, form.reason, {"rule": Rule.NOT_SEEN}, task=task)
