"""Asking a second person, and naming people in a form."""

from datetime import date, datetime
from typing import Any

from config.errors import BadInput
from config.time import to_london
from models import opening
from models.case import Case
from models.events import Happened
from models.lifecycle import Kind, Move
from models.people import Person, Role
from models.record import Task
from models.staff import load_staff, person_with

SECONDS = (Role.DSL, Role.DEPUTY_DSL, Role.HEAD)


async def person_called(case: Case, email: str, field: str) -> Person:
    """Somebody in post, from anywhere in the record; raises BadInput naming the field."""
    person = await person_with(case.session, email)
    if person is None:
        raise BadInput(field, f"{email} is not a person in the record; load a roster that names them")
    if person.id not in case.staff.people:
        more = await load_staff(case.session, [], [person.id])
        case.staff.people |= more.people
        case.staff.absences |= more.absences
    if case.staff.has_left(person, case.day):
        raise BadInput(field, f"{email} has left; name somebody in post")
    return case.staff.people[person.id]


async def lead_called(case: Case, email: str, field: str) -> Person:
    """A lead: somebody in post who holds a role at the setting or in the area, or anywhere as a practitioner."""
    return await person_called(case, email, field)


async def second_called(case: Case, email: str) -> Person:
    """The second person: another DSL, deputy or head of the setting, at work today."""
    person = await person_called(case, email, "second")
    if case.by is not None and person.id == case.by.id:
        raise BadInput("second", "must be somebody else than the person who asks")
    if not case.staff.roles_of(person, case.place) & set(SECONDS):
        may = sorted({one.email for role in SECONDS for one in case.staff.holders(role, case.place)})
        raise BadInput("second", f"must be a DSL, deputy or head of the setting: {', '.join(may)}")
    stand_in = case.staff.stand_in(person, case.day)
    if stand_in is None or stand_in.id != person.id:
        raise BadInput("second", f"{email} is away; name somebody who is at work")
    return person


async def ask_second(
    case: Case,
    task: Task,
    move: Move,
    second: str | None,
    fields: dict[str, Any],
    because: str,
    not_after: datetime | None = None,
) -> None:
    """Open the countersignature; what is proposed takes effect only when it is agreed."""
    if second is None:
        raise BadInput("second", f"{move} needs a second person: another DSL, deputy or head of the setting")
    if any(one.about["move"] == move for one in case.open_of(Kind.COUNTERSIGN)):
        raise BadInput("second", f"somebody has been asked to countersign {move} already; wait for their answer")
    person = await second_called(case, second)
    proposal = {"move": move.value, "task": str(task.id), "by": str(case.by.id) if case.by else None, "fields": fields}
    opening.countersign(case, person, proposal, not_after)
    case.record(Happened.COUNTERSIGN_ASKED, because, {"move": move.value, **fields}, task=task)


async def open_actions(case: Case, actions: Any) -> list[dict[str, Any]]:
    """What people said they will do becomes a task each, with owner and date."""
    for planned in actions:
        owner = await person_called(case, planned.owner, "actions.owner")
        _ahead(case, planned.due, "actions.due")
        opening.action(case, planned.what, owner, planned.due)
    return [planned.model_dump(mode="json") for planned in actions]


def _ahead(case: Case, day: date, field: str) -> None:
    if day < to_london(case.acted_at).date():
        raise BadInput(field, f"{day.isoformat()} has passed; give today or a later day")
