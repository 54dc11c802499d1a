"""The lifecycle's table: every status has a way on, every move leads where design.md says, nothing else is allowed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import TASK_KINDS
from models.casework import MOVES_DONE
from models.forms import FORMS
from models.lifecycle import (
    ALL_MAIN,
    ASKED_STATUSES,
    BEFORE_REFERRED,
    BESIDE,
    BY_RULE,
    MAIN_KINDS,
    MOVES,
    OFFERS,
    STANDS,
    UNMANNED,
    Kind,
    Move,
    MoveNotAllowed,
    Status,
    moves_from,
    next_status,
    offered,
)

# The table of design.md, row by row: status, move, answer, status after.
TABLE = """
LOGGED acknowledge - LOGGED
LOGGED monitor - MONITORING
LOGGED early_help - ASSESSING
LOGGED refer - REFERRED
LOGGED dissent - DISPUTED
LOGGED close - CLOSED
MONITORING continue - MONITORING
MONITORING early_help - ASSESSING
MONITORING refer - REFERRED
MONITORING close - CLOSED
ASSESSING consent - ASSESSING
ASSESSING decline - LOGGED
ASSESSING complete - SUPPORTING
ASSESSING refer - REFERRED
SUPPORTING review - SUPPORTING
SUPPORTING review by_rule REFERRING
SUPPORTING postpone - SUPPORTING
SUPPORTING refer - REFERRED
SUPPORTING close - CLOSED
REFERRING add - REFERRING
REFERRING send - REFERRED
REFERRING stop - SUPPORTING
REFERRING lapse - REFERRED
REFERRED acknowledge - REFERRED
REFERRED chase - REFERRED
REFERRED decide s17 STATUTORY
REFERRED decide s47 STATUTORY
REFERRED decide early_help ASSESSING
REFERRED decide stands SUPPORTING
REFERRED decide nfa LOGGED
REFERRED ask - REFERRED
REFERRED lapse - DISPUTED
DISPUTED resolve s17 STATUTORY
DISPUTED resolve s47 STATUTORY
DISPUTED resolve early_help ASSESSING
DISPUTED resolve stands SUPPORTING
DISPUTED resolve nfa LOGGED
DISPUTED step_up - DISPUTED
DISPUTED lapse - DISPUTED
DISPUTED acknowledge - DISPUTED
DISPUTED ask - DISPUTED
DISPUTED decide s17 STATUTORY
DISPUTED decide s47 STATUTORY
DISPUTED decide early_help ASSESSING
DISPUTED decide stands SUPPORTING
DISPUTED decide nfa LOGGED
STATUTORY continue - STATUTORY
STATUTORY record - STATUTORY
STATUTORY step_down - SUPPORTING
STATUTORY close - CLOSED
CLOSED reopen - LOGGED
"""
WORDS = {"-": "", "by_rule": BY_RULE, "stands": STANDS}
ROWS = [row.split() for row in TABLE.split("\n") if row]
statuses, moves = st.sampled_from(Status), st.sampled_from(Move)
OPEN = [status for status in Status if status != Status.CLOSED]


def test_the_table_is_design_mds() -> None:
    """Every row of design.md is in the table, and nothing else but immediate danger, from every open status."""
    told = {(Status(at), Move(move), WORDS.get(word, word)): Status(after) for at, move, word, after in ROWS}
    told |= {(status, Move.ALARM, ""): Status.REFERRED for status in OPEN}
    table = {(at, move, word): after for (at, move), ways in MOVES.items() for word, after in ways.items()}
    assert table == told


@given(statuses, moves)
def test_what_is_not_in_the_table_is_refused_naming_what_is(status: Status, move: Move) -> None:
    """A move leads somewhere or says, in one line, which moves a person may make from here."""
    if (status, move) in MOVES:
        ways = MOVES[status, move]
        assert next_status(status, move, next(iter(ways))) in Status
        return
    with pytest.raises(MoveNotAllowed) as caught:
        next_status(status, move)
    allowed = ", ".join(sorted(moves_from(status)))
    assert (
        str(caught.value)
        == f"move: '{move.value}' is not allowed for a concern that is {status}; allowed here: {allowed}"
    )


ANSWERS = "early_help, early_help, an assessment stands, nfa, s17, s47"


@pytest.mark.parametrize(("answer", "named"), [("s18", "s18"), ("", "(no answer)")])
def test_an_answer_that_there_is_not_is_refused(answer: str, named: str) -> None:
    """A decision is one of those the table knows."""
    with pytest.raises(MoveNotAllowed) as caught:
        next_status(Status.REFERRED, Move.DECIDE, answer)
    assert str(caught.value) == f"move: '{named}' is not allowed for decide from REFERRED; allowed here: {ANSWERS}"


def test_every_open_status_leads_to_a_proper_close() -> None:
    """From everywhere there is a way to CLOSED, and from CLOSED a way back."""
    after = {
        status: {way for (at, _), ways in MOVES.items() if at == status for way in ways.values()} for status in Status
    }
    for status in Status:
        reached: set[Status] = set()
        while step := {way for one in (reached or {status}) for way in after[one]} - reached:
            reached |= step
        assert Status.CLOSED in reached


def test_the_dsl_may_refer_from_every_open_status_before_referred() -> None:
    """Whoever owes the task: each of its main tasks offers the referral."""
    for status in BEFORE_REFERRED:
        for kind in MAIN_KINDS[status]:
            assert Move.REFER in offered(kind, status)


def test_each_open_status_has_a_task_that_carries_it() -> None:
    """No status but CLOSED is without a main task, and no kind carries two statuses."""
    assert [status for status in Status if not MAIN_KINDS[status]] == [Status.CLOSED]
    assert len(ALL_MAIN) == sum(len(kinds) for kinds in MAIN_KINDS.values())


@given(statuses, st.sampled_from(Kind), st.booleans(), st.booleans())
def test_nothing_is_offered_that_would_be_refused(status: Status, kind: Kind, nfa: bool, may_close: bool) -> None:
    """An offer is in the table for this status, or stands beside it; never a clock's own move."""
    for move in offered(kind, status, after_nfa=nfa, may_close=may_close):
        assert move in BESIDE or (status, move) in MOVES
        assert move not in UNMANNED


