"""How a concern's page says which letter went to whom, and what became of it."""

from collections.abc import Mapping
from types import MappingProxyType

from models.telling import Delivery, State
from web.saying import sentence, spoken

LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "concern-received": "Their observation was received",
        "concern-acted-on": "Their observation was acted on",
        "task-opened": "A new task",
        "reminder": "A reminder",
        "unacknowledged": "Nobody has said yet that they have seen it",
        "overdue": "A task is overdue",
        "handed-over": "A task was handed over",
        "countersign-answered": "The second person has answered",
        "telephone-now": "Telephone now",
        "referral": "The referral",
        "chase": "The front door asked again",
        "chase-copy": "Copy: the front door asked again",
        "referral-raised": "A referral was raised",
        "referral-sent": "A referral was sent",
        "referral-stopped": "A referral was stopped",
        "front-door-answered": "The front door has answered",
        "question-answered": "Their question was answered",
        "disagreement": "A disagreement",
        "letter-refused": "A letter was refused",
        "not-covered": "Something is not covered",
        "day-not-clean": "A day’s statement is not clean",
    }
)
STATES: Mapping[State, str] = MappingProxyType(
    {
        State.WAITING: "Waits to be sent",
        State.SENT: "Sent",
        State.REFUSED: "Refused by their mail server; somebody else was told",
        State.GIVEN_UP: "Could not be sent; somebody else was told",
        State.WITHDRAWN: "Not needed any more",
    }
)
HELD = "Kept for their list: in a round-up that day, or in the next morning's"


def say_letter(name: str) -> str:
    """A letter in words."""
    return LETTERS.get(name) or sentence(spoken(name))


def say_state(delivery: Delivery) -> str:
    """What became of a letter."""
    return HELD if delivery.held_at else STATES[delivery.state]
