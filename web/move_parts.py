"""Questions that several moves ask alike, and those with answers to choose from."""

from models.rules import Outcome
from web.questions import Option, Question
from web.record_words import DECISIONS, OUTCOMES

CHILD_WORDS = Question(
    "child_words",
    "The child's own words",
    hint="As they said it. For a baby or a child who does not speak: what they showed you.",
)
SECOND = Question(
    "second",
    "Who is to agree as the second person?",
    "pick",
    hint="Another {dsl}, {deputy_dsl} or {head} of the setting, who is at work today. They are asked at once.",
)
LEAD = Question(
    "lead",
    "Who leads?",
    "person",
    hint="The {lead} asks the family, assesses and holds the reviews. Somebody of any agency may lead.",
)
SCORES = Question(
    "scores",
    "Grades",
    "scores",
    hint="1 is best and 5 is worst. Grade only what you looked at, with the instrument in hand. There is no mean: "
    "{gcp_grade_dsl_decision} or more in any one area asks the {dsl} for a decision.",
    optional=True,
)
ACTIONS = Question(
    "actions",
    "What people will do",
    "actions",
    hint="Each becomes a task of the person you name, with that day as its deadline.",
    optional=True,
)
INFORMED = Question(
    "parents_informed",
    "Have the parents been informed?",
    "informed",
    hint="Inform them unless that would put the child at greater risk. The {front_door} reads your answer.",
)
REMARK = Question("reason", "Anything to add", optional=True, rows=2)
DONE_AT = Question(
    "done_at",
    "When was it done?",
    "moment",
    hint="Only if you did it before now and are writing it down later, for example from paper. The history shows both "
    "times, and what follows counts from this one.",
    optional=True,
    aside="This was done earlier",
)
LEVEL = Question(
    "level",
    "Level of need",
    "choice",
    hint="Your judgement with the family and colleagues; nothing works it out for you.",
    options=(
        Option("1", "{level_1}", "Universal services are enough."),
        Option("2", "{level_2}", "Extra, co-ordinated support from more than one agency."),
        Option("3", "{level_3}", "Complex needs that ask for intensive support."),
        Option("4", "{level_4}", "Specialist or statutory help. The {dsl} is asked for a decision at once."),
    ),
)
OUTCOME = Question(
    "outcome",
    "How are things for the child, compared with last time?",
    "choice",
    hint="What daily life is like for the child. That the family comes to meetings is asked apart.",
    options=(
        Option(
            Outcome.IMPROVED,
            OUTCOMES[Outcome.IMPROVED],
            "{sustained_improvement_reviews_to_close} of these running allow closing.",
        ),
        Option(
            Outcome.UNCHANGED,
            OUTCOMES[Outcome.UNCHANGED],
            "{no_change_reviews_before_stepup_decision} running raise a {referral}, held for {hold_persisting}.",
        ),
        Option(
            Outcome.WORSE, OUTCOMES[Outcome.WORSE], "Raises a {referral} to {social_care}, held to the end of the day."
        ),
    ),
)
COVER = Question(
    "cover",
    "Who looks after the child while you are closed?",
    "person",
    hint="Somebody who is there on every day of the closure and has agreed to it.",
)
LAST_SEEN = Question(
    "last_seen",
    "Who saw the child last, and when?",
    rows=2,
    hint="The child, not the parents: a name and a day.",
)
EVERYWHERE = Question(
    "everywhere",
    "The same person for every open {concern} of this setting that still needs cover",
    "yes",
    hint="Who saw each of the other children last is taken from the record.",
    optional=True,
)
ANSWER = Question(
    "decision",
    "What was decided?",
    "choice",
    options=tuple(Option(value, text) for value, text in DECISIONS.items()),
)