def test_every_main_task_offers_something_in_its_status() -> None:
    """Nobody owes what they cannot answer."""
    for status, kinds in MAIN_KINDS.items():
        assert all(offered(kind, status) for kind in kinds)


def test_dissent_closing_and_bringing_forward_have_their_conditions() -> None:
    """Dissent after an nfa, closing support after improvement, bringing forward where there is a review."""
    assert Move.DISSENT in offered(Kind.DSL_REVIEW, Status.LOGGED, after_nfa=True)
    assert Move.DISSENT not in offered(Kind.DSL_REVIEW, Status.LOGGED)
    assert Move.CLOSE in offered(Kind.HOLD_REVIEW, Status.SUPPORTING)
    assert Move.CLOSE not in offered(Kind.HOLD_REVIEW, Status.SUPPORTING, may_close=False)
    assert Move.CLOSE in offered(Kind.DSL_REVIEW, Status.LOGGED, may_close=False)
    for status in OPEN:
        reviewed = status in (Status.MONITORING, Status.SUPPORTING, Status.STATUTORY)
        assert (Move.BRING_FORWARD in offered(Kind.DSL_DECISION, status)) is reviewed


def test_the_front_door_may_ask_wherever_it_may_decide() -> None:
    """Asking is open as long as the decision is, and leaves the status alone; nobody may ask about anything else."""
    asked = {status for status, move in MOVES if move == Move.ASK}
    assert asked == set(ASKED_STATUSES) == {status for status, move in MOVES if move == Move.DECIDE}
    for status in asked:
        assert next_status(status, Move.ASK) == status
        assert all(Move.ASK in offered(kind, status) for kind in MAIN_KINDS[status])


def test_every_offered_move_has_a_form_and_is_done_by_somebody() -> None:
    """No offer without the fields it asks for and the code that makes it."""
    told = set(itertools.chain.from_iterable(OFFERS.values()))
    assert told == set(MOVES_DONE) == set(FORMS[None])


def test_every_kind_of_task_has_a_ladder_and_offers() -> None:
    """The policy's list of kinds is the lifecycle's."""
    assert set(TASK_KINDS) == {kind.value for kind in Kind}
    assert set(OFFERS) == set(Kind)
