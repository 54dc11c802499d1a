"""Saying what was foreseen: as an answer for programs, whole, and as lines to read, with what repeats put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.time import say_instant
from flows.foresight.foreseen import Does, Foresight, Hearer, Owed, Step
from models.lifecycle import Kind

WORDS: Mapping[Does, str] = {
    Does.REMINDER: "reminder",
    Does.UNACKNOWLEDGED: "not acknowledged",
    Does.REPEAT: "overdue, told again",
    Does.CHASE: "the {front_door} is asked again",
    Does.REFERRAL_SENT: "the {referral} is sent by itself",
}
OF_EVENTS = frozenset({Does.CHASE, Does.REFERRAL_SENT, Does.DISPUTED, Does.STEPPED_UP, Does.HAPPENED})


@dataclass(frozen=True)
class Line:
    """A step, and when it comes again in just the same way: how many times more, and when last."""

    step: Step
    more: int = 0
    last: datetime | None = None


def lines_of(steps: Sequence[Step]) -> list[Line]:
    """The steps in order, those that only repeat an earlier one put with it."""
    found: list[Line] = []
    place: dict[object, int] = {}
    for step in steps:
        same = (step.task_id if step.does == Does.REPEAT else step.does, step.because[:12], step.hears)
        if step.again_after and same in place:
            before = found[place[same]]
            found[place[same]] = Line(before.step, before.more + 1, step.at)
            continue
        if step.again_after:
            place[same] = len(found)
        found.append(Line(step))
    return found


def say_step(step: Step, labels: Mapping[str, str]) -> str:
    """What happens, in a few words: `overdue, rung 2: case review`."""
    said = WORDS.get(step.does, step.happened.replace("_", " "))
    said = said.format_map({term: label_of(term, labels) for term in ("front_door", "referral")})
    if step.does == Does.RUNG:
        said = f"overdue, rung {step.rung}"
    if step.does == Does.DISPUTED:
        said = f"a disagreement opens, stage {step.stage}"
    if step.does == Does.STEPPED_UP:
        said = f"the disagreement goes to stage {step.stage}"
        said = f"the last stage of the disagreement, {step.stage}, begins again" if step.again_after else said
    plain = step.kind is None or step.does in OF_EVENTS - {Does.HAPPENED}
    return said if plain else f"{said}: {kind_word(step.kind)}"


def kind_word(kind: Kind | None) -> str:
    """A kind of task in words: `dsl review`."""
    return str(kind or "").replace("_", " ")


def say_again(line: Line) -> str:
    """How what repeats goes on; empty for what does not."""
    if not line.more or line.last is None:
        return ""
    every = "working day" if line.step.again_after == 1 else f"{line.step.again_after} working days"
    return f"then every {every}, {line.more} times more until {say_instant(line.last)}"


def say_hearers(hears: Sequence[Hearer], labels: Mapping[str, str], *, letters: bool) -> str:
    """Who would hear, each once with their role, and of which letters where that is not plain."""
    said = []
    for email in dict.fromkeys(one.email for one in hears):
        theirs = [one for one in hears if one.email == email]
        roles = dict.fromkeys(label_of(one.role, labels) for one in theirs)
        which = f": {', '.join(one.letter for one in theirs)}" if letters else ""
        said.append(f"{theirs[0].name} ({', '.join(roles)}){which}")
    return ("; " if letters else ", ").join(said) or "nobody"


def label_of(term: str, labels: Mapping[str, str]) -> str:
    """A role or a thing as the partnership calls it."""
    return labels.get(term) or term.replace("_", " ")


def answer(seen: Foresight) -> dict[str, Any]:
    """The whole of it for programs: every step, no two put together."""
    return {
        "reference": seen.reference,
        "status": seen.status.value,
        "since": _iso(seen.start),
        "until": _iso(seen.until),
        "owed": [_owed(one) for one in seen.owed],
        "beyond": seen.beyond,
        "steps": [_step(one, seen.policy.labels) for one in seen.steps],
        "ends": [{"kind": one.kind.value if one.kind else None, "said": one.said} for one in seen.ends],
    }


def _step(step: Step, labels: Mapping[str, str]) -> dict[str, Any]:
    return {
        "at": _iso(step.at),
        "day": say_instant(step.at),
        "does": step.does.value,
        "what": say_step(step, labels),
        "task": str(step.task_id) if step.task_id else None,
        "kind": step.kind.value if step.kind else None,
        "rung": step.rung,
        "stage": step.stage,
        "because": step.because,
        "hears": [
            {"letter": one.letter, "to": one.email, "name": one.name, "role": one.role, "why": one.why}
            for one in step.hears
        ],
        "opens": [_owed(one) for one in step.opens],
    }


def _owed(one: Owed) -> dict[str, Any]:
    return {
        "task": str(one.task_id),
        "kind": one.kind.value,
        "stage": one.stage,
        "owner": one.email,
        "role": one.role,
        "due_at": _iso(one.due_at),
        "due_because": one.because,
    }


def _iso(at: datetime) -> str:
    return at.isoformat()
