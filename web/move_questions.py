"""The questions of every move: one for each field of its form (models/forms.py), in the order in which people think.

Words in braces are a policy's figures or terms (web.move_guidance fills them); whom to choose from is filled in by
`asked_of`. A move of a kind of task may ask in its own words; else it asks as for any kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from models.case import Case
from models.choosing import Choice, colleagues, seconds
from models.lifecycle import Kind, Move
from web.figure_words import Words
from web.move_parts import (
    ACTIONS,
    ANSWER,
    CHILD_WORDS,
    COVER,
    DONE_AT,
    EVERYWHERE,
    INFORMED,
    LAST_SEEN,
    LEAD,
    LEVEL,
    OUTCOME,
    REMARK,
    SCORES,
    SECOND,
)
from web.questions import Option, Question
from web.record_words import STEPS
from web.saying import ROLES, sentence, spoken


def _reason(label: str, hint: str = "") -> Question:
    return Question("reason", label, hint=hint)


QUESTIONS: Mapping[tuple[Kind | None, Move], tuple[Question, ...]] = MappingProxyType(
    {
        (None, Move.ACKNOWLEDGE): (REMARK,),
        (None, Move.MONITOR): (
            _reason("Why is watching enough for now?", "Say what you looked at, and what would change your mind."),
        ),
        (None, Move.CONTINUE): (
            _reason("Why carry on as now?", "Say what has changed since the last look, and what has not."),
        ),
        (None, Move.EARLY_HELP): (
            _reason("Why {early_help}?", "What the family needs that the setting alone cannot give."),
            LEAD,
        ),
        (None, Move.REFER): (
            _reason("Why refer now?", "Facts first: what was seen, when, and what you fear will happen."),
            INFORMED,
        ),
        (None, Move.DISSENT): (
            _reason("Why do you disagree?", "Which facts speak against the decision, and what you ask for instead."),
        ),
        (None, Move.CLOSE): (
            Question("summary", "What the {concern} was", hint="A clear summary that somebody new would understand."),
            Question("actions", "What was done", hint="How it was followed up, by whom."),
            Question("outcome", "What was reached", hint="What is different for the child now."),
            SECOND,
            REMARK,
        ),
        (None, Move.CONSENT): (
            Question("given_by", "Who agreed?", rows=2, hint="Everybody with parental responsibility whom you asked."),
            Question("covers", "What does it cover?", rows=2, hint="With which agencies you may share, and what."),
            REMARK,
        ),
        (None, Move.DECLINE): (
            _reason("What did the family say?", "In their words where you can, and how you explained it."),
        ),
        (None, Move.COMPLETE): (
            Question("needs", "What the whole family needs", rows=6),
            CHILD_WORDS,
            Question(
                "plan", "The plan", rows=6, hint="Who does what, what will be different for the child, and by when."
            ),
            LEVEL,
            SCORES,
            ACTIONS,
            REMARK,
        ),
        (None, Move.REVIEW): (
            OUTCOME,
            Question("evidence", "What shows it?", hint="What was seen, by whom, since the last review."),
            CHILD_WORDS,
            Question("engagement", "How did the family take part?", hint="Coming to a meeting is not improvement."),
            replace(
                INFORMED, optional=True, hint="If a {referral} is raised by this review, the {front_door} reads it."
            ),
            SCORES,
            ACTIONS,
            REMARK,
        ),
        (None, Move.POSTPONE): (
            Question(
                "to", "To which day?", "day", hint="At most {taf_review_interval_max} after the review was first set."
            ),
            _reason("Why?"),
            replace(
                SECOND,
                optional=True,
                hint="Needed from the second time on. {dsl}, {deputy_dsl} or {head}, at work today.",
            ),
        ),
        (None, Move.ADD): (
            Question("text", "What the {front_door} should also know", rows=6),
            REMARK,
        ),
        (None, Move.SEND): (REMARK,),
        (None, Move.STOP): (
            _reason("Why should it not go?", "Anybody who reads the history later must be able to follow you."),
            replace(
                SECOND,
                optional=True,
                hint="Needed where a review found things worse; it is stopped only when they agree.",
            ),
        ),
        (Kind.AWAIT_DECISION, Move.ACKNOWLEDGE): (
            Question("by", "Who acknowledged it?", "line", hint="A name at the {front_door}."),
            Question("number", "The {front_door}'s number for it", "line", width=20),
            REMARK,
        ),
        (None, Move.DECIDE): (ANSWER, _reason("The reasons for the decision")),
        (None, Move.ASK): (Question("question", "What do you need to know?"), REMARK),
        (None, Move.ANSWER): (
            Question("text", "Your answer", rows=6, hint="It is added to the {referral}, with the question."),
            REMARK,
        ),
        (None, Move.CHASE): (
            Question("note", "Whom did you ask, when, and what did they say?", hint="A name and a time, if you can."),
            REMARK,
        ),
        (None, Move.RESOLVE): (
            replace(ANSWER, label="What was agreed?"),
            _reason("How was it agreed?", "Who spoke with whom, and what settled it."),
        ),
        (None, Move.STEP_UP): (_reason("Why does it need the next stage now?"),),
        (None, Move.RECORD): (
            Question("what", "What took place?", "choice", options=tuple(Option(*one) for one in STEPS.items())),
            Question("on", "On which day?", "day"),
            Question("note", "What was said or decided?"),
            REMARK,
        ),
        (Kind.STATUTORY_REVIEW, Move.CONTINUE): (REMARK,),
        (None, Move.STEP_DOWN): (
            _reason(
                "Why is early help enough now?", "What has changed for the child, and what the family still needs."
            ),
            LEAD,
        ),
        (None, Move.NOTED): (_reason("What did you make of it?", "If you telephoned: whom, when, and what was said."),),
        (None, Move.BRING_FORWARD): (_reason("Why look sooner?"),),
        (None, Move.DONE): (Question("note", "What was done?"), REMARK),
        (None, Move.NOT_DONE): (_reason("Why was it not done?", "And what that means for the child."),),
        (None, Move.AGREE): (REMARK,),
        (None, Move.REFUSE): (
            _reason("Why do you refuse?", "Whoever proposed it reads this, and proposes again or does not."),
        ),
        (None, Move.FILED): (
            Question("number", "The number you were given", "line", width=20),
            Question("by", "Who put it in writing?", "line"),
            REMARK,
        ),
        (None, Move.NAME): (COVER, LAST_SEEN, EVERYWHERE, REMARK),
        (None, Move.SEEN): (
            Question("note", "Who saw the child, and how were they?", hint="In school, at home, on the telephone."),
            REMARK,
        ),
        (None, Move.NOT_SEEN): (
            _reason("Why was the child not seen?", "What you tried today, and what the family says."),
        ),
    }
)
FRONT_DOORS = (Kind.AWAIT_ACKNOWLEDGEMENT, Kind.AWAIT_DECISION, Kind.RESOLVE_DISAGREEMENT)


def questions_of(kind: Kind, move: Move) -> tuple[Question, ...]:
    """The questions of a move on a kind of task, as they stand in the table, and last when it was done."""
    asked = Kind.AWAIT_DECISION if kind in FRONT_DOORS else kind
    return (*(QUESTIONS.get((asked, move)) or QUESTIONS[None, move]), DONE_AT)


def asked_of(case: Case, kind: Kind, move: Move) -> list[Question]:
    """The same for one case: in its policy's words, with the people and sub-areas to choose from."""
    words = Words(case.policy)
    return [_filled(_said(one, words), case) for one in questions_of(kind, move)]


def _said(question: Question, words: Words) -> Question:
    options = tuple(
        replace(one, text=sentence(words.fill(one.text)), hint=words.fill(one.hint)) for one in question.options
    )
    return replace(question, label=words.fill(question.label), hint=words.fill(question.hint), options=options)


def _filled(question: Question, case: Case) -> Question:
    if question.ask == "scores":
        return question.with_options(_sub_areas(case))
    if question.name == "second":
        return question.with_options(people_options(seconds(case)))
    if question.ask in ("person", "actions"):
        return question.with_options(people_options(colleagues(case)))
    return question


def people_options(choices: Sequence[Choice]) -> list[Option]:
    """People to choose from, by name and role."""
    return [Option(one.person.email, one.person.name, _who(one)) for one in choices]


def _who(choice: Choice) -> str:
    roles = ", ".join(ROLES[role].lower() for role in choice.roles)
    return f"{roles}; away today" if choice.away else roles


def _sub_areas(case: Case) -> list[Option]:
    return [
        Option(sub_area, sentence(spoken(sub_area)), sentence(spoken(area)))
        for instrument in case.policy.instruments.values()
        for area, parts in instrument.areas.items()
        for sub_area in parts
    ]
