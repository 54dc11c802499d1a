"""A policy file on trial: its newest version alone, under a name beside which the policy in force can stand."""

import yaml

from config.policy import Ladder, Policy
from config.policy_file import parse_policy, versions_written

ON_TRIAL = "-on-trial"
LADDER = ("reminders", "rungs", "repeat_after")


def on_trial(text: str, file: str) -> tuple[Policy, str]:
    """The newest version in a policy's text as a policy of its own, and a file that holds just that.

    Its key says that it is on trial, so that tasks opened under the policy in force keep theirs. Raises PolicyError.
    """
    parse_policy(text, file)  # every version is checked before one is tried
    newest = versions_written(text, file)[-1]
    written = yaml.safe_dump({**newest, "key": f"{newest['key'][: 80 - len(ON_TRIAL)]}{ON_TRIAL}"}, sort_keys=False)
    return parse_policy(written, file)[-1], written


def changed_figures(old: Policy, new: Policy) -> list[tuple[str, str, str]]:
    """The figures that differ, as (name, old, new) with their units; both as they stand in one area."""
    names = [name for name in {**old.figures, **new.figures} if _said(old, name) != _said(new, name)]
    return [(name, _said(old, name), _said(new, name)) for name in names]


def _said(policy: Policy, name: str) -> str:
    figure = policy.figures.get(name)
    if figure is None:
        return "none"
    unit = figure.unit.replace("_", " ")
    return f"{figure.value} {unit.removesuffix('s') if figure.value == 1 else unit}"


def changed_ladders(old: Policy, new: Policy) -> list[str]:
    """The kinds of task about which something else is said, or said to others, or at other times."""
    return [kind for kind in new.ladders if not same_ladder(old.ladders.get(kind), new.ladders[kind])]


def same_ladder(old: Ladder | None, new: Ladder) -> bool:
    """Whether two ladders say the same, wherever they come from."""
    if old is None:
        return False
    return _rules(old) == _rules(new)


def _rules(ladder: Ladder) -> object:
    reminders = [(one.when, one.to, one.working_days) for one in ladder.reminders]
    return reminders, [(one.after, one.to) for one in ladder.rungs], ladder.repeat_after


def changed_besides(old: Policy, new: Policy, area: str) -> list[str]:
    """What else differs and moves no clock by itself: how referrals are taken, contacts, words, instruments."""
    pairs = {
        "how referrals are taken": (old.channel(area), new.channel(area)),
        "telephone numbers": (dict(old.place(area).contacts), dict(new.place(area).contacts)),
        "labels": (dict(old.labels), dict(new.labels)),
        "instruments": (dict(old.instruments), dict(new.instruments)),
        "extra bank holidays": (old.extra_holidays, new.extra_holidays),
    }
    return [name for name, (before, after) in pairs.items() if before != after]
