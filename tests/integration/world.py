"""The world of the state machine: one small record, what people and clocks may do to it, and what must hold of it.

Whatever anybody does is either done or refused with a PathwayError; nothing else may come out of casework.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import Session, col, delete, select, update

from config.errors import PathwayError
from config.time import to_london
from models import staffing
from models.access import Door
from models.database import make_engine
from models.deeds import note_deed
from models.events import Happened
from models.history import broken_links
from models.lifecycle import ASKED_STATUSES, MAIN_KINDS, Kind, Status
from models.people import Absence, Child, Person
from models.reconcile import Statement
from models.record import Concern, Counter, Event, Observation, Referral, Task
from models.rules import Outcome, clock_days
from models.schema import METADATA
from models.telling import Delivery, State
from tests import people
from tests.driver import Driver, View
from tests.integration.timeline import settle

STAFF = tuple(one["email"] for one in people.roster()["people"])
OBSERVERS = (people.TEACHER, people.DSL, people.ASHDOWN_TUTOR, people.KEY_PERSON, people.HEALTH_VISITOR)
FRONT_DOORS = {
    people.OAKFIELD: people.FRONT_DOOR,
    people.ASHDOWN: people.FRONT_DOOR,
    people.HV_TEAM: people.FRONT_DOOR,
    people.SUNBEAMS: people.DERBYSHIRE_FRONT_DOOR,
}
SECONDS = {
    people.OAKFIELD: (people.DSL, people.DEPUTY, people.HEAD),
    people.ASHDOWN: (people.ASHDOWN_DSL, people.ASHDOWN_DEPUTY, people.ASHDOWN_HEAD),
    people.SUNBEAMS: (people.SUNBEAMS_DSL, people.SUNBEAMS_DEPUTY, people.SUNBEAMS_HEAD),
    people.HV_TEAM: (people.HV_DSL, people.HV_DEPUTY, people.HV_HEAD),
}
DAY = timedelta(days=1)
# Events that begin a child's clock where it stood still.
STARTS_A_CLOCK = frozenset({Happened.LOGGED, Happened.JOINED, Happened.REOPENED, Happened.REVIEWED})
# Statements compiled for one season serve the next.
COMPILED: dict[Any, Any] = {}
# What a person might write; none of it may reach a letter.
WORDS = f"Amira Quillonby of Oakfield Primary School said: {people.CHILD_WORDS}"


def pick(options: Any, number: int) -> Any:
    """One of several, by a number of any size."""
    return list(options)[number % len(options)]


def _hasten(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@dataclass
class Seen:
    """What was seen after the step before: the history so far, and each child's clock."""

    hashes: dict[UUID, list[str]] = field(default_factory=dict)
    clocks: dict[UUID, datetime | None] = field(default_factory=dict)


