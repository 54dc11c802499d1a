"""Who may make which move. The person who owes a task always may; roles are those held at the concern's place.

A second person's word is never the proposer's own, and the front door's answers and questions are the front door's: the
DSL records them only where the referral went by telephone or portal and the front door does not sign in here.
"""

from uuid import UUID

from models.case import Case
from models.covers import is_covered
from models.errors import NotPermitted
from models.lifecycle import Kind, Move
from models.people import Person, Role
from models.record import Task
from models.referrals import WRITTEN_TOO

SAFEGUARDING = frozenset({Role.DSL, Role.DEPUTY_DSL, Role.HEAD})
HELPING = frozenset({Role.DSL, Role.DEPUTY_DSL, Role.EARLY_HELP_COORDINATOR})
OF_THE_AREA = frozenset({Role.EARLY_HELP_COORDINATOR, Role.PARTNERSHIP_CONTACT})
FRONT_DOORS_MOVES = frozenset({Move.ACKNOWLEDGE, Move.DECIDE, Move.ASK})
AT_THE_FRONT_DOOR = frozenset({Kind.AWAIT_ACKNOWLEDGEMENT, Kind.AWAIT_DECISION, Kind.RESOLVE_DISAGREEMENT})
HELP_KINDS = frozenset({Kind.GAIN_CONSENT, Kind.ASSESS, Kind.HOLD_REVIEW})


def who_may(case: Case, task: Task, move: Move) -> dict[UUID, Person]:
    """Everybody who may make `move` on `task` today."""
    roles: frozenset[Role] = HELPING if task.kind in HELP_KINDS else SAFEGUARDING
    owners = _owners(case, task)
    if task.kind in AT_THE_FRONT_DOOR and move in FRONT_DOORS_MOVES:
        roles, owners = frozenset({Role.FRONT_DOOR}), []
        if case.policy.channel(case.concern.area) in WRITTEN_TOO:
            roles |= SAFEGUARDING
    elif task.kind == Kind.COUNTERSIGN:
        roles, owners = frozenset(), _seconds(case, task, owners)
    elif task.kind == Kind.ACTION and case.concern.lead_id:
        owners.append(case.lead())
    in_post = [person for person in (*owners, *_holders(case, roles)) if not case.staff.has_left(person, case.day)]
    return {person.id: person for person in in_post}


def _seconds(case: Case, task: Task, asked: list[Person]) -> list[Person]:
    """Who was asked or acts for them, never the proposer; when none of these is there, any other who safeguards.

    While the setting is closed also those of the area whom the ladder tells.
    """
    closed = _holders(case, OF_THE_AREA) if case.cover else []
    groups = (asked, _holders(case, SAFEGUARDING), closed)
    *own, area = [[one for one in people if str(one.id) != task.about.get("by")] for people in groups]
    for may in (*own, area):
        if any(case.staff.is_there(person, case.day) for person in may):
            return [*may, *area]
    return []


def _holders(case: Case, roles: frozenset[Role]) -> list[Person]:
    return [person for role in roles for person in case.staff.holders(role, case.place)]


def _owners(case: Case, task: Task) -> list[Person]:
    """Who owes the task, who acts for them today, and who looks after the concern while its setting is closed."""
    owners = [case.staff.people[task.owner_id], case.staff.acting(task.owner_id, task.role, case.place, case.day)]
    return [*owners, *([case.cover] if case.cover and is_covered(case.staff, case.place, task) else [])]


def must_be_permitted(case: Case, task: Task, move: Move, by: Person) -> None:
    """Raise NotPermitted, naming who may, unless `by` is one of them."""
    may = who_may(case, task, move)
    if by.id not in may:
        names = ", ".join(sorted(person.email for person in may.values())) or "nobody present"
        raise NotPermitted(f"as: {by.email} may not {move} on {task.kind}; who may: {names}")
