"""What each kind of task asks, in words that a DSL between two lessons understands at once.

Words in braces are a policy's terms: a partnership that says Family Help reads Family Help.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from config.policy import Policy
from models.lifecycle import Kind


@dataclass(frozen=True)
class Ask:
    """What a task asks: in a line of a list, in a sentence, and what happens by itself when nobody does it."""

    short: str
    asked: str
    otherwise: str = "If it is still open after that, the next person up hears of it. It stays with its owner."

    def under(self, policy: Policy) -> "Ask":
        """The same in a policy's own words."""
        words = _Terms(policy)
        return Ask(*(text.format_map(words) for text in (self.short, self.asked, self.otherwise)))


class _Terms(dict[str, str]):
    """A policy's labels by term, looked up when a sentence names them."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy

    def __missing__(self, term: str) -> str:
        return self._policy.label(term)


_SILENT = "If the {front_door} stays silent, a professional disagreement opens by itself."

ASKS: Mapping[Kind, Ask] = MappingProxyType(
    {
        Kind.DSL_REVIEW: Ask(
            "Decide what a {concern} needs",
            "Read this {concern}, acknowledge it, and decide what happens next.",
        ),
        Kind.CASE_REVIEW: Ask(
            "Look at a {concern} again",
            "Look at this {concern} again, and decide what happens next.",
        ),
        Kind.GAIN_CONSENT: Ask(
            "Ask the family for consent",
            "Ask the family whether they agree to the {early_help_assessment}, and record their answer.",
        ),
        Kind.ASSESS: Ask(
            "Complete the {early_help_assessment}",
            "Complete the {early_help_assessment} with the family, and record it with the child's own words.",
        ),
        Kind.HOLD_REVIEW: Ask(
            "Hold the {team_around_the_family} {review}",
            "Hold the {team_around_the_family} {review}, and record whether things are better, the same or worse.",
        ),
        Kind.CONFIRM_REFERRAL: Ask(
            "Look at a {referral} before it goes",
            "A {referral} to {social_care} is ready to go. Add to it, send it now, or stop it and say why.",
            "If nobody stops it, the {referral} is sent at that time by itself.",
        ),
        Kind.AWAIT_ACKNOWLEDGEMENT: Ask(
            "Get the {front_door} to acknowledge a {referral}",
            "Make sure that the {front_door} acknowledges the {referral}. If it is silent, telephone, and record it.",
            _SILENT,
        ),
        Kind.AWAIT_DECISION: Ask(
            "Get the {front_door}'s decision on a {referral}",
            "Make sure that the {front_door} decides on the {referral}. If it is silent, telephone, and record it.",
            _SILENT,
        ),
        Kind.RESOLVE_DISAGREEMENT: Ask(
            "Settle a disagreement over a {referral}",
            "Talk to the {front_door} about the {referral}, settle the disagreement, and record what was agreed.",
            "If it is not settled by then, it is taken a step further by itself.",
        ),
        Kind.STATUTORY_REVIEW: Ask(
            "Check on the work of {social_care}",
            "Find out where the work of {social_care} stands, and record it.",
        ),
        Kind.DSL_DECISION: Ask(
            "Decide what something new means",
            "There is something new about this {concern}. Read it, and decide what happens next.",
        ),
        Kind.ACTION: Ask(
            "Do what you agreed to do",
            "Do what was agreed, and record that it is done, or why it is not.",
        ),
        Kind.COUNTERSIGN: Ask(
            "Give your word as the second person",
            "A colleague needs your word as second person. Read what they propose, then agree, or refuse and say why.",
            "Until you agree, what they propose does not happen.",
        ),
        Kind.FILE_REFERRAL: Ask(
            "Put a {referral} in writing",
            "Send the {referral} in the {front_door}'s own way, and record the number you are given.",
        ),
        Kind.ANSWER_QUESTION: Ask(
            "Answer a question of the {front_door}",
            "The {front_door} has a question about a {referral}. Read it, and answer it as far as you can.",
        ),
        Kind.NAME_COVER: Ask(
            "Name who looks after a child while you are closed",
            "Your setting closes soon. Name who looks after this {concern} until you open again, and who saw the child "
            "last.",
            "If nobody is named before you close, it goes to whoever is next in the area by itself.",
        ),
        Kind.FIRST_DAY: Ask(
            "See a child on the first day back",
            "Your setting is open again. Find out today whether this child has been seen, and how they are.",
        ),
    }
)
