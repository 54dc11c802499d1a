"""What people do: log an observation, make a move. Each is one transaction with its next task and its event.

Both are safe to repeat: the same observation is told its reference again, a second decision is told who was first.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from config.errors import BadInput
from config.time import say_day, to_london
from models import opening
from models.back_entry import take_true_time
from models.case import Case, already_done, take_up, task_locked
from models.database import insert_or
from models.errors import AlreadyDone, NotFound, NotOffered, NotPermitted
from models.events import Happened
from models.fields import fill
from models.forms import Form, ObservationForm, form_for
from models.lifecycle import Kind, Move, MoveNotAllowed, Status, next_status, offered
from models.moves import bridge, by_dsl, countersign, early_help, referral
from models.noting import add_evidence, note_rule
from models.people import SETTING_ROLES, Child, Person, Setting
from models.permission import must_be_permitted
from models.record import Concern, Counter, Event, Observation, Task
from models.referrals import refer_now, send_held
from models.rules import Fired, Rule
from models.staff import person_with

Done = Callable[[Case, Task, Any], Awaitable[None]]
# Asked with every move, and so built once (models.scene).
_CHILD = select(Child).where(col(Child.key) == bindparam("key"))
_CHILD_LOCKED = select(Child.id).where(col(Child.id) == bindparam("child")).with_for_update(key_share=True)
_OPEN_CONCERN = select(Concern).where(col(Concern.child_id) == bindparam("child"), col(Concern.closed_at).is_(None))
_OPEN_CONCERN = _OPEN_CONCERN.with_for_update()
MOVES_DONE: dict[Move, Done] = {
    Move.ACKNOWLEDGE: by_dsl.acknowledge,
    Move.MONITOR: by_dsl.monitor,
    Move.CONTINUE: by_dsl.continue_watching,
    Move.EARLY_HELP: by_dsl.early_help,
    Move.REFER: by_dsl.refer,
    Move.DISSENT: by_dsl.dissent,
    Move.CLOSE: by_dsl.close,
    Move.NOTED: by_dsl.noted,
    Move.BRING_FORWARD: by_dsl.bring_forward,
    Move.CONSENT: early_help.consent,
    Move.DECLINE: early_help.decline,
    Move.COMPLETE: early_help.complete,
    Move.REVIEW: early_help.review,
    Move.POSTPONE: early_help.postpone,
    Move.DONE: early_help.done,
    Move.NOT_DONE: early_help.not_done,
    Move.ADD: referral.add,
    Move.SEND: referral.send,
    Move.STOP: referral.stop,
    Move.DECIDE: referral.decide,
    Move.ASK: referral.ask,
    Move.ANSWER: referral.answer_question,
    Move.CHASE: referral.chase,
    Move.RESOLVE: referral.resolve,
    Move.STEP_UP: referral.step_up_now,
    Move.RECORD: referral.record,
    Move.STEP_DOWN: referral.step_down_now,
    Move.FILED: referral.filed,
    Move.AGREE: countersign.agree,
    Move.REFUSE: countersign.refuse,
    Move.NAME: bridge.name_cover,
    Move.SEEN: bridge.seen,
    Move.NOT_SEEN: bridge.not_seen,
}


@dataclass(frozen=True)
class Logged:
    """What logging an observation led to. `repeated`: it was here already, and nothing was changed."""

    reference: str
    observation_id: UUID
    joined: bool = False
    repeated: bool = False
    urgent: bool = False


@dataclass(frozen=True)
class Moved:
    """What a move led to: the concern's status now and the tasks it opened."""

    reference: str
    status: Status
    opened: tuple[Task, ...]
    urgent: bool


async def person_signed(session: AsyncSession, email: str, at: datetime, field: str = "as") -> Person:
    """The person of that address, in post; raises BadInput naming the field."""
    person = await person_with(session, email)
    if person is None:
        raise BadInput(field, f"{email} is not a person in the record; load a roster that names them")
    if person.left_on and person.left_on <= to_london(at).date():
        raise BadInput(field, f"{email} left on {say_day(person.left_on)}")
    return person


async def log_observation(
    session: AsyncSession, fields: Mapping[str, Any], email: str, at: datetime, observer: str | None = None
) -> Logged:
    """Log an observation: it opens a concern, or joins the open one of that child.

    Immediate danger raises and sends a referral in the same transaction. `fields` are those of ObservationForm,
    `email` that of whoever records it, `observer` that of a colleague whose paper note it is, `at` now (UTC). Raises
    BadInput naming the field, NotPermitted where a colleague's note is not theirs to record; then nothing has changed.
    """
    form = fill(ObservationForm, fields)
    by = await person_signed(session, email, at)
    saw = await person_signed(session, observer, at, "observer") if observer else by
    child = (await session.exec(_CHILD, params={"key": form.child})).first()
    if child is None:
        raise BadInput("child", f"{form.child} is not a child in the record; load a roster that names the child")
    _possible(form, child, at)
    fingerprint = _fingerprint(form, child, saw)
    concern = await _open_concern(session, child)
    if repeated := await _seen_before(session, form, fingerprint):
        return repeated
    joined = concern is not None
    case = await take_up(session, concern or await _new_concern(session, child, by, at), at, by)
    _may_record(case, by, saw)
    return await _add(case, saw, form, fingerprint, joined)


