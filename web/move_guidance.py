"""What somebody should know before they make a move: what follows from it, by when, and what the guidance says.

Figures and terms in braces are the policy's (web.figure_words). Sources: Keeping children safe in education 2025
(KCSIE) in our own words, by paragraph; the rest is what casework does.
"""

from collections.abc import Mapping
from types import MappingProxyType

from config.policy import Policy
from models.lifecycle import Kind, Move
from web.figure_words import Words
from web.saying import sentence

GUIDANCE: Mapping[Move, str] = MappingProxyType(
    {
        Move.ACKNOWLEDGE: ("The {front_door} has the {referral}. Its decision is still owed; that clock runs on."),
        Move.MONITOR: (
            "You look again within {dsl_case_review_interval}, and never later than {case_review_at_most} from "
            "now. Anything new joins this {concern} and asks you again."
        ),
        Move.CONTINUE: (
            "The next look is due within {dsl_case_review_interval}, and never later than {case_review_at_most} "
            "from now. Reassess when things do not improve (KCSIE 68): has anything changed for the child?"
        ),
        Move.EARLY_HELP: (
            "The {lead} asks the family for consent within {eha_consent_followup_days}. The "
            "{early_help_assessment} is due within {eha_complete_due}, the first {team_around_the_family} "
            "{review} within {first_taf_due}, both from now. If the family declines, you decide again."
        ),
        Move.REFER: (
            "The {referral} goes to the {front_door} at once and cannot be called back. Where a child is "
            "suffering or likely to suffer significant harm, refer immediately (KCSIE 57): telephone as well. An "
            "answer is due within {referral_decision_due}; if there is none, you ask again."
        ),
        Move.DISSENT: (
            "A disagreement opens, and you talk to the {front_door} within {escalation_stage1_due}. Challenge is "
            "part of the work (KCSIE 65); the {head} and the {partnership_contact} follow if it is not settled."
        ),
        Move.CLOSE: (
            "Nothing closes until the second person agrees; they have {countersign_due}, and until then "
            "everything runs on. A record must hold a clear summary, how it was followed up, and the outcome "
            "(KCSIE 66). The history stays, the child's clock runs on, and a closed {concern} can be reopened."
        ),
        Move.CONSENT: (
            "The {early_help_assessment} is due within {eha_complete_due} of the decision for {early_help}. The "
            "family has a copy within {eha_share_with_family_due}."
        ),
        Move.DECLINE: (
            "The {dsl} decides again within {dsl_decision_due}. A new observation about this child will ask for a "
            "decision at once. Where a child may be suffering significant harm, consent is not needed to refer."
        ),
        Move.COMPLETE: (
            "Support starts. The first {team_around_the_family} {review} is due {first_taf_due} after the "
            "decision for {early_help}; the family has the plan within {taf_plan_to_family_due}."
        ),
        Move.REVIEW: (
            "The next {review} is due in {taf_review_interval}. Keep the case under constant review, and consider "
            "a {referral} when the situation does not improve or gets worse (KCSIE 56): worse, or "
            "{no_change_reviews_before_stepup_decision} running without change, raise one here by themselves. You "
            "can add to it, send it at once, or stop it with a reason before its hold ends."
        ),
        Move.POSTPONE: (
            "Put offs are counted, and shown to whoever looks. From the second on, another person must agree. The "
            "furthest day is {taf_review_interval_max} after the {review} was first set."
        ),
        Move.ADD: ("The hold runs on. What you write goes with the {referral}."),
        Move.SEND: (
            "It goes to the {front_door} now and cannot be called back. An answer is due within "
            "{referral_decision_due}."
        ),
        Move.STOP: (
            "The next {review} is then due within {review_after_stop}. Where a review found things worse, it is "
            "stopped only when a second person has agreed; if they do not before the hold ends, it is sent."
        ),
        Move.DECIDE: (
            "What the {front_door} decided. The next step opens by itself: a review of statutory work, {early_help}, "
            "or a decision of the {dsl} after no further action."
        ),
        Move.ASK: ("The {dsl} is asked to answer. The clocks run on meanwhile."),
        Move.ANSWER: ("The {front_door} reads it with the {referral}, and is told that it is there."),
        Move.CHASE: (
            "Following up is the referrer's duty when no decision is forthcoming (KCSIE 63). The clock runs on; "
            "{referral_no_response_escalate} of silence from sending open a disagreement by themselves."
        ),
        Move.RESOLVE: ("The disagreement ends with this answer, and the next step opens by itself."),
        Move.STEP_UP: (
            "It goes to the next stage: the {dsl}, then the {head}, then the {partnership_contact}. Safety comes "
            "before the order of stages."
        ),
        Move.RECORD: (
            "Dates are expected of {social_care}, and no clock here runs on them: strategy discussion "
            "{strategy_discussion_expected}, {section_47} {s47_complete_expected}, {conference} {icpc_due}, "
            "assessment {assessment_due}. The next look stays when it was."
        ),
        Move.STEP_DOWN: (
            "A named {lead} takes over, and the first {team_around_the_family} {review} is due within "
            "{stepdown_first_taf_due}. Having had a social worker matters for long after (KCSIE, Annex C): it "
            "stays marked."
        ),
        Move.NOTED: (
            "Nothing else changes: the next step stands as it was. Write down why, also when you do not act "
            "(KCSIE, Annex C)."
        ),
        Move.BRING_FORWARD: ("The next {review} is then due within {bring_forward_due}, unless it was sooner."),
        Move.DONE: ("The task ends, and the history says so."),
        Move.NOT_DONE: ("The task ends, and the history says so with your reason. It does not open again by itself."),
        Move.AGREE: ("What is proposed happens at once, in both your names."),
        Move.REFUSE: ("What is proposed does not happen, and everything stays as it is."),
        Move.FILED: ("The {referral} is in writing. The {front_door}'s clocks run from when it was sent."),
        Move.NAME: (
            "Name somebody who is there on every day of the closure: of your setting, the {early_help_coordinator}, or "
            "anybody else in post who knows the family. They are told, see this {concern} whole while you are closed, "
            "and act on its tasks beside you. Nobody named: it goes to the {early_help_coordinator}, then the "
            "{partnership_contact}."
        ),
        Move.SEEN: ("The task ends. What worries you about the child is an {observation} of its own."),
        Move.NOT_SEEN: (
            "The {dsl} is asked to decide within {dsl_decision_due}: a home visit, a call, a {referral}. A child whom "
            "nobody has seen for a whole holiday is a reason to look, not to wait."
        ),
    }
)
OF_ONE_KIND: Mapping[tuple[Kind, Move], str] = MappingProxyType(
    {
        (Kind.DSL_REVIEW, Move.ACKNOWLEDGE): (
            "Says that you have seen it. Your decision is still owed by its deadline."
        ),
        (Kind.STATUTORY_REVIEW, Move.CONTINUE): (
            "Work of {social_care} goes on. The next look is due within {dsl_case_review_interval}, and never "
            "later than {case_review_at_most} from now."
        ),
    }
)


def guidance(kind: Kind, move: Move, policy: Policy) -> str:
    """What to know before this move, in the policy's words and with its figures."""
    said = OF_ONE_KIND.get((kind, move)) or GUIDANCE[move]
    return sentence(Words(policy).fill(said))
