"""The lifecycle of a concern as one table: (status, move) -> status. Pure: standard library only.

A status is an adjective, a move a verb. Overdue is a date and escalation a rung on a task: neither is a status.
`docs/lifecycle.md` is generated from this table and checked against it.
"""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """Where a concern stands."""

    LOGGED = "LOGGED"
    MONITORING = "MONITORING"
    ASSESSING = "ASSESSING"
    SUPPORTING = "SUPPORTING"
    REFERRING = "REFERRING"
    REFERRED = "REFERRED"
    DISPUTED = "DISPUTED"
    STATUTORY = "STATUTORY"
    CLOSED = "CLOSED"


class Move(StrEnum):
    """What a person can do to a concern; `lapse` is a clock's, `alarm` an observation's of immediate danger."""

    ACKNOWLEDGE = "acknowledge"
    MONITOR = "monitor"
    CONTINUE = "continue"
    EARLY_HELP = "early_help"
    REFER = "refer"
    DISSENT = "dissent"
    CLOSE = "close"
    CONSENT = "consent"
    DECLINE = "decline"
    COMPLETE = "complete"
    REVIEW = "review"
    POSTPONE = "postpone"
    ADD = "add"
    SEND = "send"
    STOP = "stop"
    LAPSE = "lapse"
    CHASE = "chase"
    DECIDE = "decide"
    ASK = "ask"
    ANSWER = "answer"
    RESOLVE = "resolve"
    STEP_UP = "step_up"
    RECORD = "record"
    STEP_DOWN = "step_down"
    REOPEN = "reopen"
    NOTED = "noted"
    BRING_FORWARD = "bring_forward"
    DONE = "done"
    NOT_DONE = "not_done"
    AGREE = "agree"
    REFUSE = "refuse"
    FILED = "filed"
    NAME = "name"
    SEEN = "seen"
    NOT_SEEN = "not_seen"
    ALARM = "alarm"


class Kind(StrEnum):
    """What a task asks for."""

    DSL_REVIEW = "dsl_review"
    CASE_REVIEW = "case_review"
    GAIN_CONSENT = "gain_consent"
    ASSESS = "assess"
    HOLD_REVIEW = "hold_review"
    CONFIRM_REFERRAL = "confirm_referral"
    AWAIT_ACKNOWLEDGEMENT = "await_acknowledgement"
    AWAIT_DECISION = "await_decision"
    RESOLVE_DISAGREEMENT = "resolve_disagreement"
    STATUTORY_REVIEW = "statutory_review"
    DSL_DECISION = "dsl_decision"
    ACTION = "action"
    COUNTERSIGN = "countersign"
    FILE_REFERRAL = "file_referral"
    ANSWER_QUESTION = "answer_question"
    NAME_COVER = "name_cover"
    FIRST_DAY = "first_day"


class MoveNotAllowed(Exception):
    """The table has no such move from this status; the message names the moves there are."""

    def __init__(self, what: str, move: str, allowed: Iterable[str]) -> None:
        self.allowed = sorted(allowed)
        can = ", ".join(self.allowed) or "none"
        super().__init__(f"move: '{move}' is not allowed for {what}; allowed here: {can}")


S, M, K = Status, Move, Kind
BY_RULE = "by rule"
STANDS = "early_help, an assessment stands"
_ANSWERS = {"s17": S.STATUTORY, "s47": S.STATUTORY, "early_help": S.ASSESSING, STANDS: S.SUPPORTING, "nfa": S.LOGGED}


def _stays(status: Status) -> dict[str, Status]:
    return {"": status}


