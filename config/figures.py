"""Every figure a policy must hold: its unit, its bounds, and what it means. The values are in `policies/*.yaml`.

The names are a contract: explanations of due dates end with them. docs/policy.md is checked against this table.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Value = bool | int | str
BASES: Final = MappingProxyType(
    {
        "P": "national text, read",
        "L": "verified local practice",
        "D": "our proposal",
        "U": "unverified",
    }
)
Unit = Literal[
    "clock_hours",
    "opening_hours",
    "minutes",
    "working_days",
    "calendar_days",
    "school_days",
    "weeks",
    "school_weeks",
    "months",
    "years",
    "gestation_weeks",
    "reviews",
    "concerns",
    "events",
    "letters",
    "grade",
    "picture",
    "boolean",
    "text",
]
# Bounds catch a slip (hours typed for days), they are no opinion on practice.
BOUNDS: Final = MappingProxyType(
    {
        "clock_hours": (1, 720),
        "opening_hours": (1, 80),
        "minutes": (1, 1440),
        "working_days": (0, 260),
        "calendar_days": (0, 366),
        "school_days": (1, 200),
        "weeks": (1, 104),
        "school_weeks": (1, 52),
        "months": (1, 60),
        "years": (1, 100),
        "gestation_weeks": (1, 42),
        "reviews": (1, 12),
        "concerns": (1, 50),
        "events": (1, 50),
        "letters": (1, 50),
        "grade": (1, 5),
        "picture": (1, 9),
    }
)


@dataclass(frozen=True)
class Expected:
    """What a figure must be: its unit and meaning, bounds where the unit's are too wide, a value it is locked to."""

    unit: Unit
    meaning: str
    low: int | None = None
    high: int | None = None
    locked: Value | None = None

    def bounds(self) -> tuple[int, int]:
        """The least and the greatest whole number it may be; only for units that count."""
        low, high = BOUNDS[self.unit]
        return (low if self.low is None else self.low, high if self.high is None else self.high)


