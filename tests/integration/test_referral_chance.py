"""Chance plays with one referral after another: to persist or worsen always ends in sending it, or in a recorded stop.

Beside the record runs a paper: who may stop what, when a hold, a silence and each stage of a disagreement end, counted
with a paper calendar. After each step the record says what the paper says.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import col, select

from config.errors import PathwayError
from models.record import Concern, Referral, Task
from models.telling import Delivery
from tests import people
from tests.chance import play
from tests.driver import instant
from tests.integration import stories
from tests.integration.timeline import settle
from tests.integration.world import World
from tests.naive import close_of

STARTS = ("2026-03-16T11:00", "2026-03-27T14:00", "2026-04-02T15:30", "2026-10-23T15:00", "2026-12-23T11:00")
# By stage of a disagreement; at immediate risk the first two are skipped.
STAGES = {1: 2, 2: 5, 3: 2}
SILENCE, LAST = 3, 3
BEFORE_REFERRED = ("LOGGED", "ASSESSING", "SUPPORTING")
SO_FAR = (
    (),
    ("worse",),
    ("unchanged", "unchanged", "stop"),
    ("unchanged", "unchanged"),
    ("refer", "nfa"),
    ("refer", "silence"),
)
HELD: dict[str, Any] = stories.HELD
PAUSES = st.sampled_from([timedelta(minutes=20), timedelta(hours=2), timedelta(hours=20), timedelta(days=4)])
DONE: Counter[str] = Counter()
SECONDS = st.sampled_from([None, None, people.DEPUTY, people.HEAD])


@dataclass
class Raised:
    """One referral on paper."""

    rule: str
    raised_at: datetime
    hold_until: datetime | None = None
    sent_at: datetime | None = None
    stopped_at: datetime | None = None


@dataclass
class Paper:
    """What should be so: the status, the reviews running, the referrals, what lapses when, whether a stop is asked."""

    status: str = "SUPPORTING"
    unchanged: int = 0
    assessed: bool = True
    after_nfa: bool = False
    referrals: list[Raised] = field(default_factory=list)
    lapses_at: datetime | None = None
    stage: int = 0
    asked: bool = False

    @property
    def held(self) -> Raised | None:
        """The referral that is held, if one is."""
        return self.referrals[-1] if self.status == "REFERRING" else None

    def review(self, outcome: str, at: datetime) -> None:
        """Two unchanged reviews running, or one that found things worse."""
        self.unchanged = self.unchanged + 1 if outcome == "unchanged" else 0
        if outcome == "worse" or self.unchanged >= 2:
            self.status = "REFERRING"
            self.referrals.append(Raised("worse" if outcome == "worse" else "persisting", at, close_of(at, 1)))

    def send(self, at: datetime, rule: str | None = None) -> None:
        """It goes: the one that is held, or a new one; the front door's silence is counted from here."""
        if self.held is None:
            self.referrals.append(Raised(str(rule), at))
        self.referrals[-1].sent_at = at
        self.referrals[-1].rule = rule or self.referrals[-1].rule
        self.status, self.asked, self.stage = "REFERRED", False, 0
        self.lapses_at = close_of(at, SILENCE)

    def stop(self, at: datetime) -> None:
        """It is stopped for good."""
        self.referrals[-1].stopped_at = at
        self.status, self.asked = "SUPPORTING", False

    def dispute(self, at: datetime, stage: int) -> None:
        """A stage of the disagreement begins."""
        self.status, self.stage = "DISPUTED", stage
        self.lapses_at = close_of(at, STAGES[stage])

    def first_stage(self) -> int:
        """At immediate risk the last stage is the first."""
        return LAST if self.referrals[-1].rule == "immediate_danger" else 1

    def decide(self, decision: str) -> None:
        """The front door's answer ends its clocks."""
        help_goes_on = "SUPPORTING" if self.assessed else "ASSESSING"
        ways = {"s17": "STATUTORY", "s47": "STATUTORY", "early_help": help_goes_on, "nfa": "LOGGED"}
        self.status, self.lapses_at, self.stage = ways[decision], None, 0
        self.after_nfa = decision == "nfa"
        self.unchanged = 0 if self.status == "STATUTORY" else self.unchanged

    def lapse(self, at: datetime) -> None:
        """A deadline has passed and the clock looks: the hold, the silence, or the stage has ended."""
        if self.held is not None:
            self.send(at)
            DONE["lapsed into sending"] += 1
        elif self.status == "REFERRED":
            self.dispute(at, self.first_stage())
            DONE["silence became a disagreement"] += 1
        elif self.status == "DISPUTED":
            self.dispute(at, min(self.stage + 1, LAST))
            DONE["a stage ended"] += 1

    def ends(self) -> datetime | None:
        """When the next of these is to end."""
        return self.held.hold_until if self.held else self.lapses_at