class World:
    """A record at an instant. `swept` is the instant of the last sweep."""

    def __init__(self, file: Path, at: datetime) -> None:
        self.runner = asyncio.Runner()
        engine = make_engine(f"sqlite+aiosqlite:///{file}")
        event.listen(engine.sync_engine, "connect", _hasten)
        self.engine: AsyncEngine = engine.execution_options(compiled_cache=COMPILED)
        self.driver = Driver(self.engine)
        # For looking: it costs a season a third of the time that looking through the driver does.
        self.glass = create_engine(f"sqlite:///{file}").execution_options(compiled_cache=COMPILED)
        self.at = at
        self.swept: datetime | None = None
        self.seen = Seen()

    def run(self, act: Any) -> Any:
        """Await something to its end."""
        return self.runner.run(act)

    def close(self) -> None:
        """Let go of the record."""
        self.glass.dispose()
        self.run(self.engine.dispose())
        self.runner.close()

    def attempt(self, act: Any) -> PathwayError | None:
        """Let somebody do something; what they are told when it is refused."""
        try:
            self.run(act)
        except PathwayError as error:
            return error
        return None

    @property
    def day(self) -> date:
        """Today in London."""
        return to_london(self.at).date()

    def tasks(self) -> list[View]:
        """The open tasks."""
        found: list[View] = self.run(self.driver.tasks(self.at))
        return found

    def rows(self, statement: Any) -> list[Any]:
        """What a query finds."""
        with Session(self.glass) as session:
            return list(session.exec(statement).all())

    def dump(self) -> list[list[Any]]:
        """Every row of every table."""
        with self.glass.connect() as connection:
            tables = METADATA.sorted_tables
            return [list(connection.exec_driver_sql(f"SELECT * FROM {table.name}")) for table in tables]  # noqa: S608

    # What clocks do

    def sweep(self, times: int) -> None:
        """So many sweeps at once."""
        for counts in self.run(self._together(lambda: self.driver.sweep(self.at), times)):
            assert counts["failed"] == 0
        self.swept = self.at

    async def _together(self, act: Callable[[], Any], times: int) -> list[Any]:
        return list(await asyncio.gather(*(act() for _ in range(times))))

    def bridge(self, times: int) -> None:
        """So many looks at the settings' closures at once."""
        for counts in self.run(self._together(lambda: self.driver.bridge(self.at), times)):
            assert counts["failed"] == 0

    def follow(self, times: int) -> None:
        """So many follow-ups at once."""
        self.run(self._together(lambda: self.driver.follow(self.at), times))

    def sleep_until_next(self) -> None:
        """Let time pass until the record asks to be looked at."""
        found = self.rows(select(Task.next_at).where(col(Task.closed_at).is_(None)).order_by(col(Task.next_at)))
        self.at = max([self.at, *found[:1]])

    def tick(self) -> Statement:
        """Everything that is due, until nothing is; every letter arrives. What the reconciler then says."""
        self.bridge(1)
        self.sweep(1)
        self.run(settle(self.driver, self.at))
        self.run(self.driver.act(_arrive))
        statement: Statement = self.run(self.driver.check(self.at))
        return statement

    # What people do

    def move(self, task: View, move: str, who: str, numbers: list[int]) -> PathwayError | None:
        """Make a move with fields that are right for it, more or less."""
        fields = self.fields(task, move, numbers)
        return self.attempt(self.driver.do_task(task["id"], move, who, self.at, **fields))

    def actor(self, task: View, move: str) -> str:
        """Who would make this move: the front door its own, else whoever acts for the task's owner."""
        answers = move in ("acknowledge", "decide", "ask") and task["kind"] != "dsl_review"
        return FRONT_DOORS[task["setting"]] if answers else str(task["owner"])

    def fields(self, task: View, move: str, numbers: list[int]) -> dict[str, Any]:
        """A filled form."""
        first, second, third = numbers
        other = pick(SECONDS[task["setting"]], first)
        lead, day = pick((people.LEAD, people.TEACHER, people.HEALTH_VISITOR), second), self.day + DAY * (third % 80)
        scores = {"food": 1 + first % 5} if third % 2 else {}
        actions = [{"what": WORDS, "owner": pick(STAFF, first), "due": day}] if second % 3 == 0 else []
        closing = {"summary": WORDS, "actions": WORDS, "outcome": WORDS, "second": other}
        answer = {"reason": WORDS, "decision": pick(("s17", "s47", "early_help", "nfa"), first)}
        outcome = pick(("unchanged", "improved", "worse", "unchanged", "improved"), first)
        known: dict[str, dict[str, Any]] = {
            "early_help": {"reason": WORDS, "lead": lead},
            "refer": {"reason": WORDS, "parents_informed": True},
            "close": closing,
            "consent": {"given_by": WORDS, "covers": WORDS},
            "complete": {"level": 1 + second % 4, "needs": WORDS, "plan": WORDS, "child_words": WORDS}
            | {"scores": scores, "actions": actions},
            "review": {"outcome": outcome, "evidence": WORDS, "engagement": WORDS, "child_words": WORDS}
            | {"scores": scores, "actions": actions},
            "postpone": {"to": day, "reason": WORDS, "second": other},
            "add": {"text": WORDS},
            "send": {},
            "stop": {"reason": WORDS, "second": pick((None, other), third)},
            "decide": answer,
            "resolve": answer,
            "chase": {"note": WORDS},
            "ask": {"question": WORDS},
            "answer": {"text": WORDS},
            "record": {"what": "conference", "on": self.day, "note": WORDS},
            "step_down": {"reason": WORDS, "lead": lead},
            "done": {"note": WORDS},
            "agree": {},
            "filed": {"number": "R1", "by": "Ann"},
            "name": {"cover": pick(STAFF, first), "last_seen": WORDS, "everywhere": bool(third % 2)},
            "seen": {"note": WORDS},
            "acknowledge": {} if task["kind"] == "dsl_review" else {"by": "Ann", "number": "R1"},
        }
        return known.get(move, {"reason": WORDS})

    def reassign(self, task: View, to: str, who: str) -> PathwayError | None:
        """Give a task to somebody else."""
        return self.attempt(self.driver.act(staffing.reassign, UUID(task["id"]), to, WORDS, who, self.at))

    def leave(self, who: str, days: int, cover: str | None) -> PathwayError | None:
        """Somebody is on leave from today."""
        last = self.day + DAY * days
        return self.attempt(self.driver.act(staffing.leave, who, self.day, last, cover, self.at))

    def left(self, who: str, days: int, to: str | None) -> PathwayError | None:
        """Somebody leaves for good, today or soon."""
        return self.attempt(self.driver.act(staffing.left, who, self.day + DAY * days, to, WORDS, self.at))

    def refuse_letters(self, who: str) -> None:
        """Somebody's address refuses letters from now on."""
        self.run(self.driver.act(_refuse, who, self.at))

    def everybody_back(self) -> None:
        """Nobody is away or has left, and every address works, as when the roster is loaded again."""
        self.run(self.driver.act(_back, self.at))

    def withdraw(self, number: int, second: str, who: str) -> PathwayError | None:
        """Ask for an observation to be withdrawn."""
        found = self.rows(select(Observation.id).order_by(col(Observation.recorded_at)))
        if not found:
            return None
        given = (pick(found, number), WORDS, second, who, self.at)
        return self.attempt(self.driver.act(staffing.withdraw, *given))

    def reopen(self, number: int, who: str) -> PathwayError | None:
        """Reopen a concern."""
        found = self.rows(select(Concern.reference).order_by(col(Concern.reference)))
        if not found:
            return None
        return self.attempt(self.driver.act(staffing.reopen, pick(found, number), WORDS, who, self.at))

    # What must hold

    def check(self) -> None:
        """Everything that must hold after any step."""
        with Session(self.glass) as session:
            concerns = list(session.exec(select(Concern)).all())
            tasks = list(session.exec(select(Task).where(col(Task.closed_at).is_(None))).all())
            events = list(session.exec(select(Event).order_by(col(Event.number))).all())
            owners = set(session.exec(select(Person.id)).all())
            self._open_concerns_are_owed(concerns, tasks, owners)
            new = self._history_only_grows(concerns, events)
            self._clocks_run_on(concerns, list(session.exec(select(Child)).all()), new)
            self._nothing_is_left_by_the_sweep(tasks, list(session.exec(select(Referral)).all()))
            _references_are_contiguous(concerns, list(session.exec(select(Counter)).all()))
            _letters_are_single_and_silent(list(session.exec(select(Delivery)).all()))

    def _open_concerns_are_owed(self, concerns: list[Concern], tasks: list[Task], owners: set[UUID]) -> None:
        for concern in concerns:
            kinds = {task.kind for task in tasks if task.concern_id == concern.id}
            assert (concern.closed_at is None) == (concern.status != Status.CLOSED)
            assert bool(kinds & MAIN_KINDS[concern.status]) == (concern.closed_at is None), concern.status
            assert concern.closed_at is None or not kinds
            assert Kind.ANSWER_QUESTION not in kinds or concern.status in ASKED_STATUSES
        assert all(task.owner_id in owners for task in tasks)

    def _history_only_grows(self, concerns: list[Concern], events: list[Event]) -> list[Event]:
        new: list[Event] = []
        for concern in concerns:
            history = [event for event in events if event.concern_id == concern.id]
            assert broken_links(concern, history) == []
            hashes, before = [event.hash for event in history], self.seen.hashes.get(concern.id, [])
            assert hashes[: len(before)] == before
            self.seen.hashes[concern.id] = hashes
            new += history[len(before) :]
        return new

    def _clocks_run_on(self, concerns: list[Concern], children: list[Child], new: list[Event]) -> None:
        """Only a review that found improvement, or a withdrawal, stops a child's clock; only an event starts it."""
        child_of = {concern.id: concern.child_id for concern in concerns}
        for child in children:
            before, now = self.seen.clocks.get(child.id), child.clock_from
            own = [one for one in new if child_of[one.concern_id] == child.id]
            if now != before:
                assert before is None or any(_may_stop_a_clock(one) for one in own)
                assert now is None or now in {one.recorded_at for one in own if one.kind in STARTS_A_CLOCK}
            assert clock_days(now, self.at) >= 0
            self.seen.clocks[child.id] = now

    def _nothing_is_left_by_the_sweep(self, tasks: list[Task], referrals: list[Referral]) -> None:
        swept = self.swept
        if swept is None:
            return
        for task in tasks:
            assert task.next_at > swept or task.opened_at > swept, task.kind
        for one in referrals:
            held = one.hold_until and one.hold_until > swept
            assert bool(one.sent_at) + bool(one.stopped_at) == 1 or (held and not one.sent_at and not one.stopped_at)

    def owners_are_in_post(self) -> None:
        """Right after a sweep: nobody who has left owes anything."""
        found = select(Person).join(Task, col(Task.owner_id) == col(Person.id)).where(col(Task.closed_at).is_(None))
        for person in self.rows(found):
            assert person.left_on is None or person.left_on > self.day, person.email