E = Expected
FIGURES: Final = MappingProxyType(
    {
        # noticing and the DSL
        "concern_record_due": E("calendar_days", "a worry is written down; 0 is the same day"),
        "dsl_acknowledge_urgent_hours": E("clock_hours", "the DSL acknowledges an urgent concern"),
        "dsl_acknowledge_routine_hours": E("opening_hours", "the DSL acknowledges any other concern"),
        "dsl_acknowledge_at_most": E("working_days", "never past 17:00 of that working day", 1, 1),
        "dsl_failover_to_deputy_urgent_hours": E("clock_hours", "unacknowledged and urgent: the deputy hears"),
        "dsl_failover_to_deputy_routine_hours": E("opening_hours", "unacknowledged: the deputy hears"),
        "dsl_decision_due": E("working_days", "the DSL decides what a concern needs"),
        "nfa_rationale_required": E("boolean", "a decision not to act must say why"),
        # early help
        "existing_plan_search_hours": E("clock_hours", "a search for a plan the family already has"),
        "eha_consent_followup_days": E("working_days", "the lead gains the family's consent", 1),
        "eha_draft_due": E("working_days", "a first draft of the assessment", 1),
        "eha_complete_due": E("working_days", "the assessment is complete, from the early help decision", 1),
        "eha_share_with_family_due": E("working_days", "the family has a copy", 1),
        "eha_reassess_due": E("months", "outcomes not achieved: assess again"),
        "first_taf_due": E("weeks", "the first team around the family, from the early help decision"),
        "taf_review_interval": E("weeks", "from one review to the next"),
        "taf_review_interval_max": E("weeks", "the longest a review may be put off"),
        "taf_minutes_update_due": E("working_days", "the record is updated after a meeting"),
        "taf_plan_to_family_due": E("working_days", "the family has the plan after a meeting"),
        "review_reminder_lead_first": E("working_days", "first reminder, before a task is due", 1),
        "review_reminder_lead_second": E("working_days", "second reminder, before a task is due", 1),
        "review_overdue_escalate_dsl": E("working_days", "overdue: the DSL and coordinator hear"),
        "review_overdue_escalate_head": E("working_days", "overdue: the head hears"),
        "review_overdue_escalate_partnership": E("working_days", "overdue: the partnership's contact hears"),
        "sustained_improvement_reviews_to_close": E("reviews", "improved reviews running before closing"),
        # persist or worsen
        "no_change_reviews_before_stepup_consider": E("reviews", "unchanged running: the task says consider"),
        "no_change_reviews_before_stepup_decision": E("reviews", "unchanged running: a referral is raised"),
        "worse_outcome_decision_due": E("working_days", "worse: decided that day; 0 is the same working day", 0, 1),
        "hold_worse_opening_hours": E("opening_hours", "worse: the hold gives people at least this long"),
        "hold_persisting": E("working_days", "unchanged: the hold, after which the referral is sent", 0, 1),
        "review_after_stop": E("working_days", "a stopped referral: the next review", 1),
        "bring_forward_due": E("working_days", "a review brought forward by the DSL", 1),
        "concern_pattern_count": E("concerns", "so many observations of a household are a pattern", 2),
        "concern_pattern_window": E("weeks", "… within so long, siblings counted"),
        # instruments and signs
        "gcp_grade_flag": E("grade", "a grade in any sub-area that is shown"),
        "gcp_grade_dsl_decision": E("grade", "a grade in any sub-area that the DSL must decide on"),
        "gcp_grade_referral_prompt": E("grade", "a grade in any sub-area that asks whether to refer"),
        "gcp_repeat_interval": E("weeks", "the profile is repeated"),
        "clutter_rating_flag": E("picture", "a clutter image rating that is shown"),
        "clutter_rating_urgent": E("picture", "a clutter image rating that is urgent"),
        "wnb_count_flag": E("events", "so many appointments not brought to are shown"),
        "wnb_count_flag_cp_plan": E("events", "the same for a child on a child protection plan"),
        "wnb_window": E("months", "… within so long"),
        "unauthorised_absence_report_days": E("school_days", "unauthorised absence running: report it"),
        # referral
        "significant_harm_channel": E("text", "how significant harm is told"),
        "phone_referral_written_due_hours": E("clock_hours", "a telephoned referral is put in writing"),
        "referral_ack_due": E("working_days", "the front door acknowledges, from sending", 1),
        "referral_decision_due": E("working_days", "the front door decides, from sending", 1),
        "front_door_question_due": E("working_days", "the front door's question about a referral is answered", 1),
        "referral_chase_first": E("working_days", "the first chase, after an answer was due", 1),
        "referral_no_response_escalate": E("working_days", "silence becomes a disagreement, from sending", 1),
        "mash_band_red_hours": E("clock_hours", "shown only: a front door's red band"),
        "mash_band_amber_due": E("working_days", "shown only: a front door's amber band"),
        "mash_band_green_due": E("working_days", "shown only: a front door's green band"),
        "countersign_due": E("working_days", "a second person's word"),
        # statutory
        "strategy_discussion_expected": E("clock_hours", "a strategy discussion is expected"),
        "s47_complete_expected": E("working_days", "a section 47 enquiry is expected to be complete"),
        "icpc_due": E("working_days", "the initial conference, from the strategy discussion"),
        "assessment_due": E("working_days", "the social work assessment, from the referral"),
        "core_group_first_due": E("working_days", "the first core group, from the conference"),
        "rcpc_first_due": E("months", "the first review conference"),
        "rcpc_subsequent_due": E("months", "review conferences after the first"),
        "stepdown_first_taf_due": E("working_days", "the first meeting after stepping down", 1),
        "stepdown_named_lead_required": E("boolean", "stepping down names a lead"),
        # professional disagreement
        "escalation_stage1_due": E("working_days", "the DSL and the front door resolve it", 1),
        "escalation_stage1_due_max": E("working_days", "the longest the first stage may take anywhere", 1),
        "escalation_stage2_due": E("working_days", "the head resolves it", 1),
        "escalation_stage3_due": E("working_days", "the partnership's contact resolves it", 1),
        "escalation_immediate_risk_skip": E("boolean", "stages are skipped at immediate risk"),
        # before birth
        "prebirth_refer_from_week": E("gestation_weeks", "the earliest week a front door takes a referral"),
        "prebirth_refer_by_week": E("gestation_weeks", "the week to have referred by"),
        "prebirth_conference_latest_week": E("gestation_weeks", "the latest week for a conference"),
        "prebirth_post_birth_review_due": E("working_days", "the first review after the birth"),
        # DSL's own clocks and the record
        "dsl_case_review_interval": E("school_weeks", "the DSL looks again at a case"),
        "case_review_at_most": E("weeks", "… but never later than so many calendar weeks"),
        "cp_file_transfer_due": E("school_days", "the file follows a child who moves"),
        "cp_file_receipt_chase": E("school_days", "no receipt for the file: chase"),
        "record_retention": E("years", "from birth, then reviewed; a legal hold overrides"),
        "dsl_training_interval": E("months", "the DSL's training is renewed"),
        "dsl_training_update": E("months", "the DSL's knowledge is refreshed"),
        "access_log_retention": E("text", "how long the log of views is kept"),
        # letters and the program
        "ladder_repeat_after": E("working_days", "after the last rung it is told again, so silence is never final", 1),
        "letters_at_once": E("letters", "more routine letters for one person in one sweep become one"),
        "letters_a_day": E("letters", "so many letters a person and day at most, outside what is critical"),
        "alert_acted_within": E("working_days", "shown only: a letter that asks something is acted on within", 1),
        "snooze_at_most": E("working_days", "a reminder may be put off so long, the deadline never", 1, 20),
        "closure_at_least": E("calendar_days", "a closure of so many days needs cover named for each open concern", 2),
        "closure_cover_lead": E("working_days", "cover is asked for so long before a closure begins", 1),
        "outage_pack_at": E("text", "when the evening's outage pack is made, London time"),
        "follow_up_grace_minutes": E("minutes", "an event nobody acted on by then is reported missing"),
        "email_contains_personal_data": E("boolean", "locked: letters never carry any", locked=False),
        "email_min_tls": E("text", "the least TLS version letters travel under"),
        "email_mta_sts": E("boolean", "the mail domain enforces TLS (MTA-STS)"),
        "email_dmarc": E("text", "the mail domain's DMARC policy"),
    }
)
# The first of each pair may not exceed the second: a clock that could never run would be a silent gap.
# Figures in words that are a time of London's clocks.
CLOCKS: Final = ("outage_pack_at",)
ORDERED: Final = (
    ("taf_review_interval", "taf_review_interval_max"),
    ("eha_draft_due", "eha_complete_due"),
    ("review_reminder_lead_second", "review_reminder_lead_first"),
    ("review_overdue_escalate_dsl", "review_overdue_escalate_head"),
    ("review_overdue_escalate_head", "review_overdue_escalate_partnership"),
    ("no_change_reviews_before_stepup_consider", "no_change_reviews_before_stepup_decision"),
    ("gcp_grade_flag", "gcp_grade_dsl_decision"),
    ("gcp_grade_dsl_decision", "gcp_grade_referral_prompt"),
    ("clutter_rating_flag", "clutter_rating_urgent"),
    ("wnb_count_flag_cp_plan", "wnb_count_flag"),
    ("referral_ack_due", "referral_no_response_escalate"),
    ("referral_decision_due", "referral_no_response_escalate"),
    ("escalation_stage1_due", "escalation_stage1_due_max"),
    ("prebirth_refer_from_week", "prebirth_refer_by_week"),
    ("rcpc_first_due", "rcpc_subsequent_due"),
)
