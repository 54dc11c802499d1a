"""What can happen to a concern, in the past tense, and which stage flow follows it up."""

from enum import StrEnum
from types import MappingProxyType

from models.record import Stage


class Happened(StrEnum):
    """The kinds of event in a history."""

    LOGGED = "logged"
    JOINED = "joined"
    OBSERVATION_WITHDRAWN = "observation_withdrawn"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    MONITORED = "monitored"
    CONTINUED = "continued"
    NOTED = "noted"
    BROUGHT_FORWARD = "brought_forward"
    DISSENTED = "dissented"
    CLOSED = "closed"
    EARLY_HELP_DECIDED = "early_help_decided"
    CONSENTED = "consented"
    DECLINED = "declined"
    ASSESSED = "assessed"
    REVIEWED = "reviewed"
    POSTPONED = "postponed"
    ACTION_DONE = "action_done"
    ACTION_NOT_DONE = "action_not_done"
    RULE_FIRED = "rule_fired"
    REFERRAL_RAISED = "referral_raised"
    REFERRAL_ADDED_TO = "referral_added_to"
    REFERRAL_SENT = "referral_sent"
    REFERRAL_STOPPED = "referral_stopped"
    REFERRAL_FILED = "referral_filed"
    REFERRAL_ACKNOWLEDGED = "referral_acknowledged"
    CHASED = "chased"
    DECIDED = "decided"
    ASKED = "asked"
    ANSWERED = "answered"
    DISPUTED = "disputed"
    STEPPED_UP = "stepped_up"
    RESOLVED = "resolved"
    STATUTORY_CONTINUED = "statutory_continued"
    STATUTORY_RECORDED = "statutory_recorded"
    STEPPED_DOWN = "stepped_down"
    COUNTERSIGN_ASKED = "countersign_asked"
    COUNTERSIGNED = "countersigned"
    COUNTERSIGN_REFUSED = "countersign_refused"
    REASSIGNED = "reassigned"
    SNOOZED = "snoozed"
    ESCALATED = "escalated"
    COVER_ASKED = "cover_asked"
    COVER_NAMED = "cover_named"
    COVER_GIVEN = "cover_given"
    COVER_MOVED = "cover_moved"
    OPENED_AGAIN = "opened_again"
    SEEN = "seen"
    NOT_SEEN = "not_seen"


# How the reason of what was done on paper ends; the event's two times say when.
ENTERED_LATER = " (entered later)"
_H, _S = Happened, Stage
_STAGES: dict[Stage, tuple[Happened, ...]] = {
    _S.LOG_CONCERN: (_H.LOGGED, _H.JOINED, _H.OBSERVATION_WITHDRAWN, _H.REOPENED),
    _S.DSL_REVIEW: (
        _H.ACKNOWLEDGED,
        _H.MONITORED,
        _H.CONTINUED,
        _H.NOTED,
        _H.BROUGHT_FORWARD,
        _H.CLOSED,
        _H.RULE_FIRED,
        _H.COUNTERSIGN_ASKED,
        _H.COUNTERSIGNED,
        _H.COUNTERSIGN_REFUSED,
        _H.REASSIGNED,
        _H.SNOOZED,
        _H.ESCALATED,
        _H.COVER_ASKED,
        _H.COVER_NAMED,
        _H.COVER_GIVEN,
        _H.COVER_MOVED,
        _H.OPENED_AGAIN,
        _H.SEEN,
        _H.NOT_SEEN,
    ),
    _S.EARLY_HELP: (_H.EARLY_HELP_DECIDED, _H.CONSENTED, _H.DECLINED, _H.ASSESSED, _H.STEPPED_DOWN),
    _S.REVIEW: (_H.REVIEWED, _H.POSTPONED, _H.ACTION_DONE, _H.ACTION_NOT_DONE),
    _S.REFER: (
        _H.REFERRAL_RAISED,
        _H.REFERRAL_ADDED_TO,
        _H.REFERRAL_SENT,
        _H.REFERRAL_STOPPED,
        _H.REFERRAL_FILED,
        _H.REFERRAL_ACKNOWLEDGED,
        _H.CHASED,
        _H.DECIDED,
        _H.ASKED,
        _H.ANSWERED,
        _H.DISSENTED,
        _H.DISPUTED,
        _H.STEPPED_UP,
        _H.RESOLVED,
        _H.STATUTORY_CONTINUED,
        _H.STATUTORY_RECORDED,
    ),
}
STAGE_OF = MappingProxyType({happened: stage for stage, kinds in _STAGES.items() for happened in kinds})