MOVES: MappingProxyType[tuple[Status, Move], dict[str, Status]] = MappingProxyType(
    {
        (S.LOGGED, M.ACKNOWLEDGE): _stays(S.LOGGED),
        (S.LOGGED, M.MONITOR): {"": S.MONITORING},
        (S.LOGGED, M.EARLY_HELP): {"": S.ASSESSING},
        (S.LOGGED, M.REFER): {"": S.REFERRED},
        (S.LOGGED, M.DISSENT): {"": S.DISPUTED},
        (S.LOGGED, M.CLOSE): {"": S.CLOSED},
        (S.MONITORING, M.CONTINUE): _stays(S.MONITORING),
        (S.MONITORING, M.EARLY_HELP): {"": S.ASSESSING},
        (S.MONITORING, M.REFER): {"": S.REFERRED},
        (S.MONITORING, M.CLOSE): {"": S.CLOSED},
        (S.ASSESSING, M.CONSENT): _stays(S.ASSESSING),
        (S.ASSESSING, M.DECLINE): {"": S.LOGGED},
        (S.ASSESSING, M.COMPLETE): {"": S.SUPPORTING},
        (S.ASSESSING, M.REFER): {"": S.REFERRED},
        (S.SUPPORTING, M.REVIEW): {"": S.SUPPORTING, BY_RULE: S.REFERRING},
        (S.SUPPORTING, M.POSTPONE): _stays(S.SUPPORTING),
        (S.SUPPORTING, M.REFER): {"": S.REFERRED},
        (S.SUPPORTING, M.CLOSE): {"": S.CLOSED},
        (S.REFERRING, M.ADD): _stays(S.REFERRING),
        (S.REFERRING, M.SEND): {"": S.REFERRED},
        (S.REFERRING, M.STOP): {"": S.SUPPORTING},
        (S.REFERRING, M.LAPSE): {"": S.REFERRED},
        (S.REFERRED, M.ACKNOWLEDGE): _stays(S.REFERRED),
        (S.REFERRED, M.CHASE): _stays(S.REFERRED),
        (S.REFERRED, M.DECIDE): _ANSWERS,
        (S.REFERRED, M.ASK): _stays(S.REFERRED),
        (S.REFERRED, M.LAPSE): {"": S.DISPUTED},
        (S.DISPUTED, M.RESOLVE): _ANSWERS,
        (S.DISPUTED, M.STEP_UP): _stays(S.DISPUTED),
        (S.DISPUTED, M.LAPSE): _stays(S.DISPUTED),
        (S.DISPUTED, M.ACKNOWLEDGE): _stays(S.DISPUTED),
        (S.DISPUTED, M.DECIDE): _ANSWERS,
        (S.DISPUTED, M.ASK): _stays(S.DISPUTED),
        (S.STATUTORY, M.CONTINUE): _stays(S.STATUTORY),
        (S.STATUTORY, M.RECORD): _stays(S.STATUTORY),
        (S.STATUTORY, M.STEP_DOWN): {"": S.SUPPORTING},
        (S.STATUTORY, M.CLOSE): {"": S.CLOSED},
        (S.CLOSED, M.REOPEN): {"": S.LOGGED},
    }
    | {(status, M.ALARM): {"": S.REFERRED} for status in S if status != S.CLOSED}
)

# The task or tasks that carry each open status. An open concern without one cannot be committed.
MAIN_KINDS: MappingProxyType[Status, frozenset[Kind]] = MappingProxyType(
    {
        S.LOGGED: frozenset({K.DSL_REVIEW}),
        S.MONITORING: frozenset({K.CASE_REVIEW}),
        S.ASSESSING: frozenset({K.GAIN_CONSENT, K.ASSESS}),
        S.SUPPORTING: frozenset({K.HOLD_REVIEW}),
        S.REFERRING: frozenset({K.CONFIRM_REFERRAL}),
        S.REFERRED: frozenset({K.AWAIT_ACKNOWLEDGEMENT, K.AWAIT_DECISION}),
        S.DISPUTED: frozenset({K.RESOLVE_DISAGREEMENT}),
        S.STATUTORY: frozenset({K.STATUTORY_REVIEW}),
        S.CLOSED: frozenset(),
    }
)
ALL_MAIN = frozenset().union(*MAIN_KINDS.values())
BEFORE_REFERRED = (S.LOGGED, S.MONITORING, S.ASSESSING, S.SUPPORTING)

