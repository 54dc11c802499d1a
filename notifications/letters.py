"""The catalogue of letters: each has a folder of templates of the same name under `templates/email/`.

A letter's subject never varies but for the concern's reference, and no letter holds a child's details, a setting, a
type of neglect, a rule, a level or anything a person wrote: whoever reads over a shoulder learns that there is a task.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Page = Literal["task", "concern", "referral", "desk", "join", "account"]


@dataclass(frozen=True)
class Letter:
    """One letter: the page its link opens, and when it may no longer go.

    `urgent` ones are sent before all others. `critical` ones are, like urgent ones, outside the budget of letters a
    day: their reader must act within hours, or asked for them, or nobody else would learn of it. `about_task` ones are
    withdrawn when their task is closed meanwhile; a refused one goes to who acts instead. `to_front_door` ones, when
    refused, have the DSL telephone. `fields` are the names its delivery's `fields` must hold. Any may hold "referral"
    (a number; else the concern's latest is meant).
    """

    name: str
    page: Page
    urgent: bool = False
    critical: bool = False
    about_task: bool = False
    to_front_door: bool = False
    fields: frozenset[str] = frozenset()


def _named(letters: Iterable[Letter]) -> MappingProxyType[str, Letter]:
    return MappingProxyType({letter.name: letter for letter in letters})


LETTERS: MappingProxyType[str, Letter] = _named(
    (
        # To the person who logged.
        Letter("concern-received", "concern"),
        Letter("concern-acted-on", "concern"),
        # About one task.
        Letter("task-opened", "task", about_task=True),
        Letter("reminder", "task", about_task=True),
        Letter("unacknowledged", "task", about_task=True),
        Letter("overdue", "task", about_task=True),
        Letter("handed-over", "task"),
        Letter("countersign-answered", "concern"),
        # About a referral.
        Letter("telephone-now", "concern", urgent=True),
        Letter("referral", "referral", urgent=True, to_front_door=True),
        Letter("chase", "referral", urgent=True, to_front_door=True),
        Letter("chase-copy", "referral", urgent=True),
        Letter("referral-raised", "referral", urgent=True),
        Letter("referral-sent", "referral", critical=True),
        Letter("referral-stopped", "referral", critical=True),
        Letter("front-door-answered", "referral", critical=True),
        Letter("question-answered", "referral", urgent=True, to_front_door=True),
        Letter("disagreement", "concern", urgent=True, to_front_door=True),
        # Several things at once: "as_of" an instant (ISO 8601), "tasks" a list of ids.
        Letter("morning-digest", "desk", fields=frozenset({"as_of"})),
        Letter("round-up", "desk", fields=frozenset({"tasks"})),
        # About a setting's closure, one for all its concerns: "first" its first day (ISO 8601).
        Letter("cover-asked", "desk", fields=frozenset({"first"})),
        Letter("cover-yours", "desk", critical=True, fields=frozenset({"first"})),
        Letter("cover-given", "desk", fields=frozenset({"first"})),
        Letter("cover-moved", "desk", fields=frozenset({"first"})),
        Letter("first-day-back", "desk", fields=frozenset({"first"})),
        # What to work from when nothing runs, encrypted, for whoever asked for it (notifications.packing).
        Letter("outage-pack", "account", critical=True),
        # To administrators: "person" an id, "trouble" a word of notifications.outcomes.Trouble; "count" a number.
        Letter("letter-refused", "desk", critical=True, fields=frozenset({"person", "trouble"})),
        Letter("not-covered", "desk", critical=True, fields=frozenset({"count"})),
        Letter("day-not-clean", "desk", critical=True, fields=frozenset({"count"})),
        # The way in: "invitation" an id. Its signature is made when the letter is composed and is kept nowhere.
        Letter("invitation", "join", critical=True, fields=frozenset({"invitation"})),
        Letter("password-reset", "join", critical=True, fields=frozenset({"invitation"})),
    )
)
# What lists several things at once: it names what was folded or held back for it, and is never folded itself.
LISTS = ("morning-digest", "round-up")
CRITICAL = frozenset(letter.name for letter in LETTERS.values() if letter.urgent or letter.critical)


def is_critical(letter: str, *, urgent: bool) -> bool:
    """Whether a letter goes at once, however many its reader has had that day: by its kind, or as urgent."""
    return urgent or letter in CRITICAL
