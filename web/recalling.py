"""What happened to a concern, in a few words, as somebody reads it who did it themselves."""

from collections.abc import Mapping
from types import MappingProxyType

from models.events import Happened
from web.saying import sentence, spoken

YOU: Mapping[str, str] = MappingProxyType(
    {
        Happened.REOPENED: "You reopened it",
        Happened.ACKNOWLEDGED: "You said that you had seen it",
        Happened.MONITORED: "You decided to watch",
        Happened.CONTINUED: "You carried on as before",
        Happened.NOTED: "You noted it",
        Happened.BROUGHT_FORWARD: "You brought the next review forward",
        Happened.DISSENTED: "You disagreed with the front door",
        Happened.CLOSED: "You closed it",
        Happened.EARLY_HELP_DECIDED: "You offered early help",
        Happened.CONSENTED: "You recorded that the family agrees",
        Happened.DECLINED: "You recorded that the family declines",
        Happened.ASSESSED: "You completed the assessment",
        Happened.REVIEWED: "You recorded a review",
        Happened.POSTPONED: "You put a review off",
        Happened.ACTION_DONE: "You did what was agreed",
        Happened.ACTION_NOT_DONE: "You recorded that something was not done",
        Happened.REFERRAL_RAISED: "You referred to children's social care",
        Happened.REFERRAL_ADDED_TO: "You added to the referral",
        Happened.REFERRAL_SENT: "You sent the referral",
        Happened.REFERRAL_STOPPED: "You stopped the referral",
        Happened.REFERRAL_FILED: "You filed the referral",
        Happened.REFERRAL_ACKNOWLEDGED: "You acknowledged the referral",
        Happened.CHASED: "You asked the front door again",
        Happened.DECIDED: "You recorded the front door's decision",
        Happened.STEPPED_UP: "You took the disagreement a stage further",
        Happened.RESOLVED: "You recorded what was agreed",
        Happened.STATUTORY_CONTINUED: "You checked on social care's work",
        Happened.STATUTORY_RECORDED: "You recorded a step of social care's work",
        Happened.STEPPED_DOWN: "You stepped down to early help",
        Happened.COUNTERSIGN_ASKED: "You asked a second person",
        Happened.COUNTERSIGNED: "You agreed as the second person",
        Happened.COUNTERSIGN_REFUSED: "You refused as the second person",
        Happened.REASSIGNED: "You handed a task over",
        Happened.OBSERVATION_WITHDRAWN: "You withdrew an observation",
        Happened.COVER_NAMED: "You named who covers a closure",
        Happened.SEEN: "You recorded that the child was seen",
        Happened.NOT_SEEN: "You recorded that the child was not seen",
    }
)


def what_you_did(kind: str) -> str:
    """An event of one's own, as a sentence without its full stop."""
    return YOU.get(kind, sentence(spoken(kind)))
