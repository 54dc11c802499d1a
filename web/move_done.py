"""What a page says after a move: what was done, and what can still be undone, by which words of the address."""

from collections.abc import Mapping
from types import MappingProxyType

from models.casework import Moved
from models.lifecycle import Kind, Move, Status

MOVED: Mapping[Move, str] = MappingProxyType(
    {
        Move.ACKNOWLEDGE: "Recorded: it has been seen. The decision is still owed.",
        Move.MONITOR: "Recorded. This child is being watched; below is when you look again. "
        "If you change your mind, open that task and decide anew.",
        Move.CONTINUE: "Recorded. Below is when you look again.",
        Move.EARLY_HELP: "Recorded. The lead has been asked to gain consent. If the wrong person leads, "
        "hand the task over.",
        Move.REFER: "The referral is sent. It cannot be called back: if it was a slip, telephone the front door.",
        Move.DISSENT: "Recorded. A disagreement is open; talk to the front door.",
        Move.CLOSE: "The second person has been asked. Until they agree everything runs on.",
        Move.CONSENT: "Recorded. The assessment is now owed.",
        Move.DECLINE: "Recorded. The safeguarding lead is asked to decide again.",
        Move.COMPLETE: "The assessment is complete. Below is when the first review is due.",
        Move.REVIEW: "The review is recorded. Below is when the next one is due.",
        Move.POSTPONE: "Recorded. The review has its new day.",
        Move.ADD: "Added to the referral.",
        Move.SEND: "The referral is sent. It cannot be called back: if it was a slip, telephone the front door.",
        Move.STOP: "The referral is stopped. Below is when the next review is due.",
        Move.CHASE: "Recorded. The front door's clock runs on.",
        Move.DECIDE: "Recorded. The next step has opened by itself.",
        Move.ASK: "Asked. The safeguarding lead has a task to answer.",
        Move.ANSWER: "Answered. The front door reads it with the referral.",
        Move.RESOLVE: "Recorded. The disagreement is over, and the next step has opened by itself.",
        Move.STEP_UP: "Recorded. The disagreement is with the next stage.",
        Move.RECORD: "Recorded. The next look stays when it was.",
        Move.STEP_DOWN: "Recorded. The lead has the first review to hold.",
        Move.NOTED: "Noted. The next step stands as it was.",
        Move.BRING_FORWARD: "Recorded. The next review is below.",
        Move.DONE: "Recorded: it is done.",
        Move.NOT_DONE: "Recorded: it was not done, and why.",
        Move.AGREE: "You agreed, and it has been done.",
        Move.REFUSE: "You refused. Everything stays as it is, and whoever proposed it is told.",
        Move.FILED: "Recorded: the referral is in writing.",
        Move.NAME: "Recorded. They are told, and see the concern while the setting is closed.",
        Move.SEEN: "Recorded: the child was seen.",
        Move.NOT_SEEN: "Recorded. The safeguarding lead is asked to decide within a working day.",
    }
)
MORE: Mapping[str, str] = MappingProxyType(
    {
        "referral-raised": "The review is recorded. What it found raises a referral to children's social care by "
        "itself. It has not gone yet: below is when it goes, and what can be done until then.",
        "second-asked": "The second person has been asked. Until they agree nothing changes.",
        "reassigned": "Handed over. They are told of it as of a new task. If that was a slip, it can be handed back "
        "the same way.",
        "snoozed": "Its reminders are put off. The deadline stays, and so does who hears if it is missed.",
        "reminded": "You are reminded of it again from now on.",
        "withdrawal-asked": "The second person has been asked. Until they agree the observation counts.",
        "reopened": "The concern is open again, and a decision is owed.",
        "agreed-close": "You agreed, and the concern is closed. Its history stays, the child's clock runs on, and it "
        "can be reopened.",
    }
)


def word_of(move: Move) -> str:
    """The word of the address that says that a move was made."""
    return f"did-{move.value.replace('_', '-')}"


DONE: Mapping[str, str] = MappingProxyType({**{word_of(move): text for move, text in MOVED.items()}, **MORE})


def done_word(move: Move, moved: Moved) -> str:
    """Which of these is true after a move."""
    if move == Move.REVIEW and moved.status == Status.REFERRING:
        return "referral-raised"
    if any(task.kind == Kind.COUNTERSIGN for task in moved.opened):
        return "second-asked"
    if move == Move.AGREE and moved.status == Status.CLOSED:
        return "agreed-close"
    return word_of(move)