def _may_record(case: Case, by: Person, saw: Person) -> None:
    """A colleague's note is recorded by somebody of the same setting, and names somebody of that setting."""
    if by.id == saw.id:
        return
    if not case.staff.roles_of(by, case.place) & SETTING_ROLES:
        raise NotPermitted(f"as: {by.email} may not record a colleague's note; who may: those who work at the setting")
    if not case.staff.roles_of(saw, case.place) & SETTING_ROLES:
        raise BadInput("observer", "must be somebody who works at the child's setting")


def _possible(form: ObservationForm, child: Child, at: datetime) -> None:
    if form.seen_at > at:
        raise BadInput("seen_at", "lies in the future; give when it was seen")
    if child.born and to_london(form.seen_at).date() < child.born:
        raise BadInput("seen_at", "is before the child was born")


def _fingerprint(form: ObservationForm, child: Child, by: Person) -> str:
    said = "\0".join((child.key, by.email, form.seen_at.isoformat(), " ".join(form.what.split())))
    return hashlib.sha256(said.encode()).hexdigest()


async def _seen_before(session: AsyncSession, form: ObservationForm, fingerprint: str) -> Logged | None:
    same = [Observation.fingerprint == fingerprint]
    if form.key:
        same.append(Observation.key == form.key)
    found = await session.exec(
        select(Observation, Concern.reference).join(Concern).where(or_(*same)).order_by(col(Observation.recorded_at))
    )
    row = found.first()
    return Logged(row[1], row[0].id, repeated=True) if row else None


async def _open_concern(session: AsyncSession, child: Child) -> Concern | None:
    """The child's open concern, locked: who logs waits for a move that is under way, and is not turned away by it."""
    concern = (await session.exec(_OPEN_CONCERN, params={"child": child.id})).first()
    if concern is None:
        # Two people may be about to open the child's first concern: the second joins what the first opened.
        # Not the key: a third, who has that concern locked, may write down that its observation is this child's.
        await session.exec(_CHILD_LOCKED, params={"child": child.id})
        concern = (await session.exec(_OPEN_CONCERN, params={"child": child.id})).first()
    return concern


async def _new_concern(session: AsyncSession, child: Child, by: Person, at: datetime) -> Concern:
    before = select(Concern).where(Concern.child_id == child.id).order_by(col(Concern.opened_at).desc())
    previous = (await session.exec(before.limit(1))).first()
    setting = await session.get_one(Setting, child.setting_id)
    concern = Concern(
        reference=await _next_reference(session, to_london(at).year),
        child_id=child.id,
        setting_id=setting.id,
        area=setting.area,
        changed_at=at,
        status=Status.LOGGED,
        opened_at=at,
        opened_by=by.id,
        previous_id=previous.id if previous else None,
        had_social_worker=bool(previous and previous.had_social_worker),
    )
    session.add(concern)
    await session.flush()
    return concern


async def _next_reference(session: AsyncSession, year: int) -> str:
    insert = insert_or(session)(Counter).values(name=f"NC-{year}", value=1)
    counted = insert.on_conflict_do_update(index_elements=["name"], set_={"value": col(Counter.value) + 1})
    number = (await session.exec(counted.returning(col(Counter.value)))).scalar_one()
    return f"NC-{year}-{number:05d}"


async def _add(case: Case, saw: Person, form: ObservationForm, fingerprint: str, joined: bool) -> Logged:
    observation = _observation(case, saw, form, fingerprint)
    case.session.add(observation)
    case.child.clock_from = case.child.clock_from or case.at
    if joined:
        note_rule(case, Fired(Rule.JOINED, "an observation joined this concern"))
    else:
        opening.dsl_review(case)
    case.record(
        Happened.JOINED if joined else Happened.LOGGED,
        "observation logged",
        {"types": form.types, "immediate_danger": form.immediate_danger} | _whose(case, saw),
        observation_id=observation.id,
        happened_at=form.seen_at,
    )
    if form.immediate_danger:
        await _alarm(case)
    await case.settle()
    return Logged(case.concern.reference, observation.id, joined, urgent=form.immediate_danger)


