"""The fields of every move and of an observation, as people fill them in. Unknown fields are refused.

The names are a contract: YAML files, pages and the API use the same. Texts are at most 20,000 characters.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.fields import Day, Email, Grade, Informed, Instant, Level, Line, Text
from models.lifecycle import Kind, Move
from models.rules import Outcome

TYPES = (
    "physical",
    "nutritional",
    "medical",
    "emotional",
    "educational",
    "supervision",
    "pre_birth",
    "hoarding",
    "adolescent",
)


Decision = Literal["s17", "s47", "early_help", "nfa"]


class Form(BaseModel):
    """A move without fields; base of all others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Timed(Form):
    """A move that may say when it was done, where it is entered later (models.back_entry)."""

    # Left out of what a move writes down: the event's own times say it.
    done_at: Instant | None = Field(default=None, exclude=True)


class Remark(Timed):
    """A move that may carry a reason."""

    reason: Text | None = None


class Reason(Timed):
    """A move that must say why."""

    reason: Text


class EarlyHelp(Reason):
    """Early help is offered; `lead` gains consent, assesses and holds the reviews."""

    lead: Email


class Refer(Reason):
    """A person's own referral, sent at once."""

    parents_informed: Informed


class Close(Remark):
    """The three parts every record must have before it closes (KCSIE 2025 paragraph 66), and the second person."""

    summary: Text
    actions: Text
    outcome: Text
    second: Email


class Consent(Remark):
    """Who gave consent, covering what."""

    given_by: Text
    covers: Text


class PlannedAction(Form):
    """What a plan or a review says somebody will do, by when."""

    what: Text
    owner: Email
    due: Day


class Complete(Remark):
    """A finished early help assessment: level 1-4, needs, plan, the child's words, grades by sub-area, actions."""

    level: Level
    needs: Text
    plan: Text
    child_words: Text
    scores: dict[Line, Grade] = Field(default_factory=dict)
    actions: list[PlannedAction] = Field(default_factory=list)


class Review(Remark):
    """A held review. Engagement is asked apart from the outcome for the child: attendance is not improvement."""

    outcome: Outcome
    evidence: Text
    engagement: Text
    child_words: Text
    parents_informed: Informed | None = None
    scores: dict[Line, Grade] = Field(default_factory=dict)
    actions: list[PlannedAction] = Field(default_factory=list)


class Postpone(Reason):
    """A review put off to a later day; `second` after the first time."""

    to: Day
    second: Email | None = None


class Add(Remark):
    """More for the front door to read before the referral goes."""

    text: Text


class Stop(Reason):
    """A raised referral is not to be sent; `second` must countersign when the rule was `worse`."""

    second: Email | None = None


class Acknowledged(Remark):
    """The front door has it: who said so, and their number for it."""

    by: Line
    number: Line


class Decide(Reason):
    """The front door's answer."""

    decision: Decision


class Ask(Remark):
    """What the front door asks about a referral."""

    question: Text


class Answer(Remark):
    """What the front door wanted to know."""

    text: Text


class Chase(Remark):
    """The front door was asked again."""

    note: Text


class Recorded(Remark):
    """A step of statutory work that took place."""

    what: Literal["strategy_discussion", "s47", "conference", "assessment", "plan"]
    on: Day
    note: Text


class StepDown(Reason):
    """Back to early help, with a named lead."""

    lead: Email


class Done(Remark):
    """An action was done."""

    note: Text


class Filed(Remark):
    """A referral that was telephoned or put into the portal: its number, and who filed it."""

    number: Line
    by: Line


class NameCover(Remark):
    """Who looks after the child while the setting is closed, and who saw the child last, and when.

    `everywhere`: the same person for every concern of the setting for which this is asked.
    """

    cover: Email
    last_seen: Text
    everywhere: bool = False


class Seen(Remark):
    """The child was seen on the first day back: by whom, and how they were."""

    note: Text


class ObservationForm(Form):
    """What somebody saw: facts, the child's own words or why there are none, and the types of neglect."""

    child: Line
    seen_at: Instant
    place: Text
    what: Text
    child_words: Text | None = None
    child_words_missing: Text | None = None
    types: Annotated[list[Literal[TYPES]], Field(min_length=1)]  # type: ignore[valid-type]  # one list of words
    immediate_danger: bool = False
    key: Line | None = None

    @model_validator(mode="after")
    def _words_or_reason(self) -> "ObservationForm":
        if not self.child_words and not self.child_words_missing:
            raise ValueError(
                "child_words: give the child's own words, or child_words_missing: the reason there are none"
            )
        return self


FORMS: dict[Kind | None, dict[Move, type[Form]]] = {
    None: {
        Move.ACKNOWLEDGE: Remark,
        Move.MONITOR: Reason,
        Move.CONTINUE: Reason,
        Move.EARLY_HELP: EarlyHelp,
        Move.REFER: Refer,
        Move.DISSENT: Reason,
        Move.CLOSE: Close,
        Move.CONSENT: Consent,
        Move.DECLINE: Reason,
        Move.COMPLETE: Complete,
        Move.REVIEW: Review,
        Move.POSTPONE: Postpone,
        Move.ADD: Add,
        Move.SEND: Remark,
        Move.STOP: Stop,
        Move.DECIDE: Decide,
        Move.ASK: Ask,
        Move.ANSWER: Answer,
        Move.CHASE: Chase,
        Move.RESOLVE: Decide,
        Move.STEP_UP: Reason,
        Move.RECORD: Recorded,
        Move.STEP_DOWN: StepDown,
        Move.NOTED: Reason,
        Move.BRING_FORWARD: Reason,
        Move.DONE: Done,
        Move.NOT_DONE: Reason,
        Move.AGREE: Remark,
        Move.REFUSE: Reason,
        Move.FILED: Filed,
        Move.NAME: NameCover,
        Move.SEEN: Seen,
        Move.NOT_SEEN: Reason,
    },
    Kind.AWAIT_ACKNOWLEDGEMENT: {Move.ACKNOWLEDGE: Acknowledged},
    Kind.AWAIT_DECISION: {Move.ACKNOWLEDGE: Acknowledged},
    Kind.RESOLVE_DISAGREEMENT: {Move.ACKNOWLEDGE: Acknowledged},
    Kind.STATUTORY_REVIEW: {Move.CONTINUE: Remark},
}


def form_for(kind: Kind, move: Move) -> type[Form]:
    """The form of a move on a kind of task."""
    return FORMS.get(kind, {}).get(move) or FORMS[None][move]