class Referrals(RuleBasedStateMachine):
    """Amira's concern, supported since 16 March, through one season."""

    def __init__(self, folder: Path, number: int, so_far: tuple[str, ...]) -> None:
        super().__init__()
        self.folder, self.so_far, self.file = folder, so_far, folder / f"referrals-{number}.db"
        self.world: World

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: str) -> None:
        """Some day: the family is supported; perhaps reviews have been held, or the front door has answered."""
        shutil.copy(self.folder / "supported.db", self.file)
        self.world = World(self.file, instant(start))
        self.paper = Paper()
        self.numbers = count()
        self._sweep()
        for outcome in self.so_far:
            self._begin_with(outcome)

    def _begin_with(self, what: str) -> None:
        if what == "refer":
            self._refer()
        elif what == "nfa":
            self._decide("nfa")
        elif what == "silence":
            self._run_until(self.world.at + timedelta(days=13))
        elif what == "stop":
            self._stop(None)
        else:
            self._review(what)

    def teardown(self) -> None:
        """Nobody acts any more: within two working days whatever was held has gone."""
        if hasattr(self, "world"):
            if self.paper.held:
                self._run_until(close_of(self.world.at, 2))
            assert all(one.sent_at or one.stopped_at for one in self._referrals())
            self.world.close()
        for one in self.folder.glob(f"{self.file.name}*"):
            one.unlink()

    # What people do

    def _do(self, kind: str, move: str, who: str, **fields: Any) -> PathwayError | None:
        tasks = [one for one in self.world.tasks() if one["kind"] == kind and move in one["moves"]]
        assert tasks, f"no {kind} offers {move}"
        driver, at = self.world.driver, self.world.at
        return self.world.attempt(driver.do_task(tasks[0]["id"], move, who, at, **fields))

    def _done(self, kind: str, move: str, who: str, **fields: Any) -> None:
        assert self._do(kind, move, who, **fields) is None

    @precondition(lambda self: self.paper.status == "SUPPORTING")
    @rule(outcome=st.sampled_from(["unchanged", "unchanged", "worse", "improved"]))
    def review(self, outcome: str) -> None:
        """A review is held."""
        self._review(outcome)

    def _review(self, outcome: str) -> None:
        self._done("hold_review", "review", people.DSL, outcome=outcome, **HELD)
        self.paper.review(outcome, self.world.at)

    @precondition(lambda self: self.paper.held)
    @rule(send=st.sampled_from([False, False, True]))
    def add_or_send(self, send: bool) -> None:
        """The DSL adds to what is held, or sends it without waiting."""
        self._done("confirm_referral", "add", people.DSL, text="She was cold again.")
        if send:
            self._done("confirm_referral", "send", people.DSL)
            self.paper.send(self.world.at)
            DONE["sent by hand"] += 1

    @precondition(lambda self: self.paper.held)
    @rule(second=SECONDS, answer=st.sampled_from(["agree", "agree", "refuse", "wait"]))
    def stop(self, second: str | None, answer: str) -> None:
        """The DSL wants it stopped: for `worse` a second person is asked, and until they agree the hold runs on."""
        self._stop(second)
        if self.paper.asked and answer != "wait":
            self._countersign(answer)

    def _stop(self, second: str | None) -> None:
        held, asked = self.paper.held, self.paper.asked
        refused = self._do("confirm_referral", "stop", people.DSL, reason="A slip.", second=second)
        assert held is not None
        if second is None and held.rule == "persisting":
            self.paper.stop(self.world.at)
            DONE["stopped by one"] += 1
            assert refused is None
        else:
            assert (refused is not None) == (second is None or asked)
            self.paper.asked = asked or second is not None

    @precondition(lambda self: self.paper.asked)
    @rule(answer=st.sampled_from(["agree", "refuse"]))
    def countersign(self, answer: str) -> None:
        """Never the one who asked; whoever was asked agrees, or does not."""
        self._countersign(answer)

    def _countersign(self, answer: str) -> None:
        assert self._do("countersign", "agree", people.DSL) is not None
        (task,) = [one for one in self.world.tasks() if one["kind"] == "countersign"]
        self._done("countersign", answer, task["owner"], **({} if answer == "agree" else {"reason": "No."}))
        self.paper.asked = False
        if answer == "agree":
            self.paper.stop(self.world.at)
            DONE["stopped by two"] += 1

    @rule(seen=st.sampled_from([False, False, False, True]))
    def danger(self, seen: bool) -> None:
        """Now and then somebody sees immediate danger: whatever stands, a referral goes now."""
        if not seen:
            return
        at = self.world.at
        what = {"immediate_danger": True, "what": f"Seen as number {next(self.numbers)}."}
        assert self.world.attempt(self.world.driver.log(people.AMIRA, people.TEACHER, at, **what)) is None
        self.paper.send(at, "immediate_danger")
        DONE["danger"] += 1

    @precondition(lambda self: self.paper.status in BEFORE_REFERRED)
    @rule(wanted=st.sampled_from([False, False, True]))
    def decide_to_refer(self, wanted: bool) -> None:
        """The DSL refers by their own decision."""
        if wanted:
            self._refer()

    def _refer(self) -> None:
        kind = {"LOGGED": "dsl_review", "SUPPORTING": "hold_review"}.get(self.paper.status, "gain_consent")
        self._done(kind, "refer", people.DSL, reason="Harm.", parents_informed=True)
        self.paper.send(self.world.at, "decision")

    @precondition(lambda self: self.paper.status in ("REFERRED", "DISPUTED"))
    @rule(move=st.sampled_from(["acknowledge", "ask", "chase", "answer"]))
    def front_door_stirs(self, move: str) -> None:
        """It acknowledges or asks back, is chased and answered: none of that is a decision, and its clocks run on."""
        kind = "await_decision" if self.paper.status == "REFERRED" else "resolve_disagreement"
        said = {"acknowledge": {"by": "Ann", "number": "R1"}, "ask": {"question": "Where?"}, "chase": {"note": "Rang."}}
        open_kinds = {one["kind"] for one in self.world.tasks()}
        if move == "answer":
            if "answer_question" in open_kinds:
                self._done("answer_question", "answer", people.DSL, text="At home.")
        elif move != "chase" or kind == "await_decision":
            self._done(kind, move, people.DSL if move == "chase" else people.FRONT_DOOR, **said[move])

    @precondition(lambda self: self.paper.status in ("REFERRED", "DISPUTED"))
    @rule(decision=st.sampled_from(["s17", "s47", "early_help", "early_help", "nfa", "nfa"]))
    def front_door_decides(self, decision: str) -> None:
        """It decides, however late."""
        self._decide(decision)

    def _decide(self, decision: str) -> None:
        kind = "await_decision" if self.paper.status == "REFERRED" else "resolve_disagreement"
        self._done(kind, "decide", people.FRONT_DOOR, decision=decision, reason="So.")
        self.paper.decide(decision)

    @precondition(lambda self: self.paper.status == "DISPUTED")
    @rule()
    def step_up(self) -> None:
        """The next stage, without waiting."""
        (task,) = [one for one in self.world.tasks() if one["kind"] == "resolve_disagreement"]
        self._done("resolve_disagreement", "step_up", task["owner"], reason="No answer.")
        self.paper.dispute(self.world.at, min(self.paper.stage + 1, LAST))

    @precondition(lambda self: self.paper.status == "LOGGED" and self.paper.after_nfa)
    @rule()
    def dissent(self) -> None:
        """The DSL disagrees with no further action."""
        self._done("dsl_review", "dissent", people.DSL, reason="She is not safe.")
        self.paper.dispute(self.world.at, self.paper.first_stage())
        DONE["dissent"] += 1

    @precondition(lambda self: self.paper.status in ("LOGGED", "ASSESSING", "STATUTORY"))
    @rule()
    def support_again(self) -> None:
        """Whatever it takes until the family is supported again."""
        if self.paper.status == "STATUTORY":
            self._done("statutory_review", "step_down", people.DSL, reason="Safe.", lead=people.LEAD)
        else:
            if self.paper.status == "LOGGED":
                self._done("dsl_review", "early_help", people.DSL, reason="Help.", lead=people.LEAD)
            self._done("gain_consent", "consent", people.LEAD, given_by="mother", covers="all")
            self._done("assess", "complete", people.LEAD, **stories.PLAN)
        self.paper.status, self.paper.assessed = "SUPPORTING", True

    # What clocks do

    @rule(pause=PAUSES)
    def time_passes(self, pause: timedelta) -> None:
        """The clock runs: each thing happens at its minute."""
        self._run_until(self.world.at + pause)

    @rule(pause=st.sampled_from([timedelta(hours=7), timedelta(days=2), timedelta(days=11)]), times=st.integers(1, 2))
    def outage(self, pause: timedelta, times: int) -> None:
        """Nothing runs for a while; then a sweep, or two at once."""
        self.world.at += pause
        self._sweep(times)

    def _run_until(self, until: datetime) -> None:
        while (at := self._next()) is not None and at <= until:
            assert self.paper.ends() is None or at <= max(self.paper.ends() or at, self.world.at), "looked at too late"
            self.world.at = max(at, self.world.at)
            self._sweep()
        self.world.at = max(until, self.world.at)

    def _next(self) -> datetime | None:
        found = self.world.rows(select(Task.next_at).where(col(Task.closed_at).is_(None)).order_by(col(Task.next_at)))
        return found[0] if found else None

    def _sweep(self, times: int = 1) -> None:
        at = self.world.at
        self.world.sweep(times)
        ends = self.paper.ends()
        if ends is not None and ends <= at:
            self.paper.lapse(at)

    # What must hold

    def _referrals(self) -> list[Referral]:
        return self.world.rows(select(Referral).order_by(col(Referral.number)))

    @invariant()
    def the_record_says_what_the_paper_says(self) -> None:
        """Status, stage, and each referral's rule, hold and end; one open at most; its letter once."""
        if not hasattr(self, "world"):
            return
        self.world.run(settle(self.world.driver, self.world.at))
        (concern,) = self.world.rows(select(Concern))
        assert concern.status == self.paper.status
        rows = self._referrals()
        self._adopt_the_hold(rows)
        assert [(one.rule, one.raised_at, one.sent_at, one.stopped_at) for one in rows] == [
            (one.rule, one.raised_at, one.sent_at, one.stopped_at) for one in self.paper.referrals
        ]
        assert sum(not one.sent_at and not one.stopped_at for one in rows) == (self.paper.status == "REFERRING")
        assert not any(one.sent_at and one.stopped_at for one in rows)
        self._clocks_are_set()
        letters = self.world.rows(select(Delivery).where(Delivery.letter == "referral"))
        assert len(letters) == sum(bool(one.sent_at) for one in rows)
        assert len({(one.person_id, one.slot) for one in letters}) == len(letters)

    def _adopt_the_hold(self, rows: list[Referral]) -> None:
        """A hold is never longer than to the close of the next working day; `worse` may end the same day."""
        held = self.paper.held
        if held is None:
            return
        until = rows[-1].hold_until
        assert until is not None
        assert held.raised_at < until <= close_of(held.raised_at, 1)
        assert held.rule == "worse" or until == close_of(held.raised_at, 1)
        held.hold_until = until

    def _clocks_are_set(self) -> None:
        """Whatever is to lapse, does when the paper says; the stage is the paper's."""
        kinds = ("confirm_referral", "await_decision", "resolve_disagreement")
        found = select(Task).where(col(Task.closed_at).is_(None), col(Task.kind).in_(kinds))
        assert [(one.lapse_at, one.stage) for one in self.world.rows(found)] == [
            (at, self.paper.stage) for at in self._lapsing()
        ]

    def _lapsing(self) -> Iterator[datetime | None]:
        if self.paper.status in ("REFERRING", "REFERRED", "DISPUTED"):
            yield self.paper.ends()


@pytest.fixture
def supported(sqlite_files: dict[bool, Path], tmp_path: Path) -> Path:
    """A folder with a record in which Amira's family is supported."""
    shutil.copy(sqlite_files[True], tmp_path / "supported.db")
    world = World(tmp_path / "supported.db", instant("2026-03-02T07:00"))
    world.run(stories.supported(world.driver))
    world.close()
    return tmp_path


def test_a_referral_ends_whatever_happens(supported: Path) -> None:
    """Sent or stopped, by the close of the next working day; and every way there was taken."""
    DONE.clear()
    numbers = count()
    for so_far in SO_FAR:
        play(lambda so_far=so_far: Referrals(supported, next(numbers), so_far), 2, steps=20)  # type: ignore[misc]
    ways = {"lapsed into sending", "silence became a disagreement", "a stage ended", "danger"}
    assert ways | {"stopped by one", "stopped by two"} <= set(DONE)
