"""The words of the record as pages say them: what happened, rules, outcomes, decisions, and the fields of a history."""

from collections.abc import Mapping
from types import MappingProxyType

from models.events import Happened
from models.rules import Outcome, Rule

_H = Happened
HAPPENED: Mapping[Happened, str] = MappingProxyType(
    {
        _H.LOGGED: "An observation opened the concern",
        _H.JOINED: "An observation joined the concern",
        _H.OBSERVATION_WITHDRAWN: "An observation was withdrawn",
        _H.REOPENED: "The concern was reopened",
        _H.ACKNOWLEDGED: "Seen by the safeguarding lead",
        _H.MONITORED: "Decided to watch, and look again",
        _H.CONTINUED: "Looked again: carry on watching",
        _H.NOTED: "Something new was noted",
        _H.BROUGHT_FORWARD: "The next review was brought forward",
        _H.DISSENTED: "Disagreed with the front door's decision",
        _H.CLOSED: "The concern was closed",
        _H.EARLY_HELP_DECIDED: "Decided to offer early help",
        _H.CONSENTED: "The family agreed to early help",
        _H.DECLINED: "The family declined early help",
        _H.ASSESSED: "Assessment completed",
        _H.REVIEWED: "Review held",
        _H.POSTPONED: "The review was put off",
        _H.ACTION_DONE: "An action was done",
        _H.ACTION_NOT_DONE: "An action was not done",
        _H.RULE_FIRED: "A rule asked for a decision",
        _H.REFERRAL_RAISED: "A referral to social care was raised",
        _H.REFERRAL_ADDED_TO: "More was added to the referral",
        _H.REFERRAL_SENT: "The referral was sent",
        _H.REFERRAL_STOPPED: "The referral was stopped",
        _H.REFERRAL_FILED: "The referral was put in writing",
        _H.REFERRAL_ACKNOWLEDGED: "The front door acknowledged the referral",
        _H.CHASED: "The front door was asked again",
        _H.DECIDED: "The front door decided",
        _H.ASKED: "The front door asked a question",
        _H.ANSWERED: "The front door's question was answered",
        _H.DISPUTED: "A disagreement opened",
        _H.STEPPED_UP: "The disagreement went a stage further",
        _H.RESOLVED: "The disagreement was settled",
        _H.STATUTORY_CONTINUED: "Looked again: with social care as before",
        _H.STATUTORY_RECORDED: "A step of social care's work",
        _H.STEPPED_DOWN: "Stepped down to early help",
        _H.COUNTERSIGN_ASKED: "A second person was asked to agree",
        _H.COUNTERSIGNED: "The second person agreed",
        _H.COUNTERSIGN_REFUSED: "The second person refused",
        _H.REASSIGNED: "A task was handed to somebody else",
        _H.SNOOZED: "Reminders of a task were put off or go on",
        _H.ESCALATED: "A task was overdue: the next person up was told",
        _H.COVER_ASKED: "Asked who covers while the setting is closed",
        _H.COVER_NAMED: "Cover was named while the setting is closed",
        _H.COVER_GIVEN: "Cover went to the next person by itself",
        _H.COVER_MOVED: "The closure was moved, and cover with it",
        _H.OPENED_AGAIN: "The setting opened again: has the child been seen?",
        _H.SEEN: "The child was seen on the first day back",
        _H.NOT_SEEN: "The child was not seen on the first day back",
    }
)
RULES: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.IMMEDIATE_DANGER: "Immediate danger",
        Rule.WORSE: "Worse at a review",
        Rule.PERSISTING: "No change at several reviews running",
        Rule.DECISION: "A person's own decision",
        Rule.GRADE: "A grade that asks for a decision",
        Rule.PATTERN: "Several observations in a short time",
        Rule.DECLINED: "Something new after early help was declined",
        Rule.JOINED: "A new observation",
        Rule.LEVEL: "The assessment's level of need",
        Rule.NOT_SEEN: "Not seen on the first day back",
    }
)
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {Outcome.IMPROVED: "Better", Outcome.UNCHANGED: "No change", Outcome.WORSE: "Worse"}
)
DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "s17": "Child in need (section 17)",
        "s47": "Enquiry into significant harm (section 47)",
        "early_help": "Early help",
        "nfa": "No further action",
    }
)
STEPS: Mapping[str, str] = MappingProxyType(
    {
        "strategy_discussion": "Strategy discussion",
        "s47": "Section 47 enquiry",
        "conference": "Child protection conference",
        "assessment": "Social care's assessment",
        "plan": "Plan",
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "decision": "Decision",
        "what": "What",
        "on": "On",
        "outcome": "Outcome for the child",
        "evidence": "What shows it",
        "engagement": "How the family took part",
        "child_words": "The child's own words",
        "given_by": "Agreed by",
        "covers": "Covering",
        "level": "Level of need",
        "needs": "Needs",
        "plan": "Plan",
        "summary": "Summary",
        "scores": "Grades",
        "actions": "Actions",
        "parents_informed": "Parents informed",
        "lead": "Lead",
        "second": "Second person",
        "from": "From",
        "to": "To",
        "by": "By",
        "number": "Their number",
        "question": "Question",
        "text": "Text",
        "note": "Note",
        "reason": "Reason",
        "stage": "Stage",
        "move": "About",
        "count": "Put off so far",
        "cover": "Cover",
        "last_seen": "Last seen",
        "first": "First day closed",
        "last": "Last day closed",
        "expected_strategy_discussion": "Strategy discussion expected by",
        "expected_s47": "Section 47 enquiry expected by",
        "expected_conference": "Conference expected by",
        "expected_assessment": "Assessment expected by",
    }
)
NAMED = frozenset({"lead", "second", "from", "to", "by", "cover"})
# What the record writes by itself where nobody gave a reason.
SAYS_NOTHING = frozenset(
    {
        "observation logged",
        "seen",
        "continues",
        "agreed",
        "acknowledged",
        "consent given",
        "assessment completed",
        "added to the referral",
        "asked back",
        "answered the front door's question",
        "filed in writing",
    }
)