def _whose(case: Case, saw: Person) -> dict[str, str]:
    """The event says who recorded it; of a colleague's note it says also whose it is."""
    return {"observer": saw.email} if case.by is None or saw.id != case.by.id else {}


def _observation(case: Case, saw: Person, form: ObservationForm, fingerprint: str) -> Observation:
    said = form.model_dump(exclude={"child"})
    return Observation(
        **said,
        fingerprint=fingerprint,
        concern_id=case.concern.id,
        child_id=case.child.id,
        household_id=case.child.household_id,
        observer_id=saw.id,
        recorded_at=case.at,
    )


async def _alarm(case: Case) -> None:
    """Immediate danger: the referral goes now, and somebody must say within the hour that they telephoned."""
    next_status(case.concern.status, Move.ALARM)
    fired = Fired(Rule.IMMEDIATE_DANGER, "immediate danger was flagged when the observation was logged")
    owed = case.open_of(Kind.DSL_DECISION)
    for task in owed:
        case.close(task, "overtaken by immediate danger")
    urgent = opening.dsl_decision(case, [fired], urgent=True)
    for task in owed:
        add_evidence(urgent, task.about.get("rules", []), task.about.get("evidence", []))
    case.record(Happened.RULE_FIRED, f"rule {fired.rule}: {fired.evidence}", {"rule": fired.rule}, by_rule=True)
    held = case.open_of(Kind.CONFIRM_REFERRAL)
    if held:
        await send_held(case, held[0], "sent at once: immediate danger", worse=fired)
    else:
        await refer_now(case, fired)


async def make_move(
    session: AsyncSession,
    task_id: UUID,
    move: str,
    fields: Mapping[str, Any],
    email: str,
    at: datetime,
    version: int | None = None,
) -> Moved:
    """Make a move on a task. `version`, when given, is the concern's as the person saw it.

    Raises NotFound, AlreadyDone (who was first), NotOffered (which moves are), NotPermitted (who may), BadInput (which
    field); then nothing has been changed.
    """
    by = await person_signed(session, email, at)
    task, concern = await _taken(session, task_id)
    if task.closed_at is not None:
        raise await _was_first(session, task)
    case = await take_up(session, concern, at, by)
    if version is not None and version != concern.version:
        raise await case.was_first()
    wanted = _offered(case, task, move)
    must_be_permitted(case, task, wanted, by)
    form = fill(form_for(task.kind, wanted), fields)
    await take_true_time(case, task, form)
    await _do(case, task, wanted, form)
    return Moved(concern.reference, concern.status, _opened(case), any(one.urgent for one in _opened(case)))


async def _taken(session: AsyncSession, task_id: UUID) -> tuple[Task, Concern]:
    found = await task_locked(session, task_id)
    if found is None:
        raise NotFound(f"task: {task_id} is not a task; `pathway tasks` lists the open ones")
    return found


def _opened(case: Case) -> tuple[Task, ...]:
    names = {one for event in case.events for one in event.opened}
    return tuple(task for task in case.tasks.values() if str(task.id) in names)


async def _do(case: Case, task: Task, move: Move, form: Form) -> None:
    try:
        await (referral.acknowledge if _is_front_doors(task, move) else MOVES_DONE[move])(case, task, form)  # type: ignore[arg-type]
    except MoveNotAllowed as error:
        raise NotOffered(str(error)) from None
    await case.settle()


def _is_front_doors(task: Task, move: Move) -> bool:
    return move == Move.ACKNOWLEDGE and task.kind != Kind.DSL_REVIEW


def moves_of(case: Case, task: Task) -> tuple[Move, ...]:
    """The moves a task offers as its concern now stands."""
    improved = case.concern.improved_running >= case.days("sustained_improvement_reviews_to_close")
    return offered(task.kind, case.concern.status, after_nfa=case.concern.after_nfa, may_close=improved)


def _offered(case: Case, task: Task, move: str) -> Move:
    offers = moves_of(case, task)
    if move not in set(offers):
        raise NotOffered(
            f"move: '{move}' is not offered on {task.kind} of a concern that is {case.concern.status}; "
            f"it offers: {', '.join(offers)}"
        )
    return Move(move)


async def _was_first(session: AsyncSession, task: Task) -> AlreadyDone:
    found = select(Event).where(Event.concern_id == task.concern_id).order_by(col(Event.number).desc())
    events = (await session.exec(found)).all()
    closing = next((event for event in events if str(task.id) in event.closed), None)
    who = await session.get(Person, task.closed_by) if task.closed_by else None
    return already_done(f"task {str(task.id)[:8]} ({task.kind})", task.outcome or "closed", who, closing)


async def count_open(session: AsyncSession) -> int:
    """How many concerns are open."""
    found = select(func.count()).select_from(Concern).where(col(Concern.closed_at).is_(None))
    return (await session.exec(found)).one()