def _may_stop_a_clock(event: Event) -> bool:
    improved = event.kind == Happened.REVIEWED and event.fields["outcome"] == Outcome.IMPROVED
    return improved or event.kind == Happened.OBSERVATION_WITHDRAWN


def _references_are_contiguous(concerns: list[Concern], counters: list[Counter]) -> None:
    given = {f"{one.name}-{number:05d}" for one in counters for number in range(1, one.value + 1)}
    assert {concern.reference for concern in concerns} == given


def _letters_are_single_and_silent(letters: list[Delivery]) -> None:
    keys = [(one.subject, one.letter, one.person_id, one.slot) for one in letters]
    assert len(set(keys)) == len(keys)
    assert people.planted_in(" ".join(f"{one.why_you} {one.slot} {one.fields}" for one in letters)) == []


async def _arrive(session: Any) -> None:
    waiting = col(Delivery.state) == State.WAITING
    arrived = {"state": State.SENT, "sent_at": col(Delivery.created_at), "address": "whoever@reads.example"}
    await session.exec(update(Delivery).where(waiting).values(**arrived))


async def _refuse(session: Any, email: str, at: datetime) -> None:
    await session.exec(update(Person).where(col(Person.email) == email).values(refused_at=at))


async def _back(session: Any, at: datetime) -> None:
    await session.exec(update(Person).values(left_on=None, refused_at=None))
    await session.exec(delete(Absence))
    note_deed(session, Door.ROSTER_LOADED, None, at)
