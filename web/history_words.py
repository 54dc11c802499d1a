"""How a concern's history is said: what happened, in words, and what was written then, line by line."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from config.policy import Policy
from models.events import ENTERED_LATER, Happened
from models.lifecycle import Kind
from models.record import Event
from models.rules import Rule
from notifications.asks import ASKS
from notifications.words import because as without_figure
from web.record_words import DECISIONS, HAPPENED, LABELS, NAMED, OUTCOMES, RULES, SAYS_NOTHING, STEPS
from web.saying import on_date, say_move, sentence, spoken

Names = Mapping[str, str]
Line = tuple[str, str]  # a label and a text
_H = Happened

# What the first line is where it is no reason.
FIRST: Mapping[str, str] = MappingProxyType(
    {
        _H.REVIEWED: "What shows it",
        _H.CLOSED: "Summary",
        _H.CHASED: "Whom, when, and what was said",
        _H.ACTION_DONE: "What was done",
        _H.STATUTORY_RECORDED: "What was said or decided",
        _H.RULE_FIRED: "Which",
        _H.ESCALATED: "Which",
    }
)


def happened(kind: str) -> str:
    """What happened, in words; a kind that has none yet is said as it is."""
    return HAPPENED[Happened(kind)] if kind in set(HAPPENED) else sentence(spoken(kind))


def lines(event: Event, names: Names, policy: Policy) -> list[Line]:
    """What was written then: the reason first, then every field that people filled in or the pathway worked out."""
    why = because(event, policy)
    said = event.because.removesuffix(ENTERED_LATER)
    told = [(FIRST.get(event.kind, "Why"), why)] if why else []
    for name, label in LABELS.items():
        value = event.fields.get(name)
        if value in (None, "", [], {}) or value == said or _is_by_the_way(event, name):
            continue
        told.append((_label(event, name, label), say_field(name, value, names)))
    # What a review found for the child is what everybody looks for.
    return sorted(told, key=lambda line: line[0] != LABELS["outcome"])


def _is_by_the_way(event: Event, name: str) -> bool:
    return event.kind in (_H.LOGGED, _H.JOINED, _H.OBSERVATION_WITHDRAWN) or (event.kind == _H.RULE_FIRED)


def _label(event: Event, name: str, label: str) -> str:
    if event.kind == _H.CLOSED and name in ("actions", "outcome"):
        return {"actions": "What was done", "outcome": "What was reached"}[name]
    return label


def because(event: Event, policy: Policy) -> str:
    """The reason as people read it: rules and kinds of task by their words, and nothing where nobody gave one."""
    said = event.because.removesuffix(ENTERED_LATER)
    if said in SAYS_NOTHING:
        return "" if said == event.because else sentence(ENTERED_LATER.strip(" ()"))
    if event.kind == _H.ESCALATED:
        kind, _, rest = said.partition(" overdue: rung ")
        return f"{ask_short(kind, policy)} (step {rest})" if rest else said
    if said.startswith("rule "):
        rule, _, evidence = said.removeprefix("rule ").partition(": ")
        return f"{say_rule(rule)}: {without_figure(evidence)}"
    return event.because


def ask_short(kind: str, policy: Policy) -> str:
    """A kind of task in a line."""
    return ASKS[Kind(kind)].under(policy).short if kind in set(Kind) else sentence(spoken(kind))


def say_rule(rule: str) -> str:
    """A rule by its words."""
    return RULES[Rule(rule)] if rule in set(RULES) else sentence(spoken(rule))


def say_field(name: str, value: Any, names: Names) -> str:
    """The value of one field in words."""
    return _SAID.get(name, _plain)(value, names)


def _plain(value: Any, _names: Names) -> str:
    return sentence(value) if value in ("yes", "no") else str(value)


def _person(value: Any, names: Names) -> str:
    return names.get(str(value)) or _day(value, names)


def _day(value: Any, _names: Names) -> str:
    try:
        return on_date(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _word(words: Mapping[str, str]) -> Callable[[Any, Names], str]:
    return lambda value, _names: words.get(str(value)) or str(value)


def _scores(value: Any, _names: Names) -> str:
    return ", ".join(f"{spoken(area)} {grade}" for area, grade in value.items()) if isinstance(value, dict) else ""


def _actions(value: Any, names: Names) -> str:
    return value if isinstance(value, str) else "\n".join(_each(value, names))


def _each(actions: Any, names: Names) -> Iterator[str]:
    for one in actions:
        yield f"{one['what']} ({names.get(one['owner'], one['owner'])}, by {_day(one['due'], names)})"


def _move(value: Any, _names: Names) -> str:
    return "Withdraw an observation" if value == "withdraw" else say_move(str(value))


_SAID: Mapping[str, Callable[[Any, Names], str]] = MappingProxyType(
    {
        "decision": _word(DECISIONS),
        "outcome": _word(OUTCOMES),
        "what": _word(STEPS),
        "on": _day,
        "scores": _scores,
        "actions": _actions,
        "move": _move,
        **dict.fromkeys(NAMED, _person),
    }
)


def informed(text: str) -> str:
    """What a referral says of informing and consent; `not obtained: rule worse` is how the record says nobody asked."""
    rule = text.removeprefix("not obtained: rule ")
    return sentence(text) if rule == text else f"Not obtained ({say_rule(rule).lower()})"
