"""Carrying what somebody had typed when their session had ended: through the sign-in pages, sealed, back to its form.

It travels in the browser alone, in a hidden field that only this installation can read, and becomes a draft of
whoever signs in: of the same person when it is known whose session it was, else of whoever comes.
"""

import json
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from config.secret import NotOurs, seal, unseal
from config.time import wall
from models.drafts import keep_draft
from web.answers import Typed, typed_in, without_secrets
from web.drafts import LONGEST_PATH
from web.guard import CannotRead, TooLarge

PURPOSE = "carry"
MOST = 200_000
SECONDS = 12 * 60 * 60


class TooMuch(Exception):
    """More was typed than can be carried."""


@dataclass(frozen=True)
class Carried:
    """What was typed into the form of a path, and whose session it was, when that is known."""

    path: str
    fields: Typed
    person_id: UUID | None = None


async def take_up(request: Request, person_id: UUID | None) -> str:
    """What the form of this request holds, sealed; empty when nothing is worth carrying. Raises TooMuch."""
    try:
        typed = without_secrets(await typed_in(request))
    except CannotRead:
        return ""
    except TooLarge:
        raise TooMuch from None
    path = request.url.path
    if len(path) > LONGEST_PATH or not any(text.strip() for texts in typed.values() for text in texts):
        return ""
    said = json.dumps([path, typed, str(person_id) if person_id else None])
    if len(said.encode()) > MOST:
        raise TooMuch
    return seal(PURPOSE, said)


def carried(sealed: str) -> Carried | None:
    """What a hidden field carries; None when it is empty, too old, or not of our making."""
    try:
        path, fields, person = json.loads(unseal(PURPOSE, sealed, SECONDS))
    except NotOurs:
        return None
    return Carried(path, fields, UUID(person) if person else None)


async def set_down(session: AsyncSession, sealed: str, person_id: UUID) -> str | None:
    """Keep what is carried as a draft of who has signed in; returns its form's path, None when it is not theirs."""
    found = carried(sealed)
    if found is None or found.person_id not in (None, person_id):
        return None
    await keep_draft(session, person_id, found.path, found.fields, wall())
    return found.path
