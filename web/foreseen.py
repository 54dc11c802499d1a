"""The page "If nobody acts": what one concern's next twelve months hold when nobody does anything."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from config.policy import Policy
from flows.foresight.foreseeing import MONTHS, foresee
from flows.foresight.foreseen import Does, Foresight, Step
from flows.foresight.telling import OF_EVENTS, label_of, lines_of, say_again
from models.database import engine
from models.lifecycle import Status
from models.record import Concern
from web.history_words import ask_short, happened
from web.rendering import page
from web.saying import sentence
from web.viewing import Now, Viewing, concern_for, looked

router = APIRouter()
WORDS = {
    Does.REMINDER: "A reminder",
    Does.UNACKNOWLEDGED: "Nobody has said yet that they have seen it",
    Does.RUNG: "It is overdue",
    Does.REPEAT: "It is still overdue",
    Does.CHASE: "The {front_door} is asked again",
    Does.REFERRAL_SENT: "The {referral} goes to {social_care} by itself",
    Does.DISPUTED: "A disagreement with the {front_door} opens",
    Does.STEPPED_UP: "The disagreement goes to stage {stage}",
}
TERMS = ("front_door", "referral", "social_care")


@router.get("/concerns/{reference}/foresee")
async def show_foresight(request: Request, viewer: Viewing, at: Now, reference: str) -> Response:
    """What happens by itself, and who would hear, for those who see the concern whole."""
    concern, _ = await concern_for(viewer, reference)
    await looked(viewer, "foresee", [(concern.child_id, concern.id)], at)
    return page(request, "concern/foresee", viewer, concern=concern, months=MONTHS, **await _words(concern, at))


async def _words(concern: Concern, at: datetime) -> dict[str, Any]:
    if concern.status == Status.CLOSED:
        return {"seen": None}
    seen = await foresee(engine(), concern.reference, at)
    return {"seen": seen, "rows": list(_rows(seen)), "ends": list(_ends(seen))}


def _rows(seen: Foresight) -> Iterator[dict[str, Any]]:
    for line in lines_of(seen.steps):
        step = line.step
        yield {
            "at": step.at,
            "what": _what(step, seen.policy),
            "task": ask_short(step.kind, seen.policy) if step.kind and step.does not in OF_EVENTS else "",
            "why": sentence(step.because),
            "opens": [(ask_short(one.kind, seen.policy), one) for one in step.opens],
            "hears": [_hearer(email, step, seen.policy) for email in dict.fromkeys(one.email for one in step.hears)],
            "again": sentence(say_again(line)),
        }


def _what(step: Step, policy: Policy) -> str:
    said = WORDS.get(step.does) or happened(step.happened)
    terms = {term: label_of(term, policy.labels) for term in TERMS}
    return said.format(stage=step.stage, **terms)


def _hearer(email: str, step: Step, policy: Policy) -> str:
    theirs = [one for one in step.hears if one.email == email]
    roles = dict.fromkeys(label_of(one.role, policy.labels) for one in theirs)
    return f"{theirs[0].name} ({', '.join(roles)})"


def _ends(seen: Foresight) -> Iterator[tuple[str, str]]:
    for end in seen.ends:
        yield ask_short(end.kind, seen.policy) if end.kind else "", end.said
