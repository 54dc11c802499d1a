"""What the holiday bridge does to one concern, a function a step. Each says whether it changed anything.

Every step looks again at what it is about: somebody else may have been quicker since the concern was found.
"""

from collections.abc import Sequence

from models import opening
from models.bridge_ground import Ground, as_it_stands
from models.case import Case
from models.closures import Closure, back_on, closures
from models.covers import is_there_throughout, next_in_line
from models.events import Happened
from models.lifecycle import Kind
from models.people import Person
from models.record import Task
from models.standing import ClosureCover

Rows = Sequence[ClosureCover]
MOVED = "the closure was moved or taken back"


def told(person: Person | None, days: Closure | None) -> dict[str, str]:
    """What an event says of a cover: who, and on which days."""
    who = {"cover": person.email, "cover_id": str(person.id)} if person else {}
    return who | ({"first": days.first.isoformat(), "last": days.last.isoformat()} if days else {})


async def moved(case: Case, ground: Ground, rows: Rows) -> bool:
    """The setting's closures have changed: what was asked or named for other days ends, or follows them."""
    shut = ground.settings[case.setting.id].closures
    begins = {one.begins_at for one in shut}
    before = len(case.events)
    for task in [one for one in case.open_of(Kind.NAME_COVER) if one.lapse_at not in begins]:
        _end(case, task)
    for row in rows:
        days = Closure(row.first, row.last)
        now = as_it_stands(days, shut, ground.day)
        if now != days:
            await _follow(case, row, now)
    return _settled(case, before)


def _end(case: Case, task: Task) -> None:
    case.close(task, "closure moved")
    case.record(Happened.COVER_MOVED, MOVED, task=task)


async def _follow(case: Case, row: ClosureCover, now: Closure | None) -> None:
    person, days = case.staff.people[row.person_id], Closure(row.first, row.last)
    if now is None:
        await case.session.delete(row)
    else:
        row.last = now.last
    case.record(Happened.COVER_MOVED, MOVED, told(person, now or days))


async def gone(case: Case, ground: Ground, rows: Rows) -> bool:
    """Whoever was to look after it is not there: the next in line does; before it begins the DSL is asked again."""
    before = len(case.events)
    for row in rows:
        days, person = Closure(row.first, row.last), case.staff.people[row.person_id]
        if row.first > ground.day and not is_there_throughout(case.staff, person, days):
            await case.session.delete(row)
            await case.session.flush()
            if not case.open_of(Kind.NAME_COVER):
                opening.name_cover(case, days)
            case.record(Happened.COVER_ASKED, "whoever was named is not there then", told(None, days))
        elif row.first <= ground.day <= row.last and not case.staff.is_there(person, ground.day):
            _next(case, ground, row)
    return _settled(case, before)


def _next(case: Case, ground: Ground, row: ClosureCover) -> None:
    left = Closure(ground.day, row.last)
    person = next_in_line(case.staff, case.place, left)
    if person.id == row.person_id or not case.staff.is_there(person, ground.day):
        return  # nobody else is there either: the reconciler says so
    row.person_id, row.by_id, row.named_at = person.id, None, case.at
    case.record(Happened.COVER_GIVEN, "whoever looked after it is not there", told(person, left))


async def begun(case: Case, ground: Ground, rows: Rows) -> bool:
    """The setting is closed and nobody looks after the concern: whoever is next does, by itself."""
    closure = ground.shut_today.get(case.setting.id)
    if closure is None or case.concern.closed_at or any(row.first <= ground.day <= row.last for row in rows):
        return False
    give(case, closure)
    return _settled(case, 0)


def give(case: Case, closure: Closure) -> None:
    """Cover goes to the next in line from today on, and the question who has it is closed."""
    asked = case.open_of(Kind.NAME_COVER)
    for task in asked:
        case.close(task, "lapse")
    left = Closure(max(closure.first, case.day), closure.last)
    person = next_in_line(case.staff, case.place, left)
    case.session.add(
        ClosureCover(
            concern_id=case.concern.id,
            first=closure.first,
            last=closure.last,
            person_id=person.id,
            named_at=case.at,
        )
    )
    why = "nobody was named before the setting closed" if asked else "the setting is closed and nobody was asked before"
    case.record(Happened.COVER_GIVEN, why, told(person, closure), task=asked[0] if asked else None)


def lapse_cover(case: Case, task: Task) -> None:
    """Nobody was named by the time the setting closes; where it does not close any more, nobody need be.

    Found only when all of it is over, the first day back is what is left to ask about.
    """
    shut = closures(case.calendar, case.days("closure_at_least"))
    now = next((one for one in shut if case.day in one), None)
    over = next((one for one in shut if one.begins_at == task.lapse_at and one.last < case.day), None)
    if now:
        give(case, now)
    elif over:
        _found_over(case, task, over)
    else:
        _end(case, task)


def _found_over(case: Case, task: Task, closure: Closure) -> None:
    case.close(task, "lapse")
    if not case.open_of(Kind.FIRST_DAY):
        opening.first_day(case, closure, back_on(closure.last, case.calendar))
    why = "the setting is open again; nobody was named, and the pathway was not there to see it close"
    case.record(Happened.OPENED_AGAIN, why, told(None, closure), task=task)


async def near(case: Case, ground: Ground, rows: Rows) -> bool:
    """The setting closes soon: the DSL is asked who looks after the child."""
    closure = ground.shut_soon.get(case.setting.id)
    if closure is None or case.concern.closed_at or case.open_of(Kind.NAME_COVER):
        return False
    if any(row.first == closure.first for row in rows):
        return False
    opening.name_cover(case, closure)
    case.record(Happened.COVER_ASKED, "the setting closes soon", told(None, closure))
    return _settled(case, 0)


async def back(case: Case, ground: Ground, rows: Rows) -> bool:
    """The setting is open again: has the child been seen? One such question at a time, however many closures."""
    ended = [row for row in rows if row.last < ground.day]
    for row in ended:
        row.returned_at = case.at
    if not ended or case.concern.closed_at or case.open_of(Kind.FIRST_DAY):
        return bool(ended)
    days = Closure(ended[-1].first, ended[-1].last)
    opening.first_day(case, days, back_on(days.last, ground.settings[case.setting.id].calendar))
    case.record(Happened.OPENED_AGAIN, "the setting is open again", told(None, days))
    return _settled(case, 0)


def _settled(case: Case, before: int) -> bool:
    if len(case.events) == before:
        return False
    case.settle_locked()
    return True