# What each kind of task offers, in the order a form shows it; the status has the last word.
OFFERS: MappingProxyType[Kind, tuple[Move, ...]] = MappingProxyType(
    {
        K.DSL_REVIEW: (M.ACKNOWLEDGE, M.MONITOR, M.EARLY_HELP, M.REFER, M.DISSENT, M.CLOSE),
        K.CASE_REVIEW: (M.CONTINUE, M.EARLY_HELP, M.REFER, M.CLOSE),
        K.GAIN_CONSENT: (M.CONSENT, M.DECLINE, M.REFER),
        K.ASSESS: (M.COMPLETE, M.REFER),
        K.HOLD_REVIEW: (M.REVIEW, M.POSTPONE, M.REFER, M.CLOSE),
        K.CONFIRM_REFERRAL: (M.ADD, M.SEND, M.STOP),
        K.AWAIT_ACKNOWLEDGEMENT: (M.ACKNOWLEDGE, M.DECIDE, M.ASK, M.CHASE),
        K.AWAIT_DECISION: (M.ACKNOWLEDGE, M.DECIDE, M.ASK, M.CHASE),
        K.RESOLVE_DISAGREEMENT: (M.RESOLVE, M.STEP_UP, M.ACKNOWLEDGE, M.DECIDE, M.ASK),
        K.STATUTORY_REVIEW: (M.CONTINUE, M.RECORD, M.STEP_DOWN, M.CLOSE),
        K.DSL_DECISION: (M.NOTED, M.BRING_FORWARD, M.EARLY_HELP, M.REFER),
        K.ACTION: (M.DONE, M.NOT_DONE),
        K.COUNTERSIGN: (M.AGREE, M.REFUSE),
        K.FILE_REFERRAL: (M.FILED,),
        K.ANSWER_QUESTION: (M.ANSWER,),
        K.NAME_COVER: (M.NAME,),
        K.FIRST_DAY: (M.SEEN, M.NOT_SEEN),
    }
)
# Moves nobody makes by hand.
UNMANNED = frozenset({M.LAPSE, M.ALARM})
# Moves that answer a task beside the main one and leave the concern's status alone.
BESIDE = frozenset(
    {M.NOTED, M.BRING_FORWARD, M.DONE, M.NOT_DONE, M.AGREE, M.REFUSE, M.FILED, M.ANSWER, M.NAME, M.SEEN, M.NOT_SEEN}
)
# While a referral is with the front door it may ask back; whatever leads out of these overtakes its questions.
ASKED_STATUSES = (S.REFERRED, S.DISPUTED)
REVIEWED_STATUSES = (S.MONITORING, S.SUPPORTING, S.STATUTORY)


def next_status(status: Status, move: Move, answer: str = "") -> Status:
    """The status after `move` (with `answer` where the move has several); raises MoveNotAllowed naming what is."""
    ways = MOVES.get((status, move))
    if ways is None:
        raise MoveNotAllowed(f"a concern that is {status}", move, moves_from(status))
    if answer not in ways:
        raise MoveNotAllowed(f"{move} from {status}", answer or "(no answer)", [way for way in ways if way])
    return ways[answer]


def moves_from(status: Status) -> list[Move]:
    """Every move a person may make from `status`, in the table's order."""
    return [move for (where, move) in MOVES if where == status and move not in UNMANNED]


def offered(kind: Kind, status: Status, *, after_nfa: bool = False, may_close: bool = True) -> tuple[Move, ...]:
    """The moves a task of `kind` offers while its concern is `status`.

    `after_nfa`: the last answer of a front door was no further action (only then may a DSL dissent).
    `may_close`: a supported concern may close only after sustained improvement.
    """
    moves = [move for move in OFFERS[kind] if move in BESIDE or (status, move) in MOVES]
    if M.BRING_FORWARD in moves and status not in REVIEWED_STATUSES:
        moves.remove(M.BRING_FORWARD)
    if M.DISSENT in moves and not after_nfa:
        moves.remove(M.DISSENT)
    if M.CLOSE in moves and status == S.SUPPORTING and not may_close:
        moves.remove(M.CLOSE)
    return tuple(moves)
